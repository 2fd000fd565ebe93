"""Addresses of the servers that a library may use in place of files, with their passwords hidden.

Parsing needs no driver, so that reading settings stays cheap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from index.errors import UsageError

_POSTGRES = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class CatalogUrl:
    """A database of a PostgreSQL server, as `postgresql://user@host:port/name?option=…`."""

    shown: str
    """Server, port and database only: fit for logs and messages."""
    secret: str = field(repr=False)
    """The whole address, a password included."""

    @classmethod
    def parse(cls, text: str, *, named: str) -> CatalogUrl:
        """Read an address; `named` is the setting or option that holds it, for the message.

        Raises:
            UsageError: If it is not of this form. The message repeats nothing of it, because it
                may hold a password.
        """
        parts = _split(text, named, "postgresql://USER@HOST:PORT/DATABASE")
        if parts.scheme not in _POSTGRES or not parts.path.strip("/"):
            raise UsageError(
                f"{named} is not an address of a PostgreSQL database. "
                "Write it as postgresql://USER@HOST:PORT/DATABASE."
            )
        options = dict(parse_qsl(parts.query))
        host = parts.hostname or options.get("host", "local socket")
        port = f":{parts.port}" if parts.port else ""
        shown = f"postgresql://{host}{port}{parts.path}"
        return cls(shown, text.replace(parts.scheme, "postgresql+psycopg", 1))

    @property
    def has_password(self) -> bool:
        """Whether the address itself carries one."""
        return bool(self.passwords)

    @property
    def passwords(self) -> tuple[str, ...]:
        """Every password in it, for keeping them out of what a driver says."""
        parts = urlsplit(self.secret)
        named = [value for name, value in parse_qsl(parts.query) if "password" in name]
        return tuple(filter(None, [unquote(parts.password or ""), *named]))

    def scrub(self, text: str) -> str:
        """`text` without any password of this address."""
        for password in self.passwords:
            text = text.replace(password, "…")
        return text


@dataclass(frozen=True, slots=True)
class ChromaUrl:
    """A Chroma server: `http(s)://host:port`, and for Chroma Cloud `/tenant/database` after it."""

    host: str
    port: int
    is_tls: bool
    tenant: str | None = None
    database: str | None = None
    token: str | None = field(default=None, repr=False)
    """Sent with each request, as Chroma Cloud and servers behind a gate want it."""

    @classmethod
    def parse(cls, text: str, *, named: str, token: str | None = None) -> ChromaUrl:
        """Read an address; `named` is the setting that holds it, for the message.

        Raises:
            UsageError: If it is not of this form.
        """
        form = "http://HOST:PORT, or https://HOST/TENANT/DATABASE"
        parts = _split(text, named, form)
        path = parts.path.strip("/").split("/") if parts.path.strip("/") else []
        if parts.scheme not in {"http", "https"} or not parts.hostname or len(path) not in {0, 2}:
            raise UsageError(f"{named} is not an address of a Chroma server. Write it as {form}.")
        if parts.username or parts.password or parts.query:
            raise UsageError(
                f"{named} holds a user, a password or options, which Chroma does not take. "
                "Set DATELINE_CHROMA_TOKEN instead."
            )
        is_tls = parts.scheme == "https"
        tenant, database = path or (None, None)
        port = parts.port or (443 if is_tls else 8000)
        return cls(parts.hostname, port, is_tls, tenant, database, token or None)

    @property
    def shown(self) -> str:
        """The address, fit for logs and messages."""
        place = f"/{self.tenant}/{self.database}" if self.tenant else ""
        return f"http{'s' if self.is_tls else ''}://{self.host}:{self.port}{place}"


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers of one library; those that are None are files in its folder instead."""

    NAMES: ClassVar[frozenset[str]] = frozenset(
        {"DATELINE_CATALOG", "DATELINE_CHROMA", "DATELINE_CHROMA_TOKEN"}
    )
    """Every variable that they are read from."""

    catalog: CatalogUrl | None = None
    chroma: ChromaUrl | None = None


def _split(text: str, named: str, form: str) -> SplitResult:
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"{named} is no address. Write it as {form}.") from error
    return parts

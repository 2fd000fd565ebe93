"""What an operator may set of fetching, read from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from index.errors import UsageError

_PLACE = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+):(?P<port>\d{1,5})", re.IGNORECASE)
_AGENT = re.compile(r"[\x20-\x7e]{3,200}")
PRODUCT = "Dateline"
"""The name by which robots.txt addresses us."""


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """Settings of fetching; the defaults hold where the environment says nothing."""

    NAMES: ClassVar[frozenset[str]] = frozenset(
        {"DATELINE_FETCH_ALLOW", "DATELINE_FETCH_CONTACT", "DATELINE_FETCH_DELAY"}
    )
    """Every variable that is read here."""

    allowed: frozenset[tuple[str, int]] = frozenset()
    """`DATELINE_FETCH_ALLOW`: hosts with their port, as URLs name them, that may be fetched
    although they are private: `intranet.example:8080, 10.0.0.7:80`."""
    contact: str | None = None
    """`DATELINE_FETCH_CONTACT`: an address or a page that sites find in the user agent."""
    delay_seconds: float = 1.0
    """`DATELINE_FETCH_DELAY`: the least time between two requests to one host; robots.txt may ask
    for more."""

    @property
    def user_agent(self) -> str:
        """What sites are told of who asks."""
        return f"{PRODUCT}/0.1 (+{self.contact})" if self.contact else f"{PRODUCT}/0.1"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> FetchSettings:
        """Read the settings; an empty variable counts as not set.

        Raises:
            UsageError: If a value is not one that can be used.
        """
        contact = environ.get("DATELINE_FETCH_CONTACT") or None
        if contact and (not _AGENT.fullmatch(contact) or set(contact) & set("()")):
            raise UsageError("DATELINE_FETCH_CONTACT: write an e-mail address or a page's address.")
        return cls(
            allowed=_read_places(environ.get("DATELINE_FETCH_ALLOW") or ""),
            contact=contact,
            delay_seconds=_read_delay(environ.get("DATELINE_FETCH_DELAY") or "1"),
        )


def _read_places(value: str) -> frozenset[tuple[str, int]]:
    places = set()
    for text in filter(None, re.split(r"[,\s]+", value)):
        found = _PLACE.fullmatch(text)
        if not found or not 0 < int(found["port"]) < 65_536:
            raise UsageError(
                f"DATELINE_FETCH_ALLOW: {text[:80]!r} is no HOST:PORT. Write each place with its "
                "port, such as intranet.example:443."
            )
        places.add((found["host"].strip("[]").lower(), int(found["port"])))
    return frozenset(places)


def _read_delay(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise UsageError(f"DATELINE_FETCH_DELAY={value[:40]!r}: write seconds from 0 to 3600.")
    return seconds

"""What an operator may set of the bot in Slack, read from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from index.errors import UsageError

_MANIFEST = "Create the app with: dateline slack manifest"


class Mode(StrEnum):
    """How Slack's events arrive."""

    SOCKET = "socket"
    """Over a connection that the bot opens: needs no public address."""
    HTTP = "http"
    """At the bot's own address, behind a load balancer or a proxy that speaks TLS."""


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """By which several workspaces install one app."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """Settings of the bot in Slack; the tokens keep the names that Slack's own tools use."""

    NAMES: ClassVar[frozenset[str]] = frozenset(
        {
            "DATELINE_SLACK_MODE",
            "DATELINE_SLACK_POLICY",
            "DATELINE_SLACK_WORKERS",
            "DATELINE_SLACK_QUEUE",
            "DATELINE_SLACK_LEASE",
            "DATELINE_SLACK_KEEP_DAYS",
            "DATELINE_SLACK_HOST",
            "DATELINE_SLACK_PORT",
            "DATELINE_SLACK_API_URL",
        }
    )
    """Every variable that is read here, beside the customary `SLACK_…`."""

    mode: Mode = Mode.SOCKET
    """`DATELINE_SLACK_MODE`."""
    bot_token: str | None = field(default=None, repr=False)
    """`SLACK_BOT_TOKEN` (xoxb-): the one workspace's; not needed with OAuth."""
    app_token: str | None = field(default=None, repr=False)
    """`SLACK_APP_TOKEN` (xapp-): opens the connection of Socket Mode."""
    signing_secret: str | None = field(default=None, repr=False)
    """`SLACK_SIGNING_SECRET`: proves that a request over HTTP is Slack's."""
    oauth: OAuthSettings | None = None
    """`SLACK_CLIENT_ID` and `SLACK_CLIENT_SECRET`: several workspaces; HTTP only."""
    policy: Path | None = None
    """`DATELINE_SLACK_POLICY`: who may ask, and what each channel sees; see `bot.slack.policy`."""
    workers: int = 4
    """`DATELINE_SLACK_WORKERS`: how many questions are answered at once."""
    most_waiting: int = 500
    """`DATELINE_SLACK_QUEUE`: questions beyond it are turned away with a line."""
    lease_seconds: float = 60.0
    """`DATELINE_SLACK_LEASE`: after so long another process takes over from a dead one."""
    keep_days: int = 90
    """`DATELINE_SLACK_KEEP_DAYS`: how long questions and answers given are kept."""
    host: str = "127.0.0.1"
    """`DATELINE_SLACK_HOST`: where HTTP mode listens."""
    port: int | None = None
    """`DATELINE_SLACK_PORT`, else 3000 in HTTP mode; 0 takes a free one. In Socket Mode nothing is
    served without it, and with it what watches the bot: `/healthz`, `/readyz`, `/metrics`."""
    api_url: str = "https://slack.com/api/"
    """`DATELINE_SLACK_API_URL`: another address of Slack's Web API, for tests and gateways."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> SlackSettings:
        """Read the settings; an empty variable counts as not set.

        Raises:
            UsageError: If a value cannot be used.
        """
        policy = environ.get("DATELINE_SLACK_POLICY")
        mode = _mode(environ.get("DATELINE_SLACK_MODE") or Mode.SOCKET.value)
        return cls(
            mode=mode,
            bot_token=_token(environ, "SLACK_BOT_TOKEN", "xoxb-"),
            app_token=_token(environ, "SLACK_APP_TOKEN", "xapp-"),
            signing_secret=environ.get("SLACK_SIGNING_SECRET") or None,
            oauth=_oauth(environ),
            policy=Path(policy) if policy else None,
            workers=_number(environ, "DATELINE_SLACK_WORKERS", 4, most=64),
            most_waiting=_number(environ, "DATELINE_SLACK_QUEUE", 500, most=100_000),
            lease_seconds=_number(environ, "DATELINE_SLACK_LEASE", 60, most=3_600),
            keep_days=_number(environ, "DATELINE_SLACK_KEEP_DAYS", 90, most=36_500),
            host=environ.get("DATELINE_SLACK_HOST") or "127.0.0.1",
            port=_port(environ, mode),
            api_url=_api_url(environ.get("DATELINE_SLACK_API_URL") or "https://slack.com/api/"),
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """The variables that this mode needs and that are not set."""
        wanted = {
            "SLACK_BOT_TOKEN": self.bot_token is None and self.oauth is None,
            "SLACK_APP_TOKEN": self.mode is Mode.SOCKET and self.app_token is None,
            "SLACK_SIGNING_SECRET": self.mode is Mode.HTTP and self.signing_secret is None,
        }
        return tuple(name for name, is_missing in wanted.items() if is_missing)

    def require(self) -> None:
        """Check that the bot can be started.

        Raises:
            UsageError: If it cannot.
        """
        if self.missing:
            names = " and ".join(self.missing)
            raise UsageError(f"{names} must be set for {self.mode.value} mode. {_MANIFEST}")
        if self.oauth and self.mode is Mode.SOCKET:
            raise UsageError(
                "SLACK_CLIENT_ID is set, and several workspaces need DATELINE_SLACK_MODE=http. "
                "Set it, or unset SLACK_CLIENT_ID."
            )


def _mode(text: str) -> Mode:
    try:
        return Mode(text.strip().lower())
    except ValueError as error:
        raise UsageError(
            f"DATELINE_SLACK_MODE={text!r}: there is no such mode. Choose socket or http."
        ) from error


def _token(environ: Mapping[str, str], name: str, prefix: str) -> str | None:
    token = (environ.get(name) or "").strip()
    if token and not token.startswith(prefix):
        # Never shows the value: it is a secret, only in the wrong place.
        raise UsageError(f"{name} does not begin with {prefix}: it is another kind of token.")
    return token or None


def _oauth(environ: Mapping[str, str]) -> OAuthSettings | None:
    client_id = environ.get("SLACK_CLIENT_ID") or ""
    secret = environ.get("SLACK_CLIENT_SECRET") or ""
    if bool(client_id) != bool(secret):
        raise UsageError("Set both SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, or neither.")
    return OAuthSettings(client_id, secret) if client_id else None


def _number(
    environ: Mapping[str, str], name: str, default: int, *, least: int = 1, most: int
) -> int:
    text = environ.get(name) or str(default)
    value = int(text) if text.isascii() and text.isdigit() else -1
    if not least <= value <= most:
        raise UsageError(f"{name}={text!r}: give a number from {least:,} to {most:,}.")
    return value


def _port(environ: Mapping[str, str], mode: Mode) -> int | None:
    if mode is Mode.SOCKET and not environ.get("DATELINE_SLACK_PORT"):
        return None
    return _number(environ, "DATELINE_SLACK_PORT", 3000, least=0, most=65_535)


def _api_url(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise UsageError(f"DATELINE_SLACK_API_URL={text!r}: it must begin with https://.")
    return text if text.endswith("/") else f"{text}/"

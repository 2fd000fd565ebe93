"""One request of Slack's, read as far as every kind of request has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request of Slack's, as Bolt hands it over."""

    body: Mapping[str, Any]
    """The payload. It was signed by Slack, but whatever users typed stands in it."""
    bot_user: str
    """The bot's user id in the workspace that the request belongs to."""
    team: str
    enterprise: str | None

    @property
    def user(self) -> str:
        """Who did it."""
        user = self.body.get("user")
        return str(user.get("id") if isinstance(user, Mapping) else self.body.get("user_id") or "")

    @property
    def trigger(self) -> str:
        """By which a modal may be opened, within three seconds."""
        return str(self.body.get("trigger_id") or "")

    @property
    def channel(self) -> str:
        """Where it was done; empty outside of channels."""
        channel = self.body.get("channel")
        if isinstance(channel, Mapping):
            return str(channel.get("id") or "")
        return str(self.body.get("channel_id") or "")

    @property
    def response_url(self) -> str | None:
        """Where something may be said to the user, for half an hour."""
        return str(self.body.get("response_url") or "") or None

    @property
    def value(self) -> str:
        """The value of the button that was pressed."""
        action = (self.body.get("actions") or [{}])[0]
        return str(action.get("value") or "")

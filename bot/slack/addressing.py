"""What Slack's events say: who asks what where, what was edited, what was deleted.

Pure functions from payloads to types. Whether the bot may answer is decided in `bot.slack.policy`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.slack.state import Asked, Kind

_MOST_CHARACTERS = 4_000
_MARKUP = re.compile(r"<([^<>]*)>")
_SPACE = re.compile(r"\s+")
# What people say under an answer without asking for another one is left alone.
_ASKING = re.compile(
    r"\?\s*$|^\W*(and|but|so|also|then|what|who|whom|whose|when|where|which|why|how|is|are|was|were|"
    r"do|does|did|has|have|had|can|could|will|would|should|tell|list|show|give|find|explain|"
    r"summari[sz]e|please)\b",
    re.IGNORECASE,
)
# Kinds of message that a person writes; the rest are notices, such as of who joined.
_WRITTEN = frozenset({None, "file_share", "thread_broadcast", "me_message"})
_DIRECT = "im"

Event = Mapping[str, Any]


class KnownThreads(Protocol):
    """What reading an event needs of the ledger."""

    def is_addressed(self, channel: str, thread: str) -> bool:
        """Whether the bot was addressed in a thread."""
        ...


@dataclass(frozen=True, slots=True)
class Changed:
    """A message that was edited."""

    asked: Asked
    """The question that it now is."""
    is_addressed: bool
    """Whether the bot answers it even if it did not know it before."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A message that was deleted."""

    asked: Asked
    was_addressed: bool
    """Whether it was a question, even if it has not arrived yet."""


class EventReader:
    """Reads the events of one workspace's bot."""

    def __init__(
        self, bot_user: str, threads: KnownThreads, *, team: str, enterprise: str | None = None
    ) -> None:
        self._bot_user = bot_user
        self._threads = threads
        # Of the installation: what an event from a shared channel names may be another's.
        self._team = team
        self._enterprise = enterprise

    def read(self, body: Event) -> Asked | Changed | Deleted | None:
        """What an event asks of the bot; None where it asks nothing.

        Args:
            body: The envelope of an `app_mention` or a `message`, as Slack sends it.
        """
        event = body["event"]
        match event.get("subtype"):
            case "message_changed":
                return self._read_change(body, event)
            case "message_deleted":
                return self._read_deletion(body, event)
            case subtype if subtype in _WRITTEN and not _is_by_bot(event):
                asked = self._read_message(body, event, event)
                return asked if self._is_asked(asked, event) else None
        return None

    def _read_message(self, body: Event, event: Event, message: Event) -> Asked:
        text = str(message.get("text") or "")
        edited = message.get("edited") or {}
        ts = str(message["ts"])
        return Asked(
            channel=str(event["channel"]),
            ts=ts,
            team=self._team,
            thread=str(message.get("thread_ts") or ts),
            asker=str(message.get("user") or ""),
            kind=self._kind(event, text),
            text=read_text(text, self._bot_user),
            version=str(edited.get("ts") or ts),
            enterprise=self._enterprise,
            asker_team=message.get("user_team") or message.get("team"),
            is_shared=bool(body.get("is_ext_shared_channel")),
        )

    def _kind(self, event: Event, text: str) -> Kind:
        if event.get("channel_type") == _DIRECT or str(event.get("channel", "")).startswith("D"):
            return Kind.DIRECT
        if event["type"] == "app_mention" or f"<@{self._bot_user}" in text:
            return Kind.MENTION
        return Kind.FOLLOW_UP

    def _is_asked(self, asked: Asked, message: Event) -> bool:
        """Whether a message is for the bot: by its place, its mention, or its thread."""
        if not asked.asker or asked.asker == self._bot_user:
            return False
        if asked.kind is not Kind.FOLLOW_UP:
            return asked.kind is Kind.MENTION or bool(asked.text)
        is_reply = asked.thread != asked.ts
        to_others = "<@" in str(message.get("text") or "")
        return (
            is_reply
            and not to_others
            and bool(_ASKING.search(asked.text))
            and self._threads.is_addressed(asked.channel, asked.thread)
        )

    def _read_change(self, body: Event, event: Event) -> Changed | None:
        message = event.get("message") or {}
        if message.get("subtype") == "tombstone":
            # A deleted message that has replies is told as a change.
            gone = event.get("previous_message") or message
            return self._deleted(body, event, gone)  # type: ignore[return-value]
        if not _is_readable(message):
            return None
        asked = self._read_message(body, event, message)
        return Changed(asked, self._is_asked(asked, message))

    def _read_deletion(self, body: Event, event: Event) -> Deleted | None:
        message = {"ts": event.get("deleted_ts"), **(event.get("previous_message") or {})}
        return self._deleted(body, event, message)

    def _deleted(self, body: Event, event: Event, message: Event) -> Deleted | None:
        if not message.get("ts") or _is_by_bot(message):
            return None
        asked = self._read_message(body, event, message)
        return Deleted(replace(asked, text=""), self._is_asked(asked, message))


def read_text(text: str, bot_user: str = "") -> str:
    """Slack's markup as the plain text that it shows, cut to what a question may have.

    Mentions of people, and of the bot, are left out: their ids say nothing to the archive.
    """
    plain = _MARKUP.sub(lambda found: _plain(found[1], bot_user), text)
    return _SPACE.sub(" ", html.unescape(plain)).strip()[:_MOST_CHARACTERS]


def _plain(inside: str, bot_user: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith(("@", "!")):
        is_bot = target == f"@{bot_user}"
        return " " if is_bot or not label else f" {label.lstrip('@')} "
    if target.startswith("#"):
        return f" {label or ''} "
    return label or target.removeprefix("mailto:")


def _is_by_bot(message: Event) -> bool:
    return bool(message.get("bot_id") or message.get("subtype") == "bot_message")


def _is_readable(message: Event) -> bool:
    return (
        bool(message.get("ts")) and message.get("subtype") in _WRITTEN and not _is_by_bot(message)
    )

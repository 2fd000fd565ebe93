"""What a workspace holds: people, channels, messages as people see them, the app and its tokens."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

BOT_SCOPES = (
    "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write",
    "commands", "groups:history", "groups:read", "im:history", "im:read", "im:write",
    "mpim:history", "mpim:read", "users:read",
)  # fmt: skip
BOT_EVENTS = (
    "app_home_opened", "app_mention", "message.channels", "message.groups", "message.im",
    "message.mpim", "member_joined_channel", "app_uninstalled", "tokens_revoked",
)  # fmt: skip


@dataclass
class User:
    """A person, or a bot's user."""

    id: str
    name: str
    team: str
    is_bot: bool = False
    is_restricted: bool = False
    """A guest in several channels."""
    is_ultra_restricted: bool = False
    """A guest in one channel."""
    is_stranger: bool = False
    """Of another workspace, met in a shared channel."""
    deleted: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "team_id": self.team,
            "name": self.name,
            "real_name": self.name.title(),
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_stranger": self.is_stranger,
            "is_app_user": False,
            "tz_offset": 0,
            "profile": {"real_name": self.name.title(), "display_name": self.name},
        }


@dataclass
class Channel:
    """A conversation of any kind."""

    id: str
    name: str
    team: str
    kind: str = "channel"
    """`channel`, `group`, `im` or `mpim`, as events call it."""
    members: set[str] = field(default_factory=set)
    is_ext_shared: bool = False
    is_archived: bool = False

    def as_json(self, bot_user: str) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": self.id,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_archived": self.is_archived,
            "is_ext_shared": self.is_ext_shared,
            "is_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_member": bot_user in self.members,
            "context_team_id": self.team,
        }
        if self.kind == "im":
            return {**shown, "user": next(iter(self.members - {bot_user}), None)}
        return {**shown, "name": self.name, "num_members": len(self.members)}


@dataclass
class Message:
    """A message as it stands now."""

    ts: str
    channel: str
    user: str
    text: str
    team: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    ephemeral_to: str | None = None
    """Only this user sees it."""
    edited: dict[str, str] | None = None
    is_deleted: bool = False
    stream: str | None = None
    """`open` while it is streamed, `closed` when Slack or the app has ended that; else None."""
    stream_started: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)
    """Other arguments that it was posted with, such as `unfurl_links`."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What the app hid in it, for itself."""
    history: list[str] = field(default_factory=list)
    """Every text that people have seen, the present one not included."""

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "type": "message",
            "ts": self.ts,
            "user": self.user,
            "text": self.text,
            "team": self.team,
        }
        if self.blocks:
            shown["blocks"] = self.blocks
        if self.thread_ts:
            shown["thread_ts"] = self.thread_ts
        if self.bot_id:
            shown |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if self.edited:
            shown["edited"] = self.edited
        return shown


@dataclass
class Installation:
    """The app in one workspace."""

    team: str
    bot_user: str
    bot_id: str
    token: str
    scopes: tuple[str, ...] = BOT_SCOPES
    is_revoked: bool = False


@dataclass
class AppRegistration:
    """The app under test, as its settings page at Slack says."""

    id: str = "A0DATELINE"
    app_token: str = "xapp-1-A0DATELINE-1-loopback"
    signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5"
    client_id: str = "1111.2222"
    client_secret: str = "loopback-client-secret"
    events: tuple[str, ...] = BOT_EVENTS
    app_token_scopes: tuple[str, ...] = ("connections:write",)


@dataclass
class Trigger:
    """What a press or a command gives, so that a view may be opened: once, and soon."""

    user: str
    team: str
    made: float
    is_used: bool = False


class State:
    """Everything, under one lock; `changed` wakes whoever waits for something to happen."""

    def __init__(self, app: AppRegistration) -> None:
        self.app = app
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        """By channel and ts; `add` puts them here."""
        self._threads: dict[tuple[str, str], list[Message]] = {}
        """Messages by channel and root, in the order of their ts."""
        self.installations: dict[str, Installation] = {}
        self.triggers: dict[str, Trigger] = {}
        self.views: dict[str, dict[str, Any]] = {}
        """Open modals by id."""
        self.view_users: dict[str, str] = {}
        self.homes: dict[str, dict[str, Any]] = {}
        """Published home tabs by user."""
        self.last_view: dict[str, Any] | None = None
        """Whatever was opened, changed or published last."""
        self.statuses: dict[tuple[str, str], list[str]] = {}
        """What `assistant.threads.setStatus` has shown, by channel and thread."""
        self.prompts: dict[str, list[dict[str, Any]]] = {}
        """Suggested prompts by channel."""
        self.response_urls: dict[str, dict[str, Any]] = {}
        self.now: Callable[[], float] = time.time
        self._counter = itertools.count(1)
        self._last_ts = 0

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock, and tell those who wait."""
        with self.changed:
            yield
            self.changed.notify_all()

    def new_ts(self) -> str:
        """A timestamp later than every other."""
        with self.lock:
            self._last_ts = max(self._last_ts + 100, int(self.now() * 1_000_000))
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        """`U00000012`: unique whatever its letter."""
        with self.lock:
            return f"{letter}{next(self._counter):08d}"

    def add(self, message: Message) -> None:
        """Put a message where it is seen."""
        with self.change():
            self.messages[message.channel, message.ts] = message
            root = message.thread_ts or message.ts
            self._threads.setdefault((message.channel, root), []).append(message)

    def thread(self, channel: str, root: str) -> list[Message]:
        """The root and its replies, as everybody in the channel sees them."""
        with self.lock:
            return [
                one
                for one in self._threads.get((channel, root), [])
                if not one.is_deleted and one.ephemeral_to is None
            ]

    def has_replies(self, message: Message) -> bool:
        """Whether somebody answered in its thread."""
        return any(one.ts != message.ts for one in self.thread(message.channel, message.ts))

    def channel_of(self, bot_user: str, user: str) -> Channel:
        """The private conversation of a user with the bot, made if there is none."""
        with self.change():
            for one in self.channels.values():
                if one.kind == "im" and one.members == {bot_user, user}:
                    return one
            channel = Channel(self.new_id("D"), "", self.users[user].team, "im", {bot_user, user})
            self.channels[channel.id] = channel
            return channel

    def new_trigger(self, user: str) -> str:
        """A trigger id for one view."""
        with self.lock:
            name = f"{self.new_id('')}.{self.app.id}"
            self.triggers[name] = Trigger(user, self.users[user].team, time.monotonic())
            return name

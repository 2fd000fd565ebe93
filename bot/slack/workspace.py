"""One workspace's Slack, through the SDK's client: the only module that calls its Web API.

What Slack refuses and what is not known to have arrived are told apart, because only the first
may be given up: see `SlackRefused` and `SlackUnreachable`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RateLimitErrorRetryHandler
from slack_sdk.web.chat_stream import ChatStream

from bot.slack.view import Block, Message

_TIMEOUT_SECONDS = 30
_RATE_LIMIT_RETRIES = 4
# Every sentence is shown as soon as it is proved: an answer has about ten, and Slack allows some
# hundred calls a minute.
_STREAM_BUFFER = 1
_EVENT_TYPE = "dateline_answer"
# These say that Slack failed, not that it refused: the call may even have been carried out.
_FAILED = frozenset(
    {
        "accesslimited", "fatal_error", "internal_error", "ratelimited", "request_timeout",
        "rollup_error", "service_unavailable", "team_added_to_org",
    }
)  # fmt: skip

logger = logging.getLogger(__name__)


class SlackRefused(Exception):
    """Slack answered that it will not do it, and did not."""

    def __init__(self, method: str, code: str, needed: str | None = None) -> None:
        super().__init__(f"{method}: {code}" + (f" (needs {needed})" if needed else ""))
        self.code = code
        """Slack's own word, such as `channel_not_found`."""
        self.needed = needed
        """The scope that is missing, if that is the matter."""


class SlackUnreachable(Exception):
    """It is not known whether Slack did it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who a user is."""

    team: str | None
    is_guest: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A message in a thread."""

    ts: str
    user: str
    text: str
    """In Slack's markup."""
    is_own: bool
    """Whether this bot wrote it."""
    is_bot: bool
    """Whether some bot wrote it."""
    mark: str | None
    """What `Workspace.post` left on it."""


def build_client(token: str | None, api_url: str) -> WebClient:
    """A client that honours Slack's rate limits and repeats nothing else.

    The SDK's own would repeat a call whose connection was reset; a message might be posted twice.
    """
    return WebClient(
        token=token,
        base_url=api_url,
        timeout=_TIMEOUT_SECONDS,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=_RATE_LIMIT_RETRIES)],
    )


class Workspace:
    """What the bot does in one workspace.

    Every method raises SlackRefused or SlackUnreachable.
    """

    def __init__(self, client: WebClient, *, bot_user: str, bot: str | None, team: str) -> None:
        self._client = client
        self.bot_user = bot_user
        """The bot's user id."""
        self.bot = bot
        """The bot's own id, which its messages bear beside the user's."""
        self.team = team

    @classmethod
    def enter(cls, client: WebClient) -> Workspace:
        """The workspace of a client's token."""
        with _translating("auth.test"):
            told = client.auth_test()
        return cls(client, bot_user=told["user_id"], bot=told.get("bot_id"), team=told["team_id"])

    # Messages.

    def post(
        self, channel: str, message: Message, *, thread: str | None = None, mark: str | None = None
    ) -> str:
        """Post a message and return its `ts`; `mark` is found again by `replies`."""
        metadata = {"event_type": _EVENT_TYPE, "event_payload": {"mark": mark}} if mark else None
        with _translating("chat.postMessage"):
            posted = self._client.chat_postMessage(
                channel=channel, thread_ts=thread, metadata=metadata, **message.as_post()
            )
        return str(posted["ts"])

    def post_to_user(self, user: str, message: Message) -> tuple[str, str]:
        """Post into a user's own conversation with the bot; its channel and the message's `ts`."""
        with _translating("chat.postMessage"):
            posted = self._client.chat_postMessage(channel=user, **message.as_post())
        return str(posted["channel"]), str(posted["ts"])

    def update(self, channel: str, ts: str, message: Message) -> None:
        """Replace one of the bot's messages."""
        with _translating("chat.update"):
            self._client.chat_update(channel=channel, ts=ts, **message.as_update())

    def whisper(
        self, channel: str, user: str, message: Message, *, thread: str | None = None
    ) -> None:
        """Show a message to one user only."""
        with _translating("chat.postEphemeral"):
            self._client.chat_postEphemeral(
                channel=channel, user=user, thread_ts=thread, **message.as_post()
            )

    def stream(self, channel: str, thread: str, *, user: str, user_team: str) -> Stream:
        """A message that grows; nothing is posted before its first words."""
        stream = self._client.chat_stream(
            channel=channel,
            thread_ts=thread,
            recipient_user_id=user,
            recipient_team_id=user_team,
            buffer_size=_STREAM_BUFFER,
        )
        return Stream(stream)

    def end_stream(self, channel: str, ts: str) -> None:
        """End a stream that another process began."""
        with _translating("chat.stopStream"):
            # A stream that holds no word yet cannot be ended without one.
            self._client.chat_stopStream(channel=channel, ts=ts, markdown_text="…")

    def replies(self, channel: str, thread: str, *, since: str | None = None) -> list[Written]:
        """A thread's messages, the oldest first, up to a thousand; the first one among them."""
        with _translating("conversations.replies"):
            pages = self._client.conversations_replies(
                channel=channel, ts=thread, oldest=since, limit=200, include_all_metadata=True
            )
            # Iterating fetches the next page; nobody's question needs more than five.
            found = [row for page, _ in zip(pages, range(5), strict=False) for row in _rows(page)]
        return [self._read(row) for row in found]

    def _read(self, row: Mapping[str, Any]) -> Written:
        user, bot = str(row.get("user") or ""), row.get("bot_id")
        metadata = row.get("metadata") or {}
        is_marked = metadata.get("event_type") == _EVENT_TYPE
        return Written(
            ts=str(row["ts"]),
            user=user,
            text=str(row.get("text") or ""),
            is_own=user == self.bot_user or (bot is not None and bot == self.bot),
            is_bot=bot is not None,
            mark=(metadata.get("event_payload") or {}).get("mark") if is_marked else None,
        )

    # The agent's thread.

    def set_status(
        self, channel: str, thread: str, status: str, loading: Sequence[str] = ()
    ) -> None:
        """Say under a thread what the bot is doing; empty clears it."""
        with _translating("assistant.threads.setStatus"):
            self._client.assistant_threads_setStatus(
                channel_id=channel,
                thread_ts=thread,
                status=status,
                loading_messages=list(loading) or None,
            )

    def suggest(self, channel: str, prompts: Sequence[Mapping[str, str]], title: str) -> None:
        """Offer questions in a conversation with the bot."""
        with _translating("assistant.threads.setSuggestedPrompts"):
            # Without a thread: in an agent's view one makes the call fail in silence.
            self._client.assistant_threads_setSuggestedPrompts(
                channel_id=channel, title=title, prompts=[dict(one) for one in prompts]
            )

    # Views.

    def open_view(self, trigger: str, view: Mapping[str, Any]) -> str:
        """Open a modal, within three seconds of the click that is its trigger; returns its id."""
        with _translating("views.open"):
            opened = self._client.views_open(trigger_id=trigger, view=dict(view))
        return str(opened["view"]["id"])

    def update_view(self, view_id: str, view: Mapping[str, Any]) -> None:
        """Replace a modal that is open."""
        with _translating("views.update"):
            self._client.views_update(view_id=view_id, view=dict(view))

    def publish_home(self, user: str, view: Mapping[str, Any]) -> None:
        """Show a home tab to a user."""
        with _translating("views.publish"):
            self._client.views_publish(user_id=user, view=dict(view))

    # People and channels.

    def person(self, user: str) -> Person:
        """Who a user is."""
        with _translating("users.info"):
            told = self._client.users_info(user=user)["user"]
        is_guest = bool(told.get("is_restricted") or told.get("is_ultra_restricted"))
        return Person(told.get("team_id"), is_guest)

    def is_shared(self, channel: str) -> bool:
        """Whether a channel is shared with another company."""
        with _translating("conversations.info"):
            told = self._client.conversations_info(channel=channel)["channel"]
        return bool(told.get("is_ext_shared") or told.get("is_pending_ext_shared"))


class Stream:
    """A message that grows. Once Slack has refused a part of it, nothing more is sent."""

    def __init__(self, stream: ChatStream) -> None:
        self._stream = stream
        self._is_broken = False

    @property
    def ts(self) -> str | None:
        """The message's name; None before its first words reached Slack."""
        return self._stream.ts

    def append(self, text: str) -> None:
        """Add words.

        Raises:
            SlackRefused, SlackUnreachable: Only as long as the message does not exist.
        """
        if self._is_broken:
            return
        try:
            with _translating("chat.appendStream"):
                self._stream.append(markdown_text=text)
        except (SlackRefused, SlackUnreachable) as error:
            self._is_broken = True
            if self.ts is None:
                raise
            # Slack closes a stream after about five minutes, for one. The whole answer is put in
            # its place at the end.
            logger.info("the stream broke off: %s", error)

    def end(self, blocks: Sequence[Block] = ()) -> bool:
        """End the message with `blocks`; False if it does not hold everything as it should.

        Raises:
            SlackUnreachable: If it is not known whether the message exists.
        """
        if self._is_broken:
            return False
        try:
            with _translating("chat.stopStream"):
                self._stream.stop(blocks=[dict(block) for block in blocks] or None)
        except (SlackRefused, SlackUnreachable) as error:
            self._is_broken = True
            if self.ts is None and isinstance(error, SlackUnreachable):
                raise
            logger.info("the stream did not end: %s", error)
        return not self._is_broken


def _rows(page: Any) -> list[Mapping[str, Any]]:
    return list(page.get("messages") or [])


@contextmanager
def _translating(method: str) -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        response = error.response
        code = str(response.get("error") or "") if response is not None else ""
        status = getattr(response, "status_code", 200)
        if status >= 500 or not code or code in _FAILED:
            raise SlackUnreachable(f"{method}: {code or status}") from error
        raise SlackRefused(method, code, response.get("needed")) from error
    except (SlackClientError, OSError, HTTPException) as error:
        raise SlackUnreachable(f"{method}: {type(error).__name__}") from error


WorkspaceFinder = Callable[[str, str | None], Workspace]
"""Finds the workspace of a team id and, if there is one, an enterprise id."""

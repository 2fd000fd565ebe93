"""The Web API: what each method demands, refuses and does, with the errors of Slack's reference."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.slack.rules import check_message, check_view, is_too_long
from tests.slack.state import Channel, Installation, Message, State, User

Arguments = dict[str, Any]
Reply = dict[str, Any]


class Refused(Exception):
    """`ok: false`, with Slack's word for why."""

    def __init__(self, error: str, *reasons: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.reasons = reasons
        self.more = more

    def as_json(self) -> Reply:
        reply: Reply = {"ok": False, "error": self.error, **self.more}
        if self.reasons:
            reply["response_metadata"] = {"messages": [f"[ERROR] {one}" for one in self.reasons]}
            reply["errors"] = list(self.reasons)
        return reply


@dataclass(frozen=True)
class Caller:
    """Whose token it was."""

    install: Installation
    user: User
    """The bot's own."""


Method = Callable[["WebApi", Caller, Arguments], Reply]

_MOST_TEXT = 40_000
_MOST_MARKDOWN = 12_000


class WebApi:
    """Answers calls on the state; events that a call causes go to `emit`."""

    def __init__(self, state: State, emit: Callable[[str, dict[str, Any], Channel | None], None]):
        self.state = state
        self.emit = emit
        self.stream_seconds = 300.0
        """Slack ends a stream so long after it was started."""
        self.trigger_seconds = 3.0
        self.streams = True
        """Whether the workspace has streaming at all."""

    def call(self, name: str, caller: Caller, arguments: Arguments) -> Reply:
        """Carry out one method.

        Raises:
            Refused: If Slack would.
        """
        known = METHODS.get(name)
        if known is None:
            raise Refused("unknown_method", req_method=name)
        method, scope = known
        if scope and not any(one in caller.install.scopes for one in scope.split("|")):
            provided = ",".join(caller.install.scopes)
            raise Refused("missing_scope", needed=scope.partition("|")[0], provided=provided)
        with self.state.change():
            return {"ok": True, **method(self, caller, arguments)}

    def install(self, team: str, *, name: str = "dateline") -> Installation:
        """Put the app into a workspace: its bot user, and a token."""
        with self.state.change():
            if team in self.state.installations and not self.state.installations[team].is_revoked:
                return self.state.installations[team]
            number = len(self.state.installations)
            bot = User(self.state.new_id("U"), name, team, is_bot=True)
            self.state.users[bot.id] = bot
            token = f"xoxb-{team}-{number}-loopback"
            install = Installation(team, bot.id, self.state.new_id("B"), token)
            self.state.installations[team] = install
            return install

    def people(self, team: str) -> list[str]:
        """The ids of a workspace's people."""
        return [one.id for one in self.state.users.values() if one.team == team and not one.is_bot]

    # What many methods need.

    def channel(self, caller: Caller, arguments: Arguments, *, must_join: bool = True) -> Channel:
        name = arguments.get("channel")
        if not name or not isinstance(name, str):
            raise Refused("invalid_arguments", "missing required field: channel")
        if name in self.state.users and name != caller.user.id:
            return self.state.channel_of(caller.user.id, name)
        channel = self.state.channels.get(name)
        joined = channel is not None and caller.user.id in channel.members
        if channel is None or (channel.kind != "channel" and not joined):
            raise Refused("channel_not_found")
        if channel.team != caller.install.team and not channel.is_ext_shared:
            raise Refused("channel_not_found")
        if must_join and not joined:
            raise Refused("not_in_channel")
        if must_join and channel.is_archived:
            raise Refused("is_archived")
        return channel

    def own_message(self, caller: Caller, channel: Channel, arguments: Arguments) -> Message:
        ts = arguments.get("ts")
        if not ts:
            raise Refused("invalid_arguments", "missing required field: ts")
        message = self.state.messages.get((channel.id, str(ts)))
        if message is None or message.is_deleted or message.ephemeral_to:
            raise Refused("message_not_found")
        if message.bot_id != caller.install.bot_id:
            raise Refused("cant_update_message")
        return message

    def thread_ts(self, channel: Channel, arguments: Arguments) -> str | None:
        ts = arguments.get("thread_ts")
        if ts in {None, ""}:
            return None
        root = self.state.messages.get((channel.id, str(ts)))
        if root is None or root.ephemeral_to:
            raise Refused("thread_not_found")
        if root.thread_ts and root.thread_ts != root.ts:
            raise Refused("cannot_reply_to_message", "thread_ts is a reply's; use its parent's")
        return root.ts

    def content(self, arguments: Arguments) -> tuple[str, list[dict[str, Any]]]:
        """Text and blocks that a message may have."""
        text = arguments.get("text") or ""
        blocks = as_json(arguments.get("blocks")) or []
        if not isinstance(text, str):
            raise Refused("invalid_arguments", "text must be a string")
        if not text and not blocks:
            raise Refused("no_text")
        if len(text) > _MOST_TEXT:
            raise Refused("msg_too_long")
        if reasons := check_message(blocks):
            raise Refused("invalid_blocks", *reasons)
        if is_too_long(blocks):
            raise Refused("msg_blocks_too_long")
        return text, blocks

    def add(self, caller: Caller, channel: Channel, text: str, **fields: Any) -> Message:
        message = Message(
            ts=self.state.new_ts(),
            channel=channel.id,
            user=caller.user.id,
            text=text,
            team=caller.install.team,
            bot_id=caller.install.bot_id,
            app_id=self.state.app.id,
            **fields,
        )
        self.state.add(message)
        return message

    def announce(self, channel: Channel, message: Message) -> None:
        """A bot's own message is an event too: it must know its own."""
        event = {**message.as_json(), "channel": channel.id, "channel_type": channel.kind}
        self.emit(_event_name(channel), {**event, "event_ts": message.ts}, channel)

    def announce_change(self, channel: Channel, before: dict[str, Any], message: Message) -> None:
        """What an edit looks like to whoever listens."""
        ts = self.state.new_ts()
        self.emit(
            _event_name(channel),
            {
                "type": "message", "subtype": "message_changed", "hidden": True, "ts": ts,
                "event_ts": ts, "channel": channel.id, "channel_type": channel.kind,
                "message": message.as_json(), "previous_message": before,
            },
            channel,
        )  # fmt: skip


def as_json(value: Any) -> Any:
    """A form sends arrays and objects as JSON text."""
    if not isinstance(value, str) or value[:1] not in {"[", "{"}:
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise Refused("invalid_blocks_format") from error


def _event_name(channel: Channel) -> str:
    return {"channel": "message.channels", "group": "message.groups"}.get(
        channel.kind, f"message.{channel.kind}"
    )


# Tokens and people.


def _auth_test(api: WebApi, caller: Caller, _: Arguments) -> Reply:
    return {
        "url": "https://loopback.slack.test/",
        "team": caller.install.team,
        "user": caller.user.name,
        "team_id": caller.install.team,
        "user_id": caller.user.id,
        "bot_id": caller.install.bot_id,
        "is_enterprise_install": False,
    }


def _auth_revoke(api: WebApi, caller: Caller, _: Arguments) -> Reply:
    caller.install.is_revoked = True
    return {"revoked": True}


def _users_info(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    user = api.state.users.get(str(arguments.get("user")))
    if user is None:
        raise Refused("user_not_found")
    return {"user": user.as_json()}


def _bots_info(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    return {"bot": {"id": arguments.get("bot"), "app_id": api.state.app.id}}


def _team_info(api: WebApi, caller: Caller, _: Arguments) -> Reply:
    return {"team": {"id": caller.install.team, "name": caller.install.team}}


# Conversations.


def _conversations_info(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel = api.channel(caller, arguments, must_join=False)
    return {"channel": channel.as_json(caller.user.id)}


def _conversations_members(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel = api.channel(caller, arguments)
    return {"members": sorted(channel.members), "response_metadata": {"next_cursor": ""}}


def _conversations_open(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    users = arguments.get("users")
    names = users.split(",") if isinstance(users, str) else list(users or [])
    if len(names) != 1 or names[0] not in api.state.users:
        raise Refused("user_not_found")
    channel = api.state.channel_of(caller.user.id, names[0])
    return {"channel": {"id": channel.id}}


def _conversations_replies(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel = api.channel(caller, arguments)
    root = str(arguments.get("ts") or "")
    found = api.state.messages.get((channel.id, root))
    if found is None or found.is_deleted:
        raise Refused("thread_not_found")
    limit = int(arguments.get("limit") or 1_000)
    oldest = str(arguments.get("oldest") or "0")
    everything = api.state.thread(channel.id, found.thread_ts or root)
    # The parent comes along whatever is asked.
    thread = [one for at, one in enumerate(everything) if at == 0 or one.ts > oldest]
    with_metadata = str(arguments.get("include_all_metadata", "")).lower() in {"1", "true"}
    start = int(arguments.get("cursor") or 0)
    page = thread[start : start + limit]
    more = start + limit < len(thread)
    return {
        "messages": [
            {**one.as_json(), **({"metadata": one.metadata} if with_metadata else {})}
            for one in page
        ],
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }


def _conversations_history(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel = api.channel(caller, arguments)
    shown = [
        one
        for one in sorted(api.state.messages.values(), key=lambda one: one.ts, reverse=True)
        if one.channel == channel.id and not one.is_deleted and not one.ephemeral_to
        and one.thread_ts in {None, one.ts}
    ]  # fmt: skip
    latest, oldest = arguments.get("latest"), arguments.get("oldest") or "0"
    is_inclusive = str(arguments.get("inclusive", "")).lower() in {"1", "true"}
    kept = [
        one
        for one in shown
        if (not latest or one.ts < latest or (is_inclusive and one.ts == latest))
        and (one.ts > oldest or (is_inclusive and one.ts == oldest))
    ]
    limit = int(arguments.get("limit") or 100)
    return {"messages": [one.as_json() for one in kept[:limit]], "has_more": len(kept) > limit}


# Messages.


def _post_message(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel = api.channel(caller, arguments)
    thread_ts = api.thread_ts(channel, arguments)
    text, blocks = api.content(arguments)
    options = {
        name: arguments[name]
        for name in ("unfurl_links", "unfurl_media", "parse", "link_names", "mrkdwn")
        if name in arguments
    }
    message = api.add(
        caller, channel, text, blocks=blocks, thread_ts=thread_ts, options=options,
        metadata=as_json(arguments.get("metadata")) or {},
    )  # fmt: skip
    api.announce(channel, message)
    return {"channel": channel.id, "ts": message.ts, "message": message.as_json()}


def _post_ephemeral(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel = api.channel(caller, arguments)
    user = str(arguments.get("user") or "")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    thread_ts = api.thread_ts(channel, arguments)
    text, blocks = api.content(arguments)
    message = api.add(caller, channel, text, blocks=blocks, thread_ts=thread_ts, ephemeral_to=user)
    return {"message_ts": message.ts}


def _update(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel = api.channel(caller, arguments)
    message = api.own_message(caller, channel, arguments)
    if message.stream == "open" and not _is_expired(api, message):
        raise Refused("streaming_state_conflict")
    text, blocks = api.content(arguments)
    before = message.as_json()
    message.history.append(message.text)
    message.text, message.blocks = text, blocks
    message.stream = "closed" if message.stream else None
    message.edited = {"user": caller.user.id, "ts": api.state.new_ts()}
    api.announce_change(channel, before, message)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": message.as_json()}


def _delete(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel = api.channel(caller, arguments)
    try:
        message = api.own_message(caller, channel, arguments)
    except Refused as error:
        if error.error == "cant_update_message":
            raise Refused("cant_delete_message") from error
        raise
    message.is_deleted = True
    return {"channel": channel.id, "ts": message.ts}


def _permalink(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel = api.channel(caller, arguments, must_join=False)
    ts = str(arguments.get("message_ts") or "")
    if (channel.id, ts) not in api.state.messages:
        raise Refused("message_not_found")
    link = f"https://loopback.slack.test/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


# Streams.


def _start_stream(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    if not api.streams:
        raise Refused("feature_not_enabled")
    channel = api.channel(caller, arguments)
    thread_ts = api.thread_ts(channel, arguments)
    if thread_ts is None:
        raise Refused("invalid_arguments", "missing required field: thread_ts")
    if channel.kind != "im":
        if not arguments.get("recipient_team_id"):
            raise Refused("missing_recipient_team_id")
        if not arguments.get("recipient_user_id"):
            raise Refused("missing_recipient_user_id")
        if arguments["recipient_user_id"] not in channel.members:
            raise Refused("user_not_found")
    text = _streamed(arguments)
    message = api.add(
        caller, channel, text, thread_ts=thread_ts, stream="open", stream_started=time.monotonic()
    )
    return {"channel": channel.id, "ts": message.ts}


def _append_stream(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    message = _open_stream(api, caller, arguments)
    text = _streamed(arguments)
    if not text and not arguments.get("chunks"):
        raise Refused("no_text")
    message.history.append(message.text)
    message.text += text
    return {"channel": message.channel, "ts": message.ts}


def _stop_stream(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    message = _open_stream(api, caller, arguments)
    blocks = as_json(arguments.get("blocks")) or []
    if reasons := check_message(blocks):
        raise Refused("invalid_blocks", *reasons)
    text = message.text + _streamed(arguments)
    if is_too_long(blocks):
        raise Refused("msg_blocks_too_long")
    if not text and not blocks:
        raise Refused("no_text")
    message.text, message.blocks, message.stream = text, blocks, "closed"
    api.announce(api.state.channels[message.channel], message)
    return {"channel": message.channel, "ts": message.ts, "message": message.as_json()}


def _open_stream(api: WebApi, caller: Caller, arguments: Arguments) -> Message:
    channel = api.channel(caller, arguments)
    try:
        message = api.own_message(caller, channel, arguments)
    except Refused as error:
        if error.error == "cant_update_message":
            raise Refused("message_not_owned_by_app") from error
        raise
    if message.stream != "open" or _is_expired(api, message):
        raise Refused("message_not_in_streaming_state")
    return message


def _is_expired(api: WebApi, message: Message) -> bool:
    if time.monotonic() - message.stream_started >= api.stream_seconds:
        message.stream = "closed"
        return True
    return False


def _streamed(arguments: Arguments) -> str:
    """The Markdown of a call, given as text or as chunks."""
    text = arguments.get("markdown_text") or ""
    chunks = as_json(arguments.get("chunks")) or []
    if not isinstance(chunks, list):
        raise Refused("invalid_chunks", "chunks must be an array")
    for at, chunk in enumerate(chunks):
        kind = chunk.get("type") if isinstance(chunk, dict) else None
        if kind == "markdown_text":
            text += chunk.get("text") or ""
        elif kind not in {"task_update", "plan_update", "blocks"}:
            raise Refused("invalid_chunks", f"unsupported type: {kind} [json-pointer:/chunks/{at}]")
    if len(text) > _MOST_MARKDOWN:
        raise Refused("msg_too_long")
    return text


# Views.


def _views_open(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    name = str(arguments.get("trigger_id") or "")
    trigger = api.state.triggers.get(name)
    if trigger is None:
        raise Refused("invalid_trigger_id")
    if trigger.is_used:
        raise Refused("exchanged_trigger_id")
    if time.monotonic() - trigger.made > api.trigger_seconds:
        raise Refused("expired_trigger_id")
    view = _view(arguments, "modal")
    trigger.is_used = True
    name = api.state.new_id("V")
    api.state.view_users[name] = trigger.user
    return {"view": _keep_view(api, caller, name, view)}


def _views_update(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    name = str(arguments.get("view_id") or "")
    kept = api.state.views.get(name)
    if kept is None:
        raise Refused("not_found")
    if arguments.get("hash") and arguments["hash"] != kept["hash"]:
        raise Refused("hash_conflict")
    return {"view": _keep_view(api, caller, name, _view(arguments, "modal"))}


def _views_publish(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    user = str(arguments.get("user_id") or "")
    if user not in api.state.users:
        raise Refused("invalid_arguments", "missing required field: user_id")
    view = _view(arguments, "home")
    api.state.homes[user] = api.state.last_view = view
    return {"view": {**view, "id": api.state.new_id("V")}}


def _view(arguments: Arguments, kind: str) -> dict[str, Any]:
    view = as_json(arguments.get("view"))
    reasons = check_view(view)
    if not reasons and view["type"] != kind:
        reasons = [f"view must be of type {kind}"]
    if reasons:
        raise Refused("invalid_arguments", *reasons)
    checked: dict[str, Any] = view
    return checked


def _keep_view(api: WebApi, caller: Caller, name: str, view: dict[str, Any]) -> dict[str, Any]:
    kept = {
        "private_metadata": "", "callback_id": "", **view,
        "id": name, "hash": api.state.new_ts(), "team_id": caller.install.team,
        "app_id": api.state.app.id, "bot_id": caller.install.bot_id, "root_view_id": name,
        "previous_view_id": None, "state": {"values": {}},
    }  # fmt: skip
    api.state.views[name] = api.state.last_view = kept
    return kept


# The agent's conversation.


def _set_status(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel, thread_ts = _thread(api, caller, arguments)
    loading = as_json(arguments.get("loading_messages")) or []
    if len(loading) > 10:
        raise Refused("invalid_arguments", "loading_messages: no more than 10 items allowed")
    if "status" not in arguments:
        raise Refused("invalid_arguments", "missing required field: status")
    api.state.statuses.setdefault((channel.id, thread_ts), []).append(arguments["status"] or "")
    return {}


def _set_prompts(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    channel = api.channel(caller, arguments)
    if channel.kind != "im":
        raise Refused("channel_type_not_supported")
    prompts = as_json(arguments.get("prompts")) or []
    if not 1 <= len(prompts) <= 4:
        raise Refused("invalid_arguments", "prompts: must have 1 to 4 items")
    for one in prompts:
        if not one.get("title") or not one.get("message"):
            raise Refused("invalid_arguments", "prompts: title and message are needed")
    # With `thread_ts` Slack says ok under agent_view, and shows nothing.
    if not arguments.get("thread_ts"):
        api.state.prompts[channel.id] = prompts
    return {}


def _set_title(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    _thread(api, caller, arguments)
    return {}


def _thread(api: WebApi, caller: Caller, arguments: Arguments) -> tuple[Channel, str]:
    named = arguments.get("channel_id") or arguments.get("channel")
    channel = api.channel(caller, {"channel": named})
    thread_ts = str(arguments.get("thread_ts") or "")
    if (channel.id, thread_ts) not in api.state.messages:
        raise Refused("invalid_thread_ts")
    return channel, thread_ts


def _set_prompts_checked(api: WebApi, caller: Caller, arguments: Arguments) -> Reply:
    named = arguments.get("channel_id") or arguments.get("channel")
    return _set_prompts(api, caller, {**arguments, "channel": named})


_HISTORY = "channels:history|groups:history|im:history|mpim:history"
_READ = "channels:read|groups:read|im:read|mpim:read"
METHODS: dict[str, tuple[Method, str]] = {
    "auth.test": (_auth_test, ""),
    "auth.revoke": (_auth_revoke, ""),
    "api.test": (lambda *_: {}, ""),
    "users.info": (_users_info, "users:read"),
    "bots.info": (_bots_info, "users:read"),
    "team.info": (_team_info, "team:read"),
    "conversations.info": (_conversations_info, _READ),
    "conversations.members": (_conversations_members, _READ),
    "conversations.open": (_conversations_open, "im:write|mpim:write"),
    "conversations.replies": (_conversations_replies, _HISTORY),
    "conversations.history": (_conversations_history, _HISTORY),
    "chat.postMessage": (_post_message, "chat:write"),
    "chat.postEphemeral": (_post_ephemeral, "chat:write"),
    "chat.update": (_update, "chat:write"),
    "chat.delete": (_delete, "chat:write"),
    "chat.getPermalink": (_permalink, ""),
    "chat.startStream": (_start_stream, "chat:write"),
    "chat.appendStream": (_append_stream, "chat:write"),
    "chat.stopStream": (_stop_stream, "chat:write"),
    "views.open": (_views_open, ""),
    "views.update": (_views_update, ""),
    "views.publish": (_views_publish, ""),
    "assistant.threads.setStatus": (_set_status, "chat:write|assistant:write"),
    "assistant.threads.setSuggestedPrompts": (_set_prompts_checked, "chat:write|assistant:write"),
    "assistant.threads.setTitle": (_set_title, "chat:write|assistant:write"),
}

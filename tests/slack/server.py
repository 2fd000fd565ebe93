"""The whole loopback Slack: a workspace, its people, and the app under test."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from tests.slack.delivery import Attempt, Courier, Parcel
from tests.slack.methods import WebApi
from tests.slack.state import AppRegistration, Channel, Installation, Message, State, User
from tests.slack.web import Call, Planned, WebServer

TEAM = "T0NEWSROOM"


class LoopbackSlack:
    """Runs on free ports of the loopback interface until it is closed.

    It starts with one workspace that has the app, three members (`ada`, `ben`, `cleo`), a guest
    (`gus`), and a public channel `desk` that all of them and the bot have joined.
    """

    def __init__(self, *, app: AppRegistration | None = None, port: int = 0) -> None:
        self.state = State(app or AppRegistration())
        self.courier = Courier(self.state.app.signing_secret)
        self.api = WebApi(self.state, self._emit)
        self.web = WebServer(self.api, self.courier.sockets.open_url, port)
        self.web.on_respond = self._respond
        self.install = self.api.install(TEAM)
        self.ada, self.ben, self.cleo = (self.add_user(name) for name in ("ada", "ben", "cleo"))
        self.gus = self.add_user("gus", is_restricted=True)
        self.desk = self.add_channel("desk", self.ada, self.ben, self.cleo, self.gus)

    # What an app needs to be told.

    @property
    def api_url(self) -> str:
        """The base URL of the Web API, for a client."""
        return f"{self.web.url}/api/"

    @property
    def bot_token(self) -> str:
        return self.install.token

    @property
    def app_token(self) -> str:
        return self.state.app.app_token

    @property
    def signing_secret(self) -> str:
        return self.state.app.signing_secret

    @property
    def bot(self) -> str:
        """The bot's user id in the first workspace."""
        return self.install.bot_user

    # Setting the scene.

    def add_team(self, team: str) -> Installation:
        """Another workspace that has the app."""
        return self.api.install(team)

    def add_user(self, name: str, *, team: str = TEAM, **flags: bool) -> str:
        """Somebody new; flags are those of `User`. The id."""
        with self.state.change():
            user = User(self.state.new_id("U"), name, team, **flags)
            self.state.users[user.id] = user
            return user.id

    def add_channel(
        self, name: str, *members: str, team: str = TEAM, kind: str = "channel",
        with_bot: bool = True, is_ext_shared: bool = False,
    ) -> str:  # fmt: skip
        """A channel with some members. The id."""
        with self.state.change():
            bot = self.state.installations[team].bot_user
            joined = {*members, *([bot] if with_bot else [])}
            letter = "G" if kind in {"group", "mpim"} else "C"
            channel = Channel(
                self.state.new_id(letter), name, team, kind, joined, is_ext_shared=is_ext_shared
            )
            self.state.channels[channel.id] = channel
            return channel.id

    def dm(self, user: str) -> str:
        """The id of the user's private conversation with the bot."""
        team = self.state.users[user].team
        return self.state.channel_of(self.state.installations[team].bot_user, user).id

    # What people do.

    def say(
        self, user: str, text: str, *, channel: str | None = None, thread_ts: str | None = None
    ) -> Message:
        """Write a message; the app is told as far as it listens."""
        place = self.state.channels[channel or self.desk]
        with self.state.change():
            message = Message(
                ts=self.state.new_ts(), channel=place.id, user=user, text=text,
                team=self.state.users[user].team, thread_ts=thread_ts,
            )  # fmt: skip
            self.state.add(message)
        event = self._message_event(place, message)
        self._emit(_message_kind(place), event, place)
        bot = self.state.installations[place.team].bot_user
        if place.kind != "im" and f"<@{bot}>" in text:
            mention = {k: v for k, v in event.items() if k != "channel_type"}
            self._emit("app_mention", {**mention, "type": "app_mention"}, place)
        return message

    def ask(self, user: str, question: str, **place: Any) -> Message:
        """Mention the bot with a question."""
        return self.say(user, f"<@{self.bot}> {question}", **place)

    def edit(self, message: Message, text: str) -> None:
        """Change a message of one's own; a mention that is new in it is no mention to Slack."""
        place = self.state.channels[message.channel]
        with self.state.change():
            before = self._message_event(place, message)
            message.history.append(message.text)
            message.text = text
            message.edited = {"user": message.user, "ts": self.state.new_ts()}
            after = self._message_event(place, message)
        self._emit_change(place, "message_changed", message=after, previous_message=before)

    def delete(self, message: Message) -> None:
        """Delete a message; where it has a thread, a tombstone stays."""
        place = self.state.channels[message.channel]
        with self.state.change():
            before = self._message_event(place, message)
            message.is_deleted = True
            if self.state.has_replies(message):
                stone = {
                    "type": "message", "subtype": "tombstone", "user": "USLACKBOT", "hidden": True,
                    "text": "This message was deleted.", "ts": message.ts, "thread_ts": message.ts,
                }  # fmt: skip
                self._emit_change(place, "message_changed", message=stone, previous_message=before)
                return
        self._emit_change(place, "message_deleted", deleted_ts=message.ts, previous_message=before)

    def open_app(self, user: str, tab: str = "messages") -> str:
        """Open the bot's messages or its home tab; the id of the private conversation."""
        place = self.state.channels[self.dm(user)]
        ts = self.state.new_ts()
        event = {
            "type": "app_home_opened", "user": user, "channel": place.id, "tab": tab,
            "event_ts": ts, "view": self.state.homes.get(user),
        }  # fmt: skip
        self._emit("app_home_opened", {k: v for k, v in event.items() if v is not None}, place)
        return place.id

    def press(
        self, user: str, message: Message, action_id: str, value: str | None = None
    ) -> dict[str, Any] | None:
        """Press a button under a message, by the beginning of its action id.

        Of feedback buttons `value` chooses one: the beginning of its value.

        Returns:
            The app's reply; None if it did not acknowledge in time.

        Raises:
            LookupError: If the message has no such button.
        """
        action = _find_action(message.blocks, action_id, value)
        payload = self._interaction(user, "block_actions", message.channel)
        payload |= {
            "container": {
                "type": "message", "message_ts": message.ts, "channel_id": message.channel,
                "is_ephemeral": message.ephemeral_to is not None,
            },
            "message": message.as_json(),
            "actions": [{**action, "action_ts": self.state.new_ts()}],
            "response_url": self._response_url(user, message.channel, message),
            "state": {"values": {}},
        }  # fmt: skip
        return self.courier.send_and_wait(Parcel("interactive", payload))

    def press_in_view(self, user: str, view: dict[str, Any], action_id: str) -> Any:
        """Press a button inside a modal or a home tab."""
        action = _find_action(view["blocks"], action_id, None)
        payload = self._interaction(user, "block_actions", None)
        container = {"type": "view", "view_id": view.get("id", "")}
        payload |= {"view": view, "container": container, "actions": [action]}
        return self.courier.send_and_wait(Parcel("interactive", payload))

    def submit(
        self, user: str, view: dict[str, Any], values: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """Send a modal; `values` as in `view.state.values`. The app's reply, None without ack."""
        payload = self._interaction(user, "view_submission", None)
        payload |= {"view": {**view, "state": {"values": values or {}}}, "response_urls": []}
        reply = self.courier.send_and_wait(Parcel("interactive", payload, accepts_reply=True))
        if reply is not None and reply.get("response_action") in {None, "clear"}:
            with self.state.change():
                self.state.views.pop(view["id"], None)
        return reply

    def shortcut(self, user: str, message: Message, callback_id: str) -> dict[str, Any] | None:
        """Choose a shortcut in a message's menu."""
        payload = self._interaction(user, "message_action", message.channel)
        payload |= {
            "callback_id": callback_id,
            "message_ts": message.ts,
            "message": message.as_json(),
            "response_url": self._response_url(user, message.channel, None),
        }
        return self.courier.send_and_wait(Parcel("interactive", payload))

    def command(
        self, user: str, text: str, *, channel: str | None = None, command: str = "/dateline"
    ) -> dict[str, Any] | None:
        """Type a slash command. The app's reply, None without ack."""
        place = self.state.channels[channel or self.desk]
        person = self.state.users[user]
        payload = {
            "token": "verification", "team_id": person.team, "team_domain": "newsroom",
            "channel_id": place.id, "channel_name": place.name or "directmessage",
            "user_id": user, "user_name": person.name, "command": command, "text": text,
            "api_app_id": self.state.app.id, "is_enterprise_install": "false",
            "response_url": self._response_url(user, place.id, None),
            "trigger_id": self.state.new_trigger(user),
        }  # fmt: skip
        reply = self.courier.send_and_wait(Parcel("slash_commands", payload, accepts_reply=True))
        if reply and (reply.get("text") or reply.get("blocks")):
            self._respond(payload["response_url"].partition(self.web.url)[2], reply)
        return reply

    # What happens on the way.

    def fail(self, method: str, error: str = "", **how: Any) -> None:
        """Have the next calls of a method fail; see `Planned`."""
        self.web.traffic.planned.append(Planned(method, how.pop("times", 1), error, **how))

    def limit(self, method: str, count: int, seconds: float) -> None:
        """Let through so many calls in so many seconds; the rest get 429."""
        self.web.traffic.limits[method] = (count, seconds)

    # What can be seen.

    def thread(self, message: Message) -> list[Message]:
        """The thread that a message starts or is in, as everybody sees it."""
        return self.state.thread(message.channel, message.thread_ts or message.ts)

    def replies(self, message: Message) -> list[Message]:
        """What the bot wrote in the message's thread, finished or not."""
        return [one for one in self.thread(message) if one.bot_id and one.ts != message.ts]

    def has_answer(self, message: Message) -> bool:
        """Whether a finished reply stands under a message."""
        return self._finished(message) is not None

    def ephemeral(self, user: str) -> list[Message]:
        """What only this user sees."""
        with self.state.lock:
            return [
                one
                for one in sorted(self.state.messages.values(), key=lambda one: one.ts)
                if one.ephemeral_to == user and not one.is_deleted
            ]

    def calls(self, method: str) -> list[Call]:
        """The calls of a method so far."""
        with self.web.traffic.lock:
            return [one for one in self.web.traffic.calls if one.method == method]

    @property
    def attempts(self) -> list[Attempt]:
        """Deliveries so far."""
        return list(self.courier.attempts)

    def wait_for(self, condition: Callable[[], Any], seconds: float = 40.0) -> Any:
        """What `condition` gives as soon as it is true.

        Raises:
            TimeoutError: If it is not in time.
        """
        until = time.monotonic() + seconds
        with self.state.changed:
            while not (found := condition()):
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"not within {seconds} s")
                self.state.changed.wait(min(left, 0.1))
            return found

    def wait_for_answer(self, message: Message, seconds: float = 40.0) -> Message:
        """The first finished reply to a message."""
        reply: Message = self.wait_for(lambda: self._finished(message), seconds)
        return reply

    def _finished(self, message: Message) -> Message | None:
        replies = self.replies(message)
        return next((one for one in replies if one.blocks and one.stream != "open"), None)

    def close(self) -> None:
        self.courier.close()
        self.web.close()

    def __enter__(self) -> LoopbackSlack:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Events.

    def _emit(self, kind: str, event: dict[str, Any], place: Channel | None) -> None:
        """Tell the app, if it has subscribed to this and can see the place."""
        team = place.team if place else TEAM
        install = self.state.installations[team]
        if kind not in self.state.app.events or install.is_revoked:
            return
        if place is not None and install.bot_user not in place.members:
            return
        payload = {
            "token": "verification",
            "team_id": team,
            "context_team_id": team,
            "api_app_id": self.state.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self.state.new_id("Ev"),
            "event_time": int(self.state.now()),
            "is_ext_shared_channel": bool(place and place.is_ext_shared),
            "authorizations": [
                {
                    "enterprise_id": None, "team_id": team, "user_id": install.bot_user,
                    "is_bot": True, "is_enterprise_install": False,
                }
            ],
        }  # fmt: skip
        self.courier.send(Parcel("events_api", payload))

    def _emit_change(self, place: Channel, subtype: str, **fields: Any) -> None:
        ts = self.state.new_ts()
        event = {
            "type": "message", "subtype": subtype, "hidden": True, "channel": place.id,
            "channel_type": place.kind, "ts": ts, "event_ts": ts, **fields,
        }  # fmt: skip
        self._emit(_message_kind(place), event, place)

    def _message_event(self, place: Channel, message: Message) -> dict[str, Any]:
        return {
            **message.as_json(),
            "client_msg_id": f"client-{message.ts}",
            "channel": place.id,
            "channel_type": place.kind,
            "event_ts": message.ts,
        }

    # Presses and commands.

    def _interaction(self, user: str, kind: str, channel: str | None) -> dict[str, Any]:
        person = self.state.users[user]
        payload: dict[str, Any] = {
            "type": kind,
            "token": "verification",
            "api_app_id": self.state.app.id,
            "team": {"id": person.team, "domain": "newsroom"},
            "user": {"id": user, "username": person.name, "team_id": person.team},
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self.state.new_trigger(user),
        }
        if channel:
            name = self.state.channels[channel].name or "directmessage"
            payload["channel"] = {"id": channel, "name": name}
        return payload

    def _response_url(self, user: str, channel: str, message: Message | None) -> str:
        path = f"/respond/{self.state.new_id('')}"
        with self.state.lock:
            self.state.response_urls[path] = {
                "user": user, "channel": channel, "message": message, "uses": 0,
            }  # fmt: skip
        return f"{self.web.url}{path}"

    def _respond(self, path: str, sent: dict[str, Any]) -> None:
        """Carry out what was sent to a response URL."""
        known = self.state.response_urls[path]
        message: Message | None = known["message"]
        install = self.state.installations[self.state.users[known["user"]].team]
        with self.state.change():
            if message is not None and sent.get("delete_original"):
                message.is_deleted = True
            elif message is not None and sent.get("replace_original"):
                message.history.append(message.text)
                message.text, message.blocks = sent.get("text", ""), sent.get("blocks", [])
            else:
                is_public = sent.get("response_type") == "in_channel"
                new = Message(
                    ts=self.state.new_ts(), channel=known["channel"], user=install.bot_user,
                    text=sent.get("text", ""), team=install.team, blocks=sent.get("blocks", []),
                    thread_ts=sent.get("thread_ts"), bot_id=install.bot_id,
                    app_id=self.state.app.id, ephemeral_to=None if is_public else known["user"],
                )  # fmt: skip
                self.state.add(new)


def _message_kind(place: Channel) -> str:
    return {"channel": "message.channels", "group": "message.groups"}.get(
        place.kind, f"message.{place.kind}"
    )


def _find_action(blocks: list[dict[str, Any]], action_id: str, value: str | None) -> dict[str, Any]:
    """What Slack sends of an element that is pressed."""
    for at, block in enumerate(blocks):
        elements = [*block.get("elements", []), *filter(None, [block.get("accessory")])]
        for element in elements:
            if not str(element.get("action_id", "")).startswith(action_id):
                continue
            pressed = {
                "type": element["type"],
                "action_id": element["action_id"],
                "block_id": block.get("block_id") or f"block-{at}",
            }
            if element["type"] != "feedback_buttons":
                return {**pressed, "value": element.get("value", "")}
            for side in ("positive_button", "negative_button"):
                if re.match(value or "", element[side]["value"]):
                    return {**pressed, "value": element[side]["value"]}
    raise LookupError(f"no {action_id} among {[block['type'] for block in blocks]}")

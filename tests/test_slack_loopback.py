"""The loopback Slack refuses what Slack refuses, and hands over as Slack does."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.signature import SignatureVerifier

from tests.slack.server import TEAM, LoopbackSlack

WORDS = [{"type": "section", "text": {"type": "plain_text", "text": "Hello."}}]
BUTTON = [
    {
        "type": "actions",
        "elements": [
            {
                "type": "button", "action_id": "go", "value": "v",
                "text": {"type": "plain_text", "text": "Go"},
            }
        ],
    }
]  # fmt: skip
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Title"}, "blocks": WORDS}


@pytest.fixture
def slack() -> Iterator[LoopbackSlack]:
    with LoopbackSlack() as slack:
        slack.courier.retry_delays = (0.0, 0.05, 0.1)
        yield slack


@pytest.fixture
def client(slack: LoopbackSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url)


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_tokens_are_checked(slack: LoopbackSlack, client: WebClient) -> None:
    assert client.auth_test()["user_id"] == slack.bot
    assert refusal(WebClient(base_url=slack.api_url).auth_test) == "not_authed"
    assert refusal(WebClient("xoxb-no", base_url=slack.api_url).auth_test) == "invalid_auth"
    wrong = WebClient(slack.app_token, base_url=slack.api_url)
    assert refusal(wrong.auth_test) == "not_allowed_token_type"
    assert refusal(client.apps_connections_open, app_token=slack.bot_token) == (
        "not_allowed_token_type"
    )
    client.auth_revoke()
    assert refusal(client.auth_test) == "token_revoked"


def test_a_missing_scope_is_named(slack: LoopbackSlack, client: WebClient) -> None:
    slack.install.scopes = ("chat:write",)
    with pytest.raises(SlackApiError) as caught:
        client.users_info(user=slack.ada)
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "users:read"
    assert client.auth_test().headers["x-oauth-scopes"] == "chat:write"


def test_messages_are_refused_for_the_reasons_that_slack_gives(
    slack: LoopbackSlack, client: WebClient
) -> None:
    post, desk = client.chat_postMessage, slack.desk
    elsewhere = slack.add_channel("elsewhere", slack.ada, with_bot=False)
    private = slack.add_channel("private", slack.ada, kind="group", with_bot=False)
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}
    rich = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_900}}] * 5
    assert refusal(post, channel="C404", text="x") == "channel_not_found"
    assert refusal(post, channel=elsewhere, text="x") == "not_in_channel"
    assert refusal(post, channel=private, text="x") == "channel_not_found"
    assert refusal(client.api_call, api_method="chat.postMessage", params={"channel": desk}) == (
        "no_text"
    )
    assert refusal(post, channel=desk, text="x" * 40_001) == "msg_too_long"
    assert refusal(post, channel=desk, blocks=[section], text="x") == "invalid_blocks"
    assert refusal(post, channel=desk, blocks=WORDS * 51, text="x") == "invalid_blocks"
    assert refusal(post, channel=desk, blocks=rich, text="x") == "msg_blocks_too_long"
    assert refusal(post, channel=desk, text="x", thread_ts="1.000001") == "thread_not_found"
    assert refusal(client.api_call, api_method="chat.shout") == "unknown_method"
    with pytest.raises(SlackApiError, match="must be less than 3001 characters"):
        post(channel=desk, blocks=[section], text="x")


def test_a_thread_is_started_by_its_first_message_only(
    slack: LoopbackSlack, client: WebClient
) -> None:
    asked = slack.say(slack.ada, "Who?")
    reply = client.chat_postMessage(channel=slack.desk, text="Ada.", thread_ts=asked.ts)
    error = refusal(client.chat_postMessage, channel=slack.desk, text="x", thread_ts=reply["ts"])
    assert error == "cannot_reply_to_message"
    assert [one.text for one in slack.thread(asked)] == ["Who?", "Ada."]
    read = client.conversations_replies(channel=slack.desk, ts=asked.ts, limit=1)
    assert (len(read["messages"]), read["has_more"]) == (1, True)


def test_only_own_messages_are_changed(slack: LoopbackSlack, client: WebClient) -> None:
    asked = slack.say(slack.ada, "Who?")
    assert refusal(client.chat_update, channel=slack.desk, ts=asked.ts, text="x") == (
        "cant_update_message"
    )
    assert refusal(client.chat_delete, channel=slack.desk, ts=asked.ts) == "cant_delete_message"
    assert refusal(client.chat_update, channel=slack.desk, ts="1.1", text="x") == (
        "message_not_found"
    )
    sent = client.chat_postMessage(channel=slack.desk, text="one")
    client.chat_update(channel=slack.desk, ts=sent["ts"], text="two")
    message = slack.state.messages[slack.desk, sent["ts"]]
    assert (message.text, message.history) == ("two", ["one"])


def test_an_ephemeral_message_is_seen_by_one(slack: LoopbackSlack, client: WebClient) -> None:
    stranger = slack.add_user("stranger")
    send = client.chat_postEphemeral
    assert refusal(send, channel=slack.desk, user=stranger, text="x") == "user_not_in_channel"
    sent = send(channel=slack.desk, user=slack.ada, text="psst")
    assert [one.text for one in slack.ephemeral(slack.ada)] == ["psst"]
    assert refusal(client.chat_update, channel=slack.desk, ts=sent["message_ts"], text="x") == (
        "message_not_found"
    )


def test_too_many_calls_are_told_to_wait(slack: LoopbackSlack, client: WebClient) -> None:
    slack.limit("chat.postMessage", 1, 1.0)
    client.chat_postMessage(channel=slack.desk, text="one")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=slack.desk, text="two")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["retry-after"] == "1"
    patient = WebClient(
        slack.bot_token,
        base_url=slack.api_url,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=2)],
    )
    patient.chat_postMessage(channel=slack.desk, text="three")
    assert [call.status for call in slack.calls("chat.postMessage")] == [200, 429, 429, 200]


def test_failures_can_be_planned(slack: LoopbackSlack, client: WebClient) -> None:
    slack.fail("auth.test", "internal_error", times=2, skip=1)
    results = []
    for _ in range(4):
        try:
            client.auth_test()
            results.append("ok")
        except SlackApiError as error:
            results.append(error.response["error"])
    assert results == ["ok", "internal_error", "internal_error", "ok"]


def stream(client: WebClient, slack: LoopbackSlack, **more: Any) -> Any:
    asked = slack.say(slack.ada, "Who?")
    known = {"recipient_team_id": TEAM, "recipient_user_id": slack.ada}
    return client.chat_stream(
        channel=slack.desk, thread_ts=asked.ts, buffer_size=1, **{**known, **more}
    )


def test_a_stream_grows_and_ends(slack: LoopbackSlack, client: WebClient) -> None:
    streamed = stream(client, slack)
    streamed.append(markdown_text="Ada ")
    message = slack.state.messages[slack.desk, streamed.ts]
    assert (message.text, message.stream) == ("Ada ", "open")
    error = refusal(client.chat_update, channel=slack.desk, ts=streamed.ts, text="x")
    assert error == "streaming_state_conflict"
    streamed.append(markdown_text="led it.")
    streamed.stop(blocks=WORDS)
    assert (message.text, message.stream, message.blocks) == ("Ada led it.", "closed", WORDS)
    error = refusal(client.chat_appendStream, channel=slack.desk, ts=streamed.ts, markdown_text="x")
    assert error == "message_not_in_streaming_state"


def test_slack_ends_a_stream_that_is_old(slack: LoopbackSlack, client: WebClient) -> None:
    streamed = stream(client, slack)
    streamed.append(markdown_text="Ada ")
    slack.api.stream_seconds = 0.0
    for call in (streamed.append, streamed.stop):
        assert refusal(call, markdown_text="led it.") == "message_not_in_streaming_state"
    client.chat_update(channel=slack.desk, ts=streamed.ts, text="Ada led it.")
    assert slack.state.messages[slack.desk, streamed.ts].text == "Ada led it."


def test_a_stream_names_its_reader(slack: LoopbackSlack, client: WebClient) -> None:
    for missing in ("recipient_team_id", "recipient_user_id"):
        started = stream(client, slack, **{missing: None})
        assert refusal(started.append, markdown_text="x") == f"missing_{missing}"
    assert refusal(stream(client, slack).append, markdown_text="x" * 12_001) == "msg_too_long"
    slack.api.streams = False
    assert refusal(stream(client, slack).append, markdown_text="x") == "feature_not_enabled"


def test_a_view_needs_a_fresh_trigger(slack: LoopbackSlack, client: WebClient) -> None:
    trigger = slack.state.new_trigger(slack.ada)
    bad = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
    assert refusal(client.views_open, trigger_id=trigger, view=bad) == "invalid_arguments"
    opened = client.views_open(trigger_id=trigger, view=MODAL)
    assert refusal(client.views_open, trigger_id=trigger, view=MODAL) == "exchanged_trigger_id"
    assert refusal(client.views_open, trigger_id="1.x", view=MODAL) == "invalid_trigger_id"
    slack.api.trigger_seconds = 0.0
    late = slack.state.new_trigger(slack.ada)
    assert refusal(client.views_open, trigger_id=late, view=MODAL) == "expired_trigger_id"
    view_id, view_hash = opened["view"]["id"], opened["view"]["hash"]
    client.views_update(view_id=view_id, hash=view_hash, view=MODAL)
    error = refusal(client.views_update, view_id=view_id, hash=view_hash, view=MODAL)
    assert error == "hash_conflict"
    client.views_publish(user_id=slack.ada, view={"type": "home", "blocks": WORDS})
    assert slack.state.homes[slack.ada]["blocks"] == WORDS


def test_the_agents_conversation_has_status_and_prompts(
    slack: LoopbackSlack, client: WebClient
) -> None:
    place = slack.dm(slack.ada)
    asked = slack.say(slack.ada, "Who?", channel=place)
    prompts = [{"title": "One", "message": "Who?"}]
    client.assistant_threads_setStatus(channel_id=place, thread_ts=asked.ts, status="reads…")
    client.assistant_threads_setSuggestedPrompts(channel_id=place, prompts=prompts)
    assert slack.state.statuses[place, asked.ts] == ["reads…"]
    assert slack.state.prompts[place] == prompts
    # Under agent_view a thread makes Slack say ok, and show nothing.
    client.assistant_threads_setSuggestedPrompts(
        channel_id=place, thread_ts=asked.ts, prompts=[{"title": "Two", "message": "x"}]
    )
    assert slack.state.prompts[place] == prompts


def test_guests_and_shared_channels_are_told_apart(slack: LoopbackSlack, client: WebClient) -> None:
    shared = slack.add_channel("shared", slack.ada, is_ext_shared=True)
    assert client.users_info(user=slack.gus)["user"]["is_restricted"] is True
    assert client.conversations_info(channel=shared)["channel"]["is_ext_shared"] is True


def test_a_workspace_installs_the_app(slack: LoopbackSlack) -> None:
    app = slack.state.app
    client = WebClient(base_url=slack.api_url)
    code = "code-1"
    slack.web.codes[code] = "T0SECOND"
    known = {"client_id": app.client_id, "client_secret": app.client_secret}
    assert refusal(
        client.oauth_v2_access, client_id=app.client_id, client_secret="no", code=code
    ) == ("bad_client_secret")
    installed = client.oauth_v2_access(**known, code=code)
    assert refusal(client.oauth_v2_access, **known, code=code) == "invalid_code"
    second = WebClient(installed["access_token"], base_url=slack.api_url)
    assert second.auth_test()["team_id"] == "T0SECOND"
    assert refusal(second.chat_postMessage, channel=slack.desk, text="x") == "channel_not_found"


# Deliveries.


@pytest.fixture
def app(slack: LoopbackSlack, client: WebClient) -> App:
    return App(client=client, signing_secret=slack.signing_secret)


@pytest.fixture
def listening(slack: LoopbackSlack, app: App) -> Iterator[list[dict[str, Any]]]:
    """What a bolt app in Socket Mode is told."""
    heard: list[dict[str, Any]] = []

    def hear(body: dict[str, Any]) -> None:
        heard.append(body)

    for name in ("app_mention", "message", "app_home_opened"):
        app.event(name)(hear)
    # A cut connection is given up after five pings that fail.
    handler = SocketModeHandler(app, slack.app_token, web_client=app.client, ping_interval=0.2)
    handler.connect()
    assert slack.courier.sockets.wait_for(1, 5.0)
    yield heard
    with slack.courier.sockets.greeting():
        handler.close()


def kinds(heard: list[dict[str, Any]]) -> list[str]:
    return [one["event"].get("subtype") or one["event"]["type"] for one in heard]


def test_a_mention_comes_twice_as_two_events(
    slack: LoopbackSlack, listening: list[dict[str, Any]]
) -> None:
    asked = slack.ask(slack.ada, "who led it?")
    slack.wait_for(lambda: len(listening) == 2)
    assert sorted(kinds(listening)) == ["app_mention", "message"]
    assert {one["event"]["ts"] for one in listening} == {asked.ts}
    assert len({one["event_id"] for one in listening}) == 2


def test_edits_deletions_and_tombstones_are_told(
    slack: LoopbackSlack, client: WebClient, listening: list[dict[str, Any]]
) -> None:
    asked = slack.say(slack.ada, "who?")
    slack.edit(asked, "when?")
    lonely = slack.say(slack.ada, "x")
    slack.delete(lonely)
    slack.wait_for(lambda: len(listening) == 4)
    client.chat_postMessage(channel=slack.desk, text="May.", thread_ts=asked.ts)
    slack.delete(asked)
    # Of the bot's own message bolt tells its listeners nothing.
    slack.wait_for(lambda: len(listening) == 5)
    by_kind = sorted(kinds(listening))
    assert by_kind == ["message"] * 2 + ["message_changed"] * 2 + ["message_deleted"]
    stones = [one for one in listening if one["event"].get("message", {}).get("subtype")]
    assert [one["event"]["message"]["subtype"] for one in stones] == ["tombstone"]


def test_the_bot_hears_nothing_where_it_is_not(
    slack: LoopbackSlack, listening: list[dict[str, Any]]
) -> None:
    elsewhere = slack.add_channel("elsewhere", slack.ada, with_bot=False)
    slack.say(slack.ada, "secret", channel=elsewhere)
    slack.open_app(slack.ada, "home")
    slack.wait_for(lambda: listening)
    assert slack.courier.wait_until_idle(5.0)
    assert kinds(listening) == ["app_home_opened"]


def test_duplicates_and_disorder_reach_the_app(
    slack: LoopbackSlack, listening: list[dict[str, Any]]
) -> None:
    slack.courier.disorder.duplicate = 1.0
    slack.courier.disorder.delay_seconds = 0.2
    sent = [slack.say(slack.ada, f"{number}") for number in range(8)]
    slack.wait_for(lambda: len(listening) == 16)
    heard = [one["event"]["text"] for one in listening]
    assert sorted(heard) == sorted([one.text for one in sent] * 2)
    assert heard != sorted(heard)
    assert len({one["event_id"] for one in listening}) == 8


@pytest.mark.parametrize("how", ["refresh", "sever"])
def test_a_connection_that_goes_is_replaced(
    slack: LoopbackSlack, listening: list[dict[str, Any]], how: str
) -> None:
    slack.courier.retry_delays = (1.0,) * 10
    getattr(slack.courier.sockets, how)()
    slack.say(slack.ada, "still there?")
    slack.wait_for(lambda: listening, 20.0)
    assert slack.courier.sockets.opened == 2


def test_presses_commands_and_modals_reach_the_app(
    slack: LoopbackSlack, app: App, client: WebClient, listening: list[dict[str, Any]]
) -> None:
    done: list[str] = []

    @app.action("go")
    def go(ack: Any, body: dict[str, Any], respond: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view={**MODAL, "callback_id": "m"})
        respond(text="changed", replace_original=True)
        done.append(body["actions"][0]["value"])

    @app.command("/dateline")
    def command(ack: Any, body: dict[str, Any]) -> None:
        ack(f"You asked {body['text']}")

    @app.view("m")
    def submitted(ack: Any, view: dict[str, Any]) -> None:
        ack()
        done.append(view["state"]["values"]["b"]["a"]["value"])

    sent = client.chat_postMessage(channel=slack.desk, text="x", blocks=BUTTON)
    message = slack.state.messages[slack.desk, sent["ts"]]
    assert slack.press(slack.ada, message, "go") is not None
    slack.wait_for(lambda: done)
    assert (message.text, message.history) == ("changed", ["x"])
    (view,) = slack.state.views.values()
    assert slack.submit(slack.ada, view, {"b": {"a": {"value": "typed"}}}) == {}
    slack.wait_for(lambda: len(done) == 2)
    assert done == ["v", "typed"]
    assert not slack.state.views
    assert slack.command(slack.ben, "who?") == {"text": "You asked who?"}
    assert [one.text for one in slack.ephemeral(slack.ben)] == ["You asked who?"]
    with pytest.raises(LookupError, match="no stop"):
        slack.press(slack.ada, sent_again(client, slack), "stop")


def sent_again(client: WebClient, slack: LoopbackSlack) -> Any:
    sent = client.chat_postMessage(channel=slack.desk, text="x", blocks=BUTTON)
    return slack.state.messages[slack.desk, sent["ts"]]


class Sink(ThreadingHTTPServer):
    """An app over HTTP that answers with the statuses it is told to."""

    daemon_threads = True

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.heard: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _sink_handler(self))
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/slack/events"


def _sink_handler(sink: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            sink.heard.append((headers, body))
            status = sink.statuses.pop(0) if sink.statuses else 200
            if status == 0:
                time.sleep(0.4)
                status = 200
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def sink() -> Iterator[Any]:
    sink = Sink(500, 0)
    yield sink
    sink.shutdown()
    sink.server_close()
    sink.thread.join()


def test_http_deliveries_are_signed_and_tried_again(slack: LoopbackSlack, sink: Any) -> None:
    slack.courier.http_urls = [sink.url]
    slack.courier.ack_seconds = 0.2
    slack.say(slack.ada, "who?")
    assert slack.courier.wait_until_idle(10.0)
    verifier = SignatureVerifier(slack.signing_secret)
    assert all(verifier.is_valid_request(body, headers) for headers, body in sink.heard)
    retries = [headers.get("x-slack-retry-num") for headers, _ in sink.heard]
    assert retries == [None, "1", "2"]
    assert [one.is_acked for one in slack.attempts] == [False, False, True]
    assert [one.status for one in slack.attempts] == [500, None, 200]


def test_what_a_person_waits_for_is_tried_once(slack: LoopbackSlack, sink: Any) -> None:
    slack.courier.http_urls = [sink.url]
    assert slack.command(slack.ada, "who?") is None
    (_, body) = sink.heard[0]
    assert parse_qs(body.decode())["text"] == ["who?"]
    assert urlsplit(parse_qs(body.decode())["response_url"][0]).path.startswith("/respond/")
    assert len(sink.heard) == 1


def test_it_can_be_driven_by_hand() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.slack", "--port", "0"],
        input="ask who?\nas gus\nshow\nnonsense\ncalls\nquit\n",
        capture_output=True, text=True, timeout=30, check=False, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "export SLACK_BOT_TOKEN=xoxb-" in done.stdout
    assert "ada: <@U" in done.stdout
    assert "there is no such command" in done.stdout

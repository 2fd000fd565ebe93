"""Whatever Slack, the network and processes do to an answer: it comes once, whole, or not."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from runpy import run_path

import pytest

from bot.slack.state import Asked, Kind
from bot.slack.view import Message as Shown
from bot.slack.wiring import SlackBot
from bot.slack.workspace import Workspace, build_client
from bot.writer.settings import LlmSettings
from tests.slack.payloads import numbers, words
from tests.slack_rig import QUESTION, Mode, run_bot, settings_for

SERVER = run_path(__file__.replace("test_slack_trouble.py", "openai_server.py"))
OpenAIServer, Reply = SERVER["OpenAIServer"], SERVER["Reply"]
# What the sample archive's passages on this question prove.
MARATHON = "who won the women's race at the Marren Marathon?"


@pytest.fixture
def rig(sample_bot, tmp_path):
    with run_bot(sample_bot, tmp_path / "library", mode=Mode.HTTP) as rig:
        yield rig


@pytest.fixture
def lawless(sample_bot, tmp_path):
    """A rig whose answers can be held up or broken: `answer` is called before each."""

    class Answerer:
        answer = staticmethod(lambda question: None)

        def __init__(self, real):
            self.real = real

        def stream(self, question):
            self.answer(question)
            return (yield from self.real.stream(question))

    made = []

    def wrap(real):
        made.append(Answerer(real))
        return made[0]

    with run_bot(sample_bot, tmp_path / "library", mode=Mode.HTTP, wrap=wrap) as rig:
        rig.answerer = made[0]
        yield rig


def bot_posts(slack):
    return [one for one in slack.state.messages.values() if one.bot_id and not one.ephemeral_to]


@pytest.mark.parametrize("mode", [Mode.SOCKET, Mode.HTTP])
def test_duplicates_delays_and_lost_connections_change_nothing(sample_bot, tmp_path, mode):
    with run_bot(sample_bot, tmp_path / "library", mode=mode, workers=3) as rig:
        slack = rig.slack
        slack.courier.disorder = replace(slack.courier.disorder, duplicate=0.7, delay_seconds=0.3)
        slack.courier.retry_delays = (0.1, 0.3, 1.0)
        slack.courier.ack_seconds = 0.6
        asked = []
        for at in range(6):
            asked.append(slack.ask([slack.ada, slack.ben, slack.cleo][at % 3], QUESTION))
            if at == 3 and mode is Mode.SOCKET:
                slack.courier.sockets.refresh()
        rig.settle(40)
        assert [len(slack.replies(one)) for one in asked] == [1] * 6
        assert all(1 in numbers(slack.replies(one)[0].blocks) for one in asked)


def test_rate_limits_are_waited_for(rig):
    slack = rig.slack
    slack.fail("chat.postMessage", status=429, retry_after=1)
    started = time.monotonic()
    answer = slack.wait_for_answer(slack.ask(slack.ada, QUESTION))
    assert time.monotonic() - started >= 1
    assert 1 in numbers(answer.blocks)


def test_a_post_that_fails_unseen_is_looked_for_before_it_is_tried_again(rig, monkeypatch):
    slack = rig.slack
    monkeypatch.setattr("bot.slack.clerk._RETRY_SECONDS", 0.2)
    slack.fail("chat.postMessage", "internal_error")
    asked = slack.ask(slack.ada, QUESTION)
    slack.wait_for_answer(asked)
    rig.settle()
    assert len(slack.replies(asked)) == 1
    assert len(slack.calls("conversations.replies")) == 1


def asked_in(slack, message, text=QUESTION):
    return Asked(
        channel=message.channel, ts=message.ts, team=slack.install.team, thread=message.ts,
        asker=message.user, kind=Kind.MENTION, text=text, version=message.ts,
    )  # fmt: skip


def leave_behind(rig, asked):
    """What a process leaves that is killed between posting and noting: its lease has run out."""
    ledger = rig.ledger
    ledger.take(asked)
    task = ledger.claim()
    ledger.note_posting(task)
    return task


@pytest.mark.parametrize("way", ["marked", "stream", "nothing", "of another question"])
def test_after_a_kill_the_message_is_found_and_finished(sample_bot, tmp_path, way):
    with run_bot(
        sample_bot, tmp_path / "library", mode=Mode.HTTP, workers=1, lease_seconds=1
    ) as rig:
        slack, ledger = rig.slack, rig.ledger
        rig.service._pool.stop(seconds=5)  # nobody answers while the scene is set
        slack.courier.http_urls = ["http://127.0.0.1:9/"]
        message = slack.ask(slack.ada, QUESTION)
        task = leave_behind(rig, asked_in(slack, message))
        workspace = Workspace.enter(build_client(slack.bot_token, slack.api_url))
        expected = 1
        if way == "marked":
            mark = f"{message.channel}:{message.ts}"
            workspace.post(message.channel, Shown("…"), thread=message.ts, mark=mark)
        elif way == "stream":
            stream = workspace.stream(
                message.channel, message.ts, user=message.user, user_team=slack.install.team
            )
            stream.append("Half an ans" + "w" * 300)
        elif way == "of another question":
            workspace.post(message.channel, Shown("…"), thread=message.ts, mark="C1:1.1")
            expected = 2
        time.sleep(1.2)  # the lease
        second = SlackBot(rig.bot, settings_for(slack, Mode.HTTP, workers=1), None)
        second.start()
        try:
            slack.wait_for(lambda: ledger.count_waiting() == 0, 20)
        finally:
            second.stop()
        replies = slack.replies(message)
        assert len(replies) == expected
        assert any("Kozlov" in words(one.blocks) for one in replies)
        assert all(one.stream != "open" for one in replies)
        assert not ledger.settle(task)


def test_a_question_that_kills_every_process_is_given_up_calmly(rig):
    slack, ledger = rig.slack, rig.ledger
    message = slack.ask(slack.ada, QUESTION)
    slack.wait_for_answer(message)
    rig.settle()
    slack.edit(message, f"<@{slack.bot}> who else?")
    rig.settle()
    with rig.bot.library.catalog.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE slack_questions SET is_settled = 0, shown = NULL, attempts = 9"
        )
    rig.service._pool.ring()
    rig.settle()
    (reply,) = slack.replies(message)
    assert "interrupted" in words(reply.blocks)
    assert ledger.count_waiting() == 0


def test_a_failure_is_one_calm_line_and_an_id(lawless, caplog):
    slack = lawless.slack

    def fail(question):
        raise RuntimeError(f"secret path /etc/dateline {question.text}")

    lawless.answerer.answer = fail
    asked = slack.ask(slack.ada, QUESTION)
    with caplog.at_level(logging.INFO, logger="bot"):
        answer = slack.wait_for_answer(asked)
        lawless.settle()
    (reply,) = slack.replies(asked)
    told = words(answer.blocks)
    assert "Something went wrong" in told
    assert "secret" not in told + reply.text
    error_id = told.split()[-1]
    assert any(error_id in one.getMessage() for one in caplog.records)


def test_the_question_is_logged_at_debug_only(rig, caplog):
    slack = rig.slack
    # By name too: a command that a test before this one ran has set the level of our own loggers.
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "bot"):
        slack.wait_for_answer(slack.ask(slack.ada, QUESTION))
        rig.settle()
    loud = [one for one in caplog.records if one.levelno > logging.DEBUG]
    assert any("answered" in one.getMessage() for one in loud)
    assert not any("Russian" in one.getMessage() for one in loud)


def test_clicks_are_taken_while_every_worker_is_busy(lawless):
    slack = lawless.slack
    answer = slack.wait_for_answer(slack.ask(slack.ada, QUESTION))
    lawless.settle()
    gate = threading.Event()
    lawless.answerer.answer = lambda _: gate.wait(20)
    try:
        for _ in range(4):
            slack.ask(slack.ben, QUESTION)
        slack.wait_for(lambda: lawless.service._pool.busy == 2)
        started = time.monotonic()
        assert slack.press(slack.ada, answer, "dateline.feedback", "up") is not None
        assert time.monotonic() - started < 1
        # Those who wait are told their place.
        slack.wait_for(
            lambda: any(
                "before yours" in one for shown in slack.state.statuses.values() for one in shown
            )
        )
    finally:
        gate.set()
    lawless.settle(30)
    assert len(bot_posts(slack)) == 5


def test_an_edit_during_the_answer_shows_the_new_one_only(lawless):
    slack = lawless.slack
    gate, begun = threading.Event(), threading.Event()

    def hold(question):
        begun.set()
        if question.text == QUESTION:
            gate.wait(20)

    lawless.answerer.answer = hold
    asked = slack.ask(slack.ada, QUESTION)
    assert begun.wait(10)
    slack.edit(asked, f"<@{slack.bot}> {MARATHON}")
    assert slack.courier.wait_until_idle(10)
    gate.set()
    lawless.settle()
    (reply,) = slack.replies(asked)
    assert "Chebet" in words(reply.blocks)
    assert reply.history == []


def test_what_the_queue_has_no_room_for_is_told_so(sample_bot, tmp_path):
    gate = threading.Event()
    with run_bot(
        sample_bot, tmp_path / "library", mode=Mode.HTTP, workers=1, most_waiting=1,
        wrap=lambda _: _Held(gate),
    ) as rig:  # fmt: skip
        slack = rig.slack
        slack.ask(slack.ada, QUESTION)
        slack.wait_for(lambda: rig.service._pool.busy == 1)
        turned_away = slack.ask(slack.ben, QUESTION)
        told = slack.wait_for(lambda: slack.ephemeral(slack.ben))
        assert "Too many questions" in words(told[0].blocks)
        away = slack.add_channel("away", slack.cleo, kind="group", with_bot=False)
        slack.command(slack.cleo, QUESTION, channel=away)
        told = slack.wait_for(lambda: slack.ephemeral(slack.cleo))
        assert "Too many questions" in words(told[0].blocks)
        gate.set()
        rig.settle()
        assert slack.replies(turned_away) == []


class _Held:
    def __init__(self, gate):
        self.gate = gate

    def stream(self, question):
        self.gate.wait(20)
        raise RuntimeError("held")
        yield


# Streams.


@contextmanager
def run_writing_bot(sample_bot, tmp_path, **more):
    """A rig with a language model that writes two sentences which the articles prove."""
    said = (
        "Ruth Chebet of Kenya won the women's race at the Marren Marathon on Sunday. [#1] "
        "Ruth Chebet of Kenya won the women's race. [#1] "
    )
    with OpenAIServer(Reply(said, chunk_characters=4, linger_seconds=0.3)) as server:
        llm = LlmSettings(model="scripted", base_url=server.url)
        with run_bot(sample_bot, tmp_path / "library", mode=Mode.HTTP, llm=llm, **more) as rig:
            yield rig


@pytest.fixture
def streaming(sample_bot, tmp_path):
    with run_writing_bot(sample_bot, tmp_path) as rig:
        yield rig


def test_verified_sentences_are_streamed_and_end_with_their_sources(streaming):
    slack = streaming.slack
    asked = slack.ask(slack.ada, MARATHON)
    answer = slack.wait_for_answer(asked, 20)
    streaming.settle()
    assert len(slack.calls("chat.startStream")) == 1
    assert len(slack.calls("chat.stopStream")) == 1
    assert slack.calls("chat.update") == []
    assert "Chebet" in answer.text
    assert answer.stream == "closed"
    assert any(block["type"] == "context_actions" for block in answer.blocks)
    assert len(slack.replies(asked)) == 1


@pytest.mark.parametrize("trouble", ["none at all", "append", "stop", "closed by Slack"])
def test_a_broken_stream_becomes_one_whole_message(streaming, trouble, monkeypatch):
    slack = streaming.slack
    monkeypatch.setattr("bot.slack.clerk._RETRY_SECONDS", 0.2)
    if trouble == "none at all":
        slack.api.streams = False
    elif trouble == "closed by Slack":
        slack.api.stream_seconds = 0.0
    else:
        slack.fail(f"chat.{trouble}Stream", "internal_error", times=2)
    asked = slack.ask(slack.ada, MARATHON)
    answer = slack.wait_for(
        lambda: next((one for one in slack.replies(asked) if "Chebet" in words(one.blocks)), None),
        20,
    )
    streaming.settle()
    assert len(slack.replies(asked)) == 1
    assert 1 in numbers(answer.blocks)
    assert answer.stream != "open"


class _Reordering:
    """Tells the sentences as they come, and answers with the last one first."""

    def __init__(self, real):
        self.real = real

    def stream(self, question):
        answer = yield from self.real.stream(question)
        return replace(answer, sentences=answer.sentences[::-1])


def test_a_stream_that_told_them_in_another_order_becomes_the_answer(sample_bot, tmp_path):
    with run_writing_bot(sample_bot, tmp_path, wrap=_Reordering) as rig:
        slack = rig.slack
        asked = slack.ask(slack.ada, MARATHON)
        answer = slack.wait_for_answer(asked, 20)
        rig.settle()
        assert slack.calls("chat.appendStream")
        shown = words(answer.blocks)
        assert shown.index("women's race.") < shown.index("on Sunday.")


# What is let in.


def post(port, body, headers, path="/slack/events"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST" if body is not None else "GET", path, body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_only_requests_that_slack_signed_are_let_in(rig):
    courier, port = rig.slack.courier, rig.service.port
    body = b'{"type": "url_verification", "challenge": "c7"}'
    kind = {"content-type": "application/json"}
    status, told = post(port, body, {**kind, **courier.sign(body)})
    assert (status, "c7" in told) == (200, True)
    assert post(port, body, kind)[0] == 401
    assert post(port, body + b" ", {**kind, **courier.sign(body)})[0] == 401
    old = courier.sign(body, at=time.time() - 600)
    assert post(port, body, {**kind, **old})[0] == 401
    assert post(port, b"x" * 2_100_000, kind)[0] == 413
    assert post(port, b"\xff", kind)[0] == 400


def test_those_who_watch_see_how_it_goes(rig):
    port = rig.service.port
    assert post(port, None, {}, "/healthz") == (200, "ok\n")
    assert post(port, None, {}, "/readyz") == (200, "ready\n")
    rig.slack.wait_for_answer(rig.slack.ask(rig.slack.ada, QUESTION))
    rig.settle()
    status, told = post(port, None, {}, "/metrics")
    assert status == 200
    lines = dict(one.rsplit(" ", 1) for one in told.splitlines() if not one.startswith("#"))
    done = [name for name in lines if name.startswith("dateline_slack_answers_total")]
    assert sum(float(lines[name]) for name in done) == 1
    assert float(lines["dateline_slack_open_questions"]) == 0
    assert float(lines["dateline_slack_ack_seconds_count"]) >= 1
    assert post(port, None, {}, "/nothing")[0] == 404

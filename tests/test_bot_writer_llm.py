"""Requests to a model: where they go, how many there are, and what is said when they fail."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from bot.writer.chat import Finish, Message, Piece, Usage
from bot.writer.draft import Budget, Drafter, Ending
from bot.writer.llm import LlamaIndexChat, load_chat_model
from bot.writer.marks import Sketch
from bot.writer.settings import LlmSettings
from index.errors import UsageError
from index.remote.patience import Clock, RetryPolicy, ServerFailed

SERVER = run_path(str(Path(__file__).with_name("openai_server.py")))
OpenAIServer, Reply, SCRIPTS = SERVER["OpenAIServer"], SERVER["Reply"], SERVER["SCRIPTS"]
KEY = "sk-test-0123456789abcdef"
ASKED = (Message("system", "Be brief."), Message("user", "Who led it?"))
SAID = "Kozlov led it. [k1]\nIt arrived on Tuesday. [k2]"


class Waiting:
    """A clock whose waits are kept and pass at once."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._slept = 0.0

    def clock(self) -> Clock:
        return Clock(lambda: time.monotonic() + self._slept, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._slept += seconds


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    servers: list[Any] = []

    def start(*scripts: Any) -> Any:
        servers.append(OpenAIServer(*scripts))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def chat_with() -> Iterator[Callable[..., LlamaIndexChat]]:
    chats: list[LlamaIndexChat] = []

    def build(server: Any, **settings: Any) -> LlamaIndexChat:
        chats.append(load_chat_model(settings_for(server, **settings)))
        return chats[-1]

    yield build
    for chat in chats:
        chat.close()


def settings_for(server: Any, **settings: Any) -> LlmSettings:
    return LlmSettings(**{"model": "local", "base_url": server.url, "key": KEY, **settings})


def read(chat: LlamaIndexChat) -> list[Piece]:
    return list(chat.stream(ASKED, max_tokens=50, timeout_seconds=5))


def draft(
    chat: LlamaIndexChat, server: Any, clock: Clock | None = None, **settings: Any
) -> tuple[list[Sketch], Ending, Budget]:
    drafter = Drafter(chat, settings_for(server, **settings), RetryPolicy(), clock or Clock())
    budget = drafter.open_budget()
    stream = drafter.draft(ASKED, budget)
    sketches: list[Sketch] = []
    while True:
        try:
            sketches.append(next(stream))
        except StopIteration as end:
            return sketches, end.value, budget


# what is sent


def test_one_answer_is_one_chat_request_to_the_server_that_is_set(
    serve: Any, chat_with: Any
) -> None:
    server = serve(Reply(SAID))

    pieces = read(chat_with(server))

    assert "".join(piece.text for piece in pieces) == SAID
    assert [piece.finish for piece in pieces if piece.finish] == [Finish.STOP]
    [request] = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Who led it?"},
    ]
    assert request.body["stream"] is True
    assert request.body["max_tokens"] == 50
    assert request.body["temperature"] == 0.0


def test_the_address_of_other_programs_is_not_called(
    serve: Any, chat_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = serve(Reply(SAID)), serve(Reply("other"))
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.setenv(name, other.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")

    read(chat_with(ours))
    read(chat_with(ours, key=None))

    assert len(ours.requests) == 2
    assert other.requests == []
    assert ours.requests[1].headers["Authorization"] == "Bearer none"


def test_the_tokens_are_the_servers_count(serve: Any, chat_with: Any) -> None:
    pieces = read(chat_with(serve(Reply(SAID))))

    assert [piece.usage for piece in pieces if piece.usage] == [
        Usage(prompt_tokens=len("Be brief.\n\nWho led it?") // 4, completion_tokens=len(SAID) // 4)
    ]


@pytest.mark.parametrize(
    ("model", "limit"), [("gpt-4.1-mini", "OpenAI"), ("gpt-99", "OpenAILike"), ("o3", "OpenAI")]
)
def test_openais_models_are_called_as_such(model: str, limit: str) -> None:
    with closing(load_chat_model(LlmSettings(model, key=KEY))) as chat:
        assert chat.name == model
        assert type(chat._llm).__name__ == limit
        assert chat._llm.max_retries == 0


@pytest.mark.parametrize("model", ["gpt-3.5-turbo-instruct", "gpt-5.2-pro"])
def test_a_model_that_does_not_chat_is_refused(model: str) -> None:
    with pytest.raises(UsageError, match=f"'{model}' cannot be used"):
        load_chat_model(LlmSettings(model, key=KEY))


def test_the_libraries_are_those_that_were_measured() -> None:
    # A resolver that is asked for openai 3 falls back, without a word, to a LlamaIndex of 2024.
    assert version("llama-index-core").startswith("0.14.")
    assert version("llama-index-llms-openai").startswith("0.8.")
    assert version("openai").startswith("2.")


def test_a_model_may_be_asked_from_many_threads(serve: Any, chat_with: Any) -> None:
    def echo(prompt: str) -> Any:
        return Reply(f"{prompt} [k1]")

    chat = chat_with(serve(echo))

    def ask(number: int) -> str:
        asked = [Message("user", f"Thread {number}.")]
        return "".join(piece.text for piece in chat.stream(asked, max_tokens=9, timeout_seconds=5))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(24))) == [f"Thread {at}. [k1]" for at in range(24)]


# what goes wrong


@pytest.mark.parametrize(
    ("script", "requests", "said"),
    [
        ("500", 3, "answered 500"),
        ("429", 3, "answered 429"),
        ("429_long", 1, "answered 429"),
        ("401", 1, "answered 401 (bad key); check DATELINE_LLM_KEY"),
        ("redirect", 1, "answered 307"),
        ("html", 1, "sent text/html in place of a stream"),
        ("json", 1, "sent application/json in place of a stream"),
        ("bad_json", 3, "could not be read"),
    ],
)
def test_failures_are_tried_again_as_often_as_it_helps(
    serve: Any, chat_with: Any, script: str, requests: int, said: str
) -> None:
    server = serve(SCRIPTS[script])

    with pytest.raises(ServerFailed) as caught:
        draft(chat_with(server), server, Waiting().clock())

    assert said in str(caught.value)
    assert len(server.requests) == requests


def test_a_storm_that_passes_is_waited_out(serve: Any, chat_with: Any) -> None:
    server = serve(Reply(status=500), Reply(status=429, headers={"retry-after": "7"}), Reply(SAID))
    waiting = Waiting()

    sketches, ending, budget = draft(chat_with(server), server, waiting.clock())

    assert (len(sketches), ending) == (2, Ending.WHOLE)
    assert waiting.waits == [0.5, 7.0]
    assert budget.requests == len(server.requests) == 3


def test_no_wait_passes_the_deadline(serve: Any, chat_with: Any) -> None:
    server = serve(Reply(status=429, headers={"retry-after": "7"}))
    waiting = Waiting()

    with pytest.raises(ServerFailed, match="429"):
        draft(chat_with(server), server, waiting.clock(), deadline_seconds=5)

    assert (waiting.waits, len(server.requests)) == ([], 1)


def test_an_account_without_money_is_not_asked_again(serve: Any, chat_with: Any) -> None:
    body = b'{"error": {"message": "no money", "code": "insufficient_quota"}}'
    server = serve(Reply(status=429, body=body, content_type="application/json"))

    with pytest.raises(ServerFailed, match="no money"):
        draft(chat_with(server), server)

    assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_tried_three_times(chat_with: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    waiting = Waiting()

    class Nowhere:
        url = f"http://127.0.0.1:{port}/v1"

    with pytest.raises(ServerFailed, match="cannot be reached"):
        draft(chat_with(Nowhere), Nowhere, waiting.clock())

    assert waiting.waits == [0.5, 1.0]


@pytest.mark.parametrize("script", ["slow", "blanks"])
def test_the_deadline_holds_against_silence_and_against_blanks(
    serve: Any, chat_with: Any, script: str
) -> None:
    server = serve(SCRIPTS[script])
    started = time.monotonic()

    with pytest.raises(ServerFailed, match="too long"):
        draft(chat_with(server), server, deadline_seconds=0.3)

    assert time.monotonic() - started < 1.5
    assert len(server.requests) == 1


def test_a_silence_longer_than_the_timeout_is_tried_again(serve: Any, chat_with: Any) -> None:
    server = serve(Reply(SAID, silence_seconds=2), Reply(SAID))

    sketches, _, _ = draft(chat_with(server), server, timeout_seconds=0.2)

    assert (len(sketches), len(server.requests)) == (2, 2)


@pytest.mark.parametrize("cut", ["clean", "broken", "garbled"])
def test_a_cut_before_the_first_sentence_is_tried_again(
    serve: Any, chat_with: Any, cut: str
) -> None:
    server = serve(Reply("Kozlov le", cut=cut), Reply(SAID))

    sketches, ending, _ = draft(chat_with(server), server, Waiting().clock())

    assert (len(sketches), ending, len(server.requests)) == (2, Ending.WHOLE, 2)


@pytest.mark.parametrize("cut", ["clean", "broken", "garbled"])
def test_a_sentence_that_is_whole_when_the_reply_is_cut_counts(
    serve: Any, chat_with: Any, cut: str
) -> None:
    server = serve(Reply("Kozlov led it. [k1]", cut=cut))

    sketches, ending, _ = draft(chat_with(server), server)

    assert sketches == [Sketch("Kozlov led it.", ("k1",))]
    assert (ending, len(server.requests)) == (Ending.CUT, 1)


@pytest.mark.parametrize("cut", ["clean", "broken", "garbled"])
def test_a_cut_after_a_sentence_is_not_tried_again(serve: Any, chat_with: Any, cut: str) -> None:
    server = serve(Reply("Kozlov led it. [k1]\nIt arrived on Tues", cut=cut))

    sketches, ending, _ = draft(chat_with(server), server)

    assert sketches == [Sketch("Kozlov led it.", ("k1",))]
    assert (ending, len(server.requests)) == (Ending.CUT, 1)


@pytest.mark.parametrize(
    ("finish", "ending"),
    [
        ("stop", Ending.WHOLE),
        ("eos_token", Ending.WHOLE),
        ("length", Ending.LENGTH),
        ("content_filter", Ending.FILTERED),
    ],
)
def test_why_a_reply_ended_is_known(
    serve: Any, chat_with: Any, finish: str, ending: Ending
) -> None:
    server = serve(Reply(SAID, finish=finish))

    assert draft(chat_with(server), server)[1] is ending


def test_a_refusal_is_known_by_its_field(serve: Any, chat_with: Any) -> None:
    server = serve(SCRIPTS["refusal_field"])

    assert draft(chat_with(server), server)[:2] == ([], Ending.REFUSED)


def test_a_megabyte_is_not_read_to_its_end(serve: Any, chat_with: Any) -> None:
    server = serve(SCRIPTS["megabyte"])
    started = time.monotonic()

    sketches, ending, budget = draft(chat_with(server), server)

    assert (sketches, ending) == ([], Ending.OVERLONG)
    assert budget.usage.completion_tokens < 5_000
    assert time.monotonic() - started < 2


def test_endless_sentences_are_stopped(serve: Any, chat_with: Any) -> None:
    server = serve(Reply("Yes. [k1]\n" * 2_000, chunk_characters=400))

    sketches, ending, _ = draft(chat_with(server), server)

    assert ending is Ending.OVERLONG
    assert len(sketches) < 100


@pytest.mark.parametrize("said", ["NO_ANSWER", "`NO_ANSWER`.\n", "NO_ANSWER\nKozlov led it. [k1]"])
def test_that_there_is_no_answer_ends_the_reply(serve: Any, chat_with: Any, said: str) -> None:
    server = serve(Reply(said))

    assert draft(chat_with(server), server)[:2] == ([], Ending.NO_ANSWER)


def test_a_server_that_counts_no_tokens_is_estimated(serve: Any, chat_with: Any) -> None:
    server = serve(Reply(SAID, counts_tokens=False))

    _, _, budget = draft(chat_with(server), server)

    assert budget.usage.completion_tokens == len(SAID) // 4 + 1
    assert budget.usage.prompt_tokens > 0
    assert budget.tokens_left == 2_000 - budget.usage.completion_tokens


# secrets


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_no_error_and_no_log_holds_the_key(
    serve: Any, chat_with: Any, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(Reply(f"Incorrect API key provided: {KEY}", status=status))
    caplog.set_level(logging.DEBUG, "bot")

    with pytest.raises(ServerFailed) as caught:
        draft(chat_with(server), server, Waiting().clock())

    assert "***" in str(caught.value)
    assert KEY not in caplog.text
    error: BaseException | None = caught.value
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_settings_do_not_show_the_key() -> None:
    assert KEY not in repr(LlmSettings("gpt-4.1-mini", key=KEY))


def test_instrumentation_does_not_see_the_key(serve: Any, chat_with: Any) -> None:
    from llama_index.core.instrumentation import get_dispatcher
    from llama_index.core.instrumentation.event_handlers import BaseEventHandler

    seen: list[Any] = []

    class Keep(BaseEventHandler):
        def handle(self, event: Any, **_: Any) -> None:
            seen.append(event)

    root = get_dispatcher()
    root.add_event_handler(Keep())
    try:
        read(chat_with(serve(Reply(SAID))))
    finally:
        root.event_handlers.pop()

    assert {"LLMChatStartEvent", "LLMChatEndEvent"} <= {event.class_name() for event in seen}
    assert all(KEY not in event.model_dump_json() for event in seen)

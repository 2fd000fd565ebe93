"""`dateline ask` with a language model: from the environment to the exit code."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from bot.__main__ import main

SERVER = run_path(str(Path(__file__).with_name("openai_server.py")))
OpenAIServer, Reply, SCRIPTS = SERVER["OpenAIServer"], SERVER["Reply"], SERVER["SCRIPTS"]
FERRY = {
    "url": "https://harborpost.example/ferry",
    "title": "Ferry Maud runs aground off Skerry",
    "outlet": "Harbor Post",
    "published_at": "2023-11-16",
    "body": "The ferry Maud ran aground off Skerry on Tuesday with 212 people aboard. Captain Otto "
    "Lind brought everyone ashore before dark. The coast guard has opened an inquiry.",
}
WHO = "Who was the captain that brought everyone ashore from the ferry Maud?"
SAID = "Captain Otto Lind brought everyone ashore. [#1]"


def dateline(*arguments: str | Path, stdin: bytes = b"") -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main([str(argument) for argument in arguments])
    finally:
        sys.stdin = before
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]  # BytesIO
    return code, texts[0], texts[1]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("writer") / "library"
    code, _, err = dateline("ingest", "-", "--library", folder, stdin=json.dumps(FERRY).encode())
    assert code == 0, err
    return folder


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Starts a scripted server, and points the environment at it."""
    servers: list[Any] = []

    def start(*scripts: Any) -> Any:
        servers.append(
            OpenAIServer(*(Reply(one) if isinstance(one, str) else one for one in scripts))
        )
        monkeypatch.setenv("DATELINE_LLM_BASE_URL", servers[-1].url)
        monkeypatch.setenv("DATELINE_LLM_MODEL", "scripted")
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def ask(news: Path, *options: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = dateline("ask", WHO, "--json", "--library", news, *options)
    return code, json.loads(out)


def test_a_model_that_is_set_writes(serve: Any, news: Path) -> None:
    server = serve(SAID)

    code, answer = ask(news)

    assert (code, answer["status"]) == (0, "answered")
    assert answer["answered_by"] == {"writer": "llm", "model": "scripted"}
    assert answer["answer"] == "Captain Otto Lind brought everyone ashore. [1]"
    [citation] = answer["citations"]
    assert citation["quote"] == FERRY["body"][citation["start"] : citation["end"]]
    assert answer["usage"]["prompt_tokens"] > 0
    assert answer["timings_ms"].keys() == {"retrieve", "read", "write", "verify", "total"}
    assert len(server.requests) == 1


def test_a_model_on_the_command_line_goes_first(serve: Any, news: Path) -> None:
    server = serve(SAID)

    assert ask(news, "--model", "other")[1]["answered_by"]["model"] == "other"
    assert server.requests[0].body["model"] == "other"


def test_offline_asks_no_model(serve: Any, news: Path) -> None:
    server = serve(SAID)

    code, answer = ask(news, "--offline")

    assert (code, answer["answered_by"]) == (0, {"writer": "reader", "model": None})
    assert server.requests == []


def test_what_cannot_be_proved_exits_with_3(serve: Any, news: Path) -> None:
    serve("Captain Arne Falk brought everyone ashore. [#1]", "NO_ANSWER")

    code, answer = ask(news)

    assert (code, answer["status"], answer["reason"]) == (3, "abstained", "unverified")


def test_a_server_that_fails_leaves_it_to_the_quotes(serve: Any, news: Path) -> None:
    serve(SCRIPTS["401"])

    code, out, err = dateline("ask", WHO, "--library", news)

    assert code == 0
    assert "Otto Lind" in out
    assert "No language model wrote this: the model's server answered 401" in out
    assert err.count("\n") == 1


def test_a_batch_asks_once_a_line(serve: Any, news: Path) -> None:
    server = serve(SAID)
    lines = "\n".join(json.dumps({"id": name, "question": WHO}) for name in "ab")

    code, out, _ = dateline("ask", "--batch", "-", "--library", news, stdin=lines.encode())

    answers = [json.loads(line) for line in out.splitlines()]
    assert (code, [answer["id"] for answer in answers]) == (0, ["a", "b"])
    assert all(answer["answered_by"]["writer"] == "llm" for answer in answers)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--model", "gpt"), "There is no server for the model 'gpt'. Set OPENAI_API_KEY"),
        (("--model", "gpt", "--offline"), "Give --model NAME or --offline, not both."),
    ],
)
def test_a_wrong_use_says_what_helps(news: Path, options: tuple[str, ...], said: str) -> None:
    code, _, err = dateline("ask", WHO, "--library", news, *options)

    assert code == 2
    assert said in err


def test_offline_loads_no_client_although_a_model_is_set(
    serve: Any, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(SAID)
    program = (
        "import sys, bot.__main__\n"
        f"bot.__main__.main(['ask', {WHO!r}, '--offline', '--library', {str(news)!r}])\n"
        "print('LOADED', *({'llama_index', 'openai', 'httpx'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "LOADED"


SLOW = Reply(
    "Captain Otto Lind brought everyone ashore. [#1]\nCaptain Arne Falk said so. [#1]\n",
    linger_seconds=1.2,
)
SEEN = b"Captain Otto Lind brought everyone ashore. \x1b[36m[1]"


def test_on_a_terminal_a_verified_sentence_is_seen_while_the_model_writes(
    serve: Any, news: Path
) -> None:
    serve(SLOW, "NO_ANSWER")
    command = ["ask", WHO, "--library", str(news)]

    with _Terminal(command) as terminal:
        terminal.read_until(SEEN)
        early = time.monotonic()
        rest = terminal.read_until(b"Sources")

    assert time.monotonic() - early > 0.6
    assert b"Falk" not in terminal.seen
    assert b"No answer" not in rest


def test_chat_on_a_terminal_shows_sentences_as_they_are_verified(serve: Any, news: Path) -> None:
    serve(SLOW, "NO_ANSWER")

    with _Terminal(["chat", "--library", str(news)]) as terminal:
        terminal.read_until(b"> ")
        terminal.write(f"{WHO}\n".encode())
        terminal.read_until(SEEN)
        early = time.monotonic()
        terminal.read_until(b"Sources")
        terminal.write(b"\x04")

    assert time.monotonic() - early > 0.6
    assert b"Falk" not in terminal.seen


class _Terminal:
    """A command on a terminal of its own; left when it has ended."""

    def __init__(self, arguments: list[str]) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"},
        )
        os.close(slave)
        self.seen = b""

    def write(self, typed: bytes) -> None:
        os.write(self._master, typed)

    def read_until(self, mark: bytes) -> bytes:
        read = b""
        end = time.monotonic() + 80
        while mark not in read and time.monotonic() < end:
            if select.select([self._master], [], [], 1)[0]:
                read += os.read(self._master, 4096)
        self.seen += read
        assert mark in read, self.seen
        return read

    def __enter__(self) -> _Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

"""`dateline chat` through a pipe: one question a line, follow-ups, commands, calm endings."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main

FERRY = {
    "url": "https://harborpost.example/ferry",
    "title": "Ferry Maud runs aground off Skerry",
    "outlet": "Harbor Post",
    "published_at": "2023-11-16",
    "body": "The ferry Maud ran aground off Skerry on Tuesday with 212 people aboard. Captain Otto "
    "Lind brought everyone ashore before dark. The coast guard has opened an inquiry.",
}
BRIDGE = {
    "url": "https://tidewater.example/bridge",
    "title": "Council votes to close the Tarn bridge",
    "outlet": "The Tidewater Gazette",
    "published_at": "2024-02-03",
    "body": "The town council voted on Friday to close the Tarn bridge for repairs. Mayor Solveig "
    "Haas said the work would cost 4.2 million kroner and last until autumn.",
}
WHO = "Who was the captain that brought everyone ashore from the ferry Maud?"


def dateline(*arguments: str | Path, stdin: bytes = b"") -> tuple[int, str, str]:
    """Run a command in this process: exit code, output, errors."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main([str(argument) for argument in arguments])
    finally:
        sys.stdin = before
    return code, _text(out), _text(err)


def _text(stream: io.TextIOWrapper) -> str:
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode()


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chat") / "library"
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in (FERRY, BRIDGE))
    code, _, err = dateline("ingest", "-", "--library", folder, stdin=lines)
    assert code == 0, err
    return folder


def chat(news: Path, *lines: str, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
    said = "".join(f"{line}\n" for line in lines).encode()
    return dateline("chat", "--offline", "--library", news, *options, stdin=said)


def chat_json(news: Path, *lines: str) -> list[dict[str, Any]]:
    code, out, _ = chat(news, *lines, options=("--json",))
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


def test_each_line_of_a_pipe_is_a_question_without_prompts(news: Path) -> None:
    code, out, err = chat(news, WHO, "", "What will the Tarn bridge repairs cost?")

    assert code == 0
    assert "Otto Lind" in out
    assert "4.2 million" in out
    assert ">" not in out
    assert err == ""


def test_a_follow_up_says_what_was_looked_up(news: Path) -> None:
    first, second = chat_json(news, WHO, "How many people were aboard?")

    assert "standalone_question" not in first
    assert "212" in second["answer"]
    assert second["question"] == "How many people were aboard?"
    assert second["standalone_question"] != second["question"]


def test_new_forgets_what_was_said(news: Path) -> None:
    _, second = chat_json(news, WHO, "/new", "When did he say that?")

    assert "standalone_question" not in second


def test_sources_shows_what_the_last_answer_rests_on(news: Path) -> None:
    _, sources = chat_json(news, WHO, "/sources")

    assert sources["citations"][0]["url"] == FERRY["url"]


def test_an_unknown_command_is_told_and_the_talk_goes_on(news: Path) -> None:
    code, out, err = chat(news, "/frobnicate", WHO)

    assert code == 0
    assert "/frobnicate" in err
    assert "Otto Lind" in out


def test_quit_ends_before_the_input_does(news: Path) -> None:
    assert chat(news, "/quit", WHO) == (0, "", "")


def test_what_is_asked_too_long_does_not_end_the_talk(news: Path) -> None:
    code, out, err = chat(news, "x" * 20_000, WHO)

    assert code == 0
    assert "most" in err
    assert "Otto Lind" in out


def test_the_end_of_a_line_that_is_too_long_is_no_question(news: Path) -> None:
    code, out, err = chat(news, "x" * 100_000 + WHO, "y" * 250_000)

    assert (code, out) == (0, "")
    assert err.count("most") == 2


def test_an_outlet_that_is_not_held_is_a_wrong_use(news: Path) -> None:
    code, _, err = chat(news, WHO, options=("--outlet", "Nowhere News"))

    assert code == 2
    assert "Nowhere News" in err


def test_filters_hold_for_the_whole_talk(news: Path) -> None:
    code, out, _ = chat(news, WHO, options=("--as-of", "2023-01-01", "--json"))

    assert code == 0
    assert json.loads(out)["status"] == "abstained"


def test_history_with_answers_is_read_from_a_batch(news: Path) -> None:
    line = {
        "question": "What did he bring ashore?",
        "history": [{"question": WHO, "answer": "Captain Otto Lind did."}],
    }
    code, out, _ = dateline(
        "ask", "--batch", "-", "--library", news, stdin=json.dumps(line).encode()
    )

    assert code == 0
    assert "Otto Lind" in json.loads(out)["standalone_question"]


@pytest.mark.parametrize(
    "history",
    [7, "before", [7], [{}], [{"answer": "x"}], [{"question": 3}], [{"question": "x", "by": "y"}],
     [{"question": "x", "answer": ["y"]}], [""], ["\ud800"]],
)  # fmt: skip
def test_a_history_of_another_shape_is_refused(news: Path, history: object) -> None:
    line = json.dumps({"id": "q", "question": WHO, "history": history}).encode()
    code, out, _ = dateline("ask", "--batch", "-", "--library", news, stdin=line)

    assert code == 5
    assert json.loads(out)["id"] == "q"
    assert "error" in json.loads(out)


@pytest.mark.timeout(300)
def test_on_a_terminal_control_c_drops_the_line_and_control_d_ends(news: Path) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "bot", "chat", "--offline", "--library", str(news)]
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    ) as process:
        os.close(slave)
        try:
            _read_until(master, b"> ")
            os.write(master, b"half a questi")
            _read_until(master, b"questi")
            _interrupt_until(process, master, b"> ")
            os.write(master, b"\x04")
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()
            os.close(master)


def _interrupt_until(process: subprocess.Popen[bytes], master: int, mark: bytes) -> None:
    """Interrupt as a person does, who presses again when nothing happens.

    A signal that comes just before the line editor waits is heeded at the next event only.
    """
    for _ in range(20):
        process.send_signal(signal.SIGINT)
        if select.select([master], [], [], 2)[0]:
            break
    _read_until(master, mark)


def _read_until(master: int, mark: bytes) -> bytes:
    seen = b""
    end = time.monotonic() + 80
    while mark not in seen and time.monotonic() < end:
        if select.select([master], [], [], 1)[0]:
            seen += os.read(master, 4096)
    assert mark in seen, seen
    return seen

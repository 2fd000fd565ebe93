"""The scripted server speaks as OpenAI's does, so that tests against it mean something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

PATH = Path(__file__).with_name("openai_server.py")
SERVER = run_path(str(PATH))
OpenAIServer, Reply, SCRIPTS = SERVER["OpenAIServer"], SERVER["Reply"], SERVER["SCRIPTS"]
PROMPT = (
    "=== passage k1 begins ===\noutlet: A\n\nOn 3 May Lind was ashore. No one else was.\n"
    "=== passage k1 ends ===\n\n=== passage k2 begins ===\nB\n=== passage k2 ends ==="
)


def client(server: Any) -> Any:
    import openai

    return openai.OpenAI(base_url=server.url, api_key="sk-test", max_retries=0)


def say(server: Any, prompt: str = PROMPT) -> tuple[str, str | None, int]:
    """Text, finish reason and completion tokens of one streamed reply."""
    with client(server) as openai_client:
        stream = openai_client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": prompt}], stream=True
        )
        text, finish, tokens = "", None, 0
        for chunk in stream:
            for choice in chunk.choices:
                text += choice.delta.content or ""
                finish = choice.finish_reason or finish
            tokens = chunk.usage.completion_tokens if chunk.usage else tokens
    return text, finish, tokens


def test_openais_own_client_reads_its_stream() -> None:
    with OpenAIServer(Reply("Ten of them. [#2]")) as server:
        assert say(server) == ("Ten of them. [k2]", "stop", 4)
        [request] = server.requests

    assert request.body["model"] == "m"
    assert request.prompt == PROMPT


def test_replies_come_in_order_and_the_last_again() -> None:
    with OpenAIServer(Reply("One."), Reply("Two.")) as server:
        assert [say(server)[0] for _ in range(3)] == ["One.", "Two.", "Two."]
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("faithful", "On 3 May Lind was ashore. [k1]"),
        ("invented_key", "It happened. [k0badbad0]"),
        ("wrong_number", "On 10 May Lind was ashore. [k1]"),
        ("wrong_name", "On 3 May Quillfeather was ashore. [k1]"),
        ("flipped_negation", "On 3 May Lind was not ashore. [k1]"),
        ("no_answer", "NO_ANSWER"),
    ],
)
def test_scripts_make_their_replies_of_the_passages(name: str, said: str) -> None:
    with OpenAIServer(SCRIPTS[name]) as server:
        assert say(server)[0] == said


def test_a_status_and_its_headers_are_sent() -> None:
    import openai

    with OpenAIServer(SCRIPTS["429"]) as server, pytest.raises(openai.RateLimitError) as caught:
        say(server)

    assert caught.value.response.headers["retry-after"] == "0.05"


def test_a_clean_cut_ends_without_a_reason() -> None:
    with OpenAIServer(SCRIPTS["cut"]) as server:
        text, finish, _ = say(server)

    assert (text, finish) == ("On 3 May Lind was ashore. [k1]", None)


def test_a_broken_cut_is_an_error() -> None:
    import httpx

    with OpenAIServer(SCRIPTS["broken"]) as server, pytest.raises(httpx.RemoteProtocolError):
        say(server)


def test_bad_json_is_an_error() -> None:
    with OpenAIServer(SCRIPTS["bad_json"]) as server, pytest.raises(json.JSONDecodeError):
        say(server)


def test_it_runs_by_hand() -> None:
    command = [sys.executable, str(PATH), "--script", "faithful", "--say", "Ten. [#1]"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None

        class Address:
            url = process.stdout.readline().strip()

        texts = [say(Address)[0] for _ in range(2)]
        process.terminate()
        assert process.stdout.read() == "2 requests\n"

    assert texts == ["On 3 May Lind was ashore. [k1]", "Ten. [k1]"]
    assert process.returncode == 0


def test_without_a_script_it_names_them() -> None:
    done = subprocess.run([sys.executable, str(PATH)], capture_output=True, text=True, check=True)

    assert set(SCRIPTS) <= set(done.stdout.removeprefix("Scripts: ").strip().split(", "))

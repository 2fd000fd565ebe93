"""Vectors of OpenAI, and of servers like it: asked for exactly, checked, and never with a leak."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np
import pytest

from bot.settings import BotSettings
from bot.wiring import Bot
from index.embed import load_embedder
from index.errors import ModelError, ModelMismatch, UsageError
from index.remote.embedding import RemoteEmbedder
from index.remote.patience import Clock
from index.remote.settings import EmbeddingServer
from index.settings import IndexSettings

SERVER = run_path(str(Path(__file__).with_name("openai_server.py")))
OpenAIServer, Vectors, SCRIPTS = SERVER["OpenAIServer"], SERVER["Vectors"], SERVER["SCRIPTS"]
KEY = "sk-secret-1234567890"


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    """A server with these replies, and an embedder that asks it; waits are only counted."""
    opened: list[Any] = []

    def start(*vectors: Any, **settings: Any) -> tuple[Any, RemoteEmbedder, list[float]]:
        server = OpenAIServer(SCRIPTS["empty"], vectors=vectors or (Vectors(),))
        waits: list[float] = []
        fields = {"model": "m", "dimensions": 64, "base_url": server.url, "key": KEY, **settings}
        embedder = RemoteEmbedder(
            EmbeddingServer(**fields), load_embedder(), clock=Clock(lambda: 0.0, waits.append)
        )
        opened.extend([embedder, server])
        return server, embedder, waits

    yield start
    for one in opened:
        one.close()


# what is sent and given


def test_vectors_have_length_one_in_the_order_of_the_texts(serve: Any) -> None:
    server, embedder, _ = serve(batch_texts=2)
    texts = ["a ferry", "a strike", "a ferry", "", "half \ud800"]

    rows = embedder.embed_passages(texts)

    assert rows.shape == (5, 64)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert np.allclose(rows[0], rows[2])
    assert not np.allclose(rows[0], rows[1])
    assert [one.body["input"] for one in server.embedding_requests] == [
        ["a ferry", "a strike"],
        # Servers refuse an empty text, and JSON half a character.
        ["a ferry", " "],
        ["half ?"],
    ]


def test_what_is_asked_for_is_plain_and_goes_to_the_set_server_with_its_key(serve: Any) -> None:
    server, embedder, _ = serve(query_prefix="query: ", passage_prefix="passage: ")

    question, passage = embedder.embed_query("tram"), embedder.embed_passages(["tram"])[0]

    first, second = server.embedding_requests
    assert first.path == "/v1/embeddings"
    assert first.body == {"model": "m", "input": ["query: tram"], "encoding_format": "float"}
    assert second.body["input"] == ["passage: tram"]
    assert first.headers["Authorization"] == f"Bearer {KEY}"
    assert question.shape == passage.shape == (64,)


def test_nothing_is_sent_for_no_text_nor_to_count(serve: Any) -> None:
    server, embedder, _ = serve()

    assert embedder.embed_passages([]).shape == (0, 64)
    assert embedder.count_tokens(["a ferry ran aground"]) == load_embedder().count_tokens(
        ["a ferry ran aground"]
    )
    assert server.embedding_requests == []


def test_only_a_shortened_model_is_told_how_many_numbers(serve: Any) -> None:
    server, embedder, _ = serve(model="text-embedding-3-small", dimensions=256)
    assert embedder.embed_query("tram").shape == (256,)

    whole, full, _ = serve(
        Vectors(dimensions=1536), model="text-embedding-3-small", dimensions=1536
    )
    assert full.embed_query("tram").shape == (1536,)

    assert server.embedding_requests[0].body["dimensions"] == 256
    assert "dimensions" not in whole.embedding_requests[0].body


def test_the_order_is_that_of_the_indexes(serve: Any) -> None:
    _, embedder, _ = serve(Vectors(fault="reversed"), Vectors())

    assert np.allclose(embedder.embed_passages(["a", "b"]), embedder.embed_passages(["a", "b"]))


def test_a_card_tells_models_lengths_and_prefixes_apart_and_not_servers() -> None:
    def digest(**fields: Any) -> str:
        server = EmbeddingServer(**{"model": "m", "dimensions": 64, **fields})
        return RemoteEmbedder(server, load_embedder()).card.digest

    digests = {digest(), digest(model="n"), digest(dimensions=65), digest(query_prefix="q: ")}
    assert len(digests) == 4
    assert digest(base_url="http://127.0.0.1:9/v1", key="k") == digest()


# what goes wrong


@pytest.mark.parametrize(
    ("reply", "requests", "waits", "said"),
    [
        (Vectors(status=429), 3, [0.5, 1.0], "answered 429"),
        (Vectors(status=429, headers={"retry-after": "7"}), 3, [7, 7], "answered 429"),
        # Longer than the deadline: not begun.
        (Vectors(status=429, headers={"retry-after": "3600"}), 1, [], "answered 429"),
        (Vectors(status=500), 3, [0.5, 1.0], "answered 500"),
        (Vectors(status=401), 1, [], "check DATELINE_EMBEDDING_KEY or OPENAI_API_KEY"),
        (Vectors(status=404), 1, [], "check DATELINE_EMBEDDING_MODEL and DATELINE_EMBEDDING_BASE"),
        (Vectors(status=400, message="too long"), 1, [], "answered 400 (too long)"),
        (Vectors(fault="cut"), 3, [0.5, 1.0], "m at http://127.0.0.1"),
        (Vectors(fault="few"), 1, [], "1 vectors came for 2 texts"),
        (Vectors(fault="zero"), 1, [], "without a direction"),
        (Vectors(fault="nan"), 1, [], "without a direction"),
        (Vectors(dimensions=63), 1, [], "Set DATELINE_EMBEDDING_DIMENSIONS=63"),
        (Vectors(body=b"<html>", content_type="text/html"), 1, [], "sent text/html in place of"),
        (Vectors(body=b"{"), 3, [0.5, 1.0], "could not be read"),
        (Vectors(body=b'{"data": null}'), 1, [], "could not be read"),
        (Vectors(status=307, headers={"location": "http://127.0.0.1:1/v1"}), 1, [], "307"),
    ],
)
def test_a_failure_is_said_in_one_line_after_so_many_requests(
    serve: Any, reply: Any, requests: int, waits: list[float], said: str
) -> None:
    server, embedder, waited = serve(reply)

    with pytest.raises(ModelError) as caught:
        embedder.embed_passages(["a", "b"])

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (len(server.embedding_requests), waited) == (requests, waits)


def test_what_passes_is_waited_for(serve: Any) -> None:
    server, embedder, waits = serve(
        Vectors(status=500), Vectors(status=429, headers={"retry-after": "2"}), Vectors()
    )

    assert embedder.embed_query("tram").shape == (64,)
    assert (len(server.embedding_requests), waits) == (3, [0.5, 2])


def test_a_silent_server_is_not_borne_for_ever(serve: Any) -> None:
    server, embedder, _ = serve(Vectors(silence_seconds=5), timeout_seconds=0.1)

    with pytest.raises(ModelError, match="kept silent for too long"):
        embedder.embed_query("tram")
    assert len(server.embedding_requests) == 3


def test_the_key_is_in_no_message_and_no_log(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    _, embedder, _ = serve(Vectors(status=401, message=f"the key {KEY} is unknown"))
    caplog.set_level(logging.DEBUG)

    with pytest.raises(ModelError) as caught:
        embedder.embed_query("tram")

    assert "the key *** is unknown" in str(caught.value)
    assert caught.value.__cause__ is None
    assert KEY not in caplog.text
    assert KEY not in repr(EmbeddingServer("m", 64, key=KEY))


# what is set


def test_openais_model_needs_only_its_name_and_key() -> None:
    environ = {"DATELINE_EMBEDDING_MODEL": "text-embedding-3-large", "OPENAI_API_KEY": "sk-a"}

    server = IndexSettings.from_env(environ).embedding_server

    assert server == EmbeddingServer("text-embedding-3-large", 3072, key="sk-a")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"DATELINE_EMBEDDING_MODEL": "text-embedding-3-small"}, "Set OPENAI_API_KEY"),
        ({"DATELINE_EMBEDDING_BASE_URL": "http://127.0.0.1:1/v1"}, "Set DATELINE_EMBEDDING_"),
        (
            {"DATELINE_EMBEDDING_BASE_URL": "http://h/v1", "DATELINE_EMBEDDING_MODEL": "nomic"},
            "Set DATELINE_EMBEDDING_DIMENSIONS, such as 768",
        ),
        ({"DATELINE_EMBEDDING_BASE_URL": "h", "DATELINE_EMBEDDING_MODEL": "n",
          "DATELINE_EMBEDDING_DIMENSIONS": "768"}, "write it as http"),
        ({"DATELINE_EMBEDDING_DIMENSIONS": "768"}, "ships with Dateline and asks no server"),
        ({"DATELINE_EMBEDDING_MODEL": "text-embedding-3-small", "OPENAI_API_KEY": "k",
          "DATELINE_EMBEDDING_DIMENSIONS": "4096"}, "gives 1536 at most"),
        ({"DATELINE_EMBEDDING_MODEL": "nomic"}, "set DATELINE_EMBEDDING_BASE_URL"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_names_the_remedy(more: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        IndexSettings.from_env(more)

    assert said in str(caught.value)


def test_openais_key_is_not_sent_to_a_server_of_ones_own() -> None:
    environ = {
        "DATELINE_EMBEDDING_BASE_URL": "http://127.0.0.1:1/v1",
        "DATELINE_EMBEDDING_MODEL": "nomic",
        "DATELINE_EMBEDDING_DIMENSIONS": "768",
        "OPENAI_API_KEY": "sk-openai",
    }

    server = IndexSettings.from_env(environ).embedding_server

    assert server is not None
    assert server.key is None


def test_offline_and_a_server_do_not_go_together() -> None:
    environ = {"DATELINE_EMBEDDING_MODEL": "text-embedding-3-small", "OPENAI_API_KEY": "k"}

    with pytest.raises(UsageError, match="behind a server"):
        BotSettings.from_env(environ, offline=True)


# as a user does it


@pytest.mark.timeout(600)
def test_an_archive_is_read_and_asked_through_a_server(tmp_path: Path) -> None:
    (tmp_path / "ferry.json").write_text(json.dumps({
        "url": "https://harborpost.example/ferry", "title": "Ferry Maud runs aground",
        "outlet": "Harbor Post", "published_at": "2023-11-16",
        "body": "The ferry Maud ran aground off Skerry on Tuesday with 214 people aboard. "
                "Captain Otto Lind brought everyone ashore before dark.",
    }))  # fmt: skip
    with OpenAIServer(SCRIPTS["empty"], vectors=[Vectors()]) as server:
        environ = {
            "DATELINE_LIBRARY": str(tmp_path / "library"),
            "DATELINE_EMBEDDING_MODEL": "nomic-embed-text",
            "DATELINE_EMBEDDING_BASE_URL": server.url,
            "DATELINE_EMBEDDING_DIMENSIONS": "64",
            "DATELINE_EMBEDDING_KEY": KEY,
        }
        ingested = _dateline("ingest", str(tmp_path / "ferry.json"), "--json", **environ)
        asked = _dateline("ask", "Which captain brought everyone ashore?", "--json", **environ)
        assert len(server.embedding_requests) == 2
        # Another length is another model.
        other = _dateline("ask", "Who?", **{**environ, "DATELINE_EMBEDDING_DIMENSIONS": "32"})

    assert json.loads(ingested.stdout)["added"] == 1
    answer = json.loads(asked.stdout)
    assert answer["status"] == "answered"
    assert "Otto Lind" in answer["answer"]
    assert other.returncode == 1
    assert "was made with the embedding model nomic-embed-text" in other.stderr
    for run in (ingested, asked, other):
        assert KEY not in run.stdout + run.stderr


def test_a_library_refuses_another_model_and_says_what_to_do(tmp_path: Path) -> None:
    settings = BotSettings.from_env({"DATELINE_LIBRARY": str(tmp_path / "library")})
    with Bot.open(settings, create=True):
        pass
    environ = {
        "DATELINE_LIBRARY": str(tmp_path / "library"),
        "DATELINE_EMBEDDING_MODEL": "text-embedding-3-small",
        "OPENAI_API_KEY": KEY,
    }

    with pytest.raises(ModelMismatch, match="Use the model that it was made with"):
        Bot.open(BotSettings.from_env(environ))


def _dateline(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR"}}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

"""Ingest stores everything once, goes on past what is bad, and loses nothing it reported."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index.article import Article
from index.embed import ModelCard
from index.errors import ModelError
from index.ingest import Ingester, IngestState, IngestSummary
from index.sources import Failure, Source, find_sources, read_articles
from index.store.library import Library

SUNK = "The ferry Ines sank in the storm on Thursday, and all of her passengers were saved."
CLOSED = "The line was closed on Thursday, and a bus runs in its place until the spring."


class HashingEmbedder:
    """Words to hashed bags, so that equal texts have equal vectors; keeps what it was given."""

    card = ModelCard("hashing", "sha256:0", 16, 500)

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.calls = 0

    def embed_query(self, text: str) -> NDArray[np.float32]:
        vector = np.full(16, 1e-3, np.float32)
        for word in re.findall(r"\w+", text.lower()):
            vector[hashlib.sha256(word.encode()).digest()[0] % 16] += 1
        return vector / np.float32(np.linalg.norm(vector))

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        self.seen += texts
        rows = [self.embed_query(text) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), 16)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


def record(number: int, **fields: object) -> dict[str, Any]:
    body = " ".join(
        f"The ferry {name} of line {number} left the harbour at {hour} in heavy rain."
        for hour, name in enumerate(["Ines", "Oskar", "Maud", "Tilda"], start=number)
    )
    return {
        "url": f"https://example.org/{number}",
        "title": f"Ferry line {number}",
        "outlet": "Harbour Herald",
        "published_at": "2023-11-16",
        "body": body,
    } | fields


def write(path: Path, *records: dict[str, Any] | str) -> Path:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def library(tmp_path: Path, embedder: HashingEmbedder) -> Iterator[Library]:
    with Library.open(tmp_path / "library", embedder.card, create=True) as opened:
        yield opened


class Runner:
    """Ingests files into the library and keeps the states that were reported."""

    def __init__(self, library: Library, embedder: HashingEmbedder) -> None:
        self.library = library
        self.embedder = embedder
        self.states: list[IngestState] = []

    def __call__(self, *paths: Path, **options: Any) -> IngestSummary:
        ingester = Ingester(self.library, self.embedder, **options)
        sources = find_sources([str(path) for path in paths])
        return ingester.ingest(sources, progress=self.states.append)


@pytest.fixture
def ingest(library: Library, embedder: HashingEmbedder) -> Runner:
    return Runner(library, embedder)


def counts(summary: IngestSummary) -> tuple[int, int, int, int]:
    return summary.added, summary.updated, summary.unchanged, len(summary.failed)


def article_id(number: int) -> str:
    return Article(url=f"https://example.org/{number}", body="").article_id


def test_new_articles_are_stored_with_their_chunks(ingest: Runner, tmp_path: Path) -> None:
    summary = ingest(write(tmp_path / "a.jsonl", *map(record, range(5))))

    assert counts(summary) == (5, 0, 0, 0)
    assert summary.chunks == ingest.library.catalog.stats().chunks == len(ingest.embedder.seen)
    kept = ingest.library.catalog.article(article_id(3))
    assert kept is not None
    assert kept.article.body == record(3)["body"]


def test_a_chunk_is_embedded_under_its_header(ingest: Runner, tmp_path: Path) -> None:
    ingest(write(tmp_path / "a.jsonl", record(1)))

    header = "Ferry line 1 | Harbour Herald | November 16, 2023\n"
    assert ingest.embedder.seen == [header + record(1)["body"]]


def test_a_second_run_reads_and_embeds_nothing(ingest: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *map(record, range(5)))
    ingest(path)
    calls = ingest.embedder.calls

    def refuse(source: Source) -> Iterator[Article | Failure]:
        raise AssertionError(f"{source.key} was read again")

    summary = ingest(path, read=refuse)

    assert counts(summary) == (0, 0, 5, 0)
    assert summary.chunks == 0
    assert ingest.embedder.calls == calls


def test_a_touched_file_is_read_but_not_embedded_again(ingest: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *map(record, range(5)))
    ingest(path)
    calls = ingest.embedder.calls
    os.utime(path, (1, 1))

    summary = ingest(path)

    assert counts(summary) == (0, 0, 5, 0)
    assert ingest.embedder.calls == calls


def test_only_what_changed_in_a_file_is_embedded(ingest: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *map(record, range(5)))
    ingest(path)
    ingest.embedder.seen.clear()
    write(path, *map(record, range(4)), record(4, body=CLOSED), record(5))

    summary = ingest(path)

    assert counts(summary) == (1, 1, 4, 0)
    assert [text.split("\n")[1] for text in ingest.embedder.seen] == [
        CLOSED,
        record(5)["body"],
    ]
    assert len(ingest.library.catalog.versions(article_id(4))) == 2


def test_one_story_twice_in_a_run_is_stored_once(ingest: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", record(1), record(2), record(1))

    assert counts(ingest(path)) == (2, 0, 1, 0)
    assert len(ingest.embedder.seen) == 2


def test_the_last_of_two_versions_in_a_run_is_current(ingest: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", record(1), record(1, body=SUNK))

    assert counts(ingest(path)) == (1, 1, 0, 0)
    current = ingest.library.catalog.article(article_id(1))
    assert current is not None
    assert current.article.body == SUNK


def test_reading_two_versions_again_changes_nothing(ingest: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", record(1), record(1, body=SUNK))
    ingest(path)
    calls = ingest.embedder.calls
    os.utime(path, (1, 1))

    assert counts(ingest(path)) == (0, 0, 2, 0)
    assert ingest.embedder.calls == calls
    assert len(ingest.library.catalog.versions(article_id(1))) == 2


def current_body(library: Library, number: int) -> str:
    stored = library.catalog.article(article_id(number))
    assert stored is not None
    return stored.article.body


def test_a_text_that_its_file_puts_back_is_current_again(ingest: Runner, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for turn, body in enumerate((CLOSED, SUNK, CLOSED, SUNK, CLOSED, CLOSED)):
        # The lines move, and most of the file is as it was.
        write(path, *(record(10 + one) for one in range(turn)), record(1, body=body))
        os.utime(path, (turn, turn))
        assert ingest(path).updated == (turn in {1, 2, 3, 4})
        assert current_body(ingest.library, 1) == body
    first, second = ingest.library.catalog.versions(article_id(1))
    assert (first.article.body, second.article.body) == (SUNK, CLOSED)
    assert first.visible_until == second.visible_from


@pytest.mark.parametrize("between", [0, 150])
@pytest.mark.parametrize("is_newest_first", [False, True])
def test_an_archive_of_all_versions_puts_none_back(
    ingest: Runner, tmp_path: Path, between: int, is_newest_first: bool
) -> None:
    path = tmp_path / "a.jsonl"
    write(path, record(1, body=CLOSED))
    ingest(path)
    write(path, record(1, body=SUNK))
    ingest(path)
    both = [record(1, body=CLOSED), record(1, body=SUNK)]
    first, last = reversed(both) if is_newest_first else both
    others = [record(number) for number in range(2, 2 + between)]

    assert counts(ingest(write(path, first, *others, last))) == (between, 0, 2, 0)
    assert current_body(ingest.library, 1) == SUNK


@pytest.mark.parametrize("between", [0, 150])
def test_an_archive_with_a_newer_version_still_puts_none_back(
    ingest: Runner, tmp_path: Path, between: int
) -> None:
    path = tmp_path / "a.jsonl"
    for body in (CLOSED, SUNK):
        ingest(write(path, record(1, body=body)))
    others = [record(number) for number in range(2, 2 + between)]
    newest = record(1, body="The ferry Ines was raised in May.")

    summary = ingest(write(path, record(1, body=CLOSED), *others, newest))
    assert counts(summary) == (between, 1, 1, 0)
    assert current_body(ingest.library, 1) == newest["body"]


def test_an_old_copy_in_another_file_puts_nothing_back(ingest: Runner, tmp_path: Path) -> None:
    ingest(write(tmp_path / "old.jsonl", record(1, body=CLOSED)))
    ingest(write(tmp_path / "new.jsonl", record(1, body=SUNK)))
    os.utime(tmp_path / "old.jsonl", (1, 1))

    assert counts(ingest(tmp_path / "old.jsonl")) == (0, 0, 1, 0)
    assert current_body(ingest.library, 1) == SUNK


def test_a_dump_with_the_newest_version_first_ends_with_the_newest(
    ingest: Runner, tmp_path: Path
) -> None:
    newer = record(1, body=SUNK, modified_at="2023-11-18T10:00:00Z")
    older = record(1, modified_at="2023-11-17T10:00:00Z")
    ingest(write(tmp_path / "a.jsonl", newer, older))
    ingest(write(tmp_path / "b.jsonl", older, record(1, modified_at="2023-11-16T10:00:00Z")))

    current = ingest.library.catalog.article(article_id(1))

    assert current is not None
    assert current.article.body == SUNK


def test_what_cannot_be_read_is_listed_and_the_rest_is_stored(
    ingest: Runner, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", record(1), "{not json", record(2))

    summary = ingest(path, write(tmp_path / "b.jsonl", record(3)))

    assert counts(summary) == (3, 0, 0, 1)
    assert "line 2" in summary.failed[0].source
    assert list(summary.failed) == ingest.library.catalog.failures()


def test_a_source_with_failures_is_tried_again_until_it_is_mended(
    ingest: Runner, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", record(1), "{not json")
    ingest(path)

    assert counts(ingest(path)) == (0, 0, 1, 1)

    write(path, record(1), record(2))
    assert counts(ingest(path)) == (1, 0, 1, 0)
    assert ingest.library.catalog.failures() == []


def test_batches_are_bounded_by_chunks(ingest: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *map(record, range(10)))

    summary = ingest(path, batch_chunks=6, chunk_tokens=40)

    assert summary.chunks == 20
    assert ingest.embedder.calls == 4  # three articles of two chunks each, and one at last
    assert [state.articles for state in ingest.states] == [3, 6, 9, 10, 10]


def test_an_article_of_more_chunks_than_a_batch_is_stored_whole(
    ingest: Runner, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", record(1), record(2, body=record(2)["body"] * 20), record(3))

    summary = ingest(path, batch_chunks=2, chunk_tokens=40)

    assert counts(summary) == (3, 0, 0, 0)
    assert len(ingest.library.catalog.versions(article_id(2))) == 1


def test_a_failing_model_loses_nothing_that_was_reported(ingest: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *map(record, range(6)))
    embed = ingest.embedder.embed_passages

    def fail_third(texts: Sequence[str]) -> NDArray[np.float32]:
        if ingest.embedder.calls == 2:
            raise ModelError("The server failed.")
        return embed(texts)

    ingest.embedder.embed_passages = fail_third  # type: ignore[method-assign]  # the part that fails
    with pytest.raises(ModelError):
        ingest(path, batch_chunks=2)
    ingest.embedder.embed_passages = embed  # type: ignore[method-assign]  # mended

    assert ingest.library.catalog.stats().articles == ingest.states[-1].articles == 4
    assert counts(ingest(path)) == (2, 0, 4, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_after_the_batch_at_hand(
    number: signal.Signals, library: Library, embedder: HashingEmbedder, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", *map(record, range(6)))
    ingester = Ingester(library, embedder, batch_chunks=2)
    before = signal.getsignal(number)

    def stop_at_four(state: IngestState) -> None:
        if state.articles == 4:
            signal.raise_signal(number)

    summary = ingester.ingest(find_sources([str(path)]), progress=stop_at_four)

    assert summary.is_interrupted
    assert counts(summary) == (4, 0, 0, 0)
    assert signal.getsignal(number) == before
    assert counts(ingester.ingest(find_sources([str(path)]))) == (2, 0, 4, 0)


def test_copies_of_one_story_share_an_origin(ingest: Runner, tmp_path: Path) -> None:
    body = " ".join(f"{record(number)['body']}" for number in range(3, 9))
    copy = {"outlet": "Wire Daily", "title": "Ferries in the rain", "body": body + " (AP)"}
    ingest(write(tmp_path / "a.jsonl", record(1, body=body), record(2, **copy), record(3)))
    ingest(write(tmp_path / "b.jsonl", record(4, **copy)))

    kept = [ingest.library.catalog.article(article_id(number)) for number in (1, 2, 3, 4)]

    assert [one.origin_id for one in kept if one] == [article_id(n) for n in (1, 1, 3, 1)]


def test_two_ingests_at_once_store_everything_once(
    library: Library, embedder: HashingEmbedder, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", *map(record, range(8)))
    second = Ingester(library, embedder, batch_chunks=2)

    # The other run's articles are read, and found to be new, before this one stores them.
    def read_late(source: Source) -> Iterator[Article | Failure]:
        items = list(read_articles(source))
        assert second.ingest(find_sources([str(path)])).added == 8
        yield from items

    summary = Ingester(library, embedder, read=read_late).ingest(find_sources([str(path)]))

    assert counts(summary) == (0, 0, 8, 0)
    assert library.catalog.stats().versions == 8


def test_the_states_never_run_backwards(ingest: Runner, tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.jsonl", record(n), record(n + 100)) for n in range(9)]
    ingest(*paths, batch_chunks=3)

    done = [(state.sources, state.articles, state.chunks) for state in ingest.states]

    assert done == sorted(done)
    assert done[-1] == (9, 18, 18)

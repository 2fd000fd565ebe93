"""Dense search is exact where that is cheap, asks Chroma where it is not, and gives one result."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import LibraryError
from index.scope import Scope
from index.store.feed import Rows, empty_rows
from index.store.generation import Generation, Generations, lost_rows
from index.store.stamp import Stamp
from index.store.vectors import DenseView, exact_rows
from index.store.visible import NEVER, VersionTable

DIMENSIONS = 24


def unit_rows(count, *, seed=0):
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSIONS)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def rows(count, *, first=0, seed=0):
    """Chunk k of version 10 * (k // 4): four chunks an article."""
    keys = np.arange(first, first + count, dtype=np.int64)
    return Rows(keys, keys // 4 * 10, unit_rows(count, seed=seed))


def version_table(count, *, hidden=lambda key: False):
    keys = np.arange(0, count // 4 + 1, dtype=np.int64) * 10
    always = np.full(len(keys), -NEVER)
    return VersionTable(
        keys, always, np.full(len(keys), NEVER), always, always,
        np.array([not hidden(key) for key in keys.tolist()]),
        *[np.zeros(len(keys), np.int32), ("",)] * 3,
    )  # fmt: skip


@pytest.fixture
def generations(tmp_path):
    return Generations(tmp_path / "dense", DIMENSIONS)


def brute_force(parts, versions, vector, limit):
    mask = versions.mask(Scope())
    scored = [
        (float(np.dot(row.astype(np.float64), vector)), chunk)
        for part in parts
        for chunk, version, row in zip(*part, strict=True)
        if mask[versions.places(np.array([version]))[0]]
    ]
    return [chunk for _, chunk in sorted(scored, key=lambda one: -one[0])[:limit]]


def keys_of(hits, limit):
    return [hit.chunk_key for hit in hits[:limit]]


@given(
    count=st.integers(0, 90),
    share=st.floats(0, 1),
    wanted=st.integers(1, 40),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_exact_search_finds_what_looking_at_all_rows_finds(count, share, wanted, seed):
    embeddings = unit_rows(count, seed=seed)
    seen = np.random.default_rng(seed).random(count) < share
    vector = unit_rows(1, seed=seed + 1)[0]
    found = exact_rows(embeddings, seen, vector, wanted)
    scores = embeddings @ vector
    best = sorted(np.flatnonzero(seen).tolist(), key=lambda row: -scores[row])[:wanted]
    assert set(found.tolist()) == set(best)


def test_exact_search_covers_every_block_with_few_and_many_rows_seen(monkeypatch):
    monkeypatch.setattr("index.store.vectors._BLOCK", 16)
    embeddings, vector = unit_rows(100), unit_rows(1, seed=5)[0]
    for seen in (np.ones(100, bool), np.arange(100) % 9 == 0, np.arange(100) < 40):
        scores = np.where(seen, embeddings @ vector, -2)
        expected = set(np.argsort(-scores)[:5].tolist())
        assert set(exact_rows(embeddings, seen, vector, 5).tolist()) == expected


def test_generation_and_delta_are_searched_as_one(generations):
    base, delta = rows(200), rows(60, first=200, seed=1)
    generation = generations.build([base], Stamp("library", 1))
    versions = version_table(260, hidden=lambda key: key % 30 == 0)
    view = DenseView.build(generation, delta, versions, exact_rows=10**6)
    for seed in range(5):
        vector = unit_rows(1, seed=seed + 50)[0]
        hits = view.search(vector, Scope(), 10)
        assert keys_of(hits, 10) == brute_force([base, delta], versions, vector, 10)


def test_chroma_and_exact_search_give_the_same_hits_and_the_same_scores(generations):
    base = rows(800)
    generation = generations.build([base], Stamp("library", 1))
    versions = version_table(800, hidden=lambda key: key % 20 == 0)
    none = empty_rows(DIMENSIONS)
    exact = DenseView.build(generation, none, versions, exact_rows=10**6)
    approximate = DenseView.build(generation, none, versions, exact_rows=0)
    for seed in range(8):
        vector = unit_rows(1, seed=seed + 9)[0]
        assert (
            approximate.search(vector, Scope(), 10)[:10] == exact.search(vector, Scope(), 10)[:10]
        )


def test_searching_changes_nothing_of_a_published_generation(generations, tmp_path):
    name = generations.build([rows(1200)], Stamp("library", 1)).name

    def contents():
        # Opened sets are closed when they are collected.
        gc.collect()
        files = {path for path in (tmp_path / "dense" / name).rglob("*") if path.is_file()}
        database = next(path for path in files if path.name == "chroma.sqlite3")
        with closing(sqlite3.connect(database)) as connection:
            # Chroma counts how often it was opened; SQLite's journal makes that safe to kill.
            lines = [line for line in connection.iterdump() if "acquire_write" not in line]
        return lines, {path: path.read_bytes() for path in files - {database}}

    before = contents()
    assert len(generations.open_current().chroma.nearest(unit_rows(1)[0], 9)) == 9
    assert contents() == before


def test_a_scope_that_hides_almost_all_still_fills_the_limit(generations):
    generation = generations.build([rows(400)], Stamp("library", 1))
    versions = version_table(400, hidden=lambda key: key != 500)
    view = DenseView.build(generation, empty_rows(DIMENSIONS), versions, exact_rows=0)
    found = view.search(unit_rows(1, seed=7)[0], Scope(), 10)
    assert sorted(hit.chunk_key for hit in found) == [200, 201, 202, 203]


def test_a_score_is_the_cosine(generations):
    base = rows(8)
    generation = generations.build([base], Stamp("library", 1))
    view = DenseView.build(generation, empty_rows(DIMENSIONS), version_table(8), exact_rows=0)
    hits = {hit.chunk_key: hit.score for hit in view.search(base.embeddings[3], Scope(), 8)}
    assert hits[3] == pytest.approx(1.0, abs=1e-6)
    assert hits[5] == pytest.approx(float(base.embeddings[5] @ base.embeddings[3]), abs=1e-6)
    opposite = view.search(-base.embeddings[3], Scope(), 8)
    assert opposite[-1] == (3, pytest.approx(-1.0, abs=1e-6))


def test_equals_of_the_last_hit_are_all_given_and_score_equally():
    one = unit_rows(1)
    embeddings = np.concatenate([np.repeat(one, 20, axis=0), unit_rows(40, seed=3)])
    keys = np.arange(60, dtype=np.int64)
    delta = Rows(keys, keys // 4 * 10, embeddings)
    view = DenseView.build(None, delta, version_table(60), exact_rows=10)
    hits = view.search(one[0], Scope(), 5)
    assert sorted(hit.chunk_key for hit in hits) == list(range(20))
    assert len({hit.score for hit in hits}) == 1


@pytest.mark.parametrize(
    ("hidden", "limit", "asks"),
    [
        (lambda key: False, 50, True),
        (lambda key: key % 40 == 0, 50, True),
        (lambda key: key % 100 != 0, 50, False),
        (lambda key: False, 2_000, False),
        (lambda key: True, 50, False),
    ],
)
def test_chroma_is_asked_only_where_looking_at_the_rows_costs_more(
    generations, monkeypatch, hidden, limit, asks
):
    # As if a row cost more to look at, so that a small index is large.
    monkeypatch.setattr("index.store.vectors._ROWS_A_HIT", 1)
    generation = generations.build([rows(1200)], Stamp("library", 1))
    versions = version_table(1200, hidden=hidden)
    reopened = Generation(
        **{
            name: getattr(generation, name)
            for name in ("name", "stamp", "chunk_keys", "version_keys", "embeddings")
        },
        chroma=(spy := Spy(generation.chroma)),
    )
    view = DenseView.build(reopened, empty_rows(DIMENSIONS), versions, exact_rows=200)
    view.search(unit_rows(1)[0], Scope(), limit)
    assert bool(spy.asked) is asks


class Spy:
    is_resting = False

    """A set that keeps how many were asked of it."""

    def __init__(self, chroma):
        self.asked = []
        self._chroma = chroma

    def nearest(self, vector, count):
        self.asked.append(count)
        return self._chroma.nearest(vector, count)


def test_an_empty_index_finds_nothing():
    view = DenseView.build(None, empty_rows(DIMENSIONS), version_table(0), exact_rows=10)
    assert view.search(unit_rows(1)[0], Scope(), 5) == []
    assert view.search(unit_rows(1)[0], Scope(), 0) == []


def test_a_broken_chroma_costs_speed_not_hits(generations, caplog, tmp_path):
    base = rows(100)
    name = generations.build([base], Stamp("library", 1)).name
    shutil.rmtree(tmp_path / "dense" / name / "chroma")
    view = DenseView.build(
        generations.open_current(), empty_rows(DIMENSIONS), version_table(100), exact_rows=0
    )
    vector = unit_rows(1, seed=4)[0]
    with caplog.at_level(logging.WARNING):
        hits = view.search(vector, Scope(), 5)
    assert keys_of(hits, 5) == brute_force([base], view.versions, vector, 5)
    assert "Run: dateline reindex" in caplog.text


def test_names_that_chroma_reads_from_elsewhere_do_not_reach_it(generations, tmp_path, monkeypatch):
    import chromadb  # noqa: F401  # reads its surroundings when imported, which is not ours to mend

    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("MIGRATIONS=none\nIS_PERSISTENT=no\n")
    monkeypatch.setenv("CHROMA_API_IMPL", "bogus")
    monkeypatch.setenv("PERSIST_DIRECTORY", str(tmp_path / "elsewhere"))
    generation = generations.build([rows(20)], Stamp("library", 1))
    assert generation.chroma.count() == 20
    assert not (tmp_path / "elsewhere").exists()


def test_a_generation_is_published_whole_and_its_predecessor_kept(generations, tmp_path):
    assert generations.open_current() is None
    names = [generations.build([rows(12)], Stamp("library", at)).name for at in (1, 2, 3)]
    assert generations.current_name == names[2]
    assert sorted(path.name for path in (tmp_path / "dense").iterdir()) == [*names[1:], "CURRENT"]
    current = generations.open_current()
    assert current.stamp == Stamp("library", 3)
    assert np.array_equal(current.embeddings, rows(12).embeddings)
    assert generations.current_facts() == (Stamp("library", 3), 12, True)
    assert lost_rows(current, 8) == []


def test_a_generation_of_nothing_needs_no_chroma(generations):
    generation = generations.build([], Stamp("library", 1))
    assert len(generation.chunk_keys) == 0
    view = DenseView.build(generation, rows(4), version_table(4), exact_rows=0)
    assert len(view.search(unit_rows(1)[0], Scope(), 9)) == 4


def test_a_build_that_fails_leaves_the_old_generation_and_no_folder(generations, tmp_path):
    old = generations.build([rows(12)], Stamp("library", 1))

    def failing():
        yield rows(4)
        raise OSError(28, "No space left on device")

    with pytest.raises(LibraryError, match="No space left"):
        generations.build(failing(), Stamp("library", 2))
    assert generations.current_name == old.name
    assert sorted(path.name for path in (tmp_path / "dense").iterdir()) == [old.name, "CURRENT"]


def test_what_a_killed_build_left_is_swept_by_the_next(generations, tmp_path):
    generations.build([rows(12)], Stamp("library", 5))
    left = tmp_path / "dense" / "0000000004-dead"
    left.mkdir()
    assert generations.orphans() == [left.name]
    generations.build([rows(12)], Stamp("library", 6))
    assert not left.exists()
    assert generations.orphans() == []


@pytest.mark.parametrize("name", ["meta.json", "rows.npy", "embeddings.f32"])
def test_a_damaged_generation_is_an_error_with_the_remedy(generations, tmp_path, name):
    generation = generations.build([rows(12)], Stamp("library", 1))
    path = tmp_path / "dense" / generation.name / name
    os.truncate(path, 10)
    with pytest.raises(LibraryError, match="Run: dateline reindex"):
        generations.open_current()
    path.unlink()
    with pytest.raises(LibraryError, match="Run: dateline reindex"):
        generations.open_current()


def test_a_pointer_to_nothing_is_an_error_with_the_remedy(generations, tmp_path):
    generation = generations.build([rows(12)], Stamp("library", 1))
    shutil.rmtree(tmp_path / "dense" / generation.name)
    with pytest.raises(LibraryError, match=r"missing\. Run: dateline reindex"):
        generations.open_current()
    assert generations.current_facts() is None

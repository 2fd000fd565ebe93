"""The doctor finds each kind of damage by the right check, and says what mends it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import numpy as np
import pytest

from index.embed import ModelCard
from index.errors import LibraryMissing
from index.store.doctor import examine
from index.store.library import Library
from index.store.lock import hold_lock

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
CHECKS = [
    "catalog", "model", "versions", "current versions", "visibility", "chunks", "embeddings",
    "change log", "origins", "lexical index", "dense index", "leftovers",
]  # fmt: skip


@pytest.fixture(scope="module")
def healthy(tmp_path_factory, make_article, make_entry, embedder):
    """A closed library of a few articles, two of them edited, another removed."""
    folder = tmp_path_factory.mktemp("healthy") / "library"
    with Library.open(folder, embedder.card, create=True, exact_rows=0) as library:
        for articles in (
            [make_article(f"n{n}", f"Ferry {n}.\nStorm {n}.") for n in range(6)],
            [make_article("n0", "Edited.", modified="2023-11-18")],
            [make_article("late", published=None), make_article("n1", "Edited too.")],
        ):
            library.write([make_entry(article) for article in articles], now=NOON)
            library.finish()
        library.remove([make_article("n2").article_id])
        library.purge()
    return folder


@pytest.fixture
def sick(healthy, folder):
    """A copy of it, to be damaged."""
    shutil.copytree(healthy, folder)
    return folder


def failed(folder, embedder):
    return {finding.check: finding for finding in examine(folder, embedder.card) if not finding.ok}


def alter(folder, *statements):
    """Change the catalog behind its back."""
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        for statement, *values in statements:
            assert connection.execute(statement, values).rowcount != 0
        connection.commit()


def test_a_healthy_library_passes_every_check(sick, embedder):
    findings = examine(sick, embedder.card)
    assert [finding.check for finding in findings] == CHECKS
    assert [(one.ok, one.detail, one.fix) for one in findings] == [(True, "ok", "")] * len(CHECKS)


def test_an_empty_library_passes_every_check(library, folder, embedder):
    assert failed(folder, embedder) == {}


def test_without_a_library_there_is_nothing_to_examine(folder, embedder):
    with pytest.raises(LibraryMissing):
        examine(folder, embedder.card)


DAMAGES = {
    "versions": [
        ("UPDATE bodies SET body = 'Ferry 3.\nStorm x.' WHERE body LIKE '%Storm 3.'",),
        ("UPDATE versions SET title = 'Another' WHERE number = 1",),
        ("DELETE FROM bodies WHERE body LIKE '%Storm 3.'",),
    ],
    "current versions": [
        ("UPDATE articles SET current_key = 999 WHERE url LIKE '%n3'",),
        ("UPDATE versions SET is_current = 0 WHERE version_key = 4",),
        ("UPDATE versions SET is_current = 1",),
    ],
    "visibility": [
        ("UPDATE versions SET visible_until = visible_until + 1000 WHERE version_key = 1",),
        ("UPDATE versions SET visible_from = visible_from - 1 WHERE version_key = 4",),
        ("UPDATE versions SET visible_until = visible_from - 1 WHERE version_key = 1",),
    ],
    "chunks": [
        ('UPDATE chunks SET "end" = 500 WHERE chunk_key = 3',),
        ('UPDATE chunks SET "end" = start WHERE chunk_key = 3',),
        ('UPDATE chunks SET start = 8, "end" = 9 WHERE chunk_key = 7',),
        ("UPDATE chunks SET start = -3 WHERE chunk_key = 3",),
    ],
    "embeddings": [
        ("UPDATE chunks SET embedding = x'0000' WHERE chunk_key = 3",),
        ("UPDATE chunks SET embedding = zeroblob(128) WHERE chunk_key = 3",),
        (
            "UPDATE chunks SET embedding = ? WHERE chunk_key = 3",
            np.full(32, np.nan, np.float32).tobytes(),
        ),
    ],
    "change log": [
        ("DELETE FROM changes WHERE revision = 2",),
        ("DELETE FROM changes WHERE version_key = 4",),
        ("UPDATE chunks SET revision = 99 WHERE chunk_key = 3",),
        ("UPDATE counters SET last = 2 WHERE name = 'chunk_key'",),
    ],
    "origins": [("UPDATE articles SET origin_id = 'nobody' WHERE url LIKE '%n3'",)],
    "catalog": [("DELETE FROM articles WHERE url LIKE '%n3'",)],
    "lexical index": [("DELETE FROM chunks WHERE chunk_key = 3",)],
    "dense index": [
        ("UPDATE chunks SET embedding = substr(embedding, 5) || substr(embedding, 1, 4)",),
    ],
}


@pytest.mark.parametrize(
    ("check", "statement"),
    [(check, statement) for check, statements in DAMAGES.items() for statement in statements],
)
def test_damage_to_the_catalog_is_found_by_its_check(sick, embedder, check, statement):
    alter(sick, statement)
    found = failed(sick, embedder)
    assert check in found
    assert found[check].detail != "ok"
    assert "dateline" in found[check].fix


def test_only_the_first_few_cases_are_named(sick, embedder):
    alter(sick, ('UPDATE chunks SET "end" = 500',))
    detail = failed(sick, embedder)["chunks"].detail
    assert detail.count("is no part of its article's text") == 3
    assert detail.endswith("and more")


def test_a_file_that_is_no_catalog_is_the_one_finding(sick, embedder):
    (sick / "catalog.sqlite").write_bytes(b"\0 nothing of the kind" * 500)
    (finding,) = examine(sick, embedder.card)
    assert (finding.check, finding.ok) == ("catalog", False)
    assert "dateline ingest" in finding.detail


def test_a_catalog_with_torn_pages_still_gets_findings(sick, embedder):
    path = sick / "catalog.sqlite"
    content = bytearray(path.read_bytes())
    content[-8192:] = b"\xff" * 8192
    path.write_bytes(content)
    assert "catalog" in failed(sick, embedder)


def test_another_model_is_found(sick):
    findings = examine(sick, ModelCard("other", "sha256:1", 32, 9))
    (finding,) = [finding for finding in findings if not finding.ok]
    assert (finding.check, finding.detail) == ("model", "made with hashing, in use is other")


def edit_stamp(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_lexical_marker_beyond_the_catalog_is_found(sick, embedder):
    edit_stamp(sick / "lexical" / "revision", revision=99)
    finding = failed(sick, embedder)["lexical index"]
    assert (finding.detail, finding.fix) == (
        "it is at revision 99, the catalog at 4",
        "dateline reindex",
    )


@pytest.mark.parametrize("library_id", ["", "another"])
def test_a_lexical_index_of_another_library_is_found(sick, embedder, library_id):
    edit_stamp(sick / "lexical" / "revision", library=library_id)
    assert "another library's" in failed(sick, embedder)["lexical index"].detail


def test_a_lexical_index_that_is_behind_is_brought_in_step(sick, embedder):
    edit_stamp(sick / "lexical" / "revision", revision=1)
    assert failed(sick, embedder) == {}


def test_lost_lexical_files_are_found(sick, embedder):
    for path in (sick / "lexical").glob("*.store"):
        path.unlink()
    finding = failed(sick, embedder)["lexical index"]
    assert finding.fix == "dateline reindex"
    shutil.rmtree(sick / "lexical")
    assert "missing" in failed(sick, embedder)["lexical index"].detail


def test_chunks_that_only_the_lexical_index_has_are_found(sick, embedder):
    alter(sick, ("DELETE FROM chunks WHERE chunk_key = 3",))
    assert failed(sick, embedder)["lexical index"].detail == "1 chunks in it are not in the catalog"


@pytest.fixture
def generation(sick):
    return sick / "dense" / (sick / "dense" / "CURRENT").read_text().split()[0]


def test_a_dense_index_beyond_the_catalog_is_found(sick, generation, embedder):
    edit_stamp(generation / "meta.json", revision=99)
    assert "at revision 99" in failed(sick, embedder)["dense index"].detail


def test_a_dense_index_of_another_library_is_found(sick, generation, embedder):
    edit_stamp(generation / "meta.json", library="another")
    assert failed(sick, embedder)["dense index"].detail == "it is another library's"


@pytest.mark.parametrize("name", ["embeddings.f32", "rows.npy", "meta.json", "chroma"])
def test_lost_dense_files_are_found(sick, generation, embedder, name):
    path = generation / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert failed(sick, embedder).keys() == {"dense index"}


def test_altered_vectors_are_found(sick, generation, embedder):
    vectors = np.fromfile(generation / "embeddings.f32", np.float32)
    vectors[:32] = -vectors[:32]
    vectors.tofile(generation / "embeddings.f32")
    detail = failed(sick, embedder)["dense index"].detail
    assert "its embeddings differ from the catalog's" in detail
    assert "Chroma does not find" in detail


def test_altered_rows_are_found(sick, generation, embedder):
    table = np.load(generation / "rows.npy")
    table[1, 0] = 77
    np.save(generation / "rows.npy", table)
    assert "other versions" in failed(sick, embedder)["dense index"].detail
    table[0, 0] = 7_777
    np.save(generation / "rows.npy", table)
    assert "1 chunks are missing" in failed(sick, embedder)["dense index"].detail


def test_a_chroma_of_other_vectors_is_found(
    sick, generation, embedder, open_library, store, make_article
):
    shutil.copytree(generation / "chroma", sick / "old")
    library = open_library(exact_rows=0)
    store(library, make_article("more"))
    library.reindex()
    library.close()
    current = sick / "dense" / (sick / "dense" / "CURRENT").read_text().split()[0]
    shutil.rmtree(current / "chroma")
    shutil.move(sick / "old", current / "chroma")
    assert "Chroma holds" in failed(sick, embedder)["dense index"].detail


def test_a_pointer_to_no_generation_is_found(sick, generation, embedder):
    (sick / "dense" / "CURRENT").write_text("0000000000-none\n")
    assert failed(sick, embedder).keys() == {"dense index"}


def test_traces_of_what_was_removed_are_found_and_reindexing_ends_them(
    sick, embedder, open_library, make_article
):
    library = open_library(exact_rows=0)
    library.remove([make_article("n3").article_id])
    finding = failed(sick, embedder)["leftovers"]
    assert "traces" in finding.detail
    assert finding.fix == "dateline reindex"
    library.reindex()
    assert failed(sick, embedder) == {}


def test_folders_of_killed_builds_are_found_once_they_are_old(sick, embedder):
    for name in ("0000000000-dead", "0000000099-new"):
        (sick / "dense" / name).mkdir()
    finding = failed(sick, embedder)["leftovers"]
    assert finding.detail == "dense/0000000000-dead is older than the published generation"


def test_reindexing_mends_whatever_the_indexes_have(sick, generation, embedder, open_library):
    shutil.rmtree(sick / "lexical")
    shutil.rmtree(generation)
    (sick / "dense" / "0000000000-dead").mkdir()
    library = open_library()
    library.reindex()
    library.close()
    assert failed(sick, embedder) == {}


def test_a_busy_library_is_a_finding_not_a_crash(sick, embedder, monkeypatch):
    monkeypatch.setattr("index.store.upkeep.LOCK_SECONDS", 0.05)
    with hold_lock(sick / "write.lock", seconds=0):
        finding = failed(sick, embedder)["lexical index"]
    assert "Another process is writing" in finding.detail

"""A library finds what it holds, through writes, edits, removals, kills and other processes."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.embed import ModelCard
from index.errors import LibraryBusy, LibraryError, LibraryMissing, ModelMismatch
from index.items import Remark
from index.notice import Notice, NoticeKind
from index.scope import Scope
from index.store.doctor import examine
from index.store.entry import Stored
from index.store.library import Hit, Library
from index.store.lock import hold_lock
from index.store.upkeep import AT_THE_END, WHILE_WRITING

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
on_both = pytest.mark.parametrize("servers", ["sqlite", "postgresql"], indirect=True)
WRITER = Path(__file__).with_name("write_batches.py")


def search(library, embedder, text, scope=None, limit=50):
    """Texts found, by the dense leg and by the lexical one."""
    scope = scope or Scope()
    weights = dict.fromkeys(library.terms.analyze(text), 1.0)
    legs = (
        library.dense(embedder.embed_query(text), scope, limit),
        library.lexical(weights, scope, limit),
    )
    return [
        [passage.text for passage in library.passages([hit.chunk_id for hit in hits], scope)]
        for hits in legs
    ]


def breaches(folder, embedder):
    return [finding for finding in examine(folder, embedder.card) if not finding.ok]


@on_both
def test_what_is_written_is_found_by_both_legs(library, store, make_article, embedder):
    store(library, make_article("a"), make_article("b", "The ferry sank."))
    dense, lexical = search(library, embedder, "Who led the delegation?")
    assert dense[0] == lexical[0] == "Kozlov led the delegation."
    assert lexical[-1] == "It arrived in Pyongyang on Tuesday."
    assert set(dense) == {
        "Kozlov led the delegation.", "It arrived in Pyongyang on Tuesday.", "The ferry sank."
    }  # fmt: skip


def test_title_outlet_and_date_are_searched_but_are_not_text(library, store, make_article):
    store(library, make_article(title="Ministers meet", outlet="Morning Wire"))
    for question in ("minister", "morning wire", "November 16, 2023", "2023-11-16"):
        weights = dict.fromkeys(library.terms.analyze(question), 1.0)
        hits = library.lexical(weights, Scope(), 9)
        assert [p.text for p in library.passages([hits[0].chunk_id], Scope())] == [
            "Kozlov led the delegation."
        ]


@on_both
def test_hits_come_best_first_and_equals_in_the_order_of_their_ids(library, store, make_article):
    store(library, *(make_article(f"n{number}", "Ferry.") for number in range(30)))
    weights = {"ferri": 1.0}
    hits = library.lexical(weights, Scope(), 10)
    every = library.lexical(weights, Scope(), 99)
    assert hits == every[:10]
    assert every == sorted(every, key=lambda hit: (-hit.score, hit.chunk_id))
    assert isinstance(hits[0], Hit)


@on_both
def test_an_open_reader_sees_a_write_after_refreshing(open_library, store, make_article, embedder):
    writer = open_library(create=True)
    reader = open_library()
    assert search(reader, embedder, "Kozlov") == [[], []]
    assert reader.refresh() is False
    store(writer, make_article("a"))
    assert search(reader, embedder, "Kozlov") == [[], []]
    assert reader.refresh() is True
    assert reader.refresh() is False
    assert reader.revision == 1
    dense, lexical = search(reader, embedder, "Kozlov")
    assert len(dense) == 2
    assert lexical == ["Kozlov led the delegation."]
    assert reader.outlets() == {"The Harbour Post": 1}


@on_both
def test_an_edit_hides_the_old_text_but_not_from_its_own_time(
    library, store, make_article, embedder
):
    store(library, make_article(body="Kozlov came.", published="2023-11-16"))
    store(library, make_article(body="Kozlov left.", published="2023-11-16", modified="2023-11-18"))
    for _ in range(2):
        assert search(library, embedder, "Kozlov") == [["Kozlov left."]] * 2
        for as_of, text in (("2023-11-17", "Kozlov came."), ("2023-11-19", "Kozlov left.")):
            scope = Scope(as_of=datetime.fromisoformat(as_of).replace(tzinfo=UTC))
            assert search(library, embedder, "Kozlov", scope) == [[text]] * 2
        before = Scope(as_of=datetime(2023, 11, 16, 12, tzinfo=UTC))
        assert search(library, embedder, "Kozlov", before) == [[], []]
        library.finish()


@on_both
def test_a_scope_narrows_both_legs_alike(library, store, make_article, embedder):
    store(
        library,
        make_article("a", "Ferry one.", outlet="The Wire", published="2023-11-16"),
        make_article("b", "Ferry two.", outlet="wire", published="2023-11-18"),
        make_article("c", "Ferry three.", outlet="Post", published=None),
    )
    library.finish()
    store(library, make_article("d", "Ferry four.", outlet="Wire", published="2023-11-20"))
    library.refresh()

    def day(number):
        return datetime(2023, 11, number, tzinfo=UTC)

    scopes = {
        Scope(): {"one", "two", "three", "four"},
        Scope(outlets=frozenset({"wire"})): {"one", "two", "four"},
        Scope(outlets=frozenset({"nowhere"})): set(),
        Scope(since=day(18)): {"two", "four"},
        Scope(until=day(19)): {"one", "two"},
        Scope(as_of=day(19), outlets=frozenset({"wire", "post"})): {"one", "two"},
    }
    for scope, expected in scopes.items():
        for texts in search(library, embedder, "ferry", scope):
            assert {text.split()[1].strip(".") for text in texts} == expected


@on_both
def test_a_removed_article_is_shown_by_nobody_even_before_a_refresh(
    open_library, store, make_article, embedder
):
    library, reader = open_library(create=True), open_library()
    store(library, make_article("a"), make_article("b", "The ferry sank."))
    library.finish()
    reader.refresh()
    found = reader.dense(embedder.embed_query("Kozlov"), Scope(), 9)
    assert library.remove([make_article("a").article_id]) == 1
    assert [passage.text for passage in reader.passages((hit.chunk_id for hit in found), Scope())]
    assert search(reader, embedder, "Kozlov") == [["The ferry sank."], []]
    reader.refresh()
    assert search(reader, embedder, "Kozlov") == [["The ferry sank."], []]
    library.reindex()
    assert search(library, embedder, "Kozlov") == [["The ferry sank."], []]


def test_passages_that_are_remembered_are_those_of_now(open_library, store, make_article, embedder):
    library, reader = open_library(create=True), open_library()
    plain, edited = make_article("a"), make_article("a", "Kozlov left the delegation.")
    store(library, plain, make_article("b", "The ferry sank."))
    ids = [hit.chunk_id for hit in reader.dense(embedder.embed_query("Kozlov"), Scope(), 9)]
    before = reader.passages(ids, Scope())
    assert reader.passages(ids, Scope()) == before
    # Another scope is asked anew, whatever is remembered.
    assert reader.passages(ids, Scope(outlets=frozenset({"nobody"}))) == []

    gone = Remark(plain.url, Notice(NoticeKind.RETRACTED, "Withdrawn.", NOON))
    assert library.catalog.keep_remarks([gone], now=NOON) == 1
    # Not refreshed, it already asks the catalog; refreshed, it remembers that.
    for _ in range(2):
        told = {one.notice.kind for one in reader.passages(ids, Scope()) if one.notice}
        assert told == {NoticeKind.RETRACTED}
        reader.refresh()
    assert not any(one.notice for one in reader.passages(ids, Scope(as_of=NOON - timedelta(1))))
    store(library, edited)
    reader.refresh()
    assert [passage.text for passage in reader.passages(ids, Scope())] == ["The ferry sank."]


def test_a_generation_is_built_when_a_run_ends_and_then_only_when_it_pays(
    library, store, make_article, folder
):
    library.finish()
    assert not (folder / "dense" / "CURRENT").exists()
    store(library, make_article("a"))
    assert not (folder / "dense" / "CURRENT").exists()
    library.finish()
    first = (folder / "dense" / "CURRENT").read_text()
    store(library, make_article("b"))
    library.finish()
    assert (folder / "dense" / "CURRENT").read_text() == first


@pytest.mark.parametrize(("exact_rows", "has_chroma"), [(16_384, False), (0, True)])
def test_chroma_is_spared_where_looking_at_every_row_is_cheaper(
    open_library, store, make_article, folder, exact_rows, has_chroma
):
    library = open_library(create=True, exact_rows=exact_rows)
    store(library, make_article("a"))
    library.finish()
    (generation,) = [path for path in (folder / "dense").iterdir() if path.is_dir()]
    assert (generation / "chroma").exists() is has_chroma


def test_following_gives_what_reading_everything_anew_gives(
    open_library, store, make_article, embedder
):
    """Adds, edits, old copies that come back, removals and outlets: step by step or at once."""
    writer, follower = open_library(create=True), open_library()
    steps = [
        lambda: store(writer, make_article("a", "Kozlov came."), make_article("b", outlet=None)),
        lambda: store(writer, make_article("c", "Ferry.", outlet="the harbour post")),
        lambda: store(writer, make_article("a", "Kozlov left.", modified="2023-11-18")),
        lambda: writer.remove([make_article("c").article_id]),
        lambda: store(writer, make_article("a", "Kozlov came.", modified="2023-11-20")),
        lambda: store(writer, make_article("d", "Kozlov.", outlet="The Wire", published=None)),
        writer.finish,
        lambda: store(writer, make_article("e", "Kozlov again.", outlet="THE WIRE")),
        lambda: writer.remove([make_article("d").article_id, make_article("a").article_id]),
        lambda: store(writer, make_article("f", "Kozlov at last.", outlet="wire")),
    ]
    scopes = [
        Scope(), Scope(outlets=frozenset({"wire"})), Scope(since=datetime(2023, 11, 1, tzinfo=UTC)),
        *(Scope(as_of=datetime(2023, 11, day, tzinfo=UTC)) for day in (16, 17, 19, 21)),
    ]  # fmt: skip
    for step in steps:
        step()
        follower.refresh()
        with_everything = open_library()
        for scope in scopes:
            assert search(follower, embedder, "Kozlov", scope) == search(
                with_everything, embedder, "Kozlov", scope
            )
        assert follower.outlets() == with_everything.outlets() == writer.catalog.outlets()


@pytest.mark.parametrize(
    ("policy", "delta", "base", "asks"),
    [
        (WHILE_WRITING, 8192, None, False),
        (WHILE_WRITING, 8193, None, True),
        (WHILE_WRITING, 8193, 40_000, False),
        (WHILE_WRITING, 10_001, 40_000, True),
        (AT_THE_END, 1, None, True),
        (AT_THE_END, 0, None, False),
        (AT_THE_END, 1000, 500, False),
        (AT_THE_END, 1001, 500, True),
        (AT_THE_END, 4000, 40_000, False),
    ],
)
def test_a_merge_is_asked_for_when_the_delta_outgrows_its_base(policy, delta, base, asks):
    assert policy.asks(delta, base) is asks


@on_both
def test_searches_give_the_same_before_and_after_a_merge(
    open_library, store, make_article, embedder
):
    library = open_library(create=True, exact_rows=0)
    store(library, *(make_article(f"n{n}", f"Ferry {n}.\nStorm {n}.") for n in range(60)))
    vector = embedder.embed_query("storm 7")
    before = library.dense(vector, Scope(), 20)
    library.finish()
    assert library.dense(vector, Scope(), 20) == before
    assert before[0].score == pytest.approx(before[0].score)


def test_no_library_is_said_with_the_command_that_makes_one(open_library, folder):
    with pytest.raises(LibraryMissing, match="Run: dateline ingest"):
        open_library()
    assert not folder.exists()


def test_a_library_of_another_model_is_refused_with_the_remedy(library, folder):
    for card in (ModelCard("other", "sha256:1", 32, 9), ModelCard("hashing", "sha256:0", 16, 9)):
        refusal = rf"embedding model hashing .*this program uses {card.name} .*dateline ingest"
        with pytest.raises(ModelMismatch, match=refusal):
            Library.open(folder, card)


def test_a_place_where_no_folder_can_be_is_refused(tmp_path, embedder):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LibraryError, match="Name another folder"):
        Library.open(tmp_path / "file" / "library", embedder.card, create=True)


def test_a_busy_library_says_so_after_a_while(library, store, make_article, folder, monkeypatch):
    monkeypatch.setattr("index.store.upkeep.LOCK_SECONDS", 0.05)
    with hold_lock(folder / "write.lock", seconds=0):
        with pytest.raises(LibraryBusy, match="Another process is writing"):
            store(library, make_article("a"))
        assert library.refresh() is True


def test_a_write_cut_off_after_the_catalog_is_finished_by_the_next_opener(
    open_library, make_article, make_entry, embedder
):
    library = open_library(create=True)
    # What a kill leaves between the catalog's commit and Tantivy's.
    library.catalog.store([make_entry(make_article("a"))], now=NOON)
    reader = open_library()
    assert search(reader, embedder, "Kozlov")[1] == ["Kozlov led the delegation."]


def test_a_write_cut_off_before_the_marker_is_not_doubled(
    library, folder, store, make_article, embedder
):
    store(library, make_article("a"))
    marker = folder / "lexical" / "revision"
    stamp = json.loads(marker.read_text())
    marker.write_text(json.dumps(stamp | {"revision": 0}))
    assert search(library, embedder, "Kozlov")[1] == ["Kozlov led the delegation."]
    assert library.terms.document_count == 2
    assert breaches(folder, embedder) == []


def test_a_lexical_index_of_another_library_is_made_anew(
    library, folder, store, make_article, embedder
):
    store(library, make_article("a"))
    marker = folder / "lexical" / "revision"
    stamp = json.loads(marker.read_text())
    marker.write_text(json.dumps(stamp | {"library": "another", "revision": 7}))
    assert search(library, embedder, "Kozlov")[1] == ["Kozlov led the delegation."]
    # It was filled article by article before, and is made of all of them at once now.
    assert (stamp["made"], stamp["revision"]) == (0, 1)
    assert json.loads(marker.read_text()) == stamp | {"made": 1}


@pytest.mark.parametrize("lost", ["lexical", "dense", "lexical/meta.json", "dense/CURRENT"])
def test_indexes_that_are_lost_are_made_again_without_embedding(
    open_library, folder, store, make_article, embedder, lost
):
    library = open_library(create=True)
    store(library, make_article("a"))
    library.finish()
    expected = search(library, embedder, "Kozlov")
    library.close()
    shutil.rmtree(folder / lost) if (folder / lost).is_dir() else (folder / lost).unlink()
    again = open_library()
    again.reindex()
    assert search(again, embedder, "Kozlov") == expected
    assert breaches(folder, embedder) == []


def test_reindexing_gives_exactly_what_writing_gave(library, store, make_article, embedder, folder):
    for batch in range(3):
        store(library, *(make_article(f"n{n}", f"Ferry {batch} {n}.") for n in range(12)))
    library.finish()

    def everything():
        hits = library.dense(embedder.embed_query("ferry 1 2"), Scope(), 99)
        return hits, {hit.chunk_id for hit in library.lexical({"ferri": 1.0}, Scope(), 99)}

    before = everything()
    library.reindex()
    assert everything() == before


def test_a_reader_survives_a_reindex_by_another_process(
    open_library, store, make_article, embedder
):
    library, reader = open_library(create=True), open_library()
    store(library, make_article("a"))
    reader.refresh()
    library.reindex()
    library.reindex()
    library.reindex()
    assert search(reader, embedder, "Kozlov")[1] == ["Kozlov led the delegation."]
    store(library, make_article("b", "Kozlov again."))
    reader.refresh()
    assert set(search(reader, embedder, "Kozlov")[1]) == {
        "Kozlov led the delegation.", "Kozlov again."
    }  # fmt: skip


def test_a_dense_index_newer_than_its_catalog_is_not_used(
    library, open_library, store, make_article, embedder, folder, caplog
):
    store(library, make_article("a"))
    library.finish()
    (meta,) = (folder / "dense").glob("*/meta.json")
    meta.write_text(meta.read_text().replace('"revision": 1', '"revision": 9'))
    dense, _ = search(open_library(), embedder, "Kozlov")
    assert len(dense) == 2
    assert "newer than its catalog" in caplog.text


def test_a_damaged_generation_is_complained_of_once_and_done_without(
    library, open_library, store, make_article, embedder, folder, caplog
):
    store(library, make_article("a"))
    library.finish()
    for path in (folder / "dense").glob("*/meta.json"):
        path.unlink()
    reader = open_library()
    for name in ("b", "c"):
        reader.refresh()
        store(library, make_article(name, "Kozlov again."))
    assert caplog.text.count("is damaged") == 1
    reader.refresh()
    assert [len(texts) for texts in search(reader, embedder, "Kozlov")] == [4, 3]
    assert reader.refresh() is False


@pytest.mark.parametrize(
    "damage", ["UPDATE chunks SET embedding = x'00'", "DELETE FROM bodies WHERE version_key = 1"]
)
def test_a_damaged_catalog_is_not_turned_into_damaged_indexes(
    library, store, make_article, folder, embedder, damage
):
    store(library, make_article("a"), make_article("b", "The ferry sank."))
    library.finish()
    expected = search(library, embedder, "sank")
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as connection:
        connection.execute(damage)
        connection.commit()
    with pytest.raises(LibraryError, match="Run: dateline doctor"):
        library.reindex()
    assert search(library, embedder, "sank")[0][0] == expected[0][0]


# Many at once.


@on_both
def test_threads_search_while_others_write_and_refresh(open_library, store, make_article, embedder):
    writer, reader = open_library(create=True), open_library(exact_rows=0)
    store(writer, *(make_article(f"n{n}", "Kozlov left.") for n in range(4)))
    writer.finish()
    reader.refresh()
    stop, failed = threading.Event(), []

    def watch():
        try:
            least = 4
            while not stop.is_set():
                dense, lexical = search(reader, embedder, "Kozlov left", limit=500)
                assert all(text == "Kozlov left." for text in dense + lexical)
                assert min(len(dense), len(lexical)) >= least
                least = min(len(dense), len(lexical))
        except BaseException as error:
            failed.append(error)

    def refresh():
        while not stop.is_set():
            reader.refresh()
            time.sleep(0.005)

    threads = [threading.Thread(target=target) for target in (watch, watch, watch, refresh)]
    for thread in threads:
        thread.start()
    for batch in range(8):
        store(writer, *(make_article(f"n{batch}-{n}", "Kozlov left.") for n in range(4)))
        if batch == 4:
            writer.reindex()
    time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    reader.refresh()
    assert [len(texts) for texts in search(reader, embedder, "Kozlov", limit=500)] == [36, 36]


def start_writer(folder, name, batches, size, *options):
    command = [sys.executable, str(WRITER), str(folder), name, str(batches), str(size), *options]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=WRITER.parent.parent,
        env={"PYTHONPATH": str(WRITER.parent.parent), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


@pytest.mark.slow
def test_two_processes_write_at_once_and_nothing_is_lost(folder, embedder, open_library):
    writers = [start_writer(folder, name, 6, 4, "--build-often") for name in ("one", "two")]
    reader, revisions = None, []
    while any(writer.poll() is None for writer in writers):
        if reader is None:
            try:
                reader = open_library()
            except LibraryMissing:
                continue
        reader.refresh()
        revisions.append(reader.revision)
        for texts in search(reader, embedder, "left"):
            assert all(texts)
    outputs = [writer.communicate()[0].split() for writer in writers]
    assert all(output[-1] == "finished" for output in outputs)
    assert revisions == sorted(revisions)
    reader.refresh()
    stats = reader.catalog.stats()
    assert (stats.articles, stats.chunks, stats.revision) == (48, 96, 12)
    assert breaches(folder, embedder) == []
    assert len(reader.lexical({"came": 1.0}, Scope(), 500)) == 48


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_loses_nothing_that_it_reported(
    folder, embedder, open_library
):
    reader, reported = None, 0
    for attempt in range(6):
        writer = start_writer(folder, "n", 200, 2, "--build-often")
        lines = 1 + attempt % 4
        for line in writer.stdout:
            reported = max(reported, int(line))
            lines -= 1
            if not lines:
                break
        # The moment falls into the next batch: catalog, Tantivy, Chroma or the pointer.
        time.sleep(attempt * 0.023)
        writer.send_signal(signal.SIGKILL)
        reported = max([reported, *map(int, writer.communicate()[0].split())])
        reader = reader or open_library()
        reader.refresh()
        urls = [f"https://news.example/n-{number}" for number in range(reported)]
        assert reader.catalog.known_versions(urls).keys() == set(urls)
        for texts in search(reader, embedder, "came", limit=500):
            assert all(texts)
        assert len(reader.lexical({"came": 1.0}, Scope(), 900)) == reader.catalog.stats().articles
        assert breaches(folder, embedder) == []


@on_both
def test_a_second_write_of_the_same_articles_stores_nothing(library, make_article, make_entry):
    entries = [make_entry(make_article("a")), make_entry(make_article("b"))]
    assert library.write(entries, now=NOON) == Stored(2, 0, 0, 4, 1)
    assert library.write(entries, now=NOON) == Stored(0, 0, 2, 0, 1)
    assert library.write([], now=NOON) == Stored(revision=1)

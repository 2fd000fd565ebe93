"""The catalog keeps every version, and knows which of them may be seen when."""

from __future__ import annotations

import itertools
import sqlite3
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from index.errors import LibraryBusy, LibraryError, LibraryMissing
from index.failure import Failure
from index.scope import Scope
from index.store.catalog import Catalog
from index.store.entry import Stored
from index.store.ledger import Reading, SourceLedger
from index.store.schema import bodies, changes, chunks, origin_bands, versions
from index.store.servers import catalog_place
from index.store.visible import VersionTable, visible_rows

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def pytest_generate_tests(metafunc):
    """Everything but what damages the file is the same on both databases."""
    if "catalog" in metafunc.fixturenames and "path" not in metafunc.fixturenames:
        metafunc.parametrize("servers", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def place(servers, tmp_path):
    """Where the catalog is."""
    return catalog_place(tmp_path, servers)


@pytest.fixture
def catalog(place, embedder):
    catalog = Catalog.create(place, embedder.card)
    yield catalog
    catalog.close()


@pytest.fixture
def keep(catalog, make_entry):
    def keep_all(*articles, now=NOON):
        return catalog.store([make_entry(article) for article in articles], now=now)

    return keep_all


def test_a_statement_that_fails_tells_nothing_of_its_values(catalog):
    asked = "is the merger off?"
    with (
        pytest.raises((DBAPIError, LibraryError)) as failed,
        catalog.database.writing() as connection,
    ):
        connection.execute(text("SELECT :asked FROM nowhere"), {"asked": asked})
    logged = "".join(traceback.format_exception(failed.value))
    assert "FROM nowhere" in logged
    assert asked not in logged


def test_a_batch_is_counted_and_is_one_revision(catalog, keep, make_article):
    stored = keep(make_article("a"), make_article("b"))
    assert stored == Stored(added=2, chunks=4, revision=1)
    assert catalog.revision == 1
    assert [change.kind for change in catalog.changes_since(0)] == ["added", "added"]


def test_an_article_stored_twice_is_kept_once(catalog, keep, make_article):
    keep(make_article())
    assert keep(make_article()) == Stored(unchanged=1, revision=1)
    assert keep(make_article("b"), make_article("b")) == Stored(1, 0, 1, 2, 2)
    assert catalog.stats().versions == 2


def test_an_edit_makes_a_version_and_keeps_the_old_one(catalog, keep, make_article):
    old = make_article()
    new = make_article(body="Kozlov left.", modified="2023-11-18")
    keep(old)
    assert keep(new).updated == 1
    assert catalog.known_versions([old.url, "https://news.example/none"]) == {old.url: new.version}
    first, second = catalog.versions(old.article_id)
    assert (first.article, first.number, first.is_current) == (old, 1, False)
    assert (second.article, second.number, second.is_current) == (new, 2, True)
    assert catalog.article(old.article_id).version == new.version
    assert catalog.article(old.article_id, old.version) == first
    assert catalog.article("0" * 16) is None


def test_a_version_is_visible_from_the_end_of_its_publication_until_the_next(
    catalog, keep, make_article
):
    keep(make_article(published="2023-11-16"))
    keep(make_article(body="Edited.", published="2023-11-16", modified="2023-11-18T10:00:00Z"))
    first, second = catalog.versions(make_article().article_id)
    assert first.visible_from == day("2023-11-16T23:59:59")
    assert first.visible_until == second.visible_from == day("2023-11-18T10:00:00")
    assert second.visible_until is None


def test_an_edit_without_a_modified_time_is_visible_from_its_ingestion(catalog, keep, make_article):
    keep(make_article(), now=NOON)
    keep(make_article(body="Edited."), now=NOON + timedelta(hours=1))
    assert catalog.article(make_article().article_id).visible_from == NOON + timedelta(hours=1)


def test_an_edit_is_never_visible_before_its_own_publication(catalog, keep, make_article):
    keep(make_article(published="2023-11-16"))
    keep(make_article(body="Edited.", published="2023-12-01", modified="2023-11-20"))
    assert catalog.article(make_article().article_id).visible_from == day("2023-12-01T23:59:59")


def test_a_guessed_modified_time_is_not_believed(catalog, keep, make_article):
    keep(make_article())
    edited = make_article(body="Edited.", modified="2023-11-18")
    guessed = replace(edited, modified=replace(edited.modified, is_guess=True))
    keep(guessed, now=NOON)
    assert catalog.article(guessed.article_id).visible_from == NOON


def test_three_versions_in_one_batch_follow_each_other(catalog, keep, make_article):
    bodies_ = ["One.", "Two.", "Three."]
    stored = keep(*(make_article(body=body) for body in bodies_))
    assert (stored.added, stored.updated) == (1, 2)
    kept = catalog.versions(make_article().article_id)
    assert [version.article.body for version in kept] == bodies_
    assert [version.is_current for version in kept] == [False, False, True]


def test_an_old_copy_read_again_does_not_replace_the_newer_version(catalog, keep, make_article):
    keep(make_article(body="Old."))
    keep(make_article(body="New."))
    assert keep(make_article(body="Old.")).unchanged == 1
    assert catalog.article(make_article().article_id).article.body == "New."


def test_a_story_put_back_to_an_old_text_shows_it_again(catalog, keep, make_article):
    keep(make_article(body="Old."), make_article(body="New.", modified="2023-11-18"))
    assert keep(make_article(body="Old.", modified="2023-11-20")).updated == 1
    current = catalog.article(make_article().article_id)
    assert (current.article.body, current.number) == ("Old.", 3)
    assert current.visible_from == day("2023-11-20T23:59:59")
    assert catalog.stats().versions == 2


edits = st.lists(
    st.tuples(
        st.sampled_from(["One.", "Two.", "Three.", "Four."]),
        st.sampled_from([None, "2023-11", "2023-11-16", "2023-11-20T08:00:00Z"]),
        st.sampled_from([None, "2023-11-10", "2023-11-17", "2023-11-21", "2024"]),
    ),
    min_size=1,
    max_size=6,
)


names = itertools.count()


@given(edits)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_versions_of_one_article_are_never_visible_together(
    catalog, make_article, make_entry, edits
):
    name = f"n{next(names)}"
    for hour, (body, published, modified) in enumerate(edits):
        article = make_article(name, body, published=published, modified=modified)
        catalog.store([make_entry(article)], now=NOON + timedelta(hours=hour))
    kept = catalog.versions(make_article(name).article_id)
    assert sum(version.is_current for version in kept) == 1
    spans = sorted(
        (version.visible_from, version.visible_until or datetime.max.replace(tzinfo=UTC))
        for version in kept
        if version.visible_from
    )
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert all(begin <= end for begin, end in spans)


def test_the_two_forms_of_the_scope_rule_agree(catalog, keep, make_article):
    dates = [None, "2023", "2023-11", "2023-11-16", "2023-11-16T10:00:00Z", "2024-01-01"]
    for number, published in enumerate(dates):
        outlet = f"Outlet {number % 3}" if number else None
        keep(make_article(f"n{number}", published=published, outlet=outlet))
        modified = "2023-12-01" if number % 2 else None
        edited = make_article(
            f"n{number}", "Edited.", published=published, outlet=outlet, modified=modified
        )
        keep(edited, now=NOON + timedelta(hours=number))
    instants = [None, day("2023-11-16"), day("2023-11-16T23:59:59"), day("2023-12-02"), NOON]
    moments = [None, day("2023-01-01"), day("2023-11-16T00:00:00.5"), day("2023-12-31T23:59:59")]
    outlets = [frozenset(), frozenset({"outlet 1"}), frozenset({"outlet 1", "outlet 2", "none"})]
    with catalog.database.reading() as connection:
        table = VersionTable.load(connection)
        for as_of in instants:
            for since in moments:
                for until in moments:
                    for names in outlets:
                        scope = Scope(as_of, since, until, names)
                        rows = select(versions.c.version_key).where(*visible_rows(scope))
                        expected = sorted(connection.scalars(rows))
                        assert table.keys[table.mask(scope)[:-1]].tolist() == expected


def test_an_undated_article_is_seen_without_times_only(catalog, keep, make_article, make_entry):
    article = make_article(published=None)
    keep(article)
    chunk_id = make_entry(article).chunks[0].chunk_id
    assert chunk_id in catalog.passages([chunk_id], Scope())
    for scope in (Scope(as_of=NOON), Scope(since=day("1990-01-01")), Scope(until=NOON)):
        assert not catalog.passages([chunk_id], scope)


def test_a_passage_is_the_bodys_own_text_beyond_ascii(catalog, keep, make_article, make_entry):
    article = make_article(body="Ein Zug – “früh”.\n🚄 Łódź, 14:00.\nКонец.")
    keep(article)
    asked = [chunk.chunk_id for chunk in make_entry(article).chunks]
    found = catalog.passages([*reversed(asked), "unknown"])
    assert list(found) == asked[::-1]
    assert [passage.text for passage in found.values()] == article.body.split("\n")[::-1]
    assert all(p.text == article.body[p.start : p.end] for p in found.values())
    assert found[asked[0]].published == article.published


def test_origins_are_found_by_any_shared_band(catalog, make_article, make_entry):
    first = replace(make_entry(make_article("a")), bands=(1, -(2**63)), origin_id="wire")
    second = replace(make_entry(make_article("b", published=None)), bands=(2,), origin_id="own")
    catalog.store([first, second], now=NOON)
    (found,) = catalog.origin_candidates([-(2**63), 7])
    assert (found.article_id, found.origin_id) == (first.article.article_id, "wire")
    assert (found.signature, found.published_start) == (first.signature, day("2023-11-16"))
    assert len(catalog.origin_candidates(range(-1000, 1000))) == 2
    moved = replace(make_entry(make_article("a", "Edited.")), bands=(5,), origin_id="new")
    catalog.store([moved], now=NOON)
    assert catalog.origin_candidates([1]) == []
    assert catalog.origin_candidates([5])[0].origin_id == "new"


def test_a_removed_article_is_gone_from_every_table(catalog, keep, make_article):
    keep(make_article("a"), make_article("b"))
    keep(make_article("a", "Edited."))
    gone = make_article("a").article_id
    assert catalog.remove([gone, "0" * 16], now=NOON) == 1
    assert catalog.remove([gone]) == 0
    assert [listing.url for listing in catalog.articles()] == [make_article("b").url]
    with catalog.database.reading() as connection:
        for table, rows in ((versions, 1), (bodies, 1), (chunks, 2), (origin_bands, 1)):
            assert len(connection.execute(select(table)).all()) == rows
        kinds = connection.scalars(select(changes.c.kind).where(changes.c.article_id == gone)).all()
    assert kinds == ["added", "updated", "removed", "removed"]


def test_keys_of_removed_articles_are_not_used_again(catalog, keep, make_article):
    keep(make_article("a"))
    before = {change.version_key for change in catalog.changes_since(0)}
    catalog.remove([make_article("a").article_id])
    keep(make_article("a"))
    (again,) = catalog.changes_since(2)
    assert again.version_key not in before


def test_articles_are_listed_newest_first_and_by_any_spelling_of_the_outlet(
    catalog, keep, make_article
):
    keep(
        make_article("old", published="2023-01-01"),
        make_article("undated", published=None, outlet="harbour  post"),
        make_article("new", published="2023-11-16", outlet="Wire"),
    )
    names = [listing.url.rsplit("/", 1)[1] for listing in catalog.articles()]
    assert names == ["new", "old", "undated"]
    assert [one.outlet for one in catalog.articles(outlet="HARBOUR POST")] == [
        "The Harbour Post",
        "harbour  post",
    ]
    assert [one.url[-3:] for one in catalog.articles(limit=1, offset=1)] == ["old"]
    assert catalog.outlets() == {"The Harbour Post": 2, "Wire": 1}
    (edited,) = catalog.articles(limit=1)
    assert (edited.versions, edited.chunks) == (1, 2)


def test_statistics_count_what_is_there(catalog, keep, make_article):
    keep(make_article("a", published="2023-01"), make_article("b", published=None))
    keep(make_article("a", "Edited.", published="2023-02"))
    failed = Failure("file line 3", "no body")
    readings = [Reading("whole", "print", 2, ()), Reading("file", "print", 2, (failed,))]
    SourceLedger(catalog.database).record(readings, now=NOON)
    assert catalog.failures() == [failed]
    stats = catalog.stats()
    assert (stats.articles, stats.versions, stats.chunks, stats.undated) == (2, 3, 5, 1)
    assert (stats.sources, stats.failures, stats.revision) == (1, 1, 2)
    assert stats.oldest == stats.newest == make_article(published="2023-02").published


def test_embeddings_that_do_not_fit_are_refused_and_nothing_is_stored(
    catalog, make_article, make_entry
):
    good = make_entry(make_article("good"))
    entry = make_entry(make_article())
    shapes = [entry.embeddings[:1], entry.embeddings[:, :8], entry.embeddings * np.nan]
    for embeddings in shapes:
        with pytest.raises(ValueError, match="embeddings of shape"):
            catalog.store([good, replace(entry, embeddings=embeddings)], now=NOON)
    assert catalog.revision == 0


def test_a_batch_that_cannot_be_stored_leaves_no_trace(catalog, keep, make_article):
    with pytest.raises(UnicodeEncodeError):
        keep(make_article("good"), make_article("bad", "A lone \ud800 surrogate."))
    assert catalog.revision == 0
    assert catalog.articles() == []


def test_no_library_is_said_with_the_command_that_makes_one(tmp_path):
    with pytest.raises(LibraryMissing, match="Run: dateline ingest ARTICLES --library"):
        Catalog.open(tmp_path / "catalog.sqlite")


def test_a_catalog_whose_making_was_killed_counts_as_missing(tmp_path):
    (tmp_path / "catalog.sqlite").touch()
    with pytest.raises(LibraryMissing, match="never finished"):
        Catalog.open(tmp_path / "catalog.sqlite")


def test_a_file_that_is_no_database_is_refused_with_a_remedy(tmp_path):
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"a poem, not a database\n" * 400)
    with pytest.raises(LibraryError, match=r"not a Dateline catalog.*dateline ingest"):
        Catalog.open(path)


def test_another_programs_database_is_refused(tmp_path):
    path = tmp_path / "catalog.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name)")
    other.close()
    with pytest.raises(LibraryError, match="is not a Dateline catalog"):
        Catalog.open(path)


def test_a_newer_schema_is_refused(catalog, place):
    catalog.set_setting("schema", "99")
    with pytest.raises(LibraryError, match="schema 99"):
        Catalog.open(place)


def test_a_damaged_page_is_an_error_with_a_remedy(catalog, keep, make_article, path):
    keep(*(make_article(f"n{number}", "Line.\n" * 30) for number in range(40)))
    catalog.close()
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(LibraryError, match="damaged"):
        Catalog.open(path).articles()


def test_a_reader_is_not_disturbed_by_a_writer(catalog, keep, make_article, place):
    keep(make_article("a"))
    reader = Catalog.open(place)
    with catalog.database.writing() as connection:
        connection.execute(versions.update().values(title="changed"))
        assert reader.articles()[0].title == "A visit"
    assert reader.articles()[0].title == "changed"
    reader.close()


def test_a_second_writer_that_waits_too_long_hears_who_is_in_the_way(
    catalog, place, monkeypatch, keep, make_article
):
    monkeypatch.setattr("index.store.database.BUSY_SECONDS", 0.05)
    other = Catalog.open(place)
    with catalog.database.writing(), pytest.raises(LibraryBusy, match="Another process"):
        other.set_setting("name", "value")
    other.close()

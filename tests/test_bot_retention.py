"""What is removed is gone: from the catalog, the indexes, the answers kept, and every byte."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from bot.answer import Question
from bot.given import GivenAnswers, Place
from bot.retention import apply_retention, remove_for_good, retention_days, set_retention
from index.scope import Scope
from index.store.doctor import examine

SECRET = "Quetzalcoatlus"
BODY = (
    f"The {SECRET} exhibition opened in Halmstad on Thursday with 4,211 visitors.\n\n"
    "Curator Ingrid Palmqvist led the first tour of the new hall."
)
OTHER = "The ferry Ines sank in the storm on Thursday, and all of her passengers were saved."


def files_with(folder, *needles):
    """Files under a folder whose bytes hold one of the words, however they are cased."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        and any(needle.lower().encode() in path.read_bytes().lower() for needle in needles)
    )


def test_a_removed_article_is_in_no_byte_of_the_library(make_bot, make_article):
    bot = make_bot(make_article("a", BODY, title="A bone hall"), make_article("b", OTHER))
    folder, database = bot.library.folder, bot.library.catalog.database
    given = GivenAnswers(database)
    answer = bot.answerer().answer(Question("Who led the first tour of the new hall?"))
    kept = given.keep(answer, Place("", "", ""), "me")
    held = files_with(folder, SECRET, "Palmqvist")
    assert any("catalog" in name for name in held)
    terms = bot.library.terms.analyze(f"{SECRET} Palmqvist")
    assert all(bot.library.terms.document_frequency(term) for term in terms)

    assert remove_for_good(bot.library, [make_article("a").article_id]) == 1

    assert files_with(folder, SECRET, "Palmqvist", "quetzalcoatlu", "bone hall") == []
    # Tantivy's dictionary is compressed, but counts what was deleted until it is made anew.
    assert not any(bot.library.terms.document_frequency(term) for term in terms)
    assert given.find(kept).answer is None
    found = bot.retriever().search("Ingrid Palmqvist", Scope()).passages
    assert {passage.text for passage in found} <= {OTHER}
    assert [one for one in examine(folder, bot.embedder.card) if not one.ok] == []


def test_the_vectors_of_a_removed_article_are_gone_too(
    open_library, store, make_article, embedder, folder
):
    library = open_library(create=True, exact_rows=0)
    store(library, make_article("a", "The heron flew."), make_article("b", "The ferry sank."))
    library.finish()
    vector = embedder.embed_passages(["A visit\nThe heron flew."])[0].tobytes()

    def holders():
        return [p.name for p in folder.rglob("*") if p.is_file() and vector in p.read_bytes()]

    assert {"catalog.sqlite", "embeddings.f32", "data_level0.bin"} & set(holders())
    remove_for_good(library, [make_article("a").article_id])
    assert holders() == []


@pytest.mark.parametrize("servers", ["sqlite", "postgresql"], indirect=True)
def test_another_machine_that_only_reads_forgets_it_when_it_is_tended(
    open_library, store, make_article, embedder, tmp_path, servers
):
    writer = open_library(create=True, place=tmp_path / "one")
    place = tmp_path / ("two" if servers.catalog else "one")
    reader = open_library(place=place)
    store(writer, make_article("a", f"The {SECRET} flew."), make_article("b", "It sank."))
    writer.finish()
    reader.refresh()
    remove_for_good(writer, [make_article("a").article_id])
    reader.refresh()
    reader.tend()
    assert files_with(place, SECRET) == []
    broken = [one for one in examine(place, embedder.card, servers) if not one.ok]
    assert broken == []


def test_retention_removes_what_is_too_old_once_a_day(library, store, make_article):
    now = datetime(2024, 5, 1, tzinfo=UTC)
    store(
        library,
        make_article("old", "Old news.", published="2023-01-01"),
        make_article("new", "New news.", published="2024-04-20"),
        make_article("undated", "Undated news.", published=None),
        now=now,
    )
    assert apply_retention(library, now) == 0
    set_retention(library.catalog, 30)
    assert retention_days(library.catalog) == 30
    assert apply_retention(library, now) == 1
    assert {one.url[-3:] for one in library.catalog.articles()} == {"new", "ted"}
    # An undated article counts from when it came; and once a day is enough.
    assert apply_retention(library, now + timedelta(hours=23)) == 0
    assert apply_retention(library, now + timedelta(days=40)) == 2
    set_retention(library.catalog, None)
    assert apply_retention(library, now + timedelta(days=900)) == 0


def test_a_removal_that_was_cut_off_is_finished_the_next_day(make_bot, make_article):
    old = make_article("a", BODY, title="A bone hall", published="2023-01-01")
    bot = make_bot(old, make_article("b", OTHER, published="2024-04-20"))
    now = datetime(2024, 5, 1, tzinfo=UTC)
    folder, database = bot.library.folder, bot.library.catalog.database
    answer = bot.answerer().answer(Question("Who led the first tour of the new hall?"))
    kept = GivenAnswers(database).keep(answer, Place("", "", ""), "me")
    set_retention(bot.library.catalog, 30)
    with database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER halt BEFORE UPDATE ON given_answers "
            "BEGIN SELECT RAISE(ABORT, 'halt'); END"
        )
    with pytest.raises(DatabaseError):
        apply_retention(bot.library, now)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER halt")
    assert GivenAnswers(database).find(kept).answer is not None

    assert apply_retention(bot.library, now + timedelta(days=1)) == 0

    assert GivenAnswers(database).find(kept).answer is None
    assert files_with(folder, SECRET, "Palmqvist", "bone hall") == []


def test_articles_are_chosen_by_age_and_outlet(library, store, make_article):
    store(
        library,
        make_article("a", published="2022-01-01", outlet="Wire"),
        make_article("b", published="2022-01-01", outlet="Post"),
        make_article("c", published="2023-06-01", outlet="Wire"),
    )
    before = datetime(2023, 1, 1, tzinfo=UTC)
    ids = {name: make_article(name).article_id for name in "abc"}
    assert set(library.catalog.older_than(before)) == {ids["a"], ids["b"]}
    assert library.catalog.older_than(before, outlet="the wire") == [ids["a"]]


def test_the_settings_of_retention_survive_as_json_text(library):
    set_retention(library.catalog, 7)
    assert json.loads(library.catalog.settings()["retention.days"]) == 7

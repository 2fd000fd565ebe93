"""Answers given: kept as they were shown, erased with their articles, judged once a user."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.answer import Answer, Citation, Question, Reason, Sentence, Status, Step
from bot.given import Complaint, FeedbackBook, GivenAnswers, Opinion, Place
from bot.given.frozen import freeze_answer, thaw_answer
from index.article import Passage, Scores
from index.moment import Moment
from index.scope import Scope

PLACE = Place("T1", "C1", "100.1", "100.2")


def pytest_generate_tests(metafunc):
    if "library" in metafunc.fixturenames:
        metafunc.parametrize("servers", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def stored(library, make_article, store):
    """A library of two articles, and an answer that cites one and was near the other."""
    cited = make_article("cited", "The minister led it.")
    near = make_article("near", "A ferry sank off the cape.")
    store(library, cited, near)
    chunks = {
        one.article_id: one
        for one in library.passages(
            [f"{a.article_id}-{a.version[7:19]}-0" for a in (cited, near)], Scope()
        )
    }
    passage = chunks[cited.article_id]
    answer = Answer(
        question=Question("who led it?", as_of=datetime(2026, 1, 2, tzinfo=UTC)),
        status=Status.ANSWERED,
        sentences=(Sentence("The minister led it.", (1,)),),
        citations=(
            Citation(
                1, passage.article_id, passage.version, passage.url, None, None,
                Moment.parse("2023-11-16"), 0, 20, passage.text[:20],
            ),
        ),
        passages=tuple(chunks.values()),
        confidence=0.9,
        note="1 outlet",
    )  # fmt: skip
    return library, cited, near, answer


def test_a_kept_answer_comes_back_as_it_was_shown(stored):
    library, _, _, answer = stored
    given = GivenAnswers(library.catalog.database)
    answer_id = given.keep(answer, PLACE, "U1")
    found = given.find(answer_id)
    assert found is not None
    assert found.answer == answer
    assert (found.place, found.asker, found.question) == (PLACE, "U1", "who led it?")
    assert found.as_of == answer.question.as_of
    assert given.find("unknown") is None


def test_freezing_keeps_every_field():
    passage = Passage(
        "c", "a", "sha256:1", "o", "https://x.example", "T", "Post", "By A", "OSLO", None,
        3, 9, "ferry!", 0.5, Scores(0.1, 2.0, None),
    )  # fmt: skip
    answer = Answer(
        Question("where?"), Status.ABSTAINED, reason=Reason.STALE, passages=(passage,),
        signals={"a": 0.25}, standalone_question="where was it?", steps=(Step("a ferry", ("c",)),),
    )  # fmt: skip
    assert thaw_answer(freeze_answer(answer)) == answer
    with pytest.raises(ValueError, match="not a kept answer"):
        thaw_answer('{"id": null}')


def test_ids_are_long_and_differ(stored):
    library, _, _, answer = stored
    given = GivenAnswers(library.catalog.database)
    ids = {given.keep(answer, PLACE, "U1") for _ in range(50)}
    assert len(ids) == 50
    assert min(map(len, ids)) >= 22  # 16 bytes in base 64


def test_a_thread_tells_its_standing_answers_in_order(stored):
    library, cited, _, answer = stored
    ticks = iter(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(9))
    given = GivenAnswers(library.catalog.database, clock=lambda: next(ticks))
    first, second, third = (given.keep(answer, PLACE, "U1") for _ in range(3))
    given.keep(answer, Place("T1", "C1", "999.9"), "U1")
    given.withdraw(second)
    assert [one.answer_id for one in given.in_thread("T1", "C1", "100.1")] == [first, third]
    assert len(given.citing(cited.article_id)) == 3
    assert given.citing(cited.article_id, "sha256:another") == []


def test_removal_leaves_nothing_of_a_cited_article(stored):
    library, cited, _, answer = stored
    database = library.catalog.database
    given = GivenAnswers(database)
    answer_id = given.keep(answer, PLACE, "U1")
    assert given.erase_removed() == 0
    library.remove([cited.article_id])
    assert given.erase_removed() == 1
    found = given.find(answer_id)
    assert found is not None
    assert found.answer is None
    assert found.question == "who led it?"
    assert "minister" not in _dump(database)
    assert given.erase_removed() == 0


def test_removal_takes_the_passages_of_an_article_that_was_only_near(stored):
    library, _, near, answer = stored
    database = library.catalog.database
    given = GivenAnswers(database)
    answer_id = given.keep(answer, PLACE, "U1")
    library.remove([near.article_id])
    assert given.erase_removed() == 1
    found = given.find(answer_id)
    assert found is not None
    assert found.answer is not None
    assert found.answer.sentences == answer.sentences
    assert len(found.answer.passages) == 1
    assert "ferry" not in _dump(database)


def test_the_last_opinion_of_a_user_counts(stored):
    library, _, _, answer = stored
    given, book = GivenAnswers(library.catalog.database), FeedbackBook(library.catalog.database)
    answer_id = given.keep(answer, PLACE, "U1")
    assert book.record(answer_id, "U1", Opinion.GOOD)
    assert book.record(answer_id, "U1", Opinion.BAD, Complaint.OUT_OF_DATE, "he resigned")
    assert book.record(answer_id, "U2", Opinion.GOOD)
    assert not book.record("made-up", "U1", Opinion.GOOD)
    told = {one.user: one for one in book.list_feedback()}
    assert {user: one.opinion for user, one in told.items()} == {"U1": "bad", "U2": "good"}
    assert told["U1"].complaint is Complaint.OUT_OF_DATE
    assert told["U1"].comment == "he resigned"
    assert told["U1"].given.answer == answer
    assert book.mark_reviewed(answer_id, "U1")
    assert not book.mark_reviewed(answer_id, "U9")
    assert [one.user for one in book.list_feedback()] == ["U2"]
    assert len(book.list_feedback(unreviewed=False)) == 2
    book.record(answer_id, "U1", Opinion.GOOD)
    assert len(book.list_feedback()) == 2


def test_old_answers_go_with_their_feedback(stored):
    library, _, _, answer = stored
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    given = GivenAnswers(library.catalog.database, clock=lambda: now[0])
    book = FeedbackBook(library.catalog.database)
    old = given.keep(answer, PLACE, "U1")
    book.record(old, "U1", Opinion.BAD)
    now[0] += timedelta(days=40)
    new = given.keep(answer, PLACE, "U1")
    assert given.forget_before(timedelta(days=30)) == 1
    assert given.find(old) is None
    assert given.find(new) is not None
    assert book.list_feedback() == []


def test_two_threads_may_make_the_tables_at_once(library):
    failures = []

    def make() -> None:
        try:
            GivenAnswers(library.catalog.database)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def _dump(database) -> str:
    """Every value of the tables of answers, as one text."""
    with database.reading() as connection:
        rows = [
            row
            for table in ("given_answers", "given_sources", "given_feedback")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    return repr(rows)

"""What verified sentences amount to: one answer, a dated list, or sides that disagree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.answer import Answer, Citation, Question, Sentence, Status, Told
from bot.verify import Verifier
from bot.writer.settling import Settler
from index.article import Passage
from index.moment import Moment


def passage(name: str, day: str, text: str, outlet: str = "Harbor Post", **more: Any) -> Passage:
    fields: dict[str, Any] = {
        "chunk_id": f"{name}-0",
        "article_id": name,
        "version": f"sha256:{name}",
        "origin_id": name,
        "url": f"https://harborpost.example/{name}",
        "title": f"About the {name}",
        "outlet": outlet,
        "byline": None,
        "dateline": None,
        "published": Moment.parse(day),
        "start": 0,
        "end": len(text),
        "text": text,
    }
    return Passage(**{**fields, **more})


MAY = passage("may", "2024-05-14", "Captain Otto Lind led the convoy to Skerry.")
JUNE = passage("june", "2024-06-20", "Captain Ida Brekke led the convoy to Skerry.", "Tidewater")
SAME_DAY = passage("day", "2024-05-15", "Captain Ida Brekke led the convoy to Skerry.", "Tidewater")
COPY = passage(
    "copy", "2024-05-14", "Captain Ida Brekke led the convoy to Skerry.", "Echo", origin_id="may"
)
WHO = "Who led the convoy to Skerry?"


def tell(*passages: Passage) -> list[Told]:
    """Each passage's sentence, as a model would tell it, numbered in this order."""
    return [
        Told(Sentence(one.text, (number,)), (cite(one, number),))
        for number, one in enumerate(passages, start=1)
    ]


def cite(one: Passage, number: int) -> Citation:
    return Citation(
        number, one.article_id, one.version, one.url, one.title, one.outlet, one.published,
        one.start, one.end, one.text,
    )  # fmt: skip


def offline(
    *passages: Passage, status: Status = Status.ANSWERED, listed: tuple[Passage, ...] = ()
) -> Answer:
    sentences = tuple(
        Sentence(f"{one.published.start:%-d %B %Y}: {one.text}", (at,))  # type: ignore[union-attr]  # all are dated
        for at, one in enumerate(listed, start=1)
    )
    citations = tuple(cite(one, at) for at, one in enumerate(listed, start=1))
    return Answer(Question(WHO), status, sentences, citations, passages)


def settle(
    question: str, told: list[Told], beside: Answer, as_of: str = "2024-07-01"
) -> tuple[Status, list[str]]:
    asked = Question(question, as_of=datetime.fromisoformat(as_of).replace(tzinfo=UTC))
    settled = Settler(Verifier()).settle(asked, told, beside)
    lines = [
        f"{one.sentence.text} {one.sentence.citations} {one.citations[0].article_id}"
        for one in settled.told
    ]
    return settled.status, lines


def test_different_answers_of_different_days_are_a_list_newest_first() -> None:
    status, lines = settle(WHO, tell(MAY, JUNE), offline(MAY, JUNE))

    assert status is Status.AMBIGUOUS
    # Numbered by first mention, each with its own quote.
    assert lines == [
        "20 June 2024: Captain Ida Brekke led the convoy to Skerry. (1,) june",
        "14 May 2024: Captain Otto Lind led the convoy to Skerry. (2,) may",
    ]


def test_different_answers_on_one_event_are_a_conflict_with_both_outlets() -> None:
    status, lines = settle(WHO, tell(MAY, SAME_DAY), offline(MAY, SAME_DAY))

    assert status is Status.CONFLICTING
    assert lines == [
        "Tidewater, 15 May 2024: Captain Ida Brekke led the convoy to Skerry. (1,) day",
        "Harbor Post, 14 May 2024: Captain Otto Lind led the convoy to Skerry. (2,) may",
    ]


def test_copies_of_one_story_are_one_answer() -> None:
    status, lines = settle(WHO, tell(MAY, COPY), offline(MAY, COPY))

    assert status is Status.ANSWERED
    assert len(lines) == 2


def test_one_name_in_two_stories_is_one_answer() -> None:
    again = passage("again", "2024-06-02", "Otto Lind led the convoy to Skerry again.")

    assert settle(WHO, tell(MAY, again), offline(MAY, again))[0] is Status.ANSWERED


def test_what_is_told_beside_the_answer_is_no_answer_of_its_own() -> None:
    beside = passage("beside", "2024-06-20", "Mayor Solveig Haas praised the crews of the harbour.")

    assert settle(WHO, tell(MAY, beside), offline(MAY, beside))[0] is Status.ANSWERED


COUNTED = "How many people were aboard the ferry Maud?"


@pytest.mark.parametrize(
    ("one", "other", "status"),
    [
        ("The ferry Maud had 214 people aboard.", "The ferry Maud had 198 people aboard.", True),
        ("The ferry Maud had 214 people aboard.", "Some 214 people were aboard the ferry Maud.",
         False),
        ("The ferry Maud had 214 people aboard.", "About 210 people were aboard the ferry Maud.",
         False),
    ],
)  # fmt: skip
def test_numbers_are_compared_by_value(one: str, other: str, status: bool) -> None:
    first = passage("one", "2024-05-14", one)
    second = passage("two", "2024-05-14", other, "Tidewater")

    found, lines = settle(COUNTED, tell(first, second), offline(first, second))

    assert (found is Status.CONFLICTING) is status
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ("No one was injured when the ferry Maud ran aground.",
         "Two people were injured when the ferry Maud ran aground.", True),
        ("The ferry Maud was overloaded when it ran aground.",
         "The ferry Maud was not overloaded when it ran aground.", True),
        ("Ticket prices on the ferry Maud rose in May.",
         "Ticket prices on the ferry Maud fell in May.", True),
        ("The ferry Maud was overloaded when it ran aground.",
         "Captain Otto Lind brought everyone ashore before dark.", False),
        ("The ferry Maud was overloaded when it ran aground.",
         "The ferry Maud was overloaded.", False),
    ],
)  # fmt: skip
def test_sentences_that_deny_each_other_are_a_conflict(
    one: str, other: str, conflict: bool
) -> None:
    first = passage("one", "2024-05-14", one)
    second = passage("two", "2024-05-15", other, "Tidewater")
    question = "What is known of the ferry Maud?"

    status, lines = settle(question, tell(first, second), offline(first, second))

    assert (status is Status.CONFLICTING) is conflict
    if conflict:
        assert lines[0].startswith("Tidewater, 15 May 2024: ")
        assert lines[1].startswith("Harbor Post, 14 May 2024: ")


def test_what_one_source_says_at_two_times_is_no_conflict() -> None:
    first = passage("one", "2024-05-14", "The Tarn bridge is open.")
    later = passage("two", "2024-06-14", "The Tarn bridge is not open.")

    status, _ = settle("Is the Tarn bridge open?", tell(first, later), offline(first, later))

    assert status is Status.ANSWERED


@pytest.mark.parametrize("question", ["Who leads the convoy now?", "Who is the latest to lead it?"])
def test_of_what_is_asked_of_now_the_newest_stands_first(question: str) -> None:
    status, lines = settle(question, tell(MAY, JUNE), offline(MAY, JUNE))

    assert status is Status.ANSWERED
    assert [line.rpartition(" ")[2] for line in lines] == ["june", "may"]


def test_of_a_list_that_the_reader_found_the_model_cannot_hide_the_rest() -> None:
    listed = offline(MAY, JUNE, status=Status.AMBIGUOUS, listed=(JUNE, MAY))

    status, lines = settle(WHO, tell(MAY), listed)

    assert status is Status.AMBIGUOUS
    assert lines == [
        "20 June 2024: Captain Ida Brekke led the convoy to Skerry. (1,) june",
        "14 May 2024: Captain Otto Lind led the convoy to Skerry. (2,) may",
    ]


def test_a_list_of_something_else_is_left_out() -> None:
    other = passage("other", "2024-06-02", "Otto Lind led the convoy to Skerry in June.")
    listed = offline(MAY, JUNE, other, status=Status.AMBIGUOUS, listed=(JUNE, MAY))

    assert settle(WHO, tell(other), listed)[0] is Status.ANSWERED

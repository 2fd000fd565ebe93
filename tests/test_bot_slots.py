"""Sentences that answer are grouped by what they answer with, and placed in time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.evidence import collect_candidates
from bot.expectation import AnswerKind, Expectation
from bot.fillers import find_fillers
from bot.relevance import Judged
from bot.slots import event_time, falls_within, find_slots, is_one_event, newest_first
from index.article import Passage
from index.dates import Period
from index.moment import Moment

GOOD = {"nearness": 0.9, "evidence": 0.9, "own_coverage": 1.0, "focus": 1.0}


def judged(
    text: str, kind: AnswerKind, published: str | None = "2023-10-07", fit: float = 9.0,
    origin: str = "", **features: float,
) -> Judged:  # fmt: skip
    passage = Passage(
        chunk_id=text, article_id=text, version="sha256:1", origin_id=origin or text,
        url="https://a.example/1", title=None, outlet=None, byline=None, dateline=None,
        published=Moment.parse(published) if published else None, start=0, end=len(text), text=text,
    )  # fmt: skip
    [candidate] = collect_candidates([passage])
    fillers = tuple(find_fillers(text, Expectation(kind), (), anchor=passage.published))
    return Judged(candidate, fillers, GOOD | features, fit)


def answers(kind: AnswerKind, *some: Judged) -> list[str]:
    return [slot.filler.text for slot in find_slots(kind, some)]


def test_two_names_of_one_person_are_one_answer() -> None:
    one = judged("The inquiry was led by Judith Adeyemi.", AnswerKind.PERSON)
    other = judged("Adeyemi, a judge named Judith Adeyemi, led it.", AnswerKind.PERSON)

    assert len(answers(AnswerKind.PERSON, one, other)) == 1


def test_different_people_are_different_answers() -> None:
    one = judged("The party was led by Sergei Shoigu.", AnswerKind.PERSON)
    other = judged("The party was led by Alexander Kozlov.", AnswerKind.PERSON)

    assert answers(AnswerKind.PERSON, one, other) == ["Sergei Shoigu", "Alexander Kozlov"]


def test_one_story_gives_one_answer_however_often_it_was_copied() -> None:
    one = judged("The party was led by Sergei Shoigu.", AnswerKind.PERSON, origin="wire")
    other = judged("The party met Alexander Kozlov there.", AnswerKind.PERSON, origin="wire")

    assert answers(AnswerKind.PERSON, one, other) == ["Sergei Shoigu"]


def test_numbers_that_agree_are_one_answer_and_others_are_not() -> None:
    some = [
        judged("The flood killed 14 people.", AnswerKind.COUNT),
        judged("The flood killed fourteen people.", AnswerKind.COUNT),
        judged("The flood killed 19 people.", AnswerKind.COUNT),
    ]

    assert [text.split()[0] for text in answers(AnswerKind.COUNT, *some)] == ["14", "19"]


def test_a_sentence_far_less_fit_is_no_answer_of_its_own() -> None:
    best = judged("The party was led by Sergei Shoigu.", AnswerKind.PERSON)
    for weak in (
        judged("It met Alexander Kozlov there.", AnswerKind.PERSON, fit=-20.0),
        judged("It met Alexander Kozlov there.", AnswerKind.PERSON, evidence=-0.1),
        judged("It met Alexander Kozlov there.", AnswerKind.PERSON, nearness=0.0),
    ):
        assert answers(AnswerKind.PERSON, best, weak) == ["Sergei Shoigu"]


@pytest.mark.parametrize("kind", [AnswerKind.ANY, AnswerKind.REASON, AnswerKind.STATEMENT])
def test_descriptions_are_never_listed(kind: AnswerKind) -> None:
    one = judged("She said that the dyke failed because of rain.", kind)

    assert find_slots(kind, [one, one]) == []


def test_the_time_that_a_sentence_names_is_when_it_happened() -> None:
    told = judged("The ship landed on Tuesday with aid.", AnswerKind.ANY, "2023-11-16")

    assert event_time(told.candidate) == Period.of(Moment.day(2023, 11, 14))


def test_a_sentence_without_a_time_happened_when_it_was_published() -> None:
    told = judged("The ship has landed with aid.", AnswerKind.ANY, "2023-11-16")

    assert event_time(told.candidate) == Period.of(Moment.day(2023, 11, 16))


def test_an_undated_sentence_without_a_time_has_none() -> None:
    assert (
        event_time(judged("The ship has landed with aid.", AnswerKind.ANY, None).candidate) is None
    )


def test_slots_come_newest_first_and_undated_ones_last() -> None:
    some = [
        judged("The party was led by Sergei Shoigu.", AnswerKind.PERSON, "2023-07-26"),
        judged("The party was led by Oleg Kozhemyako.", AnswerKind.PERSON, None),
        judged("The party was led by Sergei Lavrov.", AnswerKind.PERSON, "2023-10-20"),
    ]
    slots = newest_first(find_slots(AnswerKind.PERSON, some))

    assert [slot.filler.text for slot in slots] == [
        "Sergei Lavrov", "Sergei Shoigu", "Oleg Kozhemyako",
    ]  # fmt: skip


def test_reports_within_three_days_tell_of_one_event() -> None:
    def is_one(first: str | None, second: str | None) -> bool:
        one = judged("The flood killed 14 people.", AnswerKind.COUNT, first)
        other = judged("The flood killed 19 people.", AnswerKind.COUNT, second)
        return is_one_event(find_slots(AnswerKind.COUNT, [one, other]))

    assert is_one("2023-10-07", "2023-10-09")
    assert not is_one("2023-10-07", "2023-11-09")
    assert not is_one("2023-10-07", None)


def test_a_period_falls_within_a_window_that_it_touches() -> None:
    november = Period.months(2023, 11)
    first, last = datetime(2023, 11, 30, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)

    assert falls_within(november, (first, last))
    assert falls_within(november, (None, None))
    assert not falls_within(november, (last, None))
    assert falls_within(None, (first, last)) is None


def test_a_name_beside_none_of_the_asked_words_is_no_second_answer() -> None:
    led = judged("The delegation was led by Ingrid Solheim.", AnswerKind.PERSON)
    headed = judged(
        "Lars Brekke headed the delegation.", AnswerKind.PERSON, "2024-01-07", own_coverage=0.34,
        focus=0.8, origin="b",
    )  # fmt: skip
    caption = judged(
        "Rui Tavares meets his guests at the port.", AnswerKind.PERSON, "2024-03-14",
        own_coverage=0.3, focus=0.3, origin="c",
    )  # fmt: skip
    found = find_slots(AnswerKind.PERSON, [led, headed, caption])

    assert [slot.filler.text for slot in found] == ["Ingrid Solheim", "Lars Brekke"]

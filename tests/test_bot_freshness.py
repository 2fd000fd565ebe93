"""What is asked of now cannot be told from an old story."""

from datetime import UTC, datetime

import pytest

from bot.freshness import asks_about_now, is_stale
from index.moment import Moment

NOW = datetime(2024, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "question",
    ["Who is the mayor now?", "Is the bridge still closed?", "What is the current rate?",
     "Who leads at present?"],
)  # fmt: skip
def test_words_for_now_are_heard(question: str) -> None:
    assert asks_about_now(question)


@pytest.mark.parametrize(
    "question",
    ["Who was the mayor in 2019?", "What is the currency of Kestria?", "Who knows the way?",
     "How strong was the undercurrent?", "Why did the rip current kill two swimmers?",
     "What was the UK's current account deficit?", "Who bought USA Today?", "Who stood still?"],
)  # fmt: skip
def test_other_words_are_not_taken_for_now(question: str) -> None:
    assert not asks_about_now(question)


def test_a_story_of_a_month_ago_is_fresh_and_one_of_five_weeks_ago_is_stale() -> None:
    assert not is_stale("Is it open now?", [Moment.day(2024, 6, 1)], NOW)
    assert is_stale("Is it open now?", [Moment.day(2024, 5, 25)], NOW)


def test_one_fresh_story_among_old_ones_is_enough() -> None:
    evidence = [Moment.day(2019, 1, 1), None, Moment.day(2024, 6, 29)]

    assert not is_stale("Is it open now?", evidence, NOW)


def test_a_year_that_is_over_is_not_now() -> None:
    assert not is_stale("What was the current rate in 2016?", [Moment.day(2016, 5, 1)], NOW)
    assert is_stale("What is the current rate in 2024?", [Moment.day(2024, 3, 1)], NOW)


def test_of_undated_stories_no_age_is_known() -> None:
    assert not is_stale("Is it open now?", [None], NOW)
    assert is_stale("Is it open now?", [None, Moment.day(2019, 1, 1)], NOW)


def test_a_question_about_the_past_is_never_stale() -> None:
    assert not is_stale("Did it open?", [Moment.day(1999, 1, 1)], NOW)


def test_a_moment_known_to_the_month_counts_to_its_end() -> None:
    assert not is_stale("Is it open now?", [Moment.parse("2024-05")], NOW)

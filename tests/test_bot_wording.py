"""A quoted sentence is made to stand alone; only words in parentheses are added."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence import Candidate, collect_candidates
from bot.wording import word_sentence
from index.article import Passage
from index.moment import Moment

PUBLISHED = Moment.day(2023, 11, 16)  # a Thursday


def last_sentence(text: str, published: Moment | None = PUBLISHED) -> Candidate:
    passage = Passage(
        chunk_id="c", article_id="a", version="sha256:1", origin_id="o", url="https://a.example/1",
        title=None, outlet=None, byline=None, dateline=None, published=published,
        start=100, end=100 + len(text), text=text,
    )  # fmt: skip
    return collect_candidates([passage])[-1]


def worded(text: str, published: Moment | None = PUBLISHED) -> str:
    return word_sentence(last_sentence(text, published))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The ship arrived on Tuesday.", "The ship arrived on Tuesday (14 November 2023)."),
        ("The ship left port yesterday.", "The ship left port yesterday (15 November 2023)."),
        ("Fees rose again last month.", "Fees rose again last month (October 2023)."),
    ],
)
def test_a_relative_date_gets_the_day_that_it_means(text: str, shown: str) -> None:
    assert worded(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "The ship arrived on 14 November 2023.",
        "The ship arrived on Tuesday (14 November 2023).",
        "The ship arrived on Tuesday, 14 November 2023.",
    ],
)
def test_a_date_that_is_given_needs_nothing_beside_it(text: str) -> None:
    assert worded(text) == text


def test_a_date_in_an_undated_story_is_left_as_it_is() -> None:
    text = "The ship arrived on Tuesday."

    assert worded(text, None) == text


def test_a_pronoun_gets_the_subject_of_the_sentence_before() -> None:
    text = "Mayor Solveig Haas opened the bridge. She thanked the builders."

    assert worded(text) == "She (Solveig Haas) thanked the builders."


def test_a_surname_is_given_in_full_where_the_passage_has_it() -> None:
    text = "Andrey Rudenko flew to Seoul. Rudenko stayed for a week. He met three ministers."

    assert worded(text) == "He (Andrey Rudenko) met three ministers."


def test_two_people_in_the_sentence_before_leave_a_pronoun_alone() -> None:
    text = "Solveig Haas met Otto Lind at the bridge. He thanked the builders."

    assert worded(text) == "He thanked the builders."


@pytest.mark.parametrize(
    "text",
    [
        "Judge Edda Doran spoke for an hour. She found him guilty of fraud. He was fined at once.",
        "Then Edda Doran won the race. The first prize went to Dawit Quimby. He ran for an hour.",
    ],
)
def test_a_pronoun_does_not_reach_past_somebody_else(text: str) -> None:
    assert worded(text).startswith(("He was", "He ran"))


def test_a_place_or_an_owner_beside_the_subject_leaves_no_doubt() -> None:
    text = "Judge Edda Doran fined the founder of Nordhavn in Skerry. She gave no reason for it."

    assert worded(text) == "She (Edda Doran) gave no reason for it."


@pytest.mark.parametrize(
    "text",
    [
        "The judge sentenced Anna Smith to nine years. He called the crime heinous.",
        "A man was charged with murdering Jane Doe. He will appear in court on Friday.",
        "A suspect stalked Taylor Swift for a year. He was arrested in Ohio.",
        "The ministry fined Gazprom last week. It said that the law was plain.",
        "His neighbour sold it to Anna Smith. He kept the keys.",
    ],
)
def test_a_pronoun_is_not_taken_for_the_object_of_the_sentence_before(text: str) -> None:
    assert re.match(r"(?:He|It) [^(]", worded(text))


@pytest.mark.parametrize(
    "lead",
    [
        "On Monday, ",
        "The retired judge ",
        "The first witness was ",
        "Its director, ",
        "“",
        "In May the ferry owner ",
        "But ",
    ],
)
def test_what_may_stand_before_a_subject_leaves_no_doubt(lead: str) -> None:
    text = f"{lead}Dr Solveig Haas, who opened the bridge. She thanked the builders."

    assert worded(text) == "She (Solveig Haas) thanked the builders."


def test_an_empty_it_is_left_alone() -> None:
    text = "Osefar Limited runs the ferry company. It was not clear who had paid."

    assert worded(text) == "It was not clear who had paid."


def test_a_pronoun_without_any_name_before_it_is_left_alone() -> None:
    assert worded("The mayor spoke. He thanked the builders.") == "He thanked the builders."


def test_a_pronoun_at_the_start_of_a_passage_is_left_alone() -> None:
    assert worded("She thanked all of the builders.") == "She thanked all of the builders."


def test_the_candidate_itself_is_never_changed() -> None:
    candidate = last_sentence("Solveig Haas left. She arrived in Oslo on Tuesday.")
    word_sentence(candidate)

    assert candidate.text == "She arrived in Oslo on Tuesday."


@given(
    st.lists(
        st.sampled_from(
            ["Solveig Haas left.", "He arrived on Tuesday.", "It said so last month.", "They met.",
             "Otto Lind saw “her” on Friday (today).", "In June, she won (again).", "A \n line."]
        ),
        min_size=1,
        max_size=5,
    )
)  # fmt: skip
def test_without_what_was_added_the_sentence_is_the_printed_one(sentences: list[str]) -> None:
    passage_text = " ".join(sentences)
    try:
        candidate = last_sentence(passage_text)
    except IndexError:  # nothing in it is long enough to answer
        return
    printed = " ".join(candidate.text.split())
    shown = word_sentence(candidate)

    # Each word of the printed sentence stands in the shown one, in order.
    pattern = r"(?: \([^()]*\))*".join(re.escape(letter) for letter in printed)
    assert re.fullmatch(rf"{pattern}(?: \([^()]*\))*", shown)

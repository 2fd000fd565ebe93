"""Outlets are found in questions under the names that people use, held by the library or not."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.outlets import OutletDirectory

HELD = OutletDirectory(
    ["The Harbor Post", "Tidewater Gazette", "FOX News - Health", "Fortune", "marrennews.com",
     "Cnbc | World Business News Leader"]
)  # fmt: skip


def named(question: str) -> list[tuple[str, set[str]]]:
    return [(mention.text, set(mention.outlets)) for mention in HELD.find(question)]


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("What did The Harbor Post say about the ferry?", "harbor post"),
        ("What did the Harbor Post's report say?", "harbor post"),
        ("According to Harbor Post, who won?", "harbor post"),
        ("what did the harbor post report?", "harbor post"),
        ("What does CNBC report on rates?", "cnbc | world business news leader"),
        ("According to Fox News, is coffee healthy?", "fox news - health"),
        ("According to MarrenNews, who won?", "marrennews.com"),
        ("What did Fortune report on the merger?", "fortune"),
    ],
)
def test_an_outlet_is_found_under_the_names_that_people_use(question: str, key: str) -> None:
    [(_, outlets)] = named(question)

    assert outlets == {key}


@pytest.mark.parametrize(
    "question",
    ["How did he lose his fortune?", "Whose time was best?",
     "What is the independent view of the sun?", "Is it true that people like science?"],
)  # fmt: skip
def test_an_ordinary_word_is_no_outlet(question: str) -> None:
    assert named(question) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What did Le Monde say about the ferry?", "Le Monde"),
        ("What did The New York Times report about the flood?", "The New York Times"),
        ("What does an article from Skerry Weekly claim?", "Skerry Weekly"),
        ("What does a report by the Tarn Observer say?", "the Tarn Observer"),
    ],
)
def test_an_outlet_that_is_not_held_is_named_and_empty(question: str, text: str) -> None:
    assert named(question) == [(text, set())]


def test_outlets_come_in_the_order_of_the_question_with_their_places() -> None:
    question = "Did Reuters agree with The Harbor Post and Tidewater Gazette on the toll?"
    mentions = HELD.find(question)

    assert [mention.text for mention in mentions] == [
        "Reuters", "The Harbor Post", "Tidewater Gazette",
    ]  # fmt: skip
    assert all(question[one.start : one.end] == one.text for one in mentions)


def test_what_an_article_is_about_is_not_its_outlet() -> None:
    assert named("What does an article in Apple's defence say?") == []


def test_a_month_after_in_is_no_outlet() -> None:
    assert named("What did the report in November 2023 say?") == []


def test_a_library_without_outlets_still_knows_outlets_by_name() -> None:
    [mention] = OutletDirectory([]).find("What did Reuters report?")

    assert (mention.text, mention.outlets) == ("Reuters", frozenset())


@pytest.mark.parametrize(
    "question",
    ["The Harbor Post " * 600, 'according to the "The Harbor Post\'s ' * 280, "report from " * 800,
     "report from A" + " A" * 4_900, "articles by " + "A-" * 4_900],
)  # fmt: skip
def test_no_question_takes_long_to_read(question: str) -> None:
    started = time.process_time()
    HELD.find(question)

    assert time.process_time() - started < 1.0


@given(st.text(max_size=120))
def test_mentions_are_spans_that_do_not_overlap(question: str) -> None:
    mentions = HELD.find(f"What did the Harbor Post say? {question}")

    assert mentions[0].outlets == {"harbor post"}
    assert all(one.end <= other.start for one, other in pairwise(mentions))

"""The holder of one office is not taken for the holder of another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.evidence import Candidate, collect_candidates
from bot.expectation import read_expectation
from bot.roles import misses_role
from bot.wiring import Bot
from index.article import Article
from index.scope import Scope

BODY = (
    "The sports ministers of Russia and North Korea held talks on Tuesday.\n\n"
    "Russian Deputy Foreign Minister Andrey Rudenko saw the guests off at the airport.\n\n"
    "North Korean Foreign Minister Choe Hui was absent. She was said to be ill.\n\n"
    "Alexander Kozlov, the minister of natural resources, led the delegation."
)


@pytest.fixture(scope="module")
def ministers(make_bot: Callable[..., Bot], make_article: Callable[..., Article]) -> Bot:
    return make_bot(make_article("talks", BODY, title="Ministers meet"))


def sentence(bot: Bot, beginning: str) -> Candidate:
    hits = bot.library.lexical({"minist": 1.0}, Scope(), 9)
    passages = bot.library.passages([hit.chunk_id for hit in hits], Scope())
    [found] = [one for one in collect_candidates(passages) if one.text.startswith(beginning)]
    return found


def misses(bot: Bot, question: str, beginning: str) -> bool:
    role = read_expectation(question).role
    query = bot.retriever().read(question)
    return misses_role(role, query, sentence(bot, beginning), bot.library.terms)


def test_a_deputy_does_not_hold_the_office(ministers: Bot) -> None:
    assert misses(ministers, "Who is the foreign minister of Russia?", "Russian Deputy")


def test_a_deputy_answers_a_question_for_the_deputy(ministers: Bot) -> None:
    assert not misses(ministers, "Who is the deputy foreign minister of Russia?", "Russian Deputy")


def test_the_minister_of_one_country_is_not_that_of_another(ministers: Bot) -> None:
    assert misses(ministers, "Who is the foreign minister of Russia?", "North Korean Foreign")
    assert misses(ministers, "Who is Japan's foreign minister?", "North Korean Foreign")


def test_the_minister_of_the_asked_country_answers(ministers: Bot) -> None:
    assert not misses(ministers, "Who is the foreign minister of North Korea?", "North Korean F")
    assert not misses(ministers, "Who is North Korea's foreign minister?", "North Korean Foreign")


def test_a_question_that_names_no_country_takes_any(ministers: Bot) -> None:
    assert not misses(ministers, "Who is the foreign minister?", "North Korean Foreign")


def test_another_minister_does_not_hold_the_office(ministers: Bot) -> None:
    question = "Who is the foreign minister of Russia?"

    assert misses(ministers, question, "Alexander Kozlov")


def test_an_office_that_the_archive_never_names_is_left_to_confidence(ministers: Bot) -> None:
    assert not misses(ministers, "Who is the head gardener of Russia?", "Alexander Kozlov")


def test_a_question_for_no_office_misses_none(ministers: Bot) -> None:
    assert not misses(ministers, "Who led the delegation?", "Alexander Kozlov")

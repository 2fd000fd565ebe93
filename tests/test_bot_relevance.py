"""Sentences are ranked by their words, their meaning and whether they can answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.confidence import load_calibrations
from bot.evidence import Candidate, collect_candidates
from bot.expectation import read_expectation
from bot.relevance import Judge, Judged
from bot.wiring import Bot
from index.article import Article

BODY = (
    "The bridge over the Tarn was closed on Friday for repairs. Mayor Solveig Haas said the work "
    "would cost 4.2 million crowns. It will last until autumn, and buses will go by the old road. "
    "The choir sang in the net store after the meeting. Children ate cake and drank juice there. "
    "Nobody in the hall had a question about the cake. The cake had been baked by Otto Lind. "
    "A second meeting is planned for March. The hall was cold and the lamps were dim. "
    "Some 4,000 tickets were printed long before the day of the match, and 210 buses were hired. "
    "Some people went home early. The caretaker put out the lamps at ten. Snow fell all night."
)


@pytest.fixture(scope="module")
def bridge(make_bot: Callable[..., Bot], make_article: Callable[..., Article]) -> Bot:
    return make_bot(make_article("bridge", BODY, title="Tarn bridge closed", outlet="Tarn Echo"))


@pytest.fixture(scope="module")
def judge(bridge: Bot) -> Judge:
    return Judge(bridge.library.terms, bridge.passage_model, load_calibrations().sentence)


def judged(bot: Bot, judge: Judge, question: str) -> list[Judged]:
    found = bot.retriever().search(question)
    return judge.judge(
        found.query, read_expectation(question), collect_candidates(found.passages)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        ("How much will the repair of the bridge cost?", "Mayor Solveig Haas said"),
        ("Who baked the cake?", "The cake had been baked"),
        ("When is the second meeting?", "A second meeting is planned"),
        ("Where did the choir sing?", "The choir sang"),
    ],
)
def test_the_sentence_that_answers_comes_first(
    bridge: Bot, judge: Judge, question: str, beginning: str
) -> None:
    assert judged(bridge, judge, question)[0].candidate.text.startswith(beginning)


def test_every_candidate_is_judged_and_none_twice(bridge: Bot, judge: Judge) -> None:
    some = judged(bridge, judge, "Who baked the cake?")
    candidates: list[Candidate] = [one.candidate for one in some]

    assert len(candidates) == 13
    assert len({candidate.start for candidate in candidates}) == 13


def test_what_is_read_stands_before_what_is_not(
    make_bot: Callable[..., Bot], make_article: Callable[..., Article]
) -> None:
    stories = [make_article(f"s{at}", f"Otto Lind baked cake number {at}.") for at in range(6)]
    bot = make_bot(*stories)
    judge = Judge(bot.library.terms, bot.passage_model, load_calibrations().sentence)
    flags = [one.is_read for one in judged(bot, judge, "Did somebody bake a cake?")]

    assert flags == sorted(flags, reverse=True)
    assert 2 <= sum(flags) <= 4


def test_coverage_is_the_share_of_what_the_question_tells(bridge: Bot, judge: Judge) -> None:
    best = judged(bridge, judge, "Who baked the cake?")[0].features

    # Both telling words, "baked" and "cake", stand in the sentence.
    assert best["own_coverage"] == pytest.approx(1.0)
    assert best["coverage"] == pytest.approx(1.0)
    assert best["filled"] == 1.0


def test_of_two_numbers_the_one_beside_what_is_asked_for_comes_first(
    bridge: Bot, judge: Judge
) -> None:
    best = judged(bridge, judge, "How many buses were hired for the match?")[0]

    assert [filler.text for filler in best.fillers] == ["210", "4,000"]


def test_a_rare_word_weighs_more_than_a_common_one(sample_bot: Bot) -> None:
    judge = Judge(sample_bot.library.terms, sample_bot.passage_model, {})
    mass = judge.idf_mass({"pyongyang": 1.0, "said": 1.0, "nosuchword": 1.0})

    assert mass["said"] < mass["pyongyang"] < mass["nosuchword"]
    assert all(value >= 0 for value in mass.values())


def test_a_question_without_words_is_judged_without_failing(bridge: Bot, judge: Judge) -> None:
    for question in ("", "?", "😀"):
        assert all(one.features["coverage"] == 0.0 for one in judged(bridge, judge, question))


def test_no_candidates_are_no_judgement(bridge: Bot, judge: Judge) -> None:
    query = bridge.retriever().read("Who baked the cake?")

    assert judge.judge(query, read_expectation("Who baked the cake?"), []) == []

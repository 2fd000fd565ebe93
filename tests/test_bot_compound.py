"""The parts of a question vote for the name that they have in common."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.answer import Question, Status
from bot.compound import PartEvidence, Vote, gather_evidence, vote
from bot.confidence import load_calibrations
from bot.evidence import collect_candidates
from bot.expectation import read_expectation
from bot.relevance import Judge
from bot.wiring import Bot
from index.article import Article

QUESTION = (
    "Which company, according to the Harbor Post's report on the ferry breakdown, blamed a pump, "
    "and according to the Tidewater Gazette's report on wages, offered its sailors a bonus?"
)


@pytest.fixture(scope="module")
def archive(make_bot: Callable[..., Bot], make_article: Callable[..., Article]) -> Bot:
    return make_bot(
        make_article(
            "pump",
            "The ferry Maud broke down off Skerry on Monday. The company Brightwater Lines blamed "
            "a pump for the breakdown of the ferry. Passengers waited for six hours.",
            title="Ferry breakdown off Skerry", outlet="Harbor Post", published="2024-03-04",
        ),
        make_article(
            "wages",
            "Sailors asked for higher wages in March. Brightwater Lines offered its sailors a "
            "bonus of two weeks of wages. The union will vote on the offer.",
            title="Sailors weigh a bonus", outlet="Tidewater Gazette", published="2024-03-20",
        ),
        make_article(
            "rival",
            "Northstar Shipping offered its sailors a bonus, reports on wages in a gazette say.",
            title="Northstar pays more", outlet="Island Voice", published="2024-03-21",
        ),
    )  # fmt: skip


def evidence_of(bot: Bot, question: str) -> tuple[list[PartEvidence], list[Vote]]:
    found = bot.retriever().search(question, limit=15)
    judge = Judge(bot.library.terms, bot.passage_model, load_calibrations().sentence)
    candidates = collect_candidates(found.passages)
    evidence = gather_evidence(found.query, candidates, bot.library.terms, judge)
    return evidence, vote(found.query, read_expectation(question), evidence)


def test_each_part_is_answered_by_a_sentence_of_its_own_outlet(archive: Bot) -> None:
    evidence, _ = evidence_of(archive, QUESTION)
    best = {part.part.text: part.sentences[0][1] for part in evidence}

    pump = next(candidate for text, candidate in best.items() if "pump" in text)
    bonus = next(candidate for text, candidate in best.items() if "bonus" in text)
    assert "blamed a pump" in pump.text
    assert bonus.passage.outlet == "Tidewater Gazette"


def test_coverage_is_a_share_and_the_best_sentence_comes_first(archive: Bot) -> None:
    evidence, _ = evidence_of(archive, QUESTION)
    assert len(evidence) >= 2
    for part in evidence:
        coverages = [coverage for coverage, _ in part.sentences]
        assert coverages == sorted(coverages, reverse=True)
        assert all(0 < coverage <= 1 for coverage in coverages)
        assert part.coverage == coverages[0]


def test_the_name_that_the_parts_share_wins(archive: Bot) -> None:
    _, votes = evidence_of(archive, QUESTION)

    assert votes[0].name == "Brightwater Lines"
    assert all(0 < one.share <= 1 for one in votes)
    assert votes == sorted(votes, key=lambda one: -one.share)


def test_no_name_of_the_question_and_no_reporting_outlet_is_voted_for(archive: Bot) -> None:
    names = {one.name for one in evidence_of(archive, QUESTION)[1]}

    assert not names & {"Harbor Post", "Tidewater Gazette", "Island Voice"}


def test_a_company_that_the_question_names_is_not_its_answer(archive: Bot) -> None:
    question = QUESTION.replace("Which company,", "Which company beside Northstar Shipping,")

    assert "Northstar Shipping" in {one.name for one in evidence_of(archive, QUESTION)[1]}
    assert "Northstar Shipping" not in {one.name for one in evidence_of(archive, question)[1]}


def test_the_answer_gives_the_name_once_and_a_sentence_of_each_part(archive: Bot) -> None:
    answer = archive.answerer().answer(Question(QUESTION))

    assert answer.status is Status.ANSWERED
    assert answer.sentences[0].text.startswith("Brightwater Lines: ")
    assert {citation.outlet for citation in answer.citations} >= {
        "Harbor Post", "Tidewater Gazette",
    }  # fmt: skip
    assert [sentence.citations for sentence in answer.sentences] == [
        (number,) for number in range(1, len(answer.sentences) + 1)
    ]


def test_a_part_without_any_sentence_has_no_coverage(archive: Bot) -> None:
    query = archive.retriever().read(QUESTION)
    judge = Judge(archive.library.terms, archive.passage_model, load_calibrations().sentence)
    evidence = gather_evidence(query, [], archive.library.terms, judge)

    assert [part.coverage for part in evidence] == [0.0] * len(query.parts)
    assert vote(query, read_expectation(QUESTION), evidence) == []

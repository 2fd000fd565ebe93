"""The signals from which an answer's confidence is computed: what a careful reader would look at.

Each is a number of about 0 to 1 that means the same in every library.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.compound import PartEvidence, Vote
from bot.expectation import AnswerKind, Expectation
from bot.relevance import Judged
from index.article import Passage
from index.names import Kind, Name
from index.search.query import Query


class PhraseStatistics(Protocol):
    """What the lexical index knows of names."""

    def analyze(self, text: str) -> list[str]:
        """Terms of `text`, in order."""
        ...

    def document_frequency(self, term: str) -> int:
        """How many chunks hold the term."""
        ...

    def phrase_frequency(self, terms: Sequence[str]) -> int:
        """How many chunks hold the terms as a phrase."""
        ...


def unknown_names(query: Query, terms: PhraseStatistics) -> list[str]:
    """Names in the question with a word that stands nowhere in the archive, as written."""
    return [
        name.text
        for name in _own_names(query)
        if any(terms.document_frequency(term) == 0 for term in terms.analyze(name.text))
    ]


def unseen_people(query: Query, terms: PhraseStatistics) -> list[str]:
    """People in the question whose full name stands nowhere in the archive, as written."""
    return [
        name.text
        for name in _own_names(query)
        if name.kind is Kind.PERSON
        and len(parts := terms.analyze(name.text)) > 1
        and terms.phrase_frequency(parts) == 0
    ]


def _own_names(query: Query) -> list[Name]:
    """Names that the question is about: not the outlets it quotes."""
    return [
        name
        for name in query.names
        if not any(m.start < name.end and name.start < m.end for m in query.mentions)
    ]


def simple_signals(
    query: Query,
    expectation: Expectation,
    passages: Sequence[Passage],
    judged: Sequence[Judged],
    terms: PhraseStatistics,
) -> dict[str, float]:
    """Signals for a question that one sentence can answer; `judged` best first, not empty."""
    best = judged[0].features
    asks = expectation.kind not in {AnswerKind.ANY, AnswerKind.YES_NO, AnswerKind.CHOICE}
    return {
        "passage_similarity": max((p.scores.dense or 0.0 for p in passages), default=0.0),
        "own_passage_similarity": best["passage_similarity"],
        "answers": best.get("answers", -1.0),
        "evidence": best.get("evidence", -1.0),
        "span": best.get("span", -1.0),
        "own_coverage": best["own_coverage"],
        "coverage": best["coverage"],
        "best_coverage": max(one.features["coverage"] for one in judged),
        "nearness": best["nearness"],
        "focus": best["focus"],
        "unfilled": float(asks and not best["filled"]),
        "uncertain": float(asks and not best["certain"]),
        "unasked": float(bool(expectation.asked) and not best["asked"]),
        **_knowledge(query, terms),
    }


def compound_signals(
    query: Query,
    passages: Sequence[Passage],
    evidence: Sequence[PartEvidence],
    votes: Sequence[Vote],
    terms: PhraseStatistics,
) -> dict[str, float]:
    """Signals for a question whose parts are answered one by one."""
    mass = sum(part.mass for part in evidence) or 1.0
    return {
        "passage_similarity": max((p.scores.dense or 0.0 for p in passages), default=0.0),
        "mean_coverage": sum(part.mass * part.coverage for part in evidence) / mass,
        "least_coverage": min((part.coverage for part in evidence), default=0.0),
        "vote": votes[0].share if votes else 0.0,
        **_knowledge(query, terms),
    }


def _knowledge(query: Query, terms: PhraseStatistics) -> dict[str, float]:
    return {
        "missing_outlets": float(bool(query.missing_outlets)),
        "unknown_names": float(bool(unknown_names(query, terms))),
        "unseen_people": float(bool(unseen_people(query, terms))),
    }

"""One case: what the bot said, held against what the set expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from eval.dataset import GoldQuestion, GoldQuote
from eval.documents import document_key
from eval.given_answer import GivenAnswer, parse_answer
from eval.metrics.citations import (
    Agreement,
    Evidence,
    best_agreement,
    document_agreement,
    is_exact_quote,
    sentence_agreement,
)
from eval.metrics.matching import holds_answers, is_exact, token_f1
from eval.record import Outcome


class Bodies(Protocol):
    """Where the text of articles is kept."""

    def body(self, article_id: str, version: str) -> str | None:
        """The body of one version, or None if it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class CaseScore:
    """Every measure of one case; None where a measure does not apply to it.

    A case that failed is wrong in every respect: it counts as an answer where silence was due, and
    as silence where an answer was.
    """

    id: str
    tags: tuple[str, ...]
    cluster: str
    must_abstain: bool
    abstained: bool
    is_right: bool | None
    """Abstained where that is due; else answered with every expected item. None if an answer
    was due for which the set has no short form."""
    status_is_right: bool
    exact: bool | None = None
    f1: float | None = None
    documents: Agreement | None = None
    """Citations by document; an answerable question that was declined has recall 0."""
    sentences: Agreement | None = None
    exact_quotes: tuple[bool, ...] = ()
    """For each quote whose article is known, whether it is the body's span."""
    unknown_quotes: int = 0
    """Quotes whose article is not known; they must not pass in silence."""
    confidence: float | None = None
    milliseconds: float | None = None
    error: str | None = None


def score_case(
    question: GoldQuestion, outcome: Outcome | None, bodies: Bodies | None = None
) -> CaseScore:
    """Score one case.

    Args:
        question: What was asked, and what is right.
        outcome: What came of it; None if it was not asked.
        bodies: To check quotes against; without it their number is reported as unknown.
    """
    if outcome is None or outcome.answer is None:
        return _failed(question, outcome.error if outcome else "not asked")
    try:
        answer = parse_answer(outcome.answer)
    except ValueError as error:
        return _failed(question, str(error))
    quotes = _check_quotes(answer, bodies)
    text_counts = bool(question.expect.answers) and not answer.abstained
    return CaseScore(
        id=question.id,
        tags=question.tags,
        cluster=question.cluster,
        must_abstain=question.expect.must_abstain,
        abstained=answer.abstained,
        is_right=_is_right(question, answer),
        status_is_right=_status_is_right(question, answer),
        exact=_is_exact(question, answer) if text_counts else None,
        f1=_f1(question, answer) if text_counts else None,
        documents=_score_documents(question, answer),
        sentences=_score_sentences(question, answer),
        exact_quotes=tuple(is_exact for is_exact in quotes if is_exact is not None),
        unknown_quotes=quotes.count(None),
        confidence=answer.confidence,
        milliseconds=_milliseconds(answer, outcome),
    )


def _failed(question: GoldQuestion, error: str | None) -> CaseScore:
    expect = question.expect
    nothing = Agreement(0.0, 0.0) if question.gold and not expect.must_abstain else None
    quotes_are_due = nothing and all(gold.quote for gold in question.gold)
    return CaseScore(
        id=question.id,
        tags=question.tags,
        cluster=question.cluster,
        must_abstain=expect.must_abstain,
        abstained=not expect.must_abstain,
        is_right=False if expect.answers or expect.must_abstain else None,
        status_is_right=False,
        documents=nothing,
        sentences=nothing if quotes_are_due else None,
        error=error or "failed",
    )


def _is_right(question: GoldQuestion, answer: GivenAnswer) -> bool | None:
    if question.expect.must_abstain:
        return answer.abstained
    if not question.expect.answers:
        return None
    return not answer.abstained and holds_answers(answer.text, question.expect.answers)


def _status_is_right(question: GoldQuestion, answer: GivenAnswer) -> bool:
    expect = question.expect
    return answer.status is expect.status and (
        expect.reason is None or answer.reason is expect.reason
    )


def _is_exact(question: GoldQuestion, answer: GivenAnswer) -> bool:
    # A list of several items is never the whole text of an answer in exactly one spelling.
    items = question.expect.answers
    return len(items) == 1 and any(is_exact(answer.text, spelling) for spelling in items[0])


def _f1(question: GoldQuestion, answer: GivenAnswer) -> float:
    items = question.expect.answers
    return sum(max(token_f1(answer.text, one) for one in spellings) for spellings in items) / len(
        items
    )


def _score_documents(question: GoldQuestion, answer: GivenAnswer) -> Agreement | None:
    if question.expect.must_abstain or not question.gold:
        return None
    cited = frozenset(document_key(url) for url in answer.cited_urls)
    return best_agreement(
        document_agreement(
            frozenset() if answer.abstained else cited,
            frozenset(document_key(gold.url) for gold in choice),
            dangling=answer.dangling,
        )
        for choice in question.choices
    )


def _score_sentences(question: GoldQuestion, answer: GivenAnswer) -> Agreement | None:
    choices = [[gold for gold in choice if gold.quote] for choice in question.choices]
    if question.expect.must_abstain or not all(choices) or not choices:
        return None
    quoted = [
        Evidence(document_key(citation.url), citation.quote)
        for citation in answer.citations
        if not answer.abstained
    ]
    return best_agreement(
        sentence_agreement(quoted, [_evidence(gold) for gold in choice], dangling=answer.dangling)
        for choice in choices
    )


def _evidence(gold: GoldQuote) -> Evidence:
    return Evidence(document_key(gold.url), gold.quote)


def _check_quotes(answer: GivenAnswer, bodies: Bodies | None) -> list[bool | None]:
    checked: list[bool | None] = []
    for citation in answer.citations:
        body = bodies.body(citation.article_id, citation.version) if bodies else None
        checked.append(
            None
            if body is None
            else is_exact_quote(citation.quote, citation.start, citation.end, body)
        )
    return checked


def _milliseconds(answer: GivenAnswer, outcome: Outcome) -> float:
    # The bot's own figure leaves out the start of the program and the pipe to it.
    own = answer.milliseconds
    return own if own is not None else outcome.seconds * 1_000

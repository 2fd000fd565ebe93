"""One case: what the bot said, held against what the set expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.answer import Status
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
from eval.metrics.listing import is_silent_pick, items_held
from eval.metrics.matching import has_run, holds, holds_answers, is_exact, token_f1
from eval.metrics.support import SentenceSupport, count_support
from eval.record import Outcome
from eval.retrieval import score_passages

_ANSWERED = Status.ANSWERED
SEVERAL = frozenset({Status.AMBIGUOUS, Status.CONFLICTING})
"""Statuses with which several answers are due."""


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
    may_abstain: bool
    """Either is right, so that silence tells nothing."""
    is_right: bool | None
    """Abstained where that is due; else answered with every expected item. None if an answer
    was due for which the set has no short form."""
    status_is_right: bool
    expected: Status = Status.ANSWERED
    status: Status | None = None
    """What the answer says it is; None if there is none."""
    exact: bool | None = None
    """The answer is the first spelling of the one expected item, and nothing more."""
    alias: bool | None = None
    """The answer is any one of its spellings, and nothing more."""
    run: bool | None = None
    """Every item's plain words stand in the answer as a run; numbers and dates as they are
    written."""
    f1: float | None = None
    items: float | None = None
    """Share of the expected items that the answer holds; 0 for silence."""
    silent_pick: bool | None = None
    """Where several answers or both sides are due: one is given as if it were the only one."""
    documents: Agreement | None = None
    """Citations by document; an answerable question that was declined has recall 0."""
    sentences: Agreement | None = None
    valid_citations: float | None = None
    """Share of the answer's distinct numbers that lead to a citation; None for silence."""
    support: SentenceSupport | None = None
    """None for silence."""
    retrieval: Mapping[str, float] = field(default_factory=dict)
    """Of the passages that came with the answer, by the names of `eval.retrieval`; empty if none
    were told."""
    exact_quotes: tuple[bool, ...] = ()
    """For each quote whose article is known, whether it is the body's span."""
    unknown_quotes: int = 0
    """Quotes whose article is not known; they must not pass in silence."""
    confidence: float | None = None
    milliseconds: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
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
    expect = question.expect
    text_counts = bool(expect.answers) and not expect.by_source and not answer.abstained
    found = score_passages(question, answer.passages) if answer.tells_passages else None
    return CaseScore(
        id=question.id,
        tags=question.tags,
        cluster=question.cluster,
        must_abstain=question.expect.must_abstain,
        abstained=answer.abstained,
        may_abstain=expect.may_abstain,
        is_right=_is_right(question, answer),
        status_is_right=_status_is_right(question, answer),
        expected=expect.status,
        status=answer.status,
        exact=_is_exact(question, answer.text, aliases=False) if text_counts else None,
        alias=_is_exact(question, answer.text, aliases=True) if text_counts else None,
        run=_has_runs(question, answer.text) if text_counts else None,
        f1=_f1(question, answer) if text_counts else None,
        items=_items(question, answer),
        silent_pick=_silent_pick(question, answer),
        documents=_score_documents(question, answer),
        sentences=_score_sentences(question, answer),
        valid_citations=_valid_citations(answer),
        support=_support(answer),
        retrieval=found.figures if found else {},
        exact_quotes=tuple(is_exact for is_exact in quotes if is_exact is not None),
        unknown_quotes=quotes.count(None),
        confidence=answer.confidence,
        milliseconds=_milliseconds(answer, outcome),
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
    )


def _failed(question: GoldQuestion, error: str | None) -> CaseScore:
    expect = question.expect
    nothing = Agreement(0.0, 0.0) if question.gold and not expect.must_abstain else None
    quotes_are_due = nothing and all(gold.quote for gold in question.gold)
    found = score_passages(question, ())
    return CaseScore(
        id=question.id,
        tags=question.tags,
        cluster=question.cluster,
        must_abstain=expect.must_abstain,
        abstained=not expect.must_abstain,
        may_abstain=expect.may_abstain,
        is_right=False if expect.answers or expect.never or expect.must_abstain else None,
        status_is_right=False,
        expected=expect.status,
        items=0.0 if expect.answers else None,
        documents=nothing,
        sentences=nothing if quotes_are_due else None,
        retrieval=found.figures if found else {},
        error=error or "failed",
    )


def _is_right(question: GoldQuestion, answer: GivenAnswer) -> bool | None:
    expect = question.expect
    if expect.must_abstain:
        return answer.abstained
    if answer.abstained:
        return expect.may_abstain if expect.answers or expect.never else None
    if any(holds(answer.text, one) for spellings in expect.never for one in spellings):
        return False
    if expect.by_source:
        return _tells_sources(question, answer)
    if expect.answers:
        return holds_answers(answer.text, expect.answers)
    return True if expect.never else None


def _tells_sources(question: GoldQuestion, answer: GivenAnswer) -> bool:
    cited = _score_documents(question, answer)
    only_gold = cited is not None and cited.precision == 1.0
    return only_gold and holds_answers(answer.sources, question.expect.answers)


def _status_is_right(question: GoldQuestion, answer: GivenAnswer) -> bool:
    expect = question.expect
    if answer.abstained and expect.may_abstain:
        return True
    return answer.status is expect.status and (
        expect.reason is None or answer.reason is expect.reason
    )


def _is_exact(question: GoldQuestion, text: str, *, aliases: bool) -> bool:
    # A list of several items is never the whole text of an answer in exactly one spelling.
    items = question.expect.answers
    spellings = items[0] if aliases else items[0][:1]
    return len(items) == 1 and any(is_exact(text, spelling) for spelling in spellings)


def _has_runs(question: GoldQuestion, text: str) -> bool:
    return all(any(has_run(text, one) for one in item) for item in question.expect.answers)


def _items(question: GoldQuestion, answer: GivenAnswer) -> float | None:
    if not question.expect.answers or question.expect.by_source:
        return None
    return 0.0 if answer.abstained else items_held(answer.text, question.expect.answers)


def _silent_pick(question: GoldQuestion, answer: GivenAnswer) -> bool | None:
    expect = question.expect
    if expect.status not in SEVERAL or not expect.answers:
        return None
    return is_silent_pick(answer.text, expect.answers, told_apart=answer.status is not _ANSWERED)


def _valid_citations(answer: GivenAnswer) -> float | None:
    if answer.abstained or not answer.numbers:
        return None if answer.abstained else 0.0
    return 1 - answer.dangling / len(answer.numbers)


def _support(answer: GivenAnswer) -> SentenceSupport | None:
    if answer.abstained or not answer.sentences:
        return None
    told = [(one.text, answer.quotes_of(one)) for one in answer.sentences]
    texts = [str(one["text"]) for one in answer.passages] if answer.tells_passages else None
    return count_support(told, texts)


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


def _milliseconds(answer: GivenAnswer, outcome: Outcome) -> float | None:
    # The bot's own figure leaves out the start of the program and the pipe to it.
    own = answer.milliseconds
    # No answer takes no time: a baseline keeps none.
    return own if own is not None else outcome.seconds * 1_000 or None

"""One case as a report shows it: what was asked, what was said, and what is around each quote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.answer import Status
from eval.dataset import GoldQuestion
from eval.documents import document_key
from eval.given_answer import GivenAnswer, GivenCitation, parse_answer
from eval.record import CaseRecord

Span = tuple[str, int, int]
"""A quote's place: version, start, end."""

# Enough to see what a quote is about; a whole passage a citation would make pages of 50 MB.
_AROUND = 240
_FOUND = 10


class Verdict(StrEnum):
    """Whether a case went well."""

    RIGHT = "right"
    WRONG = "wrong"
    UNJUDGED = "unjudged"
    """The set has no short answer to hold this one against."""
    FAILED = "failed"


class Flip(StrEnum):
    """How a case compares with the baseline's."""

    WORSE = "worse"
    BETTER = "better"
    CHANGED = "changed"
    """Another status, neither better nor worse by what the set tells."""
    SAME = "same"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One citation, with what stands around its quote."""

    number: int
    title: str
    outlet: str
    published: str
    url: str
    before: str
    quote: str
    after: str
    is_gold: bool
    anchor: str | None = None
    """Where in the report's articles the quote is marked; None where the article is not in it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the bot said to a case in one run."""

    status: str
    reason: str
    sentences: tuple[tuple[str, tuple[int, ...]], ...]
    evidence: tuple[Evidence, ...]
    error: str
    milliseconds: float | None
    confidence: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ReportCase:
    """One case."""

    id: str
    question: GoldQuestion
    expected: str
    """What is right, in words."""
    said: Said
    before: Said | None
    """In the baseline, where that is not the same."""
    flip: Flip
    scores: Mapping[str, float]
    passages: tuple[tuple[str, str, str], ...]
    """Title, outlet and URL of what was found, best first, each article once."""

    @property
    def verdict(self) -> Verdict:
        """Of this run."""
        return self.said.verdict


def build_case(
    record: CaseRecord, baseline: CaseRecord | None, anchors: Mapping[Span, str]
) -> ReportCase:
    """A case beside the baseline's.

    Args:
        record: Of this run.
        baseline: Of the other; None if there is none, or the case is new.
        anchors: Where quotes are marked in the report.
    """
    said = build_said(record, anchors)
    before = build_said(baseline, {}) if baseline else None
    flip = _compare(said, before)
    answer = read_answer(record)
    found = dict.fromkeys(
        (one["title"] or "", one["outlet"] or "", one["url"])
        for one in (answer.passages if answer else ())
    )
    return ReportCase(
        id=record.question.id,
        question=record.question,
        expected=describe_expected(record.question),
        said=said,
        before=before if flip is not Flip.SAME else None,
        flip=flip,
        scores=record.scores,
        passages=tuple(found)[:_FOUND],
    )


def read_answer(record: CaseRecord) -> GivenAnswer | None:
    """The answer of a case; None if it failed or breaks the contract."""
    if record.outcome.answer is None:
        return None
    try:
        return parse_answer(record.outcome.answer)
    except ValueError:
        return None


def build_said(record: CaseRecord, anchors: Mapping[Span, str]) -> Said:
    """What the bot said; a failed case says nothing."""
    answer = read_answer(record)
    if answer is None:
        error = record.outcome.error or "the answer breaks the contract"
        return Said("", "", (), (), error, None, None, Verdict.FAILED)
    return Said(
        status=answer.status.value,
        reason=answer.reason.value if answer.reason else "",
        sentences=tuple((one.text, one.numbers) for one in answer.sentences),
        evidence=tuple(_evidence(one, answer, record, anchors) for one in answer.citations),
        error=record.outcome.error or "",
        milliseconds=answer.milliseconds,
        confidence=answer.confidence,
        verdict=judge(record),
    )


def judge(record: CaseRecord) -> Verdict:
    """Right or wrong by the recorded accuracy."""
    if record.failed:
        return Verdict.FAILED
    accuracy = record.scores.get("accuracy")
    if accuracy is None:
        return Verdict.UNJUDGED
    return Verdict.RIGHT if accuracy == 1.0 else Verdict.WRONG


def describe_expected(question: GoldQuestion) -> str:
    """What is right, in words: `abstain (stale)`, `conflicting: 6.8 metres + 7.4 metres`."""
    expect = question.expect
    if expect.must_abstain:
        return f"abstain ({expect.reason.value})" if expect.reason else "abstain"
    items = " + ".join(" / ".join(spellings) for spellings in expect.answers)
    parts = [items] if items else []
    if expect.status is not Status.ANSWERED:
        parts = [f"{expect.status.value}: {items}" if items else expect.status.value]
    if expect.by_source:
        parts = [f"cite: {items}"]
    parts += [f"never: {' / '.join(spellings)}" for spellings in expect.never]
    parts += ["or abstain"] if expect.may_abstain else []
    return "; ".join(parts) or "an answer with the gold cited"


def _compare(said: Said, before: Said | None) -> Flip:
    if before is None:
        return Flip.NEW
    judged = {Verdict.RIGHT, Verdict.WRONG, Verdict.FAILED}
    if said.verdict is not before.verdict and {said.verdict, before.verdict} <= judged:
        if said.verdict is Verdict.RIGHT:
            return Flip.BETTER
        return Flip.WORSE if before.verdict is Verdict.RIGHT else Flip.CHANGED
    return Flip.SAME if said.status == before.status else Flip.CHANGED


def _evidence(
    citation: GivenCitation, answer: GivenAnswer, record: CaseRecord, anchors: Mapping[Span, str]
) -> Evidence:
    before, after = _around(citation, answer)
    gold = {document_key(url) for url in record.question.gold_urls}
    return Evidence(
        number=citation.number,
        title=citation.title or "(no headline)",
        outlet=citation.outlet or "",
        published=citation.published or "undated",
        url=citation.url,
        before=before,
        quote=citation.quote,
        after=after,
        is_gold=document_key(citation.url) in gold,
        anchor=anchors.get((citation.version, citation.start, citation.end)),
    )


def _around(citation: GivenCitation, answer: GivenAnswer) -> tuple[str, str]:
    """What stands before and after the quote, from a passage of its version that holds it."""
    for passage in answer.passages:
        text, offset = str(passage["text"]), int(passage["start"])
        start, end = citation.start - offset, citation.end - offset
        is_same = passage["version"] == citation.version and start >= 0
        if is_same and text[start:end] == citation.quote:
            return _cut_left(text[:start]), _cut_right(text[end:])
    return "", ""


def _cut_left(text: str) -> str:
    return text if len(text) <= _AROUND else f"…{text[-_AROUND:]}"


def _cut_right(text: str) -> str:
    return text if len(text) <= _AROUND else f"{text[:_AROUND]}…"

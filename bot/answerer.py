"""Question → answer: retrieve, read, word, cite."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.answer import Answer, Citation, Question, Reason, Sentence, Status
from bot.evidence import Candidate
from bot.freshness import asks_about_now
from bot.reader import Pick, Reading
from bot.standing import (
    count_origins,
    leave_out,
    tell_newest,
    tell_notices,
    tell_retracted,
)
from bot.wording import word_sentence
from index.scope import Scope, outlet_key
from index.search.query import Query
from index.search.retrieve import Found
from index.tracing import Tracer, Untraced

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEAREST_PASSAGES = 4


class PassageFinder(Protocol):
    """What answering needs of retrieval."""

    def search(
        self,
        question: str,
        scope: Scope | None = None,
        *,
        limit: int = 12,
        prefer: frozenset[str] = frozenset(),
    ) -> Found:
        """The best passages that `scope` lets see; those of the articles in `prefer` lifted."""
        ...

    def read(self, question: str, now: datetime | None = None) -> Query:
        """`question` as it is understood when it is asked at `now`, without a search."""
        ...


class PassageReader(Protocol):
    """What answering needs of a reader."""

    def read(self, found: Found) -> Reading:
        """The sentences that answer, or why none does."""
        ...


class SideWeigher(Protocol):
    """What answering needs to set two things side by side."""

    def weigh(self, question: Question, scope: Scope) -> tuple[Found, Reading] | None:
        """The answer to a question of two sides; None for any other question."""
        ...


class Answerer:
    """Answers questions from one library."""

    def __init__(
        self,
        retriever: PassageFinder,
        reader: PassageReader,
        weigher: SideWeigher | None = None,
        *,
        passage_limit: int = 15,
        tracer: Tracer | None = None,
    ) -> None:
        self._retriever = retriever
        self._reader = reader
        self._weigher = weigher
        self._passage_limit = passage_limit
        self._tracer = tracer or Untraced()

    def answer(self, question: Question) -> Answer:
        """Answer one question; "the archive does not say" is an answer too."""
        timings = _Timings()
        with timings.stage("total"):
            with timings.stage("retrieve"), self._tracer.span("retrieve") as span:
                found = self._find(question)
                span.note(passages=len(found.passages), is_compound=found.query.is_compound)
            with timings.stage("write"), self._tracer.span("read") as span:
                weighed = self._weigh(question, found)
                found, reading = weighed or (found, self._reader.read(found))
                span.note(status=reading.status.value, picks=len(reading.picks))
            answer = _compose(question, found, reading, timings)
        answer = _with_left_out(answer, found)
        return replace(answer, trace_id=self._tracer.trace_id)

    def _weigh(self, question: Question, found: Found) -> tuple[Found, Reading] | None:
        if self._weigher is None or found.query.missing_outlets:
            return None
        return self._weigher.weigh(question, scope_of(question))

    def _find(self, question: Question) -> Found:
        focus = question.focus
        found = self._retriever.search(
            question.text,
            scope_of(question),
            limit=self._passage_limit,
            prefer=focus.articles if focus else frozenset(),
        )
        if focus is None or focus.as_typed is None:
            return found
        passages = [one for one in found.passages if one.article_id in focus.articles]
        return Found(self._retriever.read(focus.as_typed, question.as_of), passages)


def scope_of(question: Question) -> Scope:
    """The part of the archive that a question may see."""
    outlets = frozenset({outlet_key(question.outlet)} if question.outlet else ())
    return Scope(question.as_of, question.since, question.until, outlets, question.slices)


class _Timings:
    """Milliseconds by stage; a stage that is still open counts up to now."""

    def __init__(self) -> None:
        self._started: dict[str, float] = {}
        self._spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._started[name] = time.perf_counter()
        try:
            yield
        finally:
            self._spent[name] = self._since(name)

    def read(self) -> dict[str, float]:
        return {name: self._spent.get(name) or self._since(name) for name in self._started}

    def _since(self, name: str) -> float:
        return (time.perf_counter() - self._started[name]) * 1000


def _compose(question: Question, found: Found, reading: Reading, timings: _Timings) -> Answer:
    citations = _Citations()
    sentences = tuple(
        Sentence(_render_pick(pick), tuple(map(citations.number, pick.candidates)))
        for pick in reading.picks
    )
    return Answer(
        question=question,
        status=reading.status,
        sentences=sentences,
        citations=citations.all(),
        passages=tuple(found.passages),
        reason=reading.reason,
        confidence=round(reading.confidence, 4),
        note=reading.note or _note(reading, found, citations.all()),
        signals=dict(reading.signals or {}),
        timings_ms=timings.read(),
    )


def _render_pick(pick: Pick) -> str:
    sentence = word_sentence(pick.candidates[0])
    return f"{pick.lead}: {sentence}" if pick.lead else sentence


class _Citations:
    """Numbers the quotes of an answer by first mention; equal spans share a number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, int, int], int] = {}
        self._citations: list[Citation] = []

    def number(self, candidate: Candidate) -> int:
        passage = candidate.passage
        key = (passage.article_id, passage.version, candidate.start, candidate.end)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers) + 1
            self._citations.append(_cite(self._numbers[key], candidate))
        return self._numbers[key]

    def all(self) -> tuple[Citation, ...]:
        return tuple(self._citations)


def _cite(number: int, candidate: Candidate) -> Citation:
    passage = candidate.passage
    return Citation(
        number=number,
        article_id=passage.article_id,
        version=passage.version,
        url=passage.url,
        title=passage.title,
        outlet=passage.outlet,
        published=passage.published,
        start=candidate.start,
        end=candidate.end,
        quote=candidate.text,
    )


def _note(reading: Reading, found: Found, citations: Sequence[Citation]) -> str | None:
    if reading.status is Status.ABSTAINED:
        return _why_not(reading, found)
    query = found.query
    is_about_now = query.time.wants_latest or asks_about_now(query.whole.text)
    parts = [
        tell_notices(found.passages, citations),
        count_origins(found.passages, citations),
        tell_newest(citations) if is_about_now else None,
    ]
    return "; ".join(part for part in parts if part) or None


def _with_left_out(answer: Answer, found: Found) -> Answer:
    left_out = leave_out(found, answer.citations)
    if not left_out:
        return answer
    note = "; ".join(filter(None, (answer.note, tell_retracted(left_out))))
    return replace(answer, left_out=left_out, note=note)


def _why_not(reading: Reading, found: Found) -> str:
    if missing := found.query.missing_outlets:
        return f"The archive holds nothing from {', '.join(dict.fromkeys(missing))}."
    if not found.passages:
        return "Nothing in the archive, as far as this question may see, is near it."
    if reading.reason is Reason.OUT_OF_CORPUS:
        return "The archive does not cover this."
    return "Articles come near this, but none of them says it."

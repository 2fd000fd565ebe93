"""A question and its answer as types, and the JSON that the command line contract promises."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from index.article import Passage
from index.moment import Moment
from index.notice import Notice
from index.scope import Slice


class Status(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    AMBIGUOUS = "ambiguous"
    """Several right answers, by date: a dated list, newest first."""
    CONFLICTING = "conflicting"
    """Independent origins disagree: each side is shown."""
    ABSTAINED = "abstained"


class Reason(StrEnum):
    """Why an answer was withheld."""

    NO_EVIDENCE = "no_evidence"
    """Articles about the matter exist, but none says what was asked."""
    OUT_OF_CORPUS = "out_of_corpus"
    """The archive does not cover the matter, or not an outlet that the question names."""
    STALE = "stale"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation and, if it is known, how it was answered."""

    question: str
    """As it was asked."""
    answer: tuple[str, ...] | None = None
    """The answer's sentences; empty if it was withheld, None if what was answered is not known."""
    articles: frozenset[str] = frozenset()
    """Ids of the articles that the answer cited."""
    standalone: str | None = None
    """The question as it stands alone, where that is not as it was asked."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The story that a conversation is in."""

    articles: frozenset[str]
    """Ids of the articles that were just cited; their passages are lifted a little."""
    as_typed: str | None = None
    """If set, only those articles are read, for an answer to the question in these words."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, and from which moment."""

    text: str
    id: str | None = None
    as_of: datetime | None = None
    """Aware. None means now, and that nothing is hidden."""
    since: datetime | None = None
    until: datetime | None = None
    outlet: str | None = None
    history: tuple[Turn, ...] = ()
    """Earlier turns of the conversation, the oldest first."""
    focus: Focus | None = None
    """What the conversation has just been about."""
    slices: tuple[Slice, ...] = ()
    """What the asker may see of the archive: any of these; empty means all of it."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered pointer from a sentence of an answer to a verbatim span of one version."""

    number: int
    """From 1, in order of first mention."""
    article_id: str
    version: str
    url: str
    title: str | None
    outlet: str | None
    published: Moment | None
    start: int
    end: int
    quote: str
    """`body[start:end]` of that version, to the byte."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, without its citation marks."""

    text: str
    citations: tuple[int, ...]
    """Numbers of `Answer.citations`; never empty in an answer that is not abstained."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that was let through, as soon as it was."""

    sentence: Sentence
    citations: tuple[Citation, ...]
    """What its numbers stand for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One look-up of a question that needed several."""

    question: str
    """What was looked up."""
    passages: tuple[str, ...]
    """Ids of the chunks that it found, best first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is shown for a question."""

    question: Question
    status: Status
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    """What was found, best first; with an abstention, the nearest that there is."""
    left_out: tuple[Passage, ...] = ()
    """What was found of stories that were taken back; no answer is made of it."""
    reason: Reason | None = None
    confidence: float | None = None
    """Calibrated probability that the sentences answer the question, 0 to 1."""
    note: str | None = None
    """One line beside the answer: why it was withheld, how old it is, "5 outlets, 1 origin"."""
    signals: dict[str, float] = field(default_factory=dict)
    """What the confidence was computed from."""
    writer: str = "reader"
    model: str | None = None
    standalone_question: str | None = None
    """What was looked up in place of a follow-up; None where the question stood alone."""
    steps: tuple[Step, ...] = ()
    """The look-ups that a hard question was taken apart into; empty where it was one."""
    timings_ms: dict[str, float] = field(default_factory=dict)
    trace_id: str | None = None
    """Of the trace that its making left, if one was kept."""
    usage: dict[str, int] = field(
        default_factory=lambda: {"prompt_tokens": 0, "completion_tokens": 0}
    )

    @property
    def text(self) -> str:
        """The sentences as one text with citation marks: `He led it. [1]`."""
        lines = []
        for sentence in self.sentences:
            marks = "".join(f"[{number}]" for number in sentence.citations)
            lines.append(f"{sentence.text} {marks}".strip())
        separator = "\n" if self.status in {Status.AMBIGUOUS, Status.CONFLICTING} else " "
        return separator.join(lines)


def render_answer(answer: Answer) -> dict[str, Any]:
    """The answer as the contract's JSON object."""
    question = answer.question
    rewritten = answer.standalone_question
    notices = {(one.article_id, one.version): one.notice for one in answer.passages}
    return {
        "id": question.id,
        "question": question.text,
        **({"standalone_question": rewritten} if rewritten else {}),
        "as_of": render_instant(question.as_of),
        "status": answer.status.value,
        "reason": answer.reason.value if answer.reason else None,
        "answer": answer.text,
        "sentences": [
            {"text": sentence.text, "citations": list(sentence.citations)}
            for sentence in answer.sentences
        ],
        "citations": [
            _render_citation(citation, notices.get((citation.article_id, citation.version)))
            for citation in answer.citations
        ],
        "passages": [render_passage(passage) for passage in answer.passages],
        "answered_by": {"writer": answer.writer, "model": answer.model},
        "confidence": answer.confidence,
        "note": answer.note,
        **({"steps": [_render_step(step) for step in answer.steps]} if answer.steps else {}),
        **(
            {"left_out": [render_passage(passage) for passage in answer.left_out]}
            if answer.left_out
            else {}
        ),
        "signals": {name: round(value, 4) for name, value in answer.signals.items()},
        "timings_ms": {stage: round(ms, 1) for stage, ms in answer.timings_ms.items()},
        "usage": answer.usage,
        **({"trace_id": answer.trace_id} if answer.trace_id else {}),
    }


def _render_step(step: Step) -> dict[str, Any]:
    return {"question": step.question, "passages": list(step.passages)}


def _render_citation(citation: Citation, notice: Notice | None) -> dict[str, Any]:
    return {
        "number": citation.number,
        "article_id": citation.article_id,
        "version": citation.version,
        "url": citation.url,
        "title": citation.title,
        "outlet": citation.outlet,
        "published": citation.published.isoformat() if citation.published else None,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        **_render_notice(notice),
    }


def _render_notice(notice: Notice | None) -> dict[str, Any]:
    return {"notice": {"kind": notice.kind.value, "text": notice.text}} if notice else {}


def render_passage(passage: Passage) -> dict[str, Any]:
    """One passage as the contract's JSON object."""
    return {
        "chunk_id": passage.chunk_id,
        "article_id": passage.article_id,
        "version": passage.version,
        "url": passage.url,
        "title": passage.title,
        "outlet": passage.outlet,
        "published": passage.published.isoformat() if passage.published else None,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": passage.score,
        "scores": {
            "dense": passage.scores.dense,
            "bm25": passage.scores.bm25,
            "rerank": passage.scores.rerank,
        },
        **_render_notice(passage.notice),
    }


def render_instant(when: datetime | None) -> str | None:
    """ISO 8601 in UTC with a `Z`, as the contract shows it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else None

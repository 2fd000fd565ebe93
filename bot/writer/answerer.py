"""Question → answer with a language model, beside the offline answerer.

The offline answerer goes first: it finds the passages, knows when the archive is silent (then no
model is asked), and has its own answer ready for when the model fails.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.answer import Answer, Question, Reason, Status, Told
from bot.freshness import is_stale, tell_age
from bot.hostility import is_hostile
from bot.standing import count_origins, tell_newest, tell_notices, tell_retracted
from bot.telling import Telling, hear, tell
from bot.writer.draft import Budget, Ending
from bot.writer.planning import Evidence
from bot.writer.settling import Settled, wants_newest
from bot.writer.writing import Written
from index.article import Passage
from index.moment import utc_now
from index.remote.patience import ServerFailed
from index.tracing import Tracer, Untraced

# From this probability on the reader's answer is shown although the model found none.
_SURE = 0.85
_UNFOUND = "it found no answer, but these quotes are near it"
_ABSENCE = ("missing_outlets", "unknown_names")

logger = logging.getLogger(__name__)


class OfflineAnswerer(Protocol):
    """What writing needs of the offline path."""

    def answer(self, question: Question) -> Answer:
        """An answer made of quotes, or a reasoned abstention, with the passages."""
        ...


class PassageWriter(Protocol):
    """What answering needs of `bot.writer.writing`."""

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    def open_budget(self) -> Budget:
        """What one answer may cost."""
        ...

    def write(
        self,
        question: str,
        passages: Sequence[Passage],
        asked_at: datetime,
        *,
        lookups: Sequence[str] = (),
        budget: Budget | None = None,
    ) -> Generator[Told, None, Written]:
        """Sentences as they are proved; at the end, the account of the whole."""
        ...


class AnswerSettler(Protocol):
    """What answering needs of `bot.writer.settling`."""

    def settle(
        self, question: Question, told: Sequence[Told], offline: Answer, said: str | None = None
    ) -> Settled:
        """Tell whether the sentences are one answer, several, or sides that disagree."""
        ...


class QuestionPlanner(Protocol):
    """What answering needs of `bot.writer.planning`."""

    def is_hard(self, question: str) -> bool:
        """Whether the question may need several look-ups."""
        ...

    def gather(self, question: Question, budget: Budget) -> Evidence | None:
        """Make the look-ups; None where the question is one."""
        ...


class WritingAnswerer:
    """Answers questions from one library, in a model's words."""

    def __init__(
        self,
        offline: OfflineAnswerer,
        writer: PassageWriter,
        settler: AnswerSettler,
        *,
        planner: QuestionPlanner | None = None,
        clock: Callable[[], datetime] = utc_now,
        tracer: Tracer | None = None,
    ) -> None:
        self._offline = offline
        self._writer = writer
        self._settler = settler
        self._planner = planner
        self._clock = clock
        self._tracer = tracer or Untraced()

    def answer(self, question: Question) -> Answer:
        """Answer one question; "the archive does not say" is an answer too."""
        return hear(self.stream(question))

    def stream(self, question: Question) -> Telling:
        """The same, one verified sentence after the other.

        Yields:
            Every sentence of the answer, in its order.

        Returns:
            The whole answer.
        """
        offline = self._offline.answer(question)
        passages = [one for one in offline.passages if not is_hostile(one.text)]
        asked_at = question.as_of or self._clock()
        if not passages or _is_beyond(offline):
            return offline
        published = [one.published for one in passages]
        if is_stale(question.text, published, asked_at):
            age = tell_age(published)
            return replace(_withheld(offline), reason=Reason.STALE, note=age)
        started, budget = time.perf_counter(), self._writer.open_budget()
        evidence = self._gather(question, budget)
        seen = evidence.passages if evidence else passages
        lookups = [step.question for step in evidence.steps] if evidence else []
        try:
            written = yield from self._writer.write(
                question.text, seen, asked_at, lookups=lookups, budget=budget
            )
        except ServerFailed as failure:
            logger.warning("the language model failed: %s", failure)
            waited_ms = (time.perf_counter() - started) * 1000
            self._tracer.record("write", waited_ms, failed=True)
            late = replace(offline, timings_ms=_add_stages(offline, waited_ms, 0.0))
            return (yield from _fall_back(late, str(failure)))
        self._trace(written)
        if _says_nothing(written):
            why = written.ending.value or "the model wrote nothing"
            return (yield from _fall_back(_with_cost(offline, written), why))
        if written.ending is Ending.NO_ANSWER and not written.told and _is_sure(offline):
            return (yield from _fall_back(_with_cost(offline, written), _UNFOUND))
        if evidence:
            offline = replace(offline, passages=evidence.passages, steps=evidence.steps)
        return self._settle(question, offline, written)

    def _gather(self, question: Question, budget: Budget) -> Evidence | None:
        """The evidence of a question that needs several look-ups; None where it does not."""
        # A follow-up that is asked of the cited story alone is one look-up.
        is_narrow = question.focus is not None and question.focus.as_typed is not None
        if self._planner is None or is_narrow or not self._planner.is_hard(question.text):
            return None
        evidence = self._planner.gather(question, budget)
        return evidence if evidence and evidence.passages else None

    def _trace(self, written: Written) -> None:
        """Add what went on between the sentences: in a generator there is no block to measure."""
        self._tracer.record(
            "write",
            written.write_ms,
            requests=written.requests,
            prompt_tokens=written.usage.prompt_tokens,
            completion_tokens=written.usage.completion_tokens,
        )
        self._tracer.record(
            "verify",
            written.verify_ms,
            told=len(written.told),
            rejected=len(written.rejected),
            repaired=written.repaired,
        )

    def _settle(self, question: Question, offline: Answer, written: Written) -> Answer:
        status, told = Status.ABSTAINED, written.told
        if told:
            settled = self._settler.settle(question, told, offline, written.said)
            status, told = settled.status, settled.told
        citations = {one.number: one for sentence in told for one in sentence.citations}
        answer = replace(
            _with_cost(offline, written),
            status=status,
            reason=None if told else _why_not(written),
            sentences=tuple(one.sentence for one in told),
            citations=tuple(citations[number] for number in sorted(citations)),
            # What it was calibrated on are the offline reader's answers.
            confidence=None,
            signals=_count(written),
            writer="llm",
            model=self._writer.model,
        )
        return replace(answer, note=_note(answer, written))


def _is_sure(offline: Answer) -> bool:
    """Whether the reader's own answer stands against a model that finds none.

    Small models say of most passages that they do not tell (Qwen2.5-Coder-1.5B of 8 in 9 that do).
    """
    return offline.status is not Status.ABSTAINED and (offline.confidence or 0.0) >= _SURE


def _is_beyond(offline: Answer) -> bool:
    """Whether the archive cannot answer: it lacks what the question names, or is too old."""
    if offline.status is not Status.ABSTAINED:
        return False
    if offline.reason is Reason.OUT_OF_CORPUS:
        # Of what it merely finds unlike the question, a model may make more.
        return any(offline.signals.get(name) for name in _ABSENCE) or not offline.signals
    return offline.reason is Reason.STALE


def _says_nothing(written: Written) -> bool:
    """Whether no sentence came, and not because the articles do not tell."""
    return not written.told and not written.rejected and written.ending is not Ending.NO_ANSWER


def _fall_back(offline: Answer, why: str) -> Telling:
    note = f"No language model wrote this: {why}"
    yield from tell(offline)
    return replace(offline, note="; ".join(filter(None, (offline.note, note))))


def _withheld(offline: Answer) -> Answer:
    return replace(offline, status=Status.ABSTAINED, sentences=(), citations=())


def _why_not(written: Written) -> Reason:
    return Reason.NO_EVIDENCE if written.ending is Ending.NO_ANSWER else Reason.UNVERIFIED


def _with_cost(offline: Answer, written: Written) -> Answer:
    timings = _add_stages(offline, written.write_ms, written.verify_ms)
    usage = {
        "prompt_tokens": written.usage.prompt_tokens,
        "completion_tokens": written.usage.completion_tokens,
    }
    return replace(offline, timings_ms=timings, usage=usage)


def _add_stages(offline: Answer, write_ms: float, verify_ms: float) -> dict[str, float]:
    """The stages of both: what the offline reader wrote with is its reading here."""
    timings = dict(offline.timings_ms)
    timings["read"] = timings.pop("write", 0.0)
    total = timings.pop("total", 0.0) + write_ms + verify_ms
    return {**timings, "write": write_ms, "verify": verify_ms, "total": total}


def _count(written: Written) -> dict[str, float]:
    return {
        "sentences": float(len(written.told)),
        "rejected": float(len(written.rejected)),
        "repaired": float(written.repaired),
        "elsewhere": float(written.elsewhere),
        "requests": float(written.requests),
    }


def _note(answer: Answer, written: Written) -> str | None:
    if answer.reason is Reason.NO_EVIDENCE:
        return "Articles come near this, but none of them says it."
    if answer.reason is Reason.UNVERIFIED:
        wrote = len(written.rejected)
        beside = f"; {written.elsewhere} rest on passages not cited" if written.elsewhere else ""
        return f"Of what the model wrote ({wrote} sentences), the articles prove nothing{beside}."
    parts = (
        tell_notices(answer.passages, answer.citations),
        tell_retracted(answer.left_out),
        count_origins(answer.passages, answer.citations),
        tell_newest(answer.citations) if wants_newest(answer.question) else None,
        written.ending.value,
    )
    return "; ".join(part for part in parts if part) or None

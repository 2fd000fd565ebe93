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
from bot.freshness import asks_about_now
from bot.hostility import is_hostile
from bot.standing import count_origins, tell_newest
from bot.telling import Telling, hear, tell
from bot.writer.draft import Ending
from bot.writer.writing import Written
from index.article import Passage
from index.moment import utc_now
from index.remote.patience import ServerFailed

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

    def write(
        self, question: str, passages: Sequence[Passage], asked_at: datetime
    ) -> Generator[Told, None, Written]:
        """Sentences as they are proved; at the end, the account of the whole."""
        ...


class WritingAnswerer:
    """Answers questions from one library, in a model's words."""

    def __init__(
        self,
        offline: OfflineAnswerer,
        writer: PassageWriter,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._offline = offline
        self._writer = writer
        self._clock = clock

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
        if not passages or _is_beyond(offline):
            return offline
        started = time.perf_counter()
        try:
            asked_at = question.as_of or self._clock()
            written = yield from self._writer.write(question.text, passages, asked_at)
        except ServerFailed as failure:
            logger.warning("the language model failed: %s", failure)
            waited_ms = (time.perf_counter() - started) * 1000
            late = replace(offline, timings_ms=_add_stages(offline, waited_ms, 0.0))
            return (yield from _fall_back(late, str(failure)))
        if _says_nothing(written):
            why = written.ending.value or "the model wrote nothing"
            return (yield from _fall_back(_with_cost(offline, written), why))
        return _settle(offline, written, self._writer.model)


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


def _settle(offline: Answer, written: Written, model: str) -> Answer:
    citations = {one.number: one for told in written.told for one in told.citations}
    status, reason = _conclude(offline, written)
    answer = replace(
        _with_cost(offline, written),
        status=status,
        reason=reason,
        sentences=tuple(told.sentence for told in written.told),
        citations=tuple(citations[number] for number in sorted(citations)),
        # What it was calibrated on are the offline reader's answers.
        confidence=None,
        signals=_count(written),
        writer="llm",
        model=model,
    )
    return replace(answer, note=_note(answer, written))


def _conclude(offline: Answer, written: Written) -> tuple[Status, Reason | None]:
    if not written.told:
        said_no = written.ending is Ending.NO_ANSWER
        return Status.ABSTAINED, Reason.NO_EVIDENCE if said_no else Reason.UNVERIFIED
    if offline.status in {Status.AMBIGUOUS, Status.CONFLICTING}:
        # That there are several answers was found by rules; the model may have told only one.
        several = {one.article_id for one in offline.citations}
        shown = {one.article_id for told in written.told for one in told.citations}
        if len(several & shown) > 1:
            return offline.status, None
    return Status.ANSWERED, None


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
        return f"Of what the model wrote ({wrote} sentences), the articles prove nothing."
    parts = (
        count_origins(answer.passages, answer.citations),
        tell_newest(answer.citations) if asks_about_now(answer.question.text) else None,
        written.ending.value,
    )
    return "; ".join(part for part in parts if part) or None

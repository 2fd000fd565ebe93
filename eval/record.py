"""One case of a run as the run's file keeps it: asked, answered, scored, and what it cost.

A record needs nothing beside it: the question with what is right, and the answer with its passages,
are both whole in it, so a report, a comparison or a new metric asks neither set nor library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from eval.dataset import GoldQuestion, parse_question, render_question


class CaseKey(NamedTuple):
    """What a case is called in a run."""

    id: str
    """The question's id."""
    repeat: int = 0
    """From 0: which of the times that the question is asked."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question that is to be asked once."""

    question: GoldQuestion
    repeat: int = 0

    @property
    def key(self) -> CaseKey:
        """Unique in a run."""
        return CaseKey(self.question.id, self.repeat)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case."""

    id: str
    answer: dict[str, Any] | None
    """The contract's JSON object; None if the case failed."""
    error: str | None = None
    """Why it failed, in one line."""
    seconds: float = 0.0
    """From question to answer as the runner saw it."""
    repeat: int = 0
    timed_out: bool = False
    """True if it failed because no answer came in time."""
    replayed: tuple[str, ...] = ()
    """Files of the recordings that stood in for a model's server, in the order of the requests."""


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One case of a run."""

    question: GoldQuestion
    outcome: Outcome
    scores: Mapping[str, float] = field(default_factory=dict)
    """By the names in `eval.summary.FIGURES`; what does not apply to the case is left out.
    A yes is 1.0, a no 0.0."""
    cost_usd: float | None = None
    """What the model's tokens cost; None where no price is known."""

    @property
    def key(self) -> CaseKey:
        """Unique in a run."""
        return CaseKey(self.outcome.id, self.outcome.repeat)

    @property
    def failed(self) -> bool:
        """Whether no answer came."""
        return self.outcome.error is not None

    @property
    def timings_ms(self) -> Mapping[str, float]:
        """Milliseconds by stage, as the bot measured them; empty for a failed case."""
        timings = (self.outcome.answer or {}).get("timings_ms")
        return timings if isinstance(timings, dict) else {}

    @property
    def tokens(self) -> int:
        """Tokens of the model, prompt and completion together."""
        usage = (self.outcome.answer or {}).get("usage")
        counts = usage.values() if isinstance(usage, dict) else ()
        return sum(count for count in counts if isinstance(count, int))


REPLAYED = "replayed"
"""Under this name an answer brings along what becomes `Outcome.replayed`."""


def take_answer(case: Case, answer: dict[str, Any], seconds: float) -> Outcome:
    """The outcome of a case that was answered."""
    told = {name: value for name, value in answer.items() if name != REPLAYED}
    replayed = tuple(answer.get(REPLAYED, ()))
    return Outcome(case.question.id, told, None, seconds, case.repeat, replayed=replayed)


def render_record(record: CaseRecord) -> dict[str, Any]:
    """The record as one JSON object."""
    outcome = record.outcome
    return {
        "id": outcome.id,
        "repeat": outcome.repeat,
        "question": render_question(record.question),
        "answer": outcome.answer,
        "error": outcome.error,
        "timed_out": outcome.timed_out,
        **({"replayed": list(outcome.replayed)} if outcome.replayed else {}),
        "seconds": outcome.seconds,
        "cost_usd": record.cost_usd,
        "scores": dict(record.scores),
    }


def parse_record(fields: dict[str, Any], *, place: str) -> CaseRecord:
    """The inverse of `render_record`.

    Args:
        fields: The object.
        place: Where it stands, for messages.

    Raises:
        UsageError: If its question breaks the format of a set.
        TypeError, ValueError, KeyError: If it is no record.
    """
    scores = fields["scores"]
    answer = fields["answer"]
    if not (answer is None or isinstance(answer, dict)):
        raise TypeError("answer")
    return CaseRecord(
        question=parse_question(fields["question"], place=place),
        outcome=Outcome(
            id=str(fields["id"]),
            answer=answer,
            error=fields["error"],
            seconds=float(fields["seconds"]),
            repeat=int(fields["repeat"]),
            timed_out=bool(fields["timed_out"]),
            replayed=tuple(fields.get("replayed", ())),
        ),
        scores={str(name): float(value) for name, value in scores.items()},
        cost_usd=fields["cost_usd"],
    )

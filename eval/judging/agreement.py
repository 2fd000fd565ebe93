"""How far a judge agrees with people, and with the rules of the set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.judging.grader import Grade, Graded
from eval.metrics.agreement import cohen_kappa
from eval.record import CaseRecord
from eval.record_files import read_records
from index.errors import UsageError


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of two raters on the cases that both rated."""

    raters: str
    cases: int
    agreed: int
    kappa: float | None
    """Cohen's; None without cases, or where chance explains everything."""


def load_labels(path: Path) -> dict[str, Grade]:
    """People's labels by case: lines of `{"id", "label": "right" | "wrong"}`.

    Raises:
        UsageError: If a line is something else.
    """
    labels = {}
    for record in read_records(path):
        name, label = record.fields.get("id"), record.fields.get("label")
        if not isinstance(name, str) or label not in {"right", "wrong"}:
            raise UsageError(f'{record.place}: write {{"id": …, "label": "right" or "wrong"}}.')
        labels[name] = Grade(label)
    return labels


def rule_grades(records: Sequence[CaseRecord]) -> dict[str, Grade]:
    """What the set's own rules say of each answer that they can judge."""
    return {
        record.question.id: Grade.RIGHT if record.scores["accuracy"] == 1.0 else Grade.WRONG
        for record in records
        if "accuracy" in record.scores
    }


def compare(raters: str, first: Mapping[str, Grade], second: Mapping[str, Grade]) -> Agreement:
    """Two raters on what both rated."""
    both = sorted(first.keys() & second.keys())
    ones, others = [first[name] for name in both], [second[name] for name in both]
    agreed = sum(one is other for one, other in zip(ones, others, strict=True))
    return Agreement(raters, len(both), agreed, cohen_kappa(ones, others))


def by_case(graded: Sequence[Graded]) -> dict[str, Grade]:
    """The grades that were given."""
    return {one.id: one.grade for one in graded if one.grade is not None}

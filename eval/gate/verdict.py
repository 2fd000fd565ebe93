"""Pass, regression, or not comparable: all that a change is judged by, put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from eval.gate.comparable import why_not_comparable
from eval.gate.comparison import Comparison, Rules, compare_runs
from eval.gate.floors import FloorCheck, check_floors, load_floors
from eval.run_file import Run

_OLD_DAYS = 30


class Decision(Enum):
    """What a gate says, with its exit code. 0 to 5 are those of every command."""

    PASS = 0
    REGRESSION = 6
    NOT_COMPARABLE = 7


@dataclass(frozen=True, slots=True)
class Verdict:
    """A run before its baseline and its floors."""

    comparison: Comparison | None
    """None where there is no baseline."""
    why_not: tuple[str, ...]
    """Why the two cannot be compared; empty if they can."""
    floors: tuple[FloorCheck, ...]
    failed: tuple[str, ...]
    """Cases of the new run of which no answer came; each counts as wrong."""
    baseline_age_days: float | None
    """From the baseline's run to the new one's."""

    @property
    def broken_floors(self) -> tuple[FloorCheck, ...]:
        """The floors that do not hold."""
        return tuple(check for check in self.floors if not check.holds)

    @property
    def decision(self) -> Decision:
        """A broken floor is a regression also where nothing can be compared."""
        worse = bool(self.comparison and not self.why_not and self.comparison.regressions)
        if worse or self.broken_floors:
            return Decision.REGRESSION
        return Decision.NOT_COMPARABLE if self.why_not else Decision.PASS

    @property
    def baseline_is_old(self) -> bool:
        """Whether the baseline should be blessed anew."""
        return self.baseline_age_days is not None and self.baseline_age_days > _OLD_DAYS


def judge(
    run: Run, baseline: Run | None, *, floors_file: Path | None, rules: Rules | None = None
) -> Verdict:
    """Judge a run.

    Args:
        run: The new one.
        baseline: The one that it is held against; None says that there is none.
        floors_file: Where the floors are; None for none.
        rules: When a change counts.

    Raises:
        UsageError: If the floors cannot be read.
    """
    rules = rules or Rules()
    floors = load_floors(floors_file, run.config.get("set", "")) if floors_file else {}
    comparison = compare_runs(baseline, run, rules) if baseline else None
    why_not: tuple[str, ...] = ("There is no baseline. Make one: dateline eval bless RUN",)
    if baseline and comparison:
        why_not = why_not_comparable(baseline, run, comparison, rules)
    return Verdict(
        comparison=comparison,
        why_not=why_not,
        floors=check_floors(run, floors),
        failed=tuple(sorted({one.outcome.id for one in run.records if one.failed})),
        baseline_age_days=_age(baseline, run) if baseline else None,
    )


def _age(baseline: Run, run: Run) -> float | None:
    began, ends = _started(baseline), _started(run)
    return (ends - began).total_seconds() / 86_400 if began and ends else None


def _started(run: Run) -> datetime | None:
    try:
        moment = datetime.fromisoformat(run.about.get("started", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

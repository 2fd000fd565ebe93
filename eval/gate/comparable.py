"""Whether two runs may be compared at all."""

from __future__ import annotations

from collections.abc import Iterator

from eval.gate.comparison import Comparison, Rules
from eval.run_file import Run

# Another archive, moment or way of asking is another question.
_MUST_AGREE = ("set", "library articles", "now", "given", "offline")


def why_not_comparable(
    before: Run, after: Run, comparison: Comparison, rules: Rules
) -> tuple[str, ...]:
    """Every reason, in words; empty if they can be compared."""
    return tuple(_reasons(before, after, comparison, rules))


def _reasons(before: Run, after: Run, comparison: Comparison, rules: Rules) -> Iterator[str]:
    for name, run in (("baseline", before), ("run", after)):
        if not run.notes:
            yield f"The {name} did not come to its end. Give its command again to finish it."
    for name in _MUST_AGREE:
        was, now = before.config.get(name), after.config.get(name)
        if was is not None and was != now:
            yield f"{name} differs: {_short(was)} in the baseline, {_short(now)} now."
    asked = {record.question.id for record in before.records}
    if not asked:
        yield "The baseline holds no case."
    elif comparison.paired < rules.least_paired * len(asked):
        yield (
            f"Only {comparison.paired} of the baseline's {len(asked)} cases are asked alike now. "
            "Bless a run of the set as it is: dateline eval bless RUN"
        )
    flaky = len(comparison.flaky)
    if flaky and comparison.paired - flaky < rules.least_steady * comparison.paired:
        yield (
            f"{flaky} of {comparison.paired} shared cases are flaky: their repeats disagree in "
            "the baseline, so they are left out. Bless a run that is steadier."
        )


def _short(text: str | None) -> str:
    return "unset" if text is None else text[:40] + ("…" if len(text) > 40 else "")

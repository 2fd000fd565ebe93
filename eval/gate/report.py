"""What a gate found, for people: a terminal's table, and Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from eval.gate.comparison import Comparison, FigureChange, Finding
from eval.gate.floors import FloorCheck
from eval.gate.verdict import Decision, Verdict
from eval.markup import escape_markdown, render_code
from eval.record import Outcome
from eval.report import label
from eval.run_file import Run

_HEADLINE = {
    Decision.PASS: "Pass: no figure is worse than chance explains.",
    Decision.REGRESSION: "Regression",
    Decision.NOT_COMPARABLE: "Not comparable",
}
_SHOWN_CASES = 10
# Names of settings that differ with every change, and say nothing of which.
_ALWAYS_DIFFERENT = frozenset({"code", "scoring code", "questions", "library revision"})
_LINE_SHOWN = 600


def render_headline(verdict: Verdict) -> str:
    """One line: the decision, and what it rests on."""
    decision = verdict.decision
    if decision is not Decision.REGRESSION:
        return _HEADLINE[decision]
    told = [f"{label(check.figure)} breaks its floor" for check in verdict.broken_floors]
    if verdict.comparison and not verdict.why_not:
        told += [
            f"{label(one.figure.name)} {one.before:.3f} → {one.after:.3f}"
            for one in verdict.comparison.regressions
        ]
    return f"{_HEADLINE[decision]}: {'; '.join(told)}."


def render_changes_table(comparison: Comparison) -> Table:
    """One row a gated figure."""
    table = Table("figure", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("was", "now", "change, 95 %", "p", "cases", "sees"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for one in comparison.changes:
        moved = f"−{len(one.worse)} +{len(one.better)}"
        values = (f"{one.before:.3f}", f"{one.after:.3f}", _bounds(one), _p(one), moved, _sees(one))
        table.add_row(label(one.figure.name), *values, Text(one.finding.value))
    return table


def render_details(verdict: Verdict, run: Run, baseline: Run | None) -> Iterator[str]:
    """What belongs below the table, one line each."""
    yield from verdict.why_not
    for check in verdict.floors:
        if not check.holds:
            yield f"Floor broken: {_describe_floor(check)}"
    if verdict.failed:
        yield f"Failed, and so wrong: {_some(verdict.failed)}"
    if verdict.comparison:
        yield from _describe_settings(verdict.comparison)
        yield from _describe_cases(verdict.comparison)
    if verdict.baseline_age_days is not None:
        old = ", which is old: bless a newer one" if verdict.baseline_is_old else ""
        yield f"The baseline is {max(0.0, verdict.baseline_age_days):.1f} days older{old}."
    if verdict.comparison and baseline:
        yield from _describe_fallen(verdict.comparison, run, baseline)


def _describe_cases(comparison: Comparison) -> Iterator[str]:
    if comparison.tags:
        tags = (f"{tag.tag} −{tag.worse} +{tag.better}" for tag in comparison.tags[:8])
        yield f"By tag: {', '.join(tags)} (of cases that fell or rose in any figure)"
    if comparison.flaky:
        yield f"Left out as flaky in the baseline: {_some(comparison.flaky)}"
    if comparison.newly_flaky:
        yield f"Newly flaky: {_some(comparison.newly_flaky)}"
    if comparison.unpaired:
        yield f"Only in one of the runs, or asked otherwise: {_some(comparison.unpaired)}"


def _cells(one: FigureChange) -> Sequence[str]:
    return (
        f"{one.cases:,}", f"{one.before:.3f}", f"{one.after:.3f}", f"{one.change:+.3f}",
        _bounds(one), _p(one), f"{len(one.worse):,}", f"{len(one.better):,}", _sees(one),
    )  # fmt: skip


def _bounds(one: FigureChange) -> str:
    if one.low is None or one.high is None:
        return "–"
    return f"{one.low:+.2f} {one.high:+.2f}"


def _sees(one: FigureChange) -> str:
    return "–" if one.detectable is None else f"{one.detectable:.3f}"


def _p(one: FigureChange) -> str:
    p = one.p_adjusted
    return "<.001" if p < 0.001 else f"{p:.3f}"


def _describe_floor(check: FloorCheck) -> str:
    value = "of no case" if check.value is None else f"{check.value:.3f}"
    bounds = [
        f"at {word} {bound:.3f}"
        for word, bound in (("least", check.floor.least), ("most", check.floor.most))
        if bound is not None
    ]
    return f"{label(check.figure)} is {value}, must be {' and '.join(bounds)}"


def _describe_settings(comparison: Comparison) -> Iterator[str]:
    told = [one for one in comparison.settings if one[0] not in _ALWAYS_DIFFERENT]
    for name, was, now in told:
        yield f"Changed: {name}: {_brief(was)} → {_brief(now)}"
    if any(name == "code" for name, _, _ in comparison.settings):
        yield "Changed: the code."
    if any(name == "scoring code" and was != "unset" for name, was, _ in comparison.settings):
        yield (
            "Changed: the scoring. Score the older run anew: "
            "dateline eval score SET RUN --save FILE"
        )
    if not comparison.settings:
        yield "Changed: nothing that is recorded."


def _brief(text: str) -> str:
    return text if len(text) <= 48 else f"{text[:47]}…"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN_CASES} more" if len(names) > _SHOWN_CASES else ""
    return ", ".join(names[:_SHOWN_CASES]) + more


def _describe_fallen(comparison: Comparison, run: Run, baseline: Run) -> Iterator[str]:
    """The cases that fell in the first figure that is worse, or else in any."""
    figures = comparison.regressions or comparison.changes
    fallen = list(dict.fromkeys(name for one in figures for name in one.worse))
    if not fallen:
        return
    yield f"Fell ({len(fallen)}):"
    before, after = baseline.outcome_by_id, run.outcome_by_id
    question_by_id = {record.outcome.id: record.question.text for record in run.first_records}
    for name in fallen[:_SHOWN_CASES]:
        was, now = _tell(before.get(name)), _tell(after.get(name))
        yield f"  {name}: {question_by_id.get(name, '')} | {was} → {now}"


def _tell(outcome: Outcome | None) -> str:
    if outcome is None or outcome.answer is None:
        return "failed"
    answer = outcome.answer
    if answer.get("status") == "abstained":
        return f"abstained ({answer.get('reason')})"
    text = " ".join(str(answer.get("answer", "")).split())
    return f"“{text[:70]}{'…' if len(text) > 70 else ''}”"


def render_markdown(verdict: Verdict, run: Run, baseline: Run | None) -> str:
    """The gate's part of a pull request's comment. What is from outside stands in it as code."""
    lines = [f"### {escape_markdown(render_headline(verdict))}", ""]
    if verdict.comparison and verdict.comparison.changes:
        lines += [
            "| figure | cases | before | after | change | 95 % | p | worse | better | sees | |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|",
        ]
        for one in verdict.comparison.changes:
            mark = {Finding.WORSE: "**worse**", Finding.BETTER: "better"}.get(
                one.finding, one.finding.value
            )
            lines.append(f"| {label(one.figure.name)} | {' | '.join(_cells(one))} | {mark} |")
        lines.append("")
    details = render_details(verdict, run, baseline)
    lines += [f"- {render_code(line, limit=_LINE_SHOWN)}" for line in details]
    return "\n".join(lines) + "\n"


def render_verdict(verdict: Verdict) -> dict[str, Any]:
    """The same as one JSON object."""
    comparison = verdict.comparison
    return {
        "decision": verdict.decision.name.lower(),
        "exit_code": verdict.decision.value,
        "headline": render_headline(verdict),
        "why_not": list(verdict.why_not),
        "floors": [
            {
                "figure": check.figure,
                "value": check.value,
                "least": check.floor.least,
                "most": check.floor.most,
                "holds": check.holds,
            }
            for check in verdict.floors
        ],
        "failed": list(verdict.failed),
        "baseline_age_days": verdict.baseline_age_days,
        "comparison": _render_comparison(comparison) if comparison else None,
    }


def _render_comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "figures": [
            {**asdict(one), "figure": one.figure.name, "change": one.change}
            for one in comparison.changes
        ],
        "tags": [asdict(tag) for tag in comparison.tags],
        "settings": [
            {"name": name, "before": was, "after": now} for name, was, now in comparison.settings
        ],
        "paired": comparison.paired,
        "unpaired": list(comparison.unpaired),
        "flaky": list(comparison.flaky),
        "newly_flaky": list(comparison.newly_flaky),
    }

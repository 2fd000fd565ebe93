"""A report as Markdown, for a comment on a pull request and a job's summary.

What a reader of the archive or a model wrote is shown inside `<code>`, escaped: it can neither make
markup nor mention anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from eval.markup import render_code
from eval.metrics.intervals import Estimate
from eval.report import label
from eval.reports.cases import Flip, ReportCase, Said
from eval.reports.figures import HEADLINE, LOWER_IS_BETTER
from eval.reports.html import describe_age
from eval.reports.report import Report

_FLIPS_SHOWN = 10
_TEXT_SHOWN = 240


def render_markdown(report: Report, *, now: datetime | None = None) -> str:
    """The report in at most some 60,000 characters, GitHub's limit of a comment being 65,536."""
    return "\n".join(_lines(report, now or datetime.now(UTC))) + "\n"


def _lines(report: Report, now: datetime) -> Iterator[str]:
    yield f"## Evaluation of {_code(report.title)}"
    yield ""
    yield _headline(report, now)
    for note in report.notes:
        yield f"\n{_code(note)}"
    yield ""
    yield from _figures(report)
    yield ""
    yield from _flips(report)
    yield from _tags(report)
    yield from _config(report)


def _headline(report: Report, now: datetime) -> str:
    parts = [f"{report.everything.cases:,} cases"]
    if report.everything.failed:
        parts.append(f"**{report.everything.failed:,} failed**")
    if report.has_baseline:
        worse, better = len(report.flips(Flip.WORSE)), len(report.flips(Flip.BETTER))
        age = describe_age(report.baseline_about.get("started"), now)
        parts.append(f"against the baseline{f' ({age})' if age else ''}: {worse} worse")
        parts.append(f"{better} better")
    return ", ".join(parts) + "."


def _figures(report: Report) -> Iterator[str]:
    shown = [name for name in HEADLINE if name in report.everything.figures]
    if report.has_baseline:
        yield "| figure | value | 95 % | baseline | change |"
        yield "|---|--:|--:|--:|--:|"
    else:
        yield "| figure | value | 95 % |"
        yield "|---|--:|--:|"
    for name in shown:
        estimate, before = report.everything.figures[name], report.before(name)
        row = f"| {label(name)} | {estimate.value:.3f} | {_interval(estimate)} |"
        if report.has_baseline:
            row += f" {before.value:.3f} |" if before else " – |"
            row += f" {_change(name, estimate.value - before.value)} |" if before else " – |"
        yield row
    median, p95 = report.time_at(0.5), report.time_at(0.95)
    if median is not None and p95 is not None:
        yield f"\nTime an answer: median {median:,.0f} ms, 95th percentile {p95:,.0f} ms."


def _change(name: str, by: float) -> str:
    if abs(by) < 0.0005:
        return "0"
    is_better = by < 0 if name in LOWER_IS_BETTER else by > 0
    return f"{'🟢' if is_better else '🔴'} {by:+.3f}"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"{estimate.low:.3f}–{estimate.high:.3f}"


def _flips(report: Report) -> Iterator[str]:
    for kind, title in ((Flip.WORSE, "Worse"), (Flip.BETTER, "Better")):
        flips = report.flips(kind)
        if not flips:
            continue
        is_open = " open" if kind is Flip.WORSE else ""
        yield f"<details{is_open}><summary>{title}: {len(flips)}</summary>"
        yield ""
        yield "| case | question | right is | baseline | this run |"
        yield "|---|---|---|---|---|"
        for case in flips[:_FLIPS_SHOWN]:
            yield _flip(case)
        if len(flips) > _FLIPS_SHOWN:
            yield f"\n… and {len(flips) - _FLIPS_SHOWN} more in the HTML report."
        yield ""
        yield "</details>"
        yield ""


def _flip(case: ReportCase) -> str:
    before = _said(case.before) if case.before else ""
    cells = (case.id, case.question.text, case.expected, before, _said(case.said))
    return "| " + " | ".join(map(_code, cells)) + " |"


def _said(said: Said) -> str:
    if said.error:
        return f"failed: {said.error}"
    if not said.sentences:
        return f"{said.status} ({said.reason})" if said.reason else said.status
    return " ".join(text for text, _ in said.sentences)


def _tags(report: Report) -> Iterator[str]:
    shown = [name for name in HEADLINE[:4] if name in report.everything.figures]
    yield "<details><summary>By tag</summary>"
    yield ""
    yield "| tag | cases | " + " | ".join(map(label, shown)) + " |"
    yield "|---|--:|" + "--:|" * len(shown)
    for group in report.groups[1:41]:
        values = (group.figures.get(name) for name in shown)
        cells = " | ".join(f"{one.value:.2f}" if one else "–" for one in values)
        yield f"| {_code(group.name)} | {group.cases:,} | {cells} |"
    yield ""
    yield "</details>"


def _config(report: Report) -> Iterator[str]:
    if report.changed_config:
        yield ""
        yield "<details><summary>Not as in the baseline</summary>"
        yield ""
        yield "| what | baseline | this run |"
        yield "|---|---|---|"
        for names in report.changed_config[:40]:
            yield "| " + " | ".join(map(_code, names)) + " |"
        yield ""
        yield "</details>"


def _code(text: str) -> str:
    return render_code(text, limit=_TEXT_SHOWN)

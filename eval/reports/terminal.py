"""A report as tables for a terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from eval.report import label
from eval.reports.figures import HEADLINE, LOWER_IS_BETTER, SECTIONS
from eval.reports.report import Report


def render_scorecard(report: Report) -> Table:
    """Every figure with its interval, and the baseline's beside it."""
    table = Table("figure", box=SIMPLE_HEAD, pad_edge=False)
    headings = ["value", "95 %", "cases"] + (["baseline", "change"] if report.has_baseline else [])
    for heading in headings:
        table.add_column(heading, justify="right")
    for figures in SECTIONS.values():
        for name in figures:
            if estimate := report.everything.figures.get(name):
                bounds = f"{estimate.low:.3f}–{estimate.high:.3f}" if estimate.low else "–"
                cells = [f"{estimate.value:.3f}", bounds, f"{estimate.cases:,}"]
                table.add_row(label(name), *cells, *_beside(report, name, estimate.value))
        table.add_section()
    return table


def _beside(report: Report, name: str, value: float) -> list[Text | str]:
    before = report.before(name)
    if before is None:
        return ["–", "–"] if report.has_baseline else []
    by = value - before.value
    is_better = by < 0 if name in LOWER_IS_BETTER else by > 0
    style = "" if abs(by) < 0.0005 else "green" if is_better else "red"
    return [f"{before.value:.3f}", Text(f"{by:+.3f}", style)]


def render_tags(report: Report) -> Table:
    """The headline figures of each tag."""
    table = Table("tag", "cases", box=SIMPLE_HEAD, pad_edge=False)
    shown = [name for name in HEADLINE if name in report.everything.figures]
    for name in shown:
        table.add_column(label(name), justify="right")
    for group in report.groups:
        values = (group.figures.get(name) for name in shown)
        cells = (f"{one.value:.2f}" if one else "–" for one in values)
        # Text, not str: a tag may hold what rich takes for markup.
        table.add_row(Text(group.name), f"{group.cases:,}", *cells)
    return table

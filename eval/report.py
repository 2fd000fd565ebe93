"""Figures of a run, for people (tables of rich) and for programs (JSON)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from eval.metrics.intervals import Estimate
from eval.scoring import CaseScore
from eval.summary import GroupSummary, RunSummary, percentile

# In the order of the table; short, and over two lines, to fit a terminal of 80 columns.
_HEADING_BY_FIGURE = {
    "accuracy": "right",
    "status_accuracy": "status\nright",
    "false_answers": "false\nans.",
    "false_abstentions": "false\nabst.",
    "balanced_accuracy": "bal.\nacc.",
    "document_f1": "doc.\nF1",
    "sentence_f1": "sent.\nF1",
}


def render_figures_table(summary: RunSummary) -> Table:
    """Every figure over the whole set, with its 95 % interval and the cases it rests on."""
    table = Table(
        "figure", title="Everything", title_justify="left", box=SIMPLE_HEAD, pad_edge=False
    )
    for heading in ("value", "95 %", "cases"):
        table.add_column(heading, justify="right")
    for name, estimate in summary.groups[0].figures.items():
        table.add_row(label(name), _share(estimate), _interval(estimate), f"{estimate.cases:,}")
    return table


def render_tags_table(summary: RunSummary) -> Table:
    """The headline figures, one row a tag."""
    table = Table(title="By tag", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("tag", overflow="fold", min_width=13)
    for heading in ("cases", *_HEADING_BY_FIGURE.values()):
        table.add_column(heading, justify="right", no_wrap=True)
    for group in summary.groups:
        figures = (_share(group.figures.get(name)) for name in _HEADING_BY_FIGURE)
        # Text, not str: a tag may hold what rich takes for markup.
        table.add_row(Text(group.name), f"{group.cases:,}", *figures)
    return table


def render_notes(summary: RunSummary, scores: Sequence[CaseScore]) -> list[str]:
    """What belongs below the tables: quotes, risk, time, failures; one line each."""
    checked, exact = summary.checked_quotes, summary.exact_quotes
    notes = [f"Quotes equal to their article: {exact:,} of {checked:,} checked."]
    if summary.unknown_quotes:
        notes.append(f"Quotes that could not be checked: {summary.unknown_quotes:,}.")
    if summary.risk_area is not None:
        notes.append(f"Area under the risk-coverage curve: {summary.risk_area:.3f} (0 is best).")
    times = _times(scores)
    if times["p50"] is not None:
        notes.append(f"Time an answer: median {times['p50']:.0f} ms, 95th {times['p95']:.0f} ms.")
    failed = [score for score in scores if score.error]
    if failed:
        notes.append(f"Failed: {len(failed):,}; the first, {failed[0].id}: {failed[0].error}")
    return notes


def render_retrieval_table(
    estimates_by_configuration: Mapping[str, Mapping[str, Estimate]],
) -> Table:
    """One row a figure, one column a configuration."""
    table = Table("figure", box=SIMPLE_HEAD, pad_edge=False)
    for name in estimates_by_configuration:
        table.add_column(Text(name), justify="right")
    figures = dict.fromkeys(
        figure for estimates in estimates_by_configuration.values() for figure in estimates
    )
    for figure in figures:
        cells = (_share(estimates.get(figure)) for estimates in estimates_by_configuration.values())
        table.add_row(label(figure), *cells)
    return table


def render_run(
    config: Mapping[str, str], summary: RunSummary, scores: Sequence[CaseScore]
) -> dict[str, Any]:
    """A run as one JSON object: configuration, figures, and every case's scores."""
    return {
        "config": dict(config),
        "groups": [_render_group(group) for group in summary.groups],
        "risk_coverage": {
            "area": summary.risk_area,
            "curve": [asdict(point) for point in summary.risk_curve],
        },
        "quotes": {
            "exact": summary.exact_quotes,
            "checked": summary.checked_quotes,
            "unknown": summary.unknown_quotes,
        },
        "milliseconds": _times(scores),
        "cases": [_render_score(score) for score in scores],
    }


def render_estimates(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """Figures by name as JSON: value, bounds, number of cases."""
    return {name: asdict(estimate) for name, estimate in estimates.items()}


def label(figure: str) -> str:
    """A figure's name as people read it: `fact_recall_at_10` is "fact recall@10"."""
    words = figure.replace("_at_", "@").replace("_", " ").replace(" answered", ", answered")
    for name in ("F1", "MRR", "nDCG"):
        words = words.replace(name.lower(), name)
    return words


def _render_group(group: GroupSummary) -> dict[str, Any]:
    return {
        "name": group.name,
        "cases": group.cases,
        "failed": group.failed,
        "figures": render_estimates(group.figures),
    }


def _render_score(score: CaseScore) -> dict[str, Any]:
    return {name: value for name, value in asdict(score).items() if value is not None}


def _times(scores: Sequence[CaseScore]) -> dict[str, float | None]:
    known = [score.milliseconds for score in scores if score.milliseconds is not None]
    return {"p50": percentile(known, 0.5), "p95": percentile(known, 0.95)}


def _share(estimate: Estimate | None) -> str:
    return f"{estimate.value:.3f}" if estimate else "–"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"{estimate.low:.3f}–{estimate.high:.3f}"


def render_halves_table(figures: Mapping[str, Mapping[str, float]]) -> Table:
    """Each fitted part with its figure on the half it was fitted on and on the held one."""
    table = Table("part", "fitted half", "held half")
    for part, by_half in figures.items():
        table.add_row(part, f"{by_half['fitted']:.3f}", f"{by_half['held']:.3f}")
    return table

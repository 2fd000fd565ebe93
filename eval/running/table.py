"""Runs of one set under several configurations, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from eval.metrics.intervals import Estimate, estimate_mean
from eval.report import label
from eval.run_file import Run

_SHOWN = (
    "accuracy", "status_accuracy", "false_answers", "false_abstentions", "document_f1",
    "sentence_f1", "unsupported_answers", "fact_recall_at_4", "mrr_at_10",
)  # fmt: skip


def estimate_scores(run: Run) -> dict[str, Estimate]:
    """Each score's mean over the cases of a run, with the interval drawn by story."""
    names = sorted({name for record in run.records for name in record.scores})
    estimates = {}
    for name in names:
        held = [record for record in run.records if name in record.scores]
        found = estimate_mean(
            [record.scores[name] for record in held],
            [record.question.cluster for record in held],
        )
        if found:
            estimates[name] = found
    return estimates


def render_matrix(runs: Mapping[str, Run]) -> Table:
    """One row a figure, one column a configuration."""
    table = Table("figure", box=SIMPLE_HEAD, pad_edge=False)
    estimates = {name: estimate_scores(run) for name, run in runs.items()}
    for name in runs:
        table.add_column(Text(name), justify="right")
    for figure in _SHOWN:
        cells = [estimates[name].get(figure) for name in runs]
        if any(cells):
            table.add_row(label(figure), *(f"{one.value:.3f}" if one else "–" for one in cells))
    times = [_median_ms(run) for run in runs.values()]
    table.add_row("median ms", *(f"{ms:.0f}" if ms is not None else "–" for ms in times))
    return table


def summarise_matrix(runs: Mapping[str, Run]) -> dict[str, Any]:
    """The same for programs, with every figure."""
    return {
        name: {
            "config": run.config,
            "cases": len(run.record_by_key),
            "failed": sum(record.failed for record in run.records),
            "figures": {figure: asdict(one) for figure, one in estimate_scores(run).items()},
        }
        for name, run in runs.items()
    }


def _median_ms(run: Run) -> float | None:
    times = sorted(
        record.timings_ms["total"] for record in run.records if "total" in record.timings_ms
    )
    return times[len(times) // 2] if times else None

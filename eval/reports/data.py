"""A report as one JSON object, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from eval.reports.cases import ReportCase
from eval.reports.figures import Group
from eval.reports.report import Report


def render_data(report: Report) -> dict[str, Any]:
    """Configuration, figures, the baseline's beside them, and each case's verdict and flip."""
    return {
        "set": report.title,
        "config": dict(report.config),
        "about": dict(report.about),
        "groups": [_render_group(group) for group in report.groups],
        "baseline": {
            "about": dict(report.baseline_about),
            "groups": [_render_group(group) for group in report.baseline_groups],
            "changed_config": [list(one) for one in report.changed_config],
        }
        if report.has_baseline
        else None,
        "risk_coverage": {
            "area": report.risk_area,
            "curve": [asdict(point) for point in report.risk_points],
        },
        "milliseconds": {"p50": report.time_at(0.5), "p95": report.time_at(0.95)},
        "tokens": report.tokens,
        "cost_usd": report.cost_usd,
        "notes": list(report.notes),
        "cases": [_render_case(case) for case in report.cases],
    }


def _render_group(group: Group) -> dict[str, Any]:
    figures = {name: asdict(one) for name, one in group.figures.items()}
    return {"name": group.name, "cases": group.cases, "failed": group.failed, "figures": figures}


def _render_case(case: ReportCase) -> dict[str, Any]:
    return {
        "id": case.id,
        "tags": list(case.question.tags),
        "verdict": case.verdict.value,
        "flip": case.flip.value,
        "status": case.said.status,
        "reason": case.said.reason or None,
        "error": case.said.error or None,
        "scores": dict(case.scores),
    }

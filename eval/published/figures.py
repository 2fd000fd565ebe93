"""Figures of finished runs, small enough to be kept with the code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.record_files import read_json
from eval.reports.cases import read_answer
from eval.reports.report import build_groups, build_report
from eval.run_file import Run
from index.errors import UsageError

KEPT = Path(__file__).resolve().parent.parent / "figures.json"
"""Where they are kept."""


@dataclass(frozen=True, slots=True)
class Published:
    """All that is shown."""

    sets: Mapping[str, Mapping[str, Any]]
    """By the set's name: when and from which commit it was measured, and its groups' figures."""
    retrieval: Mapping[str, Mapping[str, Any]]
    """By the set's name: figures by configuration of search."""


def describe_run(run: Run) -> dict[str, Any]:
    """What is kept of a run: three digits of each figure with its bounds, by tag."""
    report = build_report(run)
    answers = [read_answer(record) for record in run.first_records]
    quotes = sum(len(answer.citations) for answer in answers if answer)
    exact = [
        (record.scores["exact_quotes"], len(answer.citations))
        for record, answer in zip(run.first_records, answers, strict=True)
        if answer and "exact_quotes" in record.scores
    ]
    return {
        "measured": run.about.get("started", "")[:10],
        "commit": run.about.get("commit", "")[:12],
        "quotes": quotes,
        "exact_quotes": round(sum(share * count for share, count in exact)),
        "risk_area": _digits(report.risk_area),
        "median_ms": report.time_at(0.5),
        "p95_ms": report.time_at(0.95),
        "groups": [
            {
                "name": group.name,
                "cases": group.cases,
                "figures": {
                    name: [_digits(one.value), _digits(one.low), _digits(one.high), one.cases]
                    for name, one in group.figures.items()
                },
            }
            for group in build_groups(run.first_records)
        ],
    }


def describe_retrieval(path: Path) -> dict[str, Any]:
    """What is kept of `dateline eval retrieval SET --json`.

    Raises:
        UsageError: If the file is something else.
    """
    told = read_json(path)
    if not isinstance(told, dict) or not isinstance(told.get("figures"), dict):
        raise UsageError(f"{path} is not what `dateline eval retrieval SET --json` writes.")
    return {
        name: {figure: _digits(one["value"]) for figure, one in figures.items()}
        for name, figures in told["figures"].items()
    }


def load_published(path: Path = KEPT) -> Published:
    """Read what is kept; nothing if there is no file.

    Raises:
        UsageError: If the file is something else.
    """
    if not path.exists():
        return Published({}, {})
    kept = read_json(path)
    if not isinstance(kept, dict) or not {"sets", "retrieval"} <= kept.keys():
        raise UsageError(f"{path} does not hold figures. Run: dateline eval readme NAME=RUN")
    return Published(kept["sets"], kept["retrieval"])


def save_published(published: Published, path: Path = KEPT) -> None:
    """Keep the figures: a line a group, so that a change is read as one."""
    sets = {name: dict(one) for name, one in published.sets.items()}
    text = json.dumps({"sets": sets, "retrieval": dict(published.retrieval)}, indent=1)
    # Numbers of one figure belong on one line.
    path.write_text(_join_lists(text) + "\n", encoding="utf-8")


def _join_lists(text: str) -> str:
    lines: list[str] = []
    inside = False
    for line in text.split("\n"):
        if inside:
            lines[-1] += line.strip() if line.strip() == "]" else f"{line.strip()} "
            inside = not line.strip().startswith("]")
        else:
            lines.append(line)
            inside = line.rstrip().endswith("[") and '"groups"' not in line
        if not inside:
            lines[-1] = lines[-1].replace(" ]", "]").rstrip()
    return "\n".join(lines)


def _digits(value: float | None) -> float | None:
    return None if value is None else round(value, 3)

"""A report as one page that asks nobody for anything: its own style, script and drawings.

Everything of an article, a question or an answer is escaped by the template. A policy in the page
lets the browser run nothing but the page's own script, by its hash, and load nothing at all.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from eval.report import label
from eval.reports import charts
from eval.reports.cases import Flip
from eval.reports.figures import HEADLINE, LOWER_IS_BETTER, SECTIONS
from eval.reports.report import Report

if TYPE_CHECKING:
    from markupsafe import Markup

_TEMPLATES = files("eval.reports") / "templates"
_OVER_RUNS = ("accuracy", "balanced_accuracy")


def render_html(report: Report, *, now: datetime | None = None) -> str:
    """The whole page; `now` is what a baseline's age is reckoned from."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  0.1 s, for pages only

    style, script = _read("report.css"), _read("report.js")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.from_string(_read("report.html.jinja"))
    shown: str = page.render(
        report=report,
        style=style,
        script=script,
        policy=_policy(style, script),
        link=_link,
        label=label,
        headline=HEADLINE,
        sections=SECTIONS,
        lower_is_better=LOWER_IS_BETTER,
        worse=report.flips(Flip.WORSE),
        better=report.flips(Flip.BETTER),
        changed=report.flips(Flip.CHANGED),
        tag_numbers={group.name: place for place, group in enumerate(report.groups[1:])},
        median=report.time_at(0.5),
        p95=report.time_at(0.95),
        age=describe_age(report.baseline_about.get("started"), now or datetime.now(UTC)),
        **_draw(report),
    )
    return shown


def describe_age(started: str | None, now: datetime) -> str:
    """How old a run is: "12 days old"; empty if it does not say when it began."""
    try:
        when = datetime.fromisoformat(started or "")
    except ValueError:
        return ""
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    days = (now - when).days
    return "made today" if days < 1 else f"{days:,} day{'s' if days > 1 else ''} old"


def _draw(report: Report) -> dict[str, object]:
    history = [
        (figure, line)
        for figure in _OVER_RUNS
        if (line := charts.draw_history(_over_runs(report, figure)))
    ]
    return {
        "risk": charts.draw_risk(report.risk_points),
        "times": charts.draw_times(report.milliseconds),
        "bars": charts.draw_tags(report.groups, report.baseline_groups, "accuracy"),
        "history": history,
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
        "left": charts.LEFT,
        "right": charts.RIGHT,
        "bar_left": charts.BAR_LEFT,
        "bar_width": charts.BAR_WIDTH,
        "step": charts.BAR_STEP,
    }


def _over_runs(report: Report, figure: str) -> list[tuple[str, float]]:
    values = [(past.name, past.figures[figure]) for past in report.past if figure in past.figures]
    if now := report.everything.figures.get(figure):
        values.append((report.about.get("started", "this run")[:16], now.value))
    return values


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8").strip()


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _link(url: str) -> Markup | str:
    """The address as a link if a browser may follow it, else as text."""
    from markupsafe import Markup  # noqa: PLC0415

    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return url
    return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(url, url)

"""Figures as coordinates, which the page draws as SVG. No text of an article comes here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.metrics.abstention import RiskPoint
from eval.reports.figures import Group

WIDTH, HEIGHT = 640.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 12.0, 12.0, 34.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    """Its pixel."""
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points."""

    path: str
    """SVG path data."""
    xs: tuple[Tick, ...]
    ys: tuple[Tick, ...]
    dots: tuple[tuple[float, float, str], ...] = ()
    """Points to be marked, each with what it says."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart."""

    label: str
    cases: int
    value: str
    length: float
    low: float | None
    high: float | None
    before: float | None
    """The baseline's value, as a pixel."""
    y: float


BAR_LEFT, BAR_WIDTH, BAR_STEP = 190.0, 380.0, 24.0


def draw_risk(points: Sequence[RiskPoint]) -> Line | None:
    """Risk over coverage; None without points."""
    if not points:
        return None
    top = max(0.1, *(point.risk for point in points))
    placed = [(_x(point.coverage), _y(point.risk / top)) for point in points]
    return Line(_path(placed), _shares(), tuple(_heights(top)))


def draw_times(milliseconds: Sequence[float]) -> Line | None:
    """Share of answers that came within a time; the slowest percent is cut off."""
    ranked = sorted(milliseconds)
    if not ranked:
        return None
    longest = max(1.0, ranked[min(len(ranked) - 1, int(0.99 * len(ranked)))])
    placed = [
        (_x(min(1.0, one / longest)), _y((place + 1) / len(ranked)))
        for place, one in enumerate(ranked)
    ]
    step = longest / 4
    xs = tuple(Tick(_x(n / 4), f"{n * step:,.0f} ms") for n in range(5))
    return Line(_path([(_x(0.0), _y(0.0)), *placed]), xs, tuple(_heights(1.0)))


def draw_tags(groups: Sequence[Group], before: Sequence[Group], figure: str) -> list[Bar]:
    """One figure of every tag that has it, with its interval and the baseline's value."""
    earlier = {group.name: group.figures.get(figure) for group in before}
    bars: list[Bar] = []
    for group in groups:
        estimate = group.figures.get(figure)
        if estimate is None:
            continue
        other = earlier.get(group.name)
        bars.append(
            Bar(
                label=group.name,
                cases=estimate.cases,
                value=f"{estimate.value:.2f}",
                length=estimate.value * BAR_WIDTH,
                low=_bar(estimate.low),
                high=_bar(estimate.high),
                before=_bar(other.value if other else None),
                y=len(bars) * BAR_STEP,
            )
        )
    return bars


def draw_history(values: Sequence[tuple[str, float]]) -> Line | None:
    """One figure over runs, oldest first; None for fewer than two."""
    if len(values) < 2:
        return None
    last = len(values) - 1
    placed = [(_x(place / last), _y(value)) for place, (_, value) in enumerate(values)]
    dots = tuple(
        (x, y, f"{name}: {value:.3f}") for (x, y), (name, value) in zip(placed, values, strict=True)
    )
    ends = (Tick(placed[0][0], values[0][0]), Tick(placed[-1][0], values[-1][0]))
    return Line(_path(placed), ends, tuple(_heights(1.0)), dots)


def _bar(value: float | None) -> float | None:
    return None if value is None else value * BAR_WIDTH


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _shares() -> tuple[Tick, ...]:
    return tuple(Tick(_x(n / 4), f"{n * 25} %") for n in range(5))


def _heights(top: float) -> list[Tick]:
    return [Tick(_y(n / 4), f"{n / 4 * top:.2f}") for n in range(5)]

"""What was measured, as types, for people (tables of rich) and for programs (JSON)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from eval.summary import percentile

# Of fewer samples, the slowest is all that a 95th percentile could be.
_FEWEST_FOR_A_TAIL = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity, measured once or several times."""

    name: str
    unit: str
    samples: tuple[float, ...]
    """At least one."""
    floor: float | None = None
    """The median should not be below."""
    ceiling: float | None = None
    """The median should not be above."""

    @property
    def value(self) -> float:
        """The median."""
        return median(self.samples)

    @property
    def tail(self) -> float | None:
        """The 95th percentile, where there are samples enough for one."""
        enough = len(self.samples) >= _FEWEST_FOR_A_TAIL
        return percentile(self.samples, 0.95) if enough else None

    @property
    def is_met(self) -> bool | None:
        """Whether the aim was met; None without one."""
        if self.floor is None and self.ceiling is None:
            return None
        above = self.floor is None or self.value >= self.floor
        return above and (self.ceiling is None or self.value <= self.ceiling)

    @property
    def aim(self) -> str:
        """The aim in words, "" without one."""
        low = "" if self.floor is None else f"≥ {self.floor:g}"
        high = "" if self.ceiling is None else f"≤ {self.ceiling:g}"
        return f"{low} {high}".strip()


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that belong together."""

    title: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    """What must be known to read them, one line each."""


def render_section(section: Section) -> Table:
    """One row a figure."""
    table = Table(
        title=section.title,
        caption=Text("\n".join(section.notes)) if section.notes else None,
        title_justify="left", caption_justify="left", box=SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    table.add_column("figure")
    for heading in ("median", "95th", "min–max", "of"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("aim", no_wrap=True)
    for figure in section.figures:
        samples = figure.samples
        spread = f"{show(min(samples))}–{show(max(samples))}" if len(samples) > 1 else ""
        tail = "" if figure.tail is None else show(figure.tail)
        name = Text(f"{figure.name}, {figure.unit}".removesuffix(", "))
        count, aim = str(len(samples)), _render_aim(figure)
        table.add_row(name, show(figure.value), tail, spread, count, aim)
    return table


def render_json(machine: Mapping[str, str], sections: Iterable[Section]) -> dict[str, Any]:
    """Everything as one object."""
    return {
        "machine": dict(machine),
        "sections": [
            {
                "title": section.title,
                "figures": [_render_figure(figure) for figure in section.figures],
                "notes": list(section.notes),
            }
            for section in sections
        ],
    }


def show(value: float) -> str:
    """A number with about three digits that count: 0.214, 31.5, 1,204."""
    if value and abs(value) < 10:
        return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.1g}"
    return f"{value:,.1f}" if abs(value) < 100 and value != int(value) else f"{value:,.0f}"


def _render_aim(figure: Figure) -> Text:
    if figure.is_met is None:
        return Text("")
    return Text(figure.aim + (" ✓" if figure.is_met else " ✗"), "green" if figure.is_met else "red")


def _render_figure(figure: Figure) -> dict[str, Any]:
    samples: Sequence[float] = figure.samples
    return {
        "name": figure.name,
        "unit": figure.unit,
        "median": figure.value,
        "p95": figure.tail,
        "min": min(samples),
        "max": max(samples),
        "samples": len(samples),
        "aim": figure.aim or None,
        "met": figure.is_met,
    }

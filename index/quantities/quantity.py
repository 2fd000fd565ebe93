"""A quantity as a type."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QuantityKind(StrEnum):
    """What sort of quantity it is, which settles what it can be compared with."""

    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    MEASURE = "measure"
    ORDINAL = "ordinal"
    DURATION = "duration"
    SCORE = "score"
    PLAIN = "plain"
    """A number whose unit is not known."""


class Bound(StrEnum):
    """On which side of the number the truth may lie."""

    NONE = "none"
    MORE_THAN = "more than"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    LESS_THAN = "less than"
    """Also "nearly" and "almost"."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity where it stands in a text."""

    start: int
    end: int
    text: str
    """`source[start:end]`: the number with its currency sign, multiplier and unit, without the
    hedge before it and without a counted noun."""
    low: float
    """In `unit`; multipliers are applied. The first number of a score."""
    high: float
    """Equal to `low` but for a range; the second number of a score."""
    unit: str | None
    """`percent`, `percentage point`, an ISO currency code, the canonical unit of a measure or
    duration (`km`, `year`), `people`, or the singular of the counted noun (`school`)."""
    kind: QuantityKind
    is_approximate: bool = False
    bound: Bound = Bound.NONE
    step: float = 1.0
    """The place value of the last digit written: 0.1 million for "1.2 million"."""

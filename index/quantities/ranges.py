"""Two neighbouring quantities that are one: a range ("10 to 12") or a score ("3-1")."""

from __future__ import annotations

import re
from dataclasses import replace

from index.quantities.numerals import MULTIPLIERS
from index.quantities.quantity import Bound, Quantity, QuantityKind

_GAP = re.compile(r"\s?(?P<dash>[-‑–—])\s?|\ (?P<word>to|and|or)\ ")
_SCORING = re.compile(
    r"\b(?:w[io]n|wins|beat|beaten|los[et]|loss|defeat\w*|draw|drew|victory|lead|led|score\w*|vot\w+|ruling|decision|"
    r"record|rout|trail\w*|series|over|finished|game|match|half-time|down)\b",
    re.IGNORECASE,
)
_WINDOW = 45
_LARGEST_SCORE = 200
_UNKNOWN = frozenset({QuantityKind.PLAIN, QuantityKind.COUNT})


def join_ranges(text: str, found: list[Quantity]) -> list[Quantity]:
    """The quantities with ranges and scores made one; `found` is in order."""
    joined: list[Quantity] = []
    for quantity in found:
        pair = _join(text, joined[-1], quantity) if joined else None
        if pair:
            joined[-1] = pair
        else:
            joined.append(quantity)
    return joined


def _join(text: str, first: Quantity, second: Quantity) -> Quantity | None:
    if second.start - first.end > 5 or first.low != first.high or second.low != second.high:
        return None
    gap = _GAP.fullmatch(text, first.end, second.start)
    if not gap or QuantityKind.ORDINAL in (first.kind, second.kind):
        return None
    if gap["dash"] and _is_score(text, first, second):
        return _pair(text, first, second, None, QuantityKind.SCORE)
    if gap["word"] and not _says_range(text, gap["word"], first, second):
        return None
    return _range(text, first, second)


def _is_score(text: str, first: Quantity, second: Quantity) -> bool:
    numbers = (first.low, second.low)
    if first.kind is not QuantityKind.PLAIN or second.kind not in _UNKNOWN:
        return False
    if any(number != int(number) or not 0 <= number <= _LARGEST_SCORE for number in numbers):
        return False
    if not (first.text.isdigit() and second.text.isdigit()):
        return False
    if first.low >= second.low:
        return True
    context = text[max(0, first.start - _WINDOW) : first.start], text[second.end : second.end + 15]
    return second.kind is QuantityKind.PLAIN and any(_SCORING.search(part) for part in context)


def _says_range(text: str, word: str, first: Quantity, second: Quantity) -> bool:
    before = text[max(0, first.start - 9) : first.start].lower()
    if word == "and":
        return before.endswith("between ")
    if word == "or":
        return second.low == first.low + 1
    # "rose from 10 to 12" names two numbers, not a span.
    return not before.endswith("from ")


def _range(text: str, first: Quantity, second: Quantity) -> Quantity | None:
    if first.kind in _UNKNOWN and first.unit is None:
        unit, kind = second.unit, second.kind
    elif (
        second.kind in _UNKNOWN and first.kind is QuantityKind.MONEY
    ) or first.unit == second.unit:
        unit, kind = first.unit, first.kind
    else:
        return None
    factor = _shared_multiplier(first, second)
    scaled = replace(first, low=first.low * factor, high=first.high * factor)
    return _pair(text, scaled, second, unit, kind) if scaled.low < second.low else None


def _shared_multiplier(first: Quantity, second: Quantity) -> float:
    """The million of "10 to 12 million" counts for both."""
    for word, factor in MULTIPLIERS.items():
        if word in second.text.lower() and factor > 100:
            return 1.0 if first.low >= factor else factor
    return 1.0


def _pair(
    text: str, first: Quantity, second: Quantity, unit: str | None, kind: QuantityKind
) -> Quantity:
    return Quantity(
        first.start, second.end, text[first.start : second.end], first.low, second.high, unit, kind,
        is_approximate=first.is_approximate, bound=Bound.NONE, step=second.step,
    )  # fmt: skip

"""Whether a stated quantity is borne out by one in a source."""

from __future__ import annotations

import math

from index.names.gazetteer import word_set
from index.quantities.quantity import Bound, Quantity, QuantityKind
from index.quantities.units import UNITS, singular

# Hedged or rounded numbers may stand off by no more than this share, however round they look.
_LOOSEST = 0.1
# "more than 600" may be said of 612, but hardly of 1,100.
_FAR = 1.5
_TINY = 1e-9
_COUNTED = frozenset({QuantityKind.COUNT, QuantityKind.PLAIN})
_DEGREES = {"temperature", "angle"}
_UPWARD = frozenset({Bound.MORE_THAN, Bound.AT_LEAST})
# Nouns that "people" may stand for.
_PERSONS = word_set(
    """
    people man woman child person civilian worker employee student passenger resident
    soldier delegate protester migrant refugee victim patient user customer voter fan player
    supporter hostage prisoner official officer tourist visitor survivor adult teenager girl
    boy citizen staff personnel troop member demonstrator
    """
)


def may_count(unit: str | None, noun: str) -> bool:
    """Whether a number with `unit` can be one of what `noun` names, in the singular or plural.

    A number whose unit is not known may count anything; people are counted under many names.
    """
    if unit is None:
        return True
    asked = singular(noun) or noun.lower()
    return unit == asked or (unit in _PERSONS and asked in _PERSONS)


def difference(one: Quantity, other: Quantity) -> float | None:
    """By how much `one` is more than `other`, in its unit; None if they cannot be compared.

    Of ranges the middles are compared.
    """
    if QuantityKind.SCORE in (one.kind, other.kind) or not _same_unit(one, other):
        return None
    low, high = _convert(other, one)
    return (one.low + one.high) / 2 - (low + high) / 2


def agrees(stated: Quantity, source: Quantity) -> bool:
    """Whether `source` bears out `stated`: same unit, and a value that rounds to what is stated.

    The stated form shows how finely it was rounded: "1.2 million" agrees with 1,187,300, but
    1,187,300 not with "1.2 million". A bound ("more than") may be added to an exact
    number, never dropped.
    """
    if not _same_unit(stated, source):
        return False
    if stated.kind is QuantityKind.SCORE:
        return sorted((stated.low, stated.high)) == sorted((source.low, source.high))
    low, high = _convert(source, stated)
    if stated.kind is QuantityKind.ORDINAL:
        return stated.low == source.low
    if stated.bound is not Bound.NONE:
        return _within_bound(stated, source, low, high)
    if source.bound is not Bound.NONE and not stated.is_approximate:
        return False
    return _matches(stated, low, high)


def _same_unit(stated: Quantity, source: Quantity) -> bool:
    if stated.kind is not source.kind and not {stated.kind, source.kind} <= _COUNTED:
        return False
    if stated.kind is QuantityKind.SCORE or stated.unit == source.unit:
        return True
    if stated.unit is None or source.unit is None:
        return stated.kind in _COUNTED or stated.kind is QuantityKind.ORDINAL
    if stated.unit in UNITS and source.unit in UNITS:
        one, other = UNITS[stated.unit], UNITS[source.unit]
        # Of bare "degrees" the scale is understood.
        return one.dimension == other.dimension or {one.dimension, other.dimension} == _DEGREES
    return "people" in (stated.unit, source.unit) and {stated.unit, source.unit} <= _PERSONS


def _convert(source: Quantity, stated: Quantity) -> tuple[float, float]:
    """The source's values in the stated unit."""
    have, want = UNITS.get(source.unit or ""), UNITS.get(stated.unit or "")
    if have is None or want is None or have == want or have.dimension != want.dimension:
        return source.low, source.high
    if (have.name, want.name) == ("°F", "°C"):
        return (source.low - 32) / 1.8, (source.high - 32) / 1.8
    if (have.name, want.name) == ("°C", "°F"):
        return source.low * 1.8 + 32, source.high * 1.8 + 32
    ratio = have.factor / want.factor
    return source.low * ratio, source.high * ratio


def _tolerance(stated: Quantity, number: float) -> float:
    """Half of the last place shown; trailing zeros count as rounding only behind a hedge."""
    step = stated.step
    if (stated.is_approximate or stated.bound is not Bound.NONE) and step >= 1:
        while step < abs(number) and math.fmod(number, step * 10) == 0:
            step *= 10
    slack = step / 2
    return slack if step == 1 and not stated.is_approximate else min(slack, abs(number) * _LOOSEST)


def _matches(stated: Quantity, low: float, high: float) -> bool:
    if stated.low != stated.high and low == high:
        return stated.low - _TINY <= low <= stated.high + _TINY
    if stated.low == stated.high and low != high:
        return stated.is_approximate and low <= stated.low <= high
    pairs = ((stated.low, low), (stated.high, high))
    return all(abs(said - found) <= _tolerance(stated, said) + _TINY for said, found in pairs)


def _within_bound(stated: Quantity, source: Quantity, low: float, high: float) -> bool:
    same_number = _matches(stated, low, high) and source.bound is not Bound.NONE
    if stated.bound in _UPWARD:
        if source.bound not in _UPWARD and source.bound is not Bound.NONE:
            return False
        reached = low > stated.low or (low == stated.low and stated.bound is Bound.AT_LEAST)
        return same_number or (reached and low <= stated.low * _FAR)
    if source.bound in _UPWARD:
        return False
    reached = high < stated.high or (high == stated.high and stated.bound is Bound.AT_MOST)
    return same_number or (reached and high >= stated.high / _FAR)

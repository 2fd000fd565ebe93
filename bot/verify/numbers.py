"""Whether the numbers of a claim are those of the article's sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.verify.lexicon import root
from bot.verify.pairing import Pairing, spans_of
from bot.verify.verdict import Fault, Finding
from index.quantities import Bound, Quantity, QuantityKind, agrees

_COUNTED = frozenset({QuantityKind.COUNT, QuantityKind.PLAIN})
_FRACTIONS = frozenset(
    "half third thirds quarter quarters twice double doubled triple tripled dozen dozens".split()
)
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2}):(\d{2})\b")
# "Nearly 100" may be said of 80, and of nothing less.
_NEARLY = 0.8


def check_numbers(pairing: Pairing) -> Iterator[Finding]:
    """Every number must be borne out by one of the article's sentence."""
    told = pairing.told.quantities
    for stated in pairing.quantities:
        if not any(bears_out(stated, source, pairing) for source in told) and not (
            _is_range_of(stated, told) or _is_written(stated, pairing)
        ):
            has = ", ".join(one.text for one in told) or "no number"
            yield Finding(
                Fault.NUMBER, stated.text, f"The cited sentence has {has}, not “{stated.text}”."
            )
    yield from _check_digits(pairing)
    yield from _check_fractions(pairing)


def _is_range_of(stated: Quantity, told: Sequence[Quantity]) -> bool:
    """Whether both ends of "two to four dollars" stand apart in the article."""
    numbers = {number for one in told for number in (one.low, one.high)}
    return stated.low != stated.high and {stated.low, stated.high} <= numbers


def _is_written(stated: Quantity, pairing: Pairing) -> bool:
    """Whether a number that cannot be mistaken ("3.1 million", "two thirds") stands there as it is.

    "First" may also be told by the words before, or as "opening".
    """
    if stated.text.casefold() == "first":
        near = [one.reading.roots for one in pairing.before]
        near += [pairing.source.title.roots] if pairing.source.title else []
        opens = root("opening") in pairing.told.roots
        return opens or any(root("first") in roots for roots in near)
    return " " in stated.text and pairing.told.says(stated.text)


def bears_out(stated: Quantity, source: Quantity, pairing: Pairing) -> bool:
    """Whether a number of the article's sentence can be what the claim states."""
    if agrees(stated, source):
        # "Nearly two thirds" is no half, though a half is less.
        return stated.bound is not Bound.LESS_THAN or source.high >= _NEARLY * stated.high
    if source.unit is None and source.kind is QuantityKind.PLAIN and stated.low == source.low:
        # "29 minutes, against 47 by bus"
        return any(one.unit == stated.unit for one in pairing.told.quantities)
    if not {stated.kind, source.kind} <= _COUNTED:
        return False
    same = (stated.low, stated.high, stated.bound) == (source.low, source.high, source.bound)
    return same and _may_be_one_unit(stated.unit, source.unit, pairing)


def _may_be_one_unit(stated: str | None, source: str | None, pairing: Pairing) -> bool:
    """Counted nouns may be told otherwise ("40 turbines", "40 machines"), if one is shared."""
    if stated is None or source is None:
        return True
    own, told = root(stated), pairing.told.roots
    if own in told or root(source) in {word.root for word in pairing.words}:
        return True
    # A noun that the story never uses is the writer's own word for the same thing.
    return "people" not in (stated, source) and own not in pairing.source.roots


def _check_fractions(pairing: Pairing) -> Iterator[Finding]:
    """See that "half" and "twice", which are no quantities, stand in the article too."""
    covered = [(one.start, one.end) for one in pairing.quantities]
    known = {word.key for word in pairing.told.words}
    for word in pairing.words:
        is_loose = not any(start <= word.start < end for start, end in covered)
        if is_loose and word.key in _FRACTIONS and word.key not in known:
            why = f"The cited sentence does not say “{word.key}”."
            yield Finding(Fault.NUMBER, word.key, why)


def _check_digits(pairing: Pairing) -> Iterator[Finding]:
    """Numbers inside names ("Line 4") and clock times must be written in the article as well."""
    covered = [*spans_of(pairing.quantities), *spans_of(pairing.times), *_told_clocks(pairing)]
    known = {word.key.removesuffix("'s") for word in pairing.told.words}
    for statement in pairing.before:
        known |= {word.key for word in statement.reading.words if word.is_item}
    for word in pairing.words:
        has_digit = any(letter.isdigit() for letter in word.key)
        # Of "R21" or "Line 4" the check of names speaks.
        if (
            word.is_name
            or not has_digit
            or any(start <= word.start < end for start, end in covered)
        ):
            continue
        if word.key.removesuffix("'s") not in known:
            yield Finding(Fault.NUMBER, word.key, f"“{word.key}” is not in the cited sentence.")


def _told_clocks(pairing: Pairing) -> Iterator[tuple[int, int]]:
    """Where the claim has "2:22:09" for the article's "two hours, 22 minutes and 9 seconds"."""
    spelled = [(one.low, one.unit) for one in pairing.told.quantities]
    for clock in _CLOCK.finditer(pairing.claim.text):
        parts = zip(clock.groups(), ("hour", "minute", "second"), strict=True)
        if all((float(number), unit) in spelled for number, unit in parts if float(number)):
            yield clock.span()

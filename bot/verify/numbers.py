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
# "Fell 5%" is "fell by 5%"; between the verb and "to" may stand how far, or where from.
_CHANGE = re.compile(
    r"\b(?:rise|rises|rose|risen|rising|fall|falls|fell|fallen|falling|drop(?:s|ped|ping)?|cut|cuts"
    r"|cutting|climb(?:s|ed|ing)?|gain(?:s|ed|ing)?|grow|grows|grew|grown|growing|shrank|shrunk"
    r"|jump(?:s|ed|ing)?|surg(?:e|es|ed|ing)|plung(?:e|es|ed|ing)|slid|slump(?:s|ed|ing)?"
    r"|(?:in|de)creas(?:e|es|ed|ing)|rais(?:e|es|ed|ing)|lower(?:s|ed|ing)?|reduc(?:e|es|ed|ing))\b"
    r"(?:(?:\s+(?!(?:to|by|from)\b)[^\s.;:]+){0,3}?\s+(?P<end>to|by|from)"
    r"|(?:\s+[^\s.;:]+){0,3}?\s+(?:by|from|to)\s+\S+(?:\s+\S+){0,2}?,?\s+(?P<last>to|from))?"
    r"(?:\s+(?:an?|about|around|nearly|almost|some|only|just|over|more\s+than|another|a\s+further"
    r"|a\s+record|its|as\s+(?:much|little)\s+as))*\s*$",
    re.IGNORECASE,
)
_LONGEST_CHANGE = 80
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
    yield from _check_ends(pairing)
    yield from _check_digits(pairing)
    yield from _check_fractions(pairing)


def _check_ends(pairing: Pairing) -> Iterator[Finding]:
    """See that nothing falls to 5 percent that fell by it, or from it."""
    told = [(one, _end(one, pairing.told.text)) for one in pairing.told.quantities]
    for stated in pairing.quantities:
        end = _end(stated, pairing.claim.text)
        theirs = {other for one, other in told if bears_out(stated, one, pairing)}
        if end and theirs and "" not in theirs and end not in theirs:
            why = f"In the article it is “{theirs.pop()} {stated.text}”."
            yield Finding(Fault.NUMBER, f"{end} {stated.text}", why)


def _end(quantity: Quantity, text: str) -> str:
    """Whether a number is where a change begins (from), ends (to), or its size (by); or empty."""
    before = text[max(0, quantity.start - _LONGEST_CHANGE) : quantity.start]
    found = _CHANGE.search(before)
    return (found["end"] or found["last"] or "by").lower() if found else ""


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
    if any(one.low < 0 <= stated.low for one in pairing.told.quantities):
        # "Minus 12 degrees" holds the words of "12 degrees".
        return False
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

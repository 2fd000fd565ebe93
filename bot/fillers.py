"""Finds in a sentence what a question asks for: the person, the date, the number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.expectation import AnswerKind, Expectation
from index.dates import find_times
from index.moment import Moment
from index.names import Kind, Name, find_names, same_name
from index.quantities import Quantity, QuantityKind, find_quantities
from index.quantities.units import UNITS


@dataclass(frozen=True, slots=True)
class Filler:
    """A span of a sentence that is of the kind a question asks for."""

    start: int
    end: int
    text: str
    certain: bool = True
    """False where the kind is a guess: a name that may or may not be a person."""
    is_asked: bool = False
    """True when what the question asks for stands beside it: "another asteroid, Apophis"."""
    unit: str | None = None
    """Of a number, as `index.quantities` has it: the noun that it counts, if that is known."""


_REASON = re.compile(
    r"\b(?:because|due to|owing to|since|so that|in order to|as a result|therefore|reason"
    r"|cause[ds]?|prompt(?:ed|ing)|led to|thanks to|blam(?:ed|ing)|cit(?:ed|ing)|amid|after"
    r"|following|to (?:avoid|prevent|protect|reduce|help|ensure|allow|make|attend|meet|stop|save"
    r"|keep|mark|give|boost))\b",
    re.IGNORECASE,
)
_SPEECH = re.compile(
    r"\b(?:said|says|told|tells|added|adds|stated|wrote|writes|warned|argued|announced|insisted"
    r"|noted|claimed|explained|described|called|according to|replied|responded|denied|promised"
    r"|vowed|urged|asked|estimate[ds]?|rejected|dismissed|dismisses|confirmed|confirms|reported|reports|believes?|believed|expects?|thinks?|thought|vouche[ds]|suggested|suggests|quoted|cited)\b|[“\"”]",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\b\d{1,2}(?:[:.]\d\d)?\s?[ap]\.?m\b\.?|\b(?:[01]?\d|2[0-3]):[0-5]\d\b|\b[01]?\d\s+o['’]clock\b"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s+o['’]clock\b"
    r"|\b(?:noon|midnight|midday|dawn|dusk)\b|\b\d{4}\s?(?:GMT|UTC)\b",
    re.IGNORECASE,
)
_NUMERIC: dict[AnswerKind, frozenset[QuantityKind]] = {
    AnswerKind.COUNT: frozenset({QuantityKind.COUNT, QuantityKind.PLAIN, QuantityKind.SCORE}),
    AnswerKind.MONEY: frozenset({QuantityKind.MONEY}),
    AnswerKind.MEASURE: frozenset(
        {QuantityKind.PERCENT, QuantityKind.MEASURE, QuantityKind.DURATION, QuantityKind.MONEY,
         QuantityKind.COUNT}
    ),
}  # fmt: skip
_NAMED: dict[AnswerKind, frozenset[Kind]] = {
    AnswerKind.PERSON: frozenset({Kind.PERSON}),
    AnswerKind.ORGANIZATION: frozenset({Kind.ORGANIZATION, Kind.OTHER}),
    AnswerKind.PLACE: frozenset({Kind.PLACE}),
    AnswerKind.NAME: frozenset(Kind),
}


def find_fillers(
    text: str,
    expectation: Expectation,
    asked: Sequence[Name],
    *,
    anchor: Moment | None = None,
    around: str = "",
) -> list[Filler]:
    """Spans of `text` that are of the expected kind and not named in the question (`asked`).

    For kinds that need nothing in particular the whole text is one filler, where its wording fits.

    Args:
        text: One sentence.
        expectation: What the question expects.
        asked: Names in the question: an answer tells something else.
        anchor: Publication of the article, against which its dates are understood.
        around: The passage; a surname in `text` is a person whom it names in full.
    """
    if expectation.kind in _NAMED:
        fillers = _named(text, expectation.kind, asked, around)
    else:
        fillers = _of_kind(text, expectation, anchor)
    if not expectation.asked:
        return fillers
    return [replace(one, is_asked=_stands_beside(expectation.asked, text, one)) for one in fillers]


def _of_kind(text: str, expectation: Expectation, anchor: Moment | None) -> list[Filler]:
    kind = expectation.kind
    if kind in _NUMERIC:
        return [
            _of(quantity)
            for quantity in find_quantities(text)
            if quantity.kind in _NUMERIC[kind] and measures(quantity, expectation.dimensions)
        ]
    if kind is AnswerKind.CLOCK:
        return [Filler(*found.span(), found[0]) for found in _CLOCK.finditer(text)]
    if kind is AnswerKind.TIME:
        return [Filler(time.start, time.end, time.text) for time in find_times(text, anchor)]
    cue = {AnswerKind.REASON: _REASON, AnswerKind.STATEMENT: _SPEECH}.get(kind)
    if cue is None or cue.search(text):
        return [Filler(0, len(text), text)]
    return []


def measures(quantity: Quantity, dimensions: frozenset[str]) -> bool:
    """Whether a quantity is of one of the dimensions; every one is of none in particular."""
    unit = UNITS.get(quantity.unit or "")
    return (
        not dimensions or quantity.unit in dimensions or bool(unit and unit.dimension in dimensions)
    )


# How far from what is asked for its name or number may stand.
_BESIDE = 40


def _stands_beside(asked: str, text: str, filler: Filler) -> bool:
    around = text[max(0, filler.start - _BESIDE) : filler.end + _BESIDE].casefold()
    # The stem is enough: "cases" and "case", "cities" and "city".
    return any(word.casefold()[: max(3, len(word) - 2)] in around for word in asked.split())


def _of(quantity: Quantity) -> Filler:
    return Filler(quantity.start, quantity.end, quantity.text, unit=quantity.unit)


def _named(text: str, kind: AnswerKind, asked: Sequence[Name], around: str) -> list[Filler]:
    kinds = _NAMED[kind]
    people = _people(around) if kind is AnswerKind.PERSON else []
    fillers = []
    for name in find_names(text):
        is_certain = name.certain and name.kind in kinds
        is_surname = any(same_name(name.text, person) for person in people)
        is_guess = not name.certain and " " in name.text
        if (name.kind in kinds or is_guess or is_surname) and not any(
            same_name(name.text, other.text) for other in asked
        ):
            fillers.append(Filler(name.start, name.end, name.text, is_certain or is_surname))
    return fillers


@lru_cache(maxsize=64)
def _people(text: str) -> list[str]:
    """People whom `text` names in full; the sentences of a passage ask for them one by one."""
    return [
        name.text
        for name in find_names(text)
        if name.kind is Kind.PERSON and name.certain and " " in name.text
    ]

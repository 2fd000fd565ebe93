"""Answers questions of two sides: each side is looked up by itself, then they are set together.

"Did Shoigu fly in before Lavrov?" is answered by two sentences and their dates, "Which cost more?"
by two sentences and their numbers. Where a side is not found, or the two cannot be told apart,
nothing is concluded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from bot.answer import Question, Status
from bot.confidence import Calibration
from bot.evidence import Candidate, collect_candidates
from bot.expectation import AnswerKind, Expectation, read_dimensions, read_expectation
from bot.reader import Pick, Reading, Statistics
from bot.relevance import Judge, Judged
from bot.sides import TIMES, Asks, Sides, read_sides
from bot.signals import simple_signals
from bot.slots import event_time
from index.dates import Period
from index.moment import Precision
from index.names import Kind, related_place
from index.quantities import Bound, Quantity, agrees, difference, find_quantities
from index.scope import Scope
from index.search.query import Query
from index.search.retrieve import Found

# Sentences of a side that are looked at, best first.
_LOOKED_AT = 4
_PASSAGES = 8
# A side need not be as sure as an answer: it is shown beside the other, quoted.
_LEAST_CONFIDENCE = 0.3
_BESIDE = re.compile(
    r"\b(?:from|than|with|against|replac\w+|succeed\w+|after|before)\s+(?:[\w.'’-]+\s+){0,2}$",
    re.IGNORECASE,
)
_BESIDE_SPAN = 40
_MONTH_DAYS = 30.44
_DAYS_PER = {"days": 1.0, "weeks": 7.0, "months": _MONTH_DAYS, "years": 365.25, "hours": 1 / 24}


class SideFinder(Protocol):
    """What weighing needs of retrieval."""

    def search(self, question: str, scope: Scope | None = None, *, limit: int = 12) -> Found:
        """The best passages that `scope` lets see."""
        ...

    def read(self, question: str, now: datetime | None = None) -> Query:
        """A question as it is understood, without a search."""
        ...


class Weighed(NamedTuple):
    """What came of a question of two sides."""

    found: Found
    reading: Reading


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What one side stands on."""

    judged: Judged
    confidence: float
    found: Found
    when: Period | None = None
    is_dated: bool = False
    """Whether the sentence itself tells the time; else it is the day of publication."""
    amount: Quantity | None = None

    @property
    def candidate(self) -> Candidate:
        """The sentence."""
        return self.judged.candidate


class Weigher:
    """Sets the two sides of a question together."""

    def __init__(
        self, retriever: SideFinder, judge: Judge, terms: Statistics, calibration: Calibration
    ) -> None:
        self._retriever = retriever
        self._judge = judge
        self._terms = terms
        self._calibration = calibration

    def weigh(self, question: Question, scope: Scope) -> Weighed | None:
        """The answer to a question of two sides; None for any other, or where a side is missing."""
        sides = read_sides(question.text)
        if sides is None:
            return None
        pair = self._find_times(sides, question, scope) if sides.asks in TIMES else None
        if sides.asks not in TIMES:
            pair = self._find_amounts(sides, question, scope)
        if pair is None:
            return None
        lead = _conclude_times(sides, *pair) if sides.asks in TIMES else _conclude(sides, *pair)
        return _compose(pair, lead) if lead else None

    def _find_times(
        self, sides: Sides, question: Question, scope: Scope
    ) -> tuple[_Evidence, _Evidence] | None:
        one = self._when(sides.one, sides.measure, question, scope, None)
        if one is None:
            return None
        other = self._when(sides.other, sides.measure, question, scope, one.candidate)
        return (one, other) if other else None

    def _when(
        self,
        side: str,
        measure: str,
        question: Question,
        scope: Scope,
        taken: Candidate | None,
    ) -> _Evidence | None:
        """The sentence that best tells of a side, and when that was."""
        query = self._retriever.read(side, question.as_of)
        reporting = [mention for mention in query.mentions if mention.outlets]
        if reporting:
            scope = replace(scope, outlets=reporting[0].outlets)
        expectation = Expectation(AnswerKind.TIME)
        for evidence in self._look_up(f"{side} {measure}".strip(), expectation, scope):
            if evidence.candidate == taken:
                continue
            published = evidence.candidate.passage.published
            if reporting:
                when, is_dated = (Period.of(published) if published else None), True
            else:
                fillers = evidence.judged.fillers
                when = event_time(evidence.candidate, fillers[0] if fillers else None)
                is_dated = bool(fillers)
            if when is not None:
                return replace(evidence, when=when, is_dated=is_dated)
        return None

    def _find_amounts(
        self, sides: Sides, question: Question, scope: Scope
    ) -> tuple[_Evidence, _Evidence] | None:
        expectation = _amount_expected(sides, question.text)
        scopes = self._scopes(sides, question, scope)
        if scopes is None:
            return None
        ones = self._amounts(sides.one, sides, expectation, scopes[0])
        others = self._amounts(sides.other, sides, expectation, scopes[1])
        for one in ones:
            for other in others:
                if _can_compare(one, other):
                    return one, other
        return None

    def _scopes(self, sides: Sides, question: Question, scope: Scope) -> tuple[Scope, Scope] | None:
        """Where each side is looked up; None if it is an outlet that is not held."""
        if sides.outlets is None:
            return scope, scope
        held = []
        for outlet in sides.outlets:
            mentions = self._retriever.read(f"according to {outlet}", question.as_of).mentions
            held.append(next((one.outlets for one in mentions if one.outlets), None))
        one, other = held
        if one is None or other is None:
            return None
        return replace(scope, outlets=one), replace(scope, outlets=other)

    def _amounts(
        self,
        side: str,
        sides: Sides,
        expectation: Expectation,
        scope: Scope,
    ) -> list[_Evidence]:
        found = []
        text = f"{side} {sides.measure}".strip()
        for evidence in self._look_up(text, expectation, scope):
            for filler in evidence.judged.fillers[:2]:
                amount = next(
                    (
                        one
                        for one in find_quantities(evidence.candidate.text)
                        if one.start == filler.start
                    ),
                    None,
                )
                if amount:
                    found.append(replace(evidence, amount=amount))
        return found

    def _look_up(self, text: str, expectation: Expectation, scope: Scope) -> list[_Evidence]:
        """Sentences that tell of what `text` says, the best first; none that is unlikely to."""
        found = self._retriever.search(text, scope, limit=_PASSAGES)
        candidates = collect_candidates(found.passages)
        if not candidates:
            return []
        judged = self._judge.judge(found.query, expectation, candidates)
        evidence = []
        for at, one in enumerate(judged[:_LOOKED_AT]):
            if not one.is_read or not _names_stand(found.query, one.candidate):
                continue
            signals = simple_signals(
                found.query, expectation, found.passages, judged[at:], self._terms
            )
            confidence = self._calibration.confidence(signals)
            if confidence >= _LEAST_CONFIDENCE:
                evidence.append(_Evidence(one, confidence, found))
        return sorted(evidence, key=lambda one: _in_passing(found.query, one.candidate))


def _can_compare(one: _Evidence, other: _Evidence) -> bool:
    """Whether two sides have numbers of one kind, and not one number of one sentence."""
    if one.amount is None or other.amount is None:
        return False
    is_one = one.amount == other.amount and one.candidate == other.candidate
    return not is_one and difference(one.amount, other.amount) is not None


def _names_stand(query: Query, candidate: Candidate) -> bool:
    """Whether the people and things that a side names are told of in or around a sentence."""
    around = f"{candidate.passage.title or ''} {candidate.before} {candidate.text}"
    return all(word in around.casefold() for word in _named(query))


def _in_passing(query: Query, candidate: Candidate) -> bool:
    """Whether a sentence names a side beside the matter only: "took over from Shoigu"."""
    text = candidate.text
    for word in _named(query):
        places = [found.start() for found in re.finditer(re.escape(word), text, re.IGNORECASE)]
        if places and all(_BESIDE.search(text, max(0, at - _BESIDE_SPAN), at) for at in places):
            return True
    return False


def _named(query: Query) -> list[str]:
    """The last words of the names of a side; not those of places, or of the outlets that report."""
    return [
        name.text.split()[-1].casefold()
        for name in query.names
        if name.kind is not Kind.PLACE
        and not related_place(name.text)
        and not any(m.outlets and m.start <= name.start < m.end for m in query.mentions)
    ]


def _amount_expected(sides: Sides, question: str) -> Expectation:
    """What kind of number the sides are compared by."""
    if sides.outlets:
        return read_expectation(_as_question(sides.one))
    asked = read_expectation(f"how much {sides.measure}") if sides.measure else None
    if asked and asked.kind is AnswerKind.MONEY:
        return asked
    return Expectation(AnswerKind.MEASURE, dimensions=read_dimensions(question))


def _as_question(matter: str) -> str:
    """`number of dead` as "what was the number of dead"; what is a question already stays one."""
    opener = matter.split(maxsplit=1)[0].lower()
    if opener in {"how", "what", "which", "who", "when", "where", "whether"}:
        return matter
    return f"what was the {matter}"


def _conclude_times(sides: Sides, one: _Evidence, other: _Evidence) -> str | None:  # noqa: PLR0911
    first, second = one.when, other.when
    if first is None or second is None:
        return None
    if sides.asks is Asks.HOW_LONG:
        return _span(sides, first, second) if one.is_dated and other.is_dated else None
    if first.start <= second.end and second.start <= first.end:
        return None
    is_before = first.start < second.start
    if sides.asks is Asks.WHICH_WAY:
        return "Before" if is_before else "After"
    if sides.asks is Asks.WHICH_FIRST:
        return _capital(sides.one if is_before else sides.other)
    if sides.asks is Asks.WHICH_LAST:
        return _capital(sides.other if is_before else sides.one)
    return "Yes" if is_before == (sides.asks is Asks.WHETHER_BEFORE) else "No"


def _span(sides: Sides, first: Period, second: Period) -> str | None:
    """The time between two days in the unit that is asked for."""
    if Precision.DAY not in (first.precision, second.precision) or (
        first.precision < Precision.DAY or second.precision < Precision.DAY
    ):
        return None
    days = abs((second.start.date() - first.start.date()).days)
    unit = sides.unit or "days"
    per = _DAYS_PER[unit]
    count = round(days / per, 1) if per > 1 else round(days / per)
    number = f"{count:g}"
    plain = unit if count != 1 else unit[:-1]
    return f"{number} {plain}"


def _conclude(sides: Sides, one: _Evidence, other: _Evidence) -> str | None:
    if one.amount is None or other.amount is None:
        return None
    if sides.asks is Asks.WHETHER_SAME:
        # "At least 14" is borne out by 19, but the two are not the same number.
        first, second = (replace(amount, bound=Bound.NONE) for amount in (one.amount, other.amount))
        return "Yes" if agrees(first, second) or agrees(second, first) else "No"
    more = difference(one.amount, other.amount)
    if not more:
        return None
    if sides.asks is Asks.WHICH_MORE:
        return _capital(sides.one if more > 0 else sides.other)
    if sides.asks is Asks.WHICH_LESS:
        return _capital(sides.other if more > 0 else sides.one)
    return "Yes" if (more > 0) == (sides.asks is Asks.WHETHER_MORE) else "No"


def _capital(side: str) -> str:
    return side[:1].upper() + side[1:]


def _compose(pair: Sequence[_Evidence], lead: str) -> Weighed:
    """The conclusion before the first side's sentence, and the other's after it."""
    one, other = pair
    picks = [Pick((one.candidate,), lead)]
    if other.candidate != one.candidate:
        picks.append(Pick((other.candidate,)))
    confidence = min(one.confidence, other.confidence)
    passages = list(dict.fromkeys([*one.found.passages, *other.found.passages]))
    return Weighed(
        Found(one.found.query, passages), Reading(Status.ANSWERED, tuple(picks), confidence, {})
    )

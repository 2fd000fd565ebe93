"""Several right answers: groups the sentences that answer by what they answer with.

"Who led the delegation?" asked of an archive with four visits has four right answers, each true of
its day. Two sentences that name one person, or that tell of one day, are one answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.evidence import Candidate
from bot.expectation import LISTED_KINDS, AnswerKind
from bot.fillers import Filler
from bot.relevance import Judged
from index.dates import Period, find_times
from index.moment import Precision
from index.names import same_name
from index.quantities import agrees, find_quantities

# What makes a sentence an answer of its own beside the best one. Fits are log-odds.
_FIT_MARGIN = 5.0
_EVIDENCE_MARGIN = 0.4
_LEAST_NEARNESS = 0.15
# Reports of one event are published within days of it.
_SAME_EVENT = timedelta(days=3)
_NAMED_KINDS = frozenset({AnswerKind.PERSON, AnswerKind.PLACE, AnswerKind.ORGANIZATION})
_LEAST_OWN_COVERAGE = 0.65
_LEAST_FOCUS = 0.8
# "Headed the delegation" tells who led it in other words; a caption with a Russian on it does not.
_LEAST_NAMED_FOCUS = 0.5
_NUMERIC_KINDS = frozenset({AnswerKind.COUNT, AnswerKind.MONEY, AnswerKind.MEASURE})


@dataclass(frozen=True, slots=True)
class Slot:
    """One answer, and the sentence that gives it best."""

    judged: Judged
    filler: Filler
    when: Period | None
    """When it happened, as far as the sentence tells; else the day it was published."""


def find_slots(kind: AnswerKind, judged: Sequence[Judged]) -> list[Slot]:
    """The different answers among sentences that fit about as well as the best, best first."""
    if kind not in LISTED_KINDS or not judged or not judged[0].fillers:
        return []
    slots: list[Slot] = []
    for one in judged:
        if _is_as_good(one, judged[0]) and _tells_the_same(kind, one, judged[0]):
            slot = Slot(one, one.fillers[0], event_time(one.candidate, one.fillers[0]))
            if not any(_is_same(kind, slot, other) for other in slots):
                slots.append(slot)
    return slots


def _is_as_good(one: Judged, best: Judged) -> bool:
    return (
        one.is_read
        and bool(one.fillers)
        and one.fillers[0].certain >= best.fillers[0].certain
        and one.fit >= best.fit - _FIT_MARGIN
        and one.features["nearness"] >= min(_LEAST_NEARNESS, best.features["nearness"])
        # Where the model is sure of the best, it must lean to the others too.
        and one.features["evidence"] >= min(0.0, best.features["evidence"] - _EVIDENCE_MARGIN)
    )


def _tells_the_same(kind: AnswerKind, one: Judged, best: Judged) -> bool:
    """Whether a name, a date or a number is one of the very thing that was asked.

    Every story has dates and numbers, so there the question's own words must stand beside them; a
    name may stand beside others for the same.
    """
    if kind in _NAMED_KINDS:
        return one.features["focus"] >= _LEAST_NAMED_FOCUS * best.features["focus"]
    return all(
        one.features[name] >= least * best.features[name]
        for name, least in (("own_coverage", _LEAST_OWN_COVERAGE), ("focus", _LEAST_FOCUS))
    )


def _is_same(kind: AnswerKind, one: Slot, other: Slot) -> bool:
    if one.judged.candidate.passage.origin_id == other.judged.candidate.passage.origin_id:
        # One story gives one answer; a second sentence of it only adds to the first.
        return True
    if kind is AnswerKind.TIME:
        return one.when is not None and other.when is not None and _meet(one.when, other.when)
    if kind in _NUMERIC_KINDS:
        return _agree(one.filler.text, other.filler.text)
    return same_name(one.filler.text, other.filler.text)


def _agree(one: str, other: str) -> bool:
    first, second = find_quantities(one), find_quantities(other)
    if not first or not second:
        return one.casefold() == other.casefold()
    return agrees(first[0], second[0]) or agrees(second[0], first[0])


def event_time(candidate: Candidate, filler: Filler | None = None) -> Period | None:
    """When that happened which a sentence tells.

    The time it names; where it names several a day rather than a month or a year, which tell more
    often of what was before, and of those the nearest to `filler`. Else its publication; None for
    an undated story that names no time.
    """
    at = filler.start if filler else 0
    periods = [
        (time.period.precision < Precision.DAY, abs(time.start - at), time.period)
        for time in find_times(candidate.text, candidate.passage.published)
        if time.period
    ]
    if periods:
        return min(periods, key=lambda found: found[:2])[2]
    published = candidate.passage.published
    return Period.of(published) if published else None


def is_one_event(slots: Sequence[Slot]) -> bool:
    """Whether the slots tell of one event: sides of a conflict, not a list by date."""
    days = [
        published.start for slot in slots if (published := slot.judged.candidate.passage.published)
    ]
    return len(days) == len(slots) and max(days) - min(days) <= _SAME_EVENT


def newest_first(slots: Sequence[Slot]) -> list[Slot]:
    """The slots by when they happened, newest first, undated ones last."""
    return sorted(
        slots, key=lambda slot: slot.when.start.timestamp() if slot.when else -1e18, reverse=True
    )


def _meet(one: Period, other: Period) -> bool:
    return one.start <= other.end and other.start <= one.end


def falls_within(
    period: Period | None, window: tuple[datetime | None, datetime | None]
) -> bool | None:
    """Whether a period touches a window, either end of which may be open; None if it is unknown."""
    if period is None:
        return None
    start, end = window
    return (end is None or period.start <= end) and (start is None or period.end >= start)

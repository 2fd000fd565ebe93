"""The different answers that verified sentences give to one question, and which contradict others.

A model is told to write one sentence for each answer; whether it did is read off its sentences
here, by the same finders as the offline reader's, and off the quotes that they rest on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import Protocol

from bot.answer import Citation, Told
from bot.evidence import Candidate
from bot.expectation import AnswerKind, Expectation, read_expectation
from bot.fillers import Filler, find_fillers
from bot.slots import event_time
from bot.verify import Fault, Verdict
from bot.verify.reading import read_claim
from index.article import Passage
from index.dates import Period, find_times
from index.moment import Moment
from index.names import find_names, same_name
from index.quantities import Quantity, agrees, find_quantities

_NUMERIC = frozenset({AnswerKind.COUNT, AnswerKind.MONEY, AnswerKind.MEASURE})
_NAMED = frozenset({AnswerKind.PERSON, AnswerKind.PLACE, AnswerKind.ORGANIZATION})
_LISTED = _NUMERIC | _NAMED | {AnswerKind.TIME}
# A sentence that shares much less with the question than the best one tells something beside it.
_LEAST_OF_BEST = 0.65
# Reports of one event are published within days of it.
_SAME_EVENT = timedelta(days=3)
_CONTRADICTIONS = frozenset({Fault.NEGATION, Fault.COMPARISON, Fault.NUMBER})


@dataclass(frozen=True, slots=True)
class Side:
    """One sentence and what it answers with."""

    told: Told
    passage: Passage
    """What its first quote stands in."""
    filler: Filler | None
    """The name, number or date that answers, where it stands in the sentence."""
    when: Period | None
    """When it happened, as far as it tells; else the day it was published."""
    closeness: float
    """Share of the question's words of sense that it holds, 0 to 1."""

    @property
    def quote(self) -> Citation:
        """What it rests on first."""
        return self.told.citations[0]

    @property
    def published(self) -> Moment | None:
        """When the article was published."""
        return self.passage.published


class SentenceVerifier(Protocol):
    """What comparing needs of `bot.verify`."""

    def verify(self, sentence: str, cited: Sequence[Passage]) -> Verdict:
        """Whether `cited` prove `sentence`."""
        ...


def read_sides(question: str, told: Sequence[Told], passages: Sequence[Passage]) -> list[Side]:
    """The sentences as answers, in their order; those whose passage is not known are left out."""
    expectation = read_expectation(question)
    wanted = _telling_roots(question)
    passage_by_article = {one.article_id: one for one in reversed(passages)}
    return [
        _read_side(one, expectation, question, wanted, passage_by_article[article])
        for one in told
        if one.citations and (article := one.citations[0].article_id) in passage_by_article
    ]


def _read_side(
    told: Told,
    expectation: Expectation,
    question: str,
    wanted: frozenset[str],
    passage: Passage,
) -> Side:
    text = told.sentence.text
    fillers = find_fillers(
        text,
        expectation,
        find_names(question),
        anchor=passage.published,
        around=passage.text,
    )
    filler = fillers[0] if fillers and expectation.kind in _LISTED else None
    candidate = Candidate(passage, 0, told.citations[0].start, text, "")
    shared = len(wanted & _telling_roots(text)) / (len(wanted) or 1)
    return Side(told, passage, filler, event_time(candidate, filler), shared)


def _telling_roots(text: str) -> frozenset[str]:
    words = read_claim(text, None).words
    return frozenset(word.root for word in words if word.is_content or word.is_name)


def find_rivals(question: str, sides: Sequence[Side]) -> list[Side]:
    """The sides that answer with different things, one for each; fewer than two is no choice.

    One story gives one answer: a second sentence of it only adds to the first.
    """
    kind = read_expectation(question).kind
    if kind not in _LISTED or not sides:
        return []
    least = _LEAST_OF_BEST * max(one.closeness for one in sides)
    rivals: list[Side] = []
    for side in sides:
        is_new = side.filler and side.closeness >= least
        if is_new and not any(_is_same(kind, side, other) for other in rivals):
            rivals.append(side)
    return rivals


def _is_same(kind: AnswerKind, one: Side, other: Side) -> bool:
    if one.passage.origin_id == other.passage.origin_id:
        return True
    if one.filler is None or other.filler is None:
        return False
    if kind is AnswerKind.TIME:
        return _meet(_time_of(one, one.filler), _time_of(other, other.filler))
    if kind in _NUMERIC:
        return _agree(one, other)
    return same_name(one.filler.text, other.filler.text)


def _time_of(side: Side, filler: Filler) -> Period | None:
    times = find_times(filler.text, side.published)
    return times[0].period if times else side.when


def _meet(one: Period | None, other: Period | None) -> bool:
    # What is not known is no contradiction.
    return not one or not other or (one.start <= other.end and other.start <= one.end)


def _agree(one: Side, other: Side) -> bool:
    first, second = _quantity_of(one), _quantity_of(other)
    return not first or not second or agrees(first, second) or agrees(second, first)


def _quantity_of(side: Side) -> Quantity | None:
    """The number that answers, read with the words around it, such as "about"."""
    start = side.filler.start if side.filler else -1
    found = find_quantities(side.told.sentence.text)
    return next((one for one in found if one.start == start), None)


def are_of_one_event(sides: Sequence[Side]) -> bool:
    """Whether the sides were published so near to each other that they speak of one event."""
    days = [side.published.start for side in sides if side.published]
    return len(days) == len(sides) and max(days) - min(days) <= _SAME_EVENT


def find_contradictions(
    verifier: SentenceVerifier, sides: Sequence[Side], *, of_one_event: bool = True
) -> list[Side]:
    """Sides that deny what another origin's say, in the order of `sides`.

    Each must be denied by the very quote that the other rests on, and deny it in turn.

    Args:
        verifier: Compares a sentence with a quote.
        sides: The sentences.
        of_one_event: Leave out what was published days apart: things change.
    """
    apart: set[int] = set()
    for (at, one), (there, other) in combinations(enumerate(sides), 2):
        if one.passage.origin_id == other.passage.origin_id:
            continue
        if of_one_event and not are_of_one_event([one, other]):
            continue
        if _denies(verifier, one, other) and _denies(verifier, other, one):
            apart |= {at, there}
    return [side for at, side in enumerate(sides) if at in apart]


def _denies(verifier: SentenceVerifier, one: Side, other: Side) -> bool:
    quote = other.quote
    alone = replace(other.passage, start=quote.start, end=quote.end, text=quote.quote)
    faults = {finding.fault for finding in verifier.verify(one.told.sentence.text, [alone]).faults}
    return bool(faults) and faults <= _CONTRADICTIONS


def newest_first(sides: Sequence[Side]) -> list[Side]:
    """The sides by when they happened, newest first, undated ones last."""
    return _by_age(sides, lambda side: side.when.start if side.when else None)


def latest_first(sides: Sequence[Side]) -> list[Side]:
    """The sides by when they were published, newest first, undated ones last."""
    return _by_age(sides, lambda side: side.published.start if side.published else None)


def _by_age(sides: Sequence[Side], when: Callable[[Side], datetime | None]) -> list[Side]:
    def age(side: Side) -> float:
        moment = when(side)
        return -moment.timestamp() if moment else float("inf")

    return sorted(sides, key=age)


def origins_of(citations: Sequence[Citation], origin_by_article: Mapping[str, str]) -> set[str]:
    """The origins that are cited."""
    return {origin_by_article.get(one.article_id, one.article_id) for one in citations}

"""What verified sentences amount to: one answer, a dated list of several, or sides that disagree.

Nothing is merged: each side keeps its own sentence, its date and its quote. What the offline
reader found beside them is not lost because a model told only one of several answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.answer import Answer, Citation, Question, Sentence, Status, Told
from bot.freshness import asks_about_now
from bot.telling import tell
from bot.writer.ruling import rule
from bot.writer.sides import (
    SentenceVerifier,
    Side,
    are_of_one_event,
    find_contradictions,
    find_rivals,
    latest_first,
    newest_first,
    origins_of,
    read_sides,
)
from index.dates import describe
from index.dates.question import read_period

_LONGEST_LEAD = 40
_SEVERAL = frozenset({Status.AMBIGUOUS, Status.CONFLICTING})


@dataclass(frozen=True, slots=True)
class Settled:
    """The sentences in the order in which they are shown, with how they stand to each other."""

    status: Status
    told: tuple[Told, ...]
    """Numbered by first mention."""


class Settler:
    """Settles what was told about one question."""

    def __init__(self, verifier: SentenceVerifier) -> None:
        self._verifier = verifier

    def settle(
        self, question: Question, told: Sequence[Told], offline: Answer, said: str | None = None
    ) -> Settled:
        """Settle sentences that were let through; at least one.

        Args:
            question: What was asked.
            told: The sentences as the model told them.
            offline: What the offline reader made of the question, with the passages shown.
            said: The `Yes` or `No` that the model opened with; rules must bear it out.
        """
        sides = read_sides(question.text, told, offline.passages)
        if ruled := rule(question.text, sides, said, self._verifier):
            return Settled(Status.ANSWERED, _opened(ruled, renumber(told)))
        if wants_newest(question):
            # What was before is still said, after what is now.
            return Settled(Status.ANSWERED, renumber([one.told for one in newest_first(sides)]))
        rivals = find_rivals(question.text, [*sides, *self._missed(question, sides, offline)])
        if len(rivals) > 1:
            is_conflict = offline.status is not Status.AMBIGUOUS and are_of_one_event(rivals)
            status = Status.CONFLICTING if is_conflict else Status.AMBIGUOUS
            return _list(status, rivals, sides)
        if apart := find_contradictions(self._verifier, sides):
            return _list(Status.CONFLICTING, apart, sides)
        listed = _listed_offline(sides, offline)
        if len(listed) > 1:
            return _list(offline.status, listed, sides)
        return Settled(Status.ANSWERED, renumber(told))

    def _missed(self, question: Question, sides: Sequence[Side], offline: Answer) -> list[Side]:
        """Answers of the offline reader's list of which the model told only some.

        Where the model told something else altogether, the list was not what was asked for.
        """
        if offline.status not in _SEVERAL:
            return []
        origins = {one.article_id: one.origin_id for one in offline.passages}
        shown = {side.passage.origin_id for side in sides}
        listed = origins_of(offline.citations, origins)
        if not listed & shown:
            return []
        missed = [one for one in tell(offline) if not origins_of(one.citations, origins) & shown]
        return read_sides(question.text, [_without_lead(one) for one in missed], offline.passages)


def _opened(ruled: str, told: Sequence[Told]) -> tuple[Told, ...]:
    first, *rest = told
    sentence = replace(first.sentence, text=f"{ruled}: {first.sentence.text}")
    return (replace(first, sentence=sentence), *rest)


def _listed_offline(sides: Sequence[Side], offline: Answer) -> list[Side]:
    """The sides, one for each story, that stand on what the offline reader listed as several."""
    if offline.status not in _SEVERAL:
        return []
    listed = {one.article_id for one in offline.citations}
    by_origin: dict[str, Side] = {}
    for side in sides:
        if side.passage.article_id in listed:
            by_origin.setdefault(side.passage.origin_id, side)
    return list(by_origin.values())


def wants_newest(question: Question) -> bool:
    """Whether only the newest of several answers is wanted."""
    asked_at = question.as_of or datetime.now(UTC)
    latest = read_period(question.text, asked_at).wants_latest
    return latest or asks_about_now(question.text)


def _without_lead(told: Told) -> Told:
    """The offline reader's "14 November 2023: He led it." without its date."""
    lead, colon, rest = told.sentence.text.partition(": ")
    is_lead = colon and len(lead) < _LONGEST_LEAD and lead.rstrip()[-4:].isdigit()
    return replace(told, sentence=replace(told.sentence, text=rest)) if is_lead else told


def _list(status: Status, rivals: Sequence[Side], sides: Sequence[Side]) -> Settled:
    """The rivals, newest first, each under its date; then what else was told."""
    order = latest_first if status is Status.CONFLICTING else newest_first
    listed = [_dated(status, side) for side in order(rivals)]
    chosen = {id(side) for side in rivals}
    rest = [side.told for side in sides if id(side) not in chosen]
    return Settled(status, renumber([*listed, *rest]))


def _dated(status: Status, side: Side) -> Told:
    when = describe(side.when) if side.when else "undated"
    if status is Status.CONFLICTING:
        day = f"{side.published.start:%-d %B %Y}" if side.published else "undated"
        when = f"{_plain(side.passage.outlet) or 'unknown outlet'}, {day}"
    sentence = side.told.sentence
    if sentence.text.startswith(f"{when}: "):
        return side.told
    return replace(side.told, sentence=replace(sentence, text=f"{when}: {sentence.text}"))


def _plain(outlet: str | None) -> str:
    return " ".join((outlet or "").split())[:80]


def renumber(told: Sequence[Told]) -> tuple[Told, ...]:
    """The same sentences with their quotes numbered from 1 by first mention."""
    number_by_span: dict[tuple[str, str, int, int], int] = {}
    numbered = []
    for one in told:
        citations = tuple(_numbered(citation, number_by_span) for citation in one.citations)
        numbers = tuple(sorted({citation.number for citation in citations}))
        numbered.append(Told(Sentence(one.sentence.text, numbers), citations))
    return tuple(numbered)


def _numbered(citation: Citation, number_by_span: dict[tuple[str, str, int, int], int]) -> Citation:
    span = (citation.article_id, citation.version, citation.start, citation.end)
    return replace(citation, number=number_by_span.setdefault(span, len(number_by_span) + 1))

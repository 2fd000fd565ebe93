"""What a question asks the archive for: its words, the outlets and dates it names, and its parts.

"Did The Verge's report on X agree with TechCrunch's on Y?" is two searches, not one: each part of
a compound question is looked for on its own, in the outlet that it names. Nothing here searches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from index.dates import QuestionTime, read_period
from index.names import Name, find_names
from index.search.outlets import OutletDirectory, OutletMention

# Words that say how a question is put, not what it is about.
STOP_WORDS = frozenset(
    """
    a an the of in on at by for to from with without and or but nor as is are was were be been
    being am it its itself he she they them him his her hers their theirs this that these those
    there here which who whom whose what when where why how do does did done has have had having
    not no into about between over after before while also than then would could should will
    shall can may might must such any some other more most i you we me my us our your one ones
    both each either all if so because during through up down out off under again further same
    own too very just only s t many much
    """.split()
)
# Words about reporting: in "according to the article" they tell nothing, in "when was the report
# published" they do, so they count for little rather than nothing.
_REPORTING_WORDS = frozenset(
    """
    article articles report reports reported reporting story stories piece pieces according
    discussed discusses mention mentioned mentions published publish suggest suggests suggested
    claim claims claimed state states stated news source sources described describes covered
    covers coverage information considering indicate indicates regarding individual identified
    highlighted noted featured respectively tell tells told say says saying said take takes took
    taken place happen happens happened occur occurred make makes made get gets got
    """.split()
)
_REPORTING_WEIGHT = 0.3

_PART_BREAK = re.compile(
    r"[,;:?]\s+"
    r"|\s+(?:while|whereas|but|compared\s+(?:to|with)|in\s+contrast\s+to|as\s+well\s+as|and)\s+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# Fewer telling words than this make no search of their own.
_LEAST_PART_WORDS = 2
_COMPOUND_WORDS = 16
_MOST_PARTS = 8


class Analyzer(Protocol):
    """The lexical index's own idea of a term."""

    def analyze(self, text: str) -> list[str]:
        """Terms of `text`, in order: lower-cased, folded, stemmed."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a question asks for, as a search of its own."""

    text: str
    weights: dict[str, float]
    """How much each term of the lexical index counts."""
    outlets: frozenset[str]
    """Keys of the outlets named in this part, else of those named in the whole question."""
    periods: tuple[tuple[datetime | None, datetime | None], ...]
    """First and last instants of each time that this part names; None where it is open."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question, read."""

    whole: Part
    parts: tuple[Part, ...]
    """Empty unless the question is compound."""
    names: tuple[Name, ...]
    mentions: tuple[OutletMention, ...]
    time: QuestionTime
    asked_at: datetime
    """The moment from which it is asked, aware."""

    @property
    def is_compound(self) -> bool:
        """True when the question asks for several things that may stand in several articles."""
        return len(self.parts) > 1

    @property
    def missing_outlets(self) -> tuple[str, ...]:
        """Outlets that the question names and the library does not hold, as written."""
        return tuple(mention.text for mention in self.mentions if not mention.outlets)


class QueryReader:
    """Reads questions against one library's outlets and terms."""

    def __init__(self, analyzer: Analyzer, outlets: OutletDirectory) -> None:
        self._analyzer = analyzer
        self._outlets = outlets

    def read(self, question: str, now: datetime) -> Query:
        """Read `question`, its relative dates against `now` (aware)."""
        mentions = tuple(self._outlets.find(question))
        time = read_period(question, now)
        whole = self._part(question, 0, len(question), mentions, time, frozenset())
        named = {outlet for mention in mentions for outlet in mention.outlets}
        parts: list[Part] = []
        if _is_compound(mentions, whole):
            spans = _cut_parts(question)
            parts = [self._part(question, a, b, mentions, time, frozenset(named)) for a, b in spans]
            parts = [part for part in parts if _telling(part) >= _LEAST_PART_WORDS]
        return Query(
            whole=whole,
            parts=tuple(parts[:_MOST_PARTS]) if len(parts) > 1 else (),
            names=tuple(find_names(question, lenient=question == question.lower())),
            mentions=mentions,
            time=time,
            asked_at=now,
        )

    def _part(
        self,
        question: str,
        start: int,
        end: int,
        mentions: Sequence[OutletMention],
        time: QuestionTime,
        inherited: frozenset[str],
    ) -> Part:
        text = question[start:end]
        own = {
            outlet
            for mention in mentions
            if start <= mention.start < end
            for outlet in mention.outlets
        }
        periods = tuple(
            (asked.earliest, asked.latest)
            for asked in time.mentions
            if asked.mention.period and start <= asked.mention.start < end
        )
        return Part(text, self.weigh(text), frozenset(own) or inherited, periods)

    def weigh(self, text: str) -> dict[str, float]:
        """Terms of `text` with their weights; stop words are left out unless nothing remains."""
        weights: dict[str, float] = {}
        words = _WORD.findall(text)
        telling = [word for word in words if word.lower() not in STOP_WORDS] or words
        for word in telling:
            weight = _REPORTING_WEIGHT if word.lower() in _REPORTING_WORDS else 1.0
            for term in self._analyzer.analyze(word):
                weights[term] = max(weight, weights.get(term, 0.0))
        return weights


def asks_anything(question: str) -> bool:
    """Whether a question has a word that tells what it is about; "who?" has none."""
    return any(word.lower() not in STOP_WORDS for word in _WORD.findall(question))


def _is_compound(mentions: Sequence[OutletMention], whole: Part) -> bool:
    return len(mentions) > 1 or _telling(whole) >= _COMPOUND_WORDS


def _telling(part: Part) -> int:
    return sum(weight == 1.0 for weight in part.weights.values())


def _cut_parts(question: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for found in _PART_BREAK.finditer(question):
        # "September 26, 2023" is one date.
        if found[0].startswith(",") and question[found.end() : found.end() + 4].isdigit():
            continue
        spans.append((start, found.start()))
        start = found.end()
    spans.append((start, len(question)))
    return [(a, b) for a, b in spans if question[a:b].strip()]

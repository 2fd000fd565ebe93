"""What can be checked in a sentence: its words, names, numbers, times, and who says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.evidence import collect_candidates
from bot.verify.frames import Frame, find_frames
from bot.verify.lexicon import folded, is_light
from bot.verify.words import Word, read_words
from index.article import Passage
from index.dates import Period, TimeMention, find_times
from index.moment import Moment
from index.names import Kind, Name, find_names
from index.quantities import Quantity, QuantityKind, find_quantities
from index.sentences import split_sentences

_Item = TypeVar("_Item", Name, Quantity, TimeMention)
_CAPITALISED = re.compile(r"(?<![\w’'-])[A-ZÀ-Þ][^\W\d_]+(?![\w-])")
_LOWER = re.compile(r"(?<![\w’'-])[a-zß-ÿ][^\W\d_]+")
_FIRST_DAY = re.compile(r"(\d{1,2})[-–]$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence, read. Every offset counts characters of `text`."""

    text: str
    words: tuple[Word, ...]
    names: tuple[Name, ...]
    quantities: tuple[Quantity, ...]
    times: tuple[TimeMention, ...]
    frames: tuple[Frame, ...]
    roots: frozenset[str]
    """Of every word, those in names too."""

    def frame_of(self, place: int) -> Frame | None:
        """The frame that the word at `place` stands in."""
        return next((frame for frame in self.frames if place in frame.scope), None)

    def says(self, phrase: str) -> bool:
        """Whether the words of `phrase` stand in the sentence as they are, in any case."""
        wanted = _SPACE.sub(" ", phrase.casefold()).strip()
        pattern = rf"(?<![\w.,]){re.escape(wanted)}(?!\w)"
        return bool(re.search(pattern, _SPACE.sub(" ", self.text.casefold())))


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a cited passage."""

    passage: Passage
    start: int
    """Offset in the version's body."""
    reading: Reading


@dataclass(frozen=True, slots=True)
class Source:
    """A cited passage, read."""

    passage: Passage
    statements: tuple[Statement, ...]
    title: Reading | None
    roots: frozenset[str]
    """Of every word of its sentences."""
    plain_roots: frozenset[str]
    """Of the words that are no part of a name, the title's too."""
    name_kinds: Mapping[str, Kind]
    """What the folded words of its names stand for."""

    def around(self, statement: Statement) -> tuple[Statement, ...]:
        """The sentences next to one, where a quotation that goes on has its speaker."""
        place = self.statements.index(statement)
        return (
            *self.statements[place + 1 : place + 3],
            *self.statements[max(0, place - 1) : place],
        )

    def before(self, statement: Statement, count: int) -> tuple[Statement, ...]:
        """Up to `count` sentences before one, the nearest first."""
        place = self.statements.index(statement)
        return self.statements[max(0, place - count) : place][::-1]


def read_claim(text: str, published: Moment | None, sources: Sequence[Source] = ()) -> Reading:
    """Read a sentence of an answer.

    Days without a year are read as the cited story's. A word with a capital that is part of a
    name in the sources is a name: a lone surname cannot be told from a word otherwise.
    """
    times = [_as_shown(time, text) for time in find_times(text, published)]
    kinds = {word: kind for source in sources for word, kind in source.name_kinds.items()}
    names = _with_known(text, find_names(text), kinds)
    return _read(text, names, find_quantities(text), times)


def _with_known(text: str, found: Sequence[Name], kinds: Mapping[str, Kind]) -> list[Name]:
    """The names found, and the words with a capital that are part of a name elsewhere."""
    known = [
        Name(word.start(), word.end(), word[0], kinds[folded(word[0])], True)
        for word in _CAPITALISED.finditer(text)
        if folded(word[0]) in kinds
        and not any(one.start < word.end() and word.start() < one.end for one in found)
    ]
    return sorted([*found, *known], key=lambda name: name.start)


def _kinds_of_words(text: str, names: Iterable[Name]) -> dict[str, Kind]:
    """What the words of sure names stand for, unless they are ordinary words of the text too."""
    lower = frozenset(folded(word) for word in _LOWER.findall(text))
    return {
        folded(word): name.kind
        for name in names
        if name.certain
        for word in name.text.split()
        if folded(word) not in lower and not is_light(folded(word))
    }


def _as_shown(time: TimeMention, text: str) -> TimeMention:
    """Read "week of 13 November 2023" and "18-19 July 2024", as periods are shown, whole."""
    if time.period is None:
        return time
    first_day = time.period.start.date()
    if text[: time.start].endswith("week of "):
        return replace(time, period=Period.week(first_day))
    opening = _FIRST_DAY.search(text, max(0, time.start - 3), time.start)
    if opening and 0 < int(opening[1]) < first_day.day:
        first = Period.days(first_day.replace(day=int(opening[1])))
        return replace(time, start=opening.start(), period=first.until(time.period))
    return time


def read_source(passage: Passage) -> Source:
    """Read a passage sentence by sentence; names are found with the whole passage in view."""
    names, quantities = find_names(passage.text), find_quantities(passage.text)
    kinds = _kinds_of_words(passage.text, names)
    names = _with_known(passage.text, names, kinds)
    times = find_times(passage.text, passage.published)
    statements = []
    for start, end in _sentence_spans(passage):
        reading = _read(
            passage.text[start:end],
            _within(names, start, end),
            _within(quantities, start, end),
            _times_of(passage, times, start, end),
        )
        statements.append(Statement(passage, passage.start + start, reading))
    title = read_claim(passage.title, passage.published) if passage.title else None
    roots = frozenset[str]().union(*(one.reading.roots for one in statements))
    readings = [one.reading for one in statements] + ([title] if title else [])
    plain = frozenset(
        word.root for reading in readings for word in reading.words if not word.is_name
    )
    return Source(passage, tuple(statements), title, roots, plain, kinds)


def _times_of(
    passage: Passage, times: Sequence[TimeMention], start: int, end: int
) -> list[TimeMention]:
    """The times of a sentence; what the whole passage leaves open, the sentence may settle."""
    alone = {
        (time.start, time.end): time
        for time in find_times(passage.text[start:end], passage.published)
    }
    return [
        time if time.period else alone.get((time.start, time.end), time)
        for time in _within(times, start, end)
    ]


def _sentence_spans(passage: Passage) -> list[tuple[int, int]]:
    """Where the sentences that may prove something stand in the passage's text.

    As for the offline reader: without datelines, none of a hostile passage. Sentences of three
    words answer no question, but do prove a claim ("Schools remain open.").
    """
    found = {
        (one.start - passage.start, one.end - passage.start)
        for one in collect_candidates([passage])
    }
    ends = {end for _, end in found}
    short = {tuple(span) for span in split_sentences(passage.text) if span.end not in ends}
    return sorted(found | {(start, end) for start, end in short if found and end - start > 3})


def _within(items: Iterable[_Item], start: int, end: int) -> list[_Item]:
    return [
        replace(item, start=item.start - start, end=item.end - start)
        for item in items
        if start <= item.start and item.end <= end
    ]


def _read(
    text: str,
    names: Sequence[Name],
    quantities: Sequence[Quantity],
    times: Sequence[TimeMention],
) -> Reading:
    apart = [
        one for one in quantities if one.kind is QuantityKind.DURATION or not _touches(one, times)
    ]
    names = [one for one in names if not _touches(one, times) and not _is_unit(one, apart)]
    words = read_words(
        text,
        [(name.start, name.end) for name in names],
        [*((one.start, one.end) for one in apart), *((one.start, one.end) for one in times)],
    )
    return Reading(
        text,
        words,
        tuple(names),
        tuple(apart),
        tuple(times),
        find_frames(text, words),
        frozenset(word.root for word in words),
    )


def _is_unit(name: Name, quantities: Sequence[Quantity]) -> bool:
    """Whether it is the "Celsius" of "41.3 degrees Celsius"."""
    return any(one.start < name.start and name.end <= one.end for one in quantities)


def _touches(item: Quantity | Name, times: Sequence[TimeMention]) -> bool:
    return any(time.start < item.end and item.start < time.end for time in times)

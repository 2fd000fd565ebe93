"""Paragraphs that a careless page prints twice.

A page may carry its story's first lines as a teaser, glued together without spaces, and again
as paragraphs. What is dropped says nothing that is not said elsewhere in the same text.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from index.sentences import split_sentences
from index.sources.dateline import find_dateline

_WORD = re.compile(r"\w+")
_GLUED = re.compile(r"[^\W\d_]{2}[.!?][\"”’]?[^\W\d_]")
# "Yes, he said." may well be said twice; a line of eight words is not repeated by chance.
_FEWEST_WORDS = 8
# A longer paragraph is a whole text without line ends: no page prints that twice by accident.
_LONGEST = 50_000


@dataclass(frozen=True, slots=True)
class _Candidate:
    place: int
    sentences: tuple[str, ...]
    is_glued: bool
    has_dateline: bool


def drop_repeats(paragraphs: list[str]) -> list[str]:
    """Drop each paragraph all of whose sentences stand in paragraphs that are kept.

    Of two that say the same, the one with the dateline is kept, then the one that is properly
    separated, then the first.
    """
    read = [_read(place, paragraph) for place, paragraph in enumerate(paragraphs)]
    uses = Counter(key for candidate in read for key in set(candidate.sentences))
    dropped: set[int] = set()
    for candidate in sorted(read, key=_worth):
        if _word_count(candidate) >= _FEWEST_WORDS and all(
            uses[key] > 1 for key in candidate.sentences
        ):
            dropped.add(candidate.place)
            uses.subtract(set(candidate.sentences))
    return [paragraph for place, paragraph in enumerate(paragraphs) if place not in dropped]


def _worth(candidate: _Candidate) -> tuple[bool, bool, int, int]:
    """Sorts what is dropped first to the front."""
    return (
        not candidate.is_glued,
        candidate.has_dateline,
        -len(candidate.sentences),
        -candidate.place,
    )


def _read(place: int, paragraph: str) -> _Candidate:
    dateline = find_dateline(paragraph)
    story = paragraph[dateline.end :] if dateline else paragraph
    if len(story) > _LONGEST:
        return _Candidate(place, (), is_glued=False, has_dateline=dateline is not None)
    keys = tuple(comparable(span.of(story)) for span in split_sentences(story))
    is_glued = len(keys) > 1 and _GLUED.search(story) is not None
    return _Candidate(place, tuple(filter(None, keys)), is_glued, dateline is not None)


def _word_count(candidate: _Candidate) -> int:
    return sum(key.count(" ") + 1 for key in candidate.sentences)


def comparable(text: str) -> str:
    """The words alone, in one case: two prints of one sentence are equal."""
    return " ".join(_WORD.findall(text.casefold()))

"""The sentences of an answer, made to fit: shortened last to first, their marks never lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answer import Sentence
from bot.plain import plain_line
from bot.slack.view.limits import PARAGRAPH, shorten

# What the reader puts before an item of a dated list, or before one side of a conflict.
_LEAD = re.compile(
    r"(?P<lead>(?:\d{1,2}(?:[-–]\d{1,2})? )?(?:[A-Z][a-z]+ )?\d{4}|undated|Yes|No): (?P<rest>.+)",
    re.DOTALL,
)
_SHORTEST = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence as it is shown."""

    lead: str
    """What stands before it in bold: `11 December 2023`; often empty."""
    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """The sentences that fit."""

    lines: tuple[Line, ...]
    left_out: int
    """Sentences that found no room."""
    is_cut: bool
    """Whether a sentence that is shown was shortened."""


def fit_running(sentences: Sequence[Sentence], limit: int) -> Prose:
    """The first sentences of a text, whole: cut short, a sentence may say the opposite.

    Only a first sentence that is longer than `limit` characters is shortened.
    """
    kept: list[Line] = []
    room = limit
    longest = min(limit, PARAGRAPH)
    for sentence in sentences:
        line = _line(sentence)
        if kept and len(line.text) > min(room, longest):
            break
        kept.append(Line(line.lead, shorten(line.text, longest), line.numbers))
        room -= len(line.text) + 1
    is_cut = any(len(_line(one).text) > longest for one in sentences[:1])
    return Prose(tuple(kept), len(sentences) - len(kept), is_cut)


def fit_list(sentences: Sequence[Sentence], limit: int) -> Prose:
    """Items of equal right, each shortened alike; where even that is too much, the first ones."""
    lines = [_line(sentence) for sentence in sentences]
    most = max(1, limit // _SHORTEST)
    kept = lines[:most]
    share = max(_SHORTEST, limit // max(1, len(kept)))
    if sum(len(line.text) for line in kept) <= limit:
        share = limit
    share = min(share, PARAGRAPH)
    shown = tuple(Line(line.lead, shorten(line.text, share), line.numbers) for line in kept)
    return Prose(shown, len(lines) - len(kept), any(len(line.text) > share for line in kept))


def _line(sentence: Sentence) -> Line:
    words = plain_line(sentence.text)
    found = _LEAD.fullmatch(words)
    if found:
        return Line(found["lead"], found["rest"], sentence.citations)
    return Line("", words, sentence.citations)

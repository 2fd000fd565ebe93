"""Cuts what a model writes into sentences with their citation marks, while it is still writing.

A sentence is given out when nothing that is still to come can belong to it: half a mark is held
back, and so is a sentence whose next mark may follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.sentences import split_sentences

# What stands in brackets is a mark if every word of it has a digit, as keys and numbers do:
# "[k3f9a2c1d]", "[1, 2]", "[source 3]"; "[sic]" and "[the minister]" belong to the sentence.
# Words are possessive: a bracket of a thousand figures is given up at once. Groups are not, since
# possessive groups match wrongly in early releases of Python 3.11; they are bounded instead.
_WORD = r"(?=[#\w-]{0,40}\d)[#\w-]{1,60}+"
_WORDS = rf"{_WORD}(?:(?:[,;] ?| ){_WORD}){{0,9}}"
_MARK = re.compile(
    rf"[^\S\n]?\[ ?(?:(?:source|passage|key)s? )?(?P<keys>{_WORDS}) ?\]", re.IGNORECASE
)
_KEY = re.compile(r"[\w-]+")
_MOST_MARKS = 20
_MARKS = rf"(?:{_MARK.pattern.replace('?P<keys>', '?:')}){{1,{_MOST_MARKS}}}"
_CLOSERS = r"[\"'”’»)]*+"
_END = re.compile(
    # `it. [k1][k2] Next`, `it [k1]. Next`, or the end of a line.
    rf"[.!?…]{_CLOSERS}{_MARKS}(?=\s*+[^\s\[])|{_MARKS}[.!?…]{_CLOSERS}(?=\s++[^\s\[])|\n",
    re.IGNORECASE,
)
# What models put before a line in spite of being told not to.
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Sketch:
    """One sentence as the model wrote it, not yet checked."""

    text: str
    """On one line, without marks."""
    keys: tuple[str, ...]
    """What stood in its marks, in lower case, each once."""


class SentenceCutter:
    """Takes text as it arrives, gives sentences as they are complete."""

    def __init__(self, *, most_characters: int = 4_000) -> None:
        """`most_characters`: a sentence longer than this is a runaway."""
        self._held = ""
        self._most_characters = most_characters

    @property
    def is_overlong(self) -> bool:
        """Whether more is held back than any sentence has."""
        return len(self._held) > self._most_characters

    def feed(self, text: str) -> Iterator[Sketch]:
        """The sentences that `text` completes."""
        undecided = self._undecided()
        self._held += text
        start = 0
        for found in _END.finditer(self._held, undecided):
            yield from _cut(self._held[start : found.end()])
            start = found.end()
        self._held = self._held[start:]

    def _undecided(self) -> int:
        """The first place where an end may yet begin.

        No end goes over more brackets than it may have marks, so that of what came before it is
        known that none begins there. A model that writes marks without end costs no time so.
        """
        at = len(self._held)
        for _ in range(_MOST_MARKS + 2):
            at = self._held.rfind("[", 0, at)
            if at < 0:
                return 0
        return at

    def finish(self, *, is_whole: bool) -> Iterator[Sketch]:
        """What is left when the stream ends.

        Args:
            is_whole: Whether the model ended by itself. Of a reply that was cut, the rest counts
                only if it ends in marks.
        """
        rest, self._held = self._held, ""
        if is_whole or re.search(r"[\]】][.!?…]?[\"'”’»)]*\s*\Z", rest[-20:]):
            yield from _cut(rest)


def _cut(line: str) -> Iterator[Sketch]:
    """The sentences of a line; its marks belong to the last, after which they stand.

    A sentence before it in the same breath cites nothing: what the model did not cite is not
    cited for it.
    """
    line = _BULLET.sub("", line).replace("**", "")
    marks = list(_MARK.finditer(line))
    keys = dict.fromkeys(key.lower() for mark in marks for key in _KEY.findall(mark["keys"]))
    text = " ".join(_MARK.sub("", line).split())
    spans = split_sentences(text)
    for span in spans[:-1]:
        yield Sketch(span.of(text), ())
    if spans:
        yield Sketch(spans[-1].of(text), tuple(keys))

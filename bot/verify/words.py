"""The words of one sentence, with what its own grammar does to their sense.

Negation and doubt are read by rules: a cue governs what follows it in its clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.verify.lexicon import (
    CLAUSE_WORDS,
    DOUBTS,
    LONGEST_PHRASE,
    NEGATIONS,
    PHRASES,
    PLANS,
    folded,
    is_light,
    is_negated_inside,
    root,
    sides,
)

_WORD = re.compile(r"\w+(?:['’.,-]\w+)*(?:['’](?!\w))?")
_BREAK = re.compile(r"[,;:()\[\]—–“”\"]|\s--?\s")
_DETERMINERS = frozenset("a an the this that its his her their any no new another".split())
_BE = frozenset({"is", "are", "was", "were", "be", "been"})
# How many words of sense a cue reaches over: a clause of news prose seldom has more.
_NEGATION_REACH = 6
_FALLS_SHORT = frozenset({"nearly", "almost"})
_DOUBT_REACH = 8


@dataclass(frozen=True, slots=True)
class Word:
    """One word where it stands in its sentence."""

    start: int
    end: int
    key: str
    """Folded; the word of a phrase that it was read as."""
    root: str
    """What it is compared by."""
    is_content: bool
    """It says something, and is no part of a name, a number or a time."""
    is_item: bool
    """It is part of a name, a number or a time."""
    is_name: bool
    after_break: bool
    """Punctuation that parts clauses stands before it."""
    is_negated: bool = False
    doubt: int = 0
    """0 a fact, 1 foreseen, 2 only possible."""

    @property
    def has_sense(self) -> bool:
        """Whether it may be looked for in another sentence: not "the", not "was"."""
        return self.is_content or self.is_item

    @property
    def sides(self) -> tuple[tuple[str, int], ...]:
        """Axes of opposites it lies on, with its side as it is meant: turned by negation."""
        found = sides(self.key)
        return tuple((axis, -side) for axis, side in found) if self.is_negated else found


_ITEM, _NAME = 1, 2


def read_words(
    text: str, names: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]
) -> tuple[Word, ...]:
    """The words of a sentence; the spans are those of its names, and of its numbers and times."""
    covered = bytearray(len(text))
    for mark, spans in ((_ITEM, others), (_NAME, names)):
        for start, end in spans:
            covered[start:end] = bytes([mark]) * (end - start)
    words: list[Word] = []
    last_end = 0
    for found in _WORD.finditer(text):
        gap = text[last_end : found.start()]
        for key, start, end in _parts(found):
            words.append(_word(key, start, end, gap, covered[start]))
            gap = ""
        last_end = found.end()
    return tuple(_with_doubt(_with_negation(_with_phrases(words))))


def _parts(found: re.Match[str]) -> list[tuple[str, int, int]]:
    key, start, end = folded(found[0]), found.start(), found.end()
    if key.endswith("n't") and key != "n't":
        verb = {"can't": "can", "won't": "will", "cannot": "can"}.get(key, key[:-3])
        return [(verb, start, end - 3), ("not", end - 3, end)]
    if key == "cannot":
        return [("can", start, start + 3), ("not", start + 3, end)]
    return [(key, start, end)]


def _word(key: str, start: int, end: int, gap: str, mark: int) -> Word:
    is_item = mark > 0
    is_content = not is_item and not is_light(key) and any(letter.isalpha() for letter in key)
    is_break = bool(_BREAK.search(gap))
    return Word(start, end, key, root(key), is_content, is_item, mark == _NAME, is_break)


def _with_phrases(words: list[Word]) -> list[Word]:
    """Read "lost their lives" as "died"."""
    read: list[Word] = []
    place = 0
    while place < len(words):
        size, keys = _phrase_at(words, place)
        if not keys:
            read.append(words[place])
        for key in keys:
            is_content = not is_light(key)
            read.append(
                replace(
                    words[place],
                    end=words[place + size - 1].end,
                    key=key,
                    root=root(key),
                    is_content=is_content,
                    is_item=False,
                    is_name=False,
                )
            )
        place += size
    return read


def _phrase_at(words: Sequence[Word], place: int) -> tuple[int, tuple[str, ...]]:
    for size in range(min(LONGEST_PHRASE, len(words) - place), 1, -1):
        keys = PHRASES.get(tuple(word.key for word in words[place : place + size]))
        if keys:
            return size, keys
    return 1, ()


def reach(words: Sequence[Word], cue: int, limit: int) -> range:
    """The words that a cue governs: to the end of its clause, `limit` words of sense at most."""
    count = 0
    for place in range(cue + 1, len(words)):
        word = words[place]
        ends = word.after_break or (word.key in CLAUSE_WORDS and count > 0)
        if ends or count == limit:
            return range(cue + 1, place)
        count += word.has_sense
    return range(cue + 1, len(words))


def negated_by(words: Sequence[Word], cue: int) -> range:
    """The words whose sense the negation at `cue` turns; empty if no negation stands there."""
    word = words[cue]
    if is_negated_inside(word.key):
        return range(cue, cue + 1)
    if word.key in NEGATIONS and not word.is_item:
        return reach(words, cue, _NEGATION_REACH)
    if word.key in _FALLS_SHORT and _is_deed(words[cue + 1 : cue + 2]):
        # "Was nearly killed" is no "was killed"; "nearly 300" is another matter.
        return range(cue + 1, cue + 2)
    return range(0)


def _is_deed(following: Sequence[Word]) -> bool:
    return any(word.is_content and word.key.endswith("ed") for word in following)


def doubted_by(words: Sequence[Word], cue: int) -> tuple[range, int]:
    """The words that the cue makes doubtful, and how much; an empty range if it is no cue."""
    word = words[cue]
    level = 0
    if cue and words[cue - 1].key in _DETERMINERS:
        # "The plan", "a claim": a thing, and no doubt.
        return range(0), 0
    if word.key in DOUBTS and not word.is_item:
        level = 2
    elif word.key in PLANS or _is_arranged(words, cue):
        level = 1
    return (reach(words, cue, _DOUBT_REACH), level) if level else (range(0), 0)


def _is_arranged(words: Sequence[Word], cue: int) -> bool:
    """Whether it opens "is to open", "set to open" or "set for May"."""
    following = words[cue + 1].key if cue + 1 < len(words) else ""
    return (words[cue].key in _BE and following == "to") or (
        words[cue].key == "set" and following in {"to", "for"}
    )


def _with_negation(words: list[Word]) -> list[Word]:
    turned = [False] * len(words)
    for cue in range(len(words)):
        for place in negated_by(words, cue):
            turned[place] = not turned[place]
    return [
        replace(word, is_negated=True) if is_turned else word
        for word, is_turned in zip(words, turned, strict=True)
    ]


def _with_doubt(words: list[Word]) -> list[Word]:
    levels = [0] * len(words)
    for cue in range(len(words)):
        places, level = doubted_by(words, cue)
        for place in places:
            levels[place] = max(levels[place], level)
    return [
        replace(word, doubt=level) if level else word
        for word, level in zip(words, levels, strict=True)
    ]

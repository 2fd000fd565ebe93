"""What an edit changed, sentence by sentence, as a reader would tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from index.article import Article
from index.sentences import split_sentences

# Sentences less alike than this were not reworded but replaced.
_LEAST_ALIKE = 0.4
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_FIELDS = ("title", "outlet", "byline", "dateline", "section", "language")


class Part(Enum):
    """What became of some words."""

    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Difference:
    """One sentence, or one field, that is not as it was."""

    before: str | None
    """None for a sentence that is new."""
    after: str | None
    """None for a sentence that is gone."""
    field: str | None = None
    """`title`, `byline`, …; None for the text."""

    def words(self) -> Iterator[tuple[Part, str]]:
        """The words in order, old ones before the new ones that stand in their place."""
        if self.before is None or self.after is None:
            text = self.before if self.after is None else self.after
            yield (Part.GONE if self.after is None else Part.NEW), text or ""
            return
        old, new = _WORD.findall(self.before), _WORD.findall(self.after)
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag == "equal":
                yield Part.KEPT, "".join(old[a:b])
                continue
            if a < b:
                yield Part.GONE, "".join(old[a:b])
            if c < d:
                yield Part.NEW, "".join(new[c:d])


def compare_versions(before: Article, after: Article) -> list[Difference]:
    """What is not as it was, fields first, then sentences in the order of the text."""
    return [*_compare_fields(before, after), *_compare_texts(before.body, after.body)]


def _compare_fields(before: Article, after: Article) -> Iterator[Difference]:
    for name in _FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Difference(old, new, name)
    times = [one.published.isoformat() if one.published else None for one in (before, after)]
    if times[0] != times[1]:
        yield Difference(times[0], times[1], "published")


def _compare_texts(before: str, after: str) -> Iterator[Difference]:
    old, new = _sentences(before), _sentences(after)
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from _pair(old[a:b], new[c:d])


def _pair(old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """Sentences that were reworded together; the others as gone and new."""
    left = list(old)
    for sentence in new:
        alike = [(_likeness(one, sentence), -place) for place, one in enumerate(left)]
        best, place = max(alike, default=(0.0, 0))
        if best < _LEAST_ALIKE:
            yield Difference(None, sentence)
            continue
        # Sentences keep their order: those before it were dropped.
        yield from (Difference(one, None) for one in left[:-place])
        yield Difference(left[-place], sentence)
        left = left[-place + 1 :]
    yield from (Difference(one, None) for one in left)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


def _sentences(body: str) -> list[str]:
    return [span.of(body) for span in split_sentences(body)]

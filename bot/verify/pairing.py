"""A part of a claim beside one sentence of a cited passage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from bot.verify.reading import Reading, Source, Statement
from bot.verify.words import Word
from index.dates import TimeMention
from index.names import Name
from index.quantities import Quantity

Item = Name | Quantity | TimeMention
_Item = TypeVar("_Item", Name, Quantity, TimeMention)
# How far back "he" and "the company" may point.
_LOOK_BACK = 4


@dataclass(frozen=True)
class Pairing:
    """What the checks compare. The places of `part` are those of `claim.words`."""

    claim: Reading
    part: tuple[int, ...]
    """In order; not always without gaps: an apposition may be taken out."""
    source: Source
    statement: Statement

    @property
    def told(self) -> Reading:
        """The article's sentence."""
        return self.statement.reading

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words of the part."""
        return tuple(self.claim.words[place] for place in self.part)

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The names of the part."""
        return self._of_part(self.claim.names)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """The quantities of the part."""
        return self._of_part(self.claim.quantities)

    @cached_property
    def times(self) -> tuple[TimeMention, ...]:
        """The times of the part."""
        return self._of_part(self.claim.times)

    @cached_property
    def shared(self) -> frozenset[str]:
        """Roots of the words of sense that both use."""
        told = {word.root for word in self.told.words if word.is_content}
        return frozenset(word.root for word in self.words if word.is_content) & told

    @cached_property
    def before(self) -> tuple[Statement, ...]:
        """The sentences that the article's pronouns may point to, nearest first."""
        return self.source.before(self.statement, _LOOK_BACK)

    def _of_part(self, items: Sequence[_Item]) -> tuple[_Item, ...]:
        starts = {word.start for word in self.words}
        return tuple(
            item for item in items if any(item.start <= start < item.end for start in starts)
        )


def places_of(item: Item, words: Sequence[Word]) -> list[int]:
    """The places of the words that an item is written with."""
    return [place for place, word in enumerate(words) if item.start <= word.start < item.end]


def spans_of(items: Sequence[Item]) -> list[tuple[int, int]]:
    """Where the items stand in their sentence."""
    return [(item.start, item.end) for item in items]

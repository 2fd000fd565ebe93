"""Puts passages forward that have one sentence telling much of what is asked.

A fused rank knows only of whole chunks. Whether the question's words, or those of one of its
parts, stand together in a sentence tells a passage that answers from one that mentions them.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from index.article import Passage
from index.search.query import Part, Query
from index.sentences import split_sentences


class Terms(Protocol):
    """What the lexical index knows of words."""

    @property
    def document_count(self) -> int:
        """Chunks in the index."""
        ...

    def analyze(self, text: str) -> list[str]:
        """Terms of `text`, in order."""
        ...

    def document_frequency(self, term: str) -> int:
        """How many chunks hold the term."""
        ...


# A few chunks say little of how rare a word is in news: a smaller archive is taken for this large.
_LEAST_CHUNKS = 300


def weigh_by_rarity(weights: Mapping[str, float], terms: Terms) -> dict[str, float]:
    """Each term's weight times its inverse document frequency (BM25's, never negative)."""
    count = max(terms.document_count, _LEAST_CHUNKS)
    return {
        term: weight * math.log(1 + (count - df + 0.5) / (df + 0.5))
        for term, weight in weights.items()
        for df in [min(terms.document_frequency(term), count)]
    }


class SentenceTerms:
    """Which sentences of a text hold each term, remembered for the texts that were read last.

    Safe to use from many threads. Cutting and stemming sixty passages is half of a search, and
    questions of a day meet the same passages again and again.
    """

    def __init__(self, analyze: Callable[[str], list[str]], *, texts: int = 4_096) -> None:
        """Read with `analyze`, and remember so many texts: some 8 kB for each."""
        self._analyze = analyze
        self.of: Callable[[str], Mapping[str, tuple[int, ...]]] = lru_cache(texts)(self._cut)

    def _cut(self, text: str) -> Mapping[str, tuple[int, ...]]:
        places: dict[str, tuple[int, ...]] = {}
        for place, span in enumerate(split_sentences(text)):
            for term in set(self._analyze(span.of(text))):
                # The same few thousand terms stand in all texts.
                places[sys.intern(term)] = (*places.get(term, ()), place)
        return places


def best_sentences(
    query: Query, passages: Sequence[Passage], terms: Terms, sentences: SentenceTerms
) -> list[float]:
    """For each passage how much of the question its best sentence holds, 0 to 1.

    Measured by idf mass, of the whole question or of one of its parts, whichever is more.
    """
    masses = [_normalised(part, terms) for part in (query.whole, *query.parts)]
    return [_best_sentence(sentences.of(passage.text), masses) for passage in passages]


def _normalised(part: Part, terms: Terms) -> dict[str, float]:
    mass = weigh_by_rarity(part.weights, terms)
    total = sum(mass.values()) or 1.0
    return {term: value / total for term, value in mass.items()}


def _best_sentence(
    places: Mapping[str, Sequence[int]], masses: Sequence[Mapping[str, float]]
) -> float:
    best: float = 0
    for mass in masses:
        told: dict[int, float] = {}
        for term, value in mass.items():
            for place in places.get(term, ()):
                told[place] = told.get(place, 0) + value
        best = max(best, *told.values(), 0)
    return best

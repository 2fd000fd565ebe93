"""Puts passages forward that have one sentence telling much of what is asked.

A fused rank knows only of whole chunks. Whether the question's words, or those of one of its
parts, stand together in a sentence tells a passage that answers from one that mentions them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import lru_cache
from typing import Protocol

from index.article import Passage
from index.search.query import Part, Query
from index.sentences import split_sentences


class Frequencies(Protocol):
    """How rare words are."""

    @property
    def document_count(self) -> int:
        """Chunks in the index."""
        ...

    def document_frequency(self, term: str) -> int:
        """How many chunks hold the term."""
        ...


class Terms(Frequencies, Protocol):
    """What the lexical index knows of words."""

    def analyze(self, text: str) -> list[str]:
        """Terms of `text`, in order."""
        ...

    def analyze_each(self, texts: Sequence[str]) -> list[set[str]]:
        """The distinct terms of each of `texts`."""
        ...


# A few chunks say little of how rare a word is in news: a smaller archive is taken for this large.
_LEAST_CHUNKS = 300


def weigh_by_rarity(weights: Mapping[str, float], terms: Frequencies) -> dict[str, float]:
    """Each term's weight times its inverse document frequency (BM25's, never negative)."""
    count = max(terms.document_count, _LEAST_CHUNKS)
    return {
        term: weight * math.log(1 + (count - df + 0.5) / (df + 0.5))
        for term, weight in weights.items()
        for df in [min(terms.document_frequency(term), count)]
    }


class SentenceTerms:
    """The distinct terms of each sentence of a text, remembered for the texts read last.

    Safe to use from many threads. Cutting and stemming sixty passages is much of a search, and
    questions of a day meet the same passages again and again.
    """

    def __init__(
        self, analyze_each: Callable[[Sequence[str]], list[set[str]]], *, texts: int = 4_096
    ) -> None:
        """Read with `analyze_each`, and remember so many texts: some 8 kB for each."""
        self._analyze_each = analyze_each
        self.of: Callable[[str], Sequence[Set[str]]] = lru_cache(texts)(self._cut)

    def _cut(self, text: str) -> Sequence[Set[str]]:
        return self._analyze_each([span.of(text) for span in split_sentences(text)])


def best_sentences(
    query: Query, passages: Sequence[Passage], terms: Terms, sentences: SentenceTerms
) -> list[float]:
    """For each passage how much of the question its best sentence holds, 0 to 1.

    Measured by idf mass, of the whole question or of one of its parts, whichever is more.
    """
    masses = [_normalised(part, terms) for part in (query.whole, *query.parts)]
    asked = {term for mass in masses for term in mass}
    masses = [dict.fromkeys(asked, 0.0) | mass for mass in masses]
    return [_best_sentence(sentences.of(passage.text), asked, masses) for passage in passages]


def _normalised(part: Part, terms: Terms) -> dict[str, float]:
    mass = weigh_by_rarity(part.weights, terms)
    total = sum(mass.values()) or 1.0
    return {term: value / total for term, value in mass.items()}


def _best_sentence(
    sentences: Iterable[Set[str]], asked: Set[str], masses: Sequence[Mapping[str, float]]
) -> float:
    told = [shared for terms in sentences if (shared := terms & asked)]
    # An exact sum is the same in whatever order a set gives its terms.
    return max(
        (math.fsum(map(mass.__getitem__, shared)) for mass in masses for shared in told),
        default=0.0,
    )

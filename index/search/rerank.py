"""Puts passages forward that have one sentence telling much of what is asked.

A fused rank knows only of whole chunks. Whether the question's words, or those of one of its
parts, stand together in a sentence tells a passage that answers from one that mentions them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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


def weigh_by_rarity(weights: Mapping[str, float], terms: Terms) -> dict[str, float]:
    """Each term's weight times its inverse document frequency (BM25's, never negative)."""
    count = terms.document_count
    return {
        term: weight * math.log(1 + (count - df + 0.5) / (df + 0.5))
        for term, weight in weights.items()
        for df in [min(terms.document_frequency(term), count)]
    }


def best_sentences(query: Query, passages: Sequence[Passage], terms: Terms) -> list[float]:
    """For each passage how much of the question its best sentence holds, 0 to 1.

    Measured by idf mass, of the whole question or of one of its parts, whichever is more.
    """
    masses = [_normalised(part, terms) for part in (query.whole, *query.parts)]
    return [_best_sentence(passage.text, masses, terms) for passage in passages]


def _normalised(part: Part, terms: Terms) -> dict[str, float]:
    mass = weigh_by_rarity(part.weights, terms)
    total = sum(mass.values()) or 1.0
    return {term: value / total for term, value in mass.items()}


def _best_sentence(text: str, masses: Sequence[Mapping[str, float]], terms: Terms) -> float:
    best = 0.0
    for span in split_sentences(text):
        held = set(terms.analyze(span.of(text)))
        for mass in masses:
            best = max(best, sum(value for term, value in mass.items() if term in held))
    return best

"""Reads passages that another embedding model found.

The reader's confidence was fitted on the cosines of one embedded model; another's lie elsewhere
(OpenAI's between 0.2 and 0.6, that one's between 0.7 and 0.9), and it would withhold everything.
So the found passages are measured anew for the reader: fifteen cost half a second of CPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import numpy as np

from bot.answerer import PassageReader
from bot.reader import Reading
from bot.weighing import SideFinder
from index.article import Passage
from index.chunk import passage_text
from index.scope import Scope
from index.search.query import Query
from index.search.retrieve import Found


class PassageEmbedder(Protocol):
    """What measuring needs of an embedding model."""

    def embed_query(self, text: str) -> np.ndarray:
        """Unit vector, shape (dimensions,)."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, shape (texts, dimensions)."""
        ...


class GaugedReader:
    """A reader that is shown similarities by the model that it was fitted on."""

    def __init__(self, reader: PassageReader, embedder: PassageEmbedder) -> None:
        self._reader = reader
        self._embedder = embedder

    def read(self, found: Found) -> Reading:
        """Read the passages; what is shown of them keeps the scores that they were found by."""
        return self._reader.read(_gauge(found, self._embedder))


class GaugedFinder:
    """Finds passages, and shows similarities by the model that the reader was fitted on."""

    def __init__(self, finder: SideFinder, embedder: PassageEmbedder) -> None:
        self._finder = finder
        self._embedder = embedder

    def search(self, question: str, scope: Scope | None = None, *, limit: int = 12) -> Found:
        """The best passages that `scope` lets see."""
        return _gauge(self._finder.search(question, scope, limit=limit), self._embedder)

    def read(self, question: str, now: datetime | None = None) -> Query:
        """A question as it is understood, without a search."""
        return self._finder.read(question, now)


def _gauge(found: Found, embedder: PassageEmbedder) -> Found:
    if not found.passages:
        return found
    question = embedder.embed_query(found.query.whole.text)
    texts = [passage_text(one.title, one.outlet, one.published, one.text) for one in found.passages]
    similarities = embedder.embed_passages(texts) @ question
    passages = [
        _measured(passage, float(similarity))
        for passage, similarity in zip(found.passages, similarities, strict=True)
    ]
    return Found(found.query, passages)


def _measured(passage: Passage, similarity: float) -> Passage:
    return replace(passage, scores=replace(passage.scores, dense=similarity))

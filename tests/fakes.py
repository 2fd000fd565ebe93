"""What tests and the programs that they start store and embed, without the cost of a model.

Loads little: a trial starts dozens of processes that need only this.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Chunk
from index.embed import Embedder, ModelCard
from index.moment import Moment
from index.store.entry import Embeddings, Entry

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


class FakeEmbedder:
    """Texts that share words get near vectors: each word is hashed to a direction of its own."""

    def __init__(self, name: str = "hashing", dimensions: int = 32) -> None:
        self.card = ModelCard(name, f"sha256:{name:0<64}", dimensions, 256)

    def embed_query(self, text: str) -> Embeddings:
        vector: Embeddings = self.embed_passages([text])[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Embeddings:
        vectors = np.empty((len(texts), self.card.dimensions), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._embed(text)
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_words(text)) for text in texts]

    def _embed(self, text: str) -> NDArray[np.float64]:
        vector = np.zeros(self.card.dimensions)
        for word in _words(text) or [""]:
            vector += self._direction(word)
        return vector / np.linalg.norm(vector)

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
        return np.random.default_rng(seed).standard_normal(self.card.dimensions)


class RememberingEmbedder:
    """A model that runs each text once; a text's vector never depends on its neighbours.

    Tests ask a few questions of a few articles again and again, and an answer compares all that
    was found with the question. Safe to use from many threads.
    """

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self.card = model.card
        self._by_query: dict[str, Embeddings] = {}
        self._by_passage: dict[str, Embeddings] = {}

    def embed_query(self, text: str) -> Embeddings:
        if text not in self._by_query:
            self._by_query[text] = self._model.embed_query(text)
        return self._by_query[text].copy()

    def embed_passages(self, texts: Sequence[str]) -> Embeddings:
        new = [text for text in dict.fromkeys(texts) if text not in self._by_passage]
        self._by_passage.update(zip(new, self._model.embed_passages(new), strict=True))
        rows = [self._by_passage[text] for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), self.card.dimensions)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._model.count_tokens(texts)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def build_article(
    name: str = "a",
    body: str = "Kozlov led the delegation.\nIt arrived in Pyongyang on Tuesday.",
    *,
    title: str | None = "A visit",
    outlet: str | None = "The Harbour Post",
    published: str | None = "2023-11-16",
    modified: str | None = None,
) -> Article:
    """An article of `https://news.example/<name>`."""
    return Article(
        url=f"https://news.example/{name}",
        body=body,
        title=title,
        outlet=outlet,
        published=Moment.parse(published) if published else None,
        modified=Moment.parse(modified) if modified else None,
    )


def build_entry(article: Article, embedder: FakeEmbedder, *, origin_id: str = "") -> Entry:
    """The article with one chunk a line, and one band for equal bodies."""
    article_id, version = article.article_id, article.version
    chunks: list[Chunk] = []
    start = 0
    for line in article.body.splitlines(keepends=True):
        text = line.rstrip("\n")
        if text.strip():
            chunks.append(Chunk(article_id, version, len(chunks), start, text))
        start += len(line)
    embeddings = embedder.embed_passages([f"{article.title}\n{chunk.text}" for chunk in chunks])
    signature = hashlib.sha256(article.body.encode()).digest()
    band = int.from_bytes(signature[:7], "little")
    return Entry(article, tuple(chunks), embeddings, origin_id or article_id, signature, (band,))

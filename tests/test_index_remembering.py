"""An embedder that remembers gives the vectors that it would have made, and makes each once."""

from __future__ import annotations

import hashlib

import numpy as np

from index.embed import Floats, ModelCard
from index.remembering import RememberingEmbedder


class Counting:
    """Made-up unit vectors; keeps what it was asked for."""

    card = ModelCard("counting", "sha256:0", 8, 512)

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_query(self, text: str) -> Floats:
        return self.embed_passages([f"query: {text}"])[0]

    def embed_passages(self, texts: list[str]) -> Floats:
        self.embedded += texts
        rows = [list(hashlib.sha256(text.encode()).digest()[:8]) for text in texts]
        vectors = np.array(rows, np.float32).reshape(-1, 8)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text) for text in texts]


def test_each_sentence_and_question_is_embedded_once_and_as_before() -> None:
    bare, under = Counting(), Counting()
    remembering = RememberingEmbedder(under)
    for texts in (["a", "b", "a"], ["c", "a"], []):
        assert np.array_equal(remembering.embed_passages(texts), bare.embed_passages(texts))
    assert under.embedded == ["a", "b", "c"]
    for _ in range(2):
        assert np.array_equal(remembering.embed_query("a"), bare.embed_query("a"))
    assert under.embedded == ["a", "b", "c", "query: a"]


def test_a_question_is_forgotten_after_a_few_others() -> None:
    under = Counting()
    remembering = RememberingEmbedder(under)
    for number in [*range(20), 0]:
        remembering.embed_query(str(number))
    assert under.embedded.count("query: 0") == 2

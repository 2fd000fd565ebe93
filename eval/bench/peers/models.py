"""The embedding model that all systems share, and a stand-in where vectors may be made up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from index.embed import load_embedder


class Model(Protocol):
    """Text → unit vector."""

    def embed_query(self, text: str) -> np.ndarray:
        """Shape (dimensions,), float32."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (texts, dimensions), float32."""
        ...


class MadeUpModel:
    """A vector for each text, drawn around one of some centres by the text's hash."""

    def __init__(self, dimensions: int = 384, centres: int = 2_000) -> None:
        random = np.random.default_rng(3)
        self._centres = random.standard_normal((centres, dimensions), np.float32)

    def embed_query(self, text: str) -> np.ndarray:
        """Shape (dimensions,), float32."""
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        centre = self._centres[int.from_bytes(digest[:8], "little") % len(self._centres)]
        random = np.random.default_rng(int.from_bytes(digest[8:], "little"))
        vector = centre + 0.75 * random.standard_normal(len(centre), np.float32)
        unit: np.ndarray = vector / np.linalg.norm(vector)
        return unit

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (texts, dimensions), float32."""
        return np.stack([self.embed_query(text) for text in texts])


class CountingModel:
    """Embeds nothing, and counts what it was to embed."""

    def __init__(self) -> None:
        self._shipped = load_embedder()
        self.texts = 0
        self.tokens = 0
        """As the model reads them: cut at its window, without prefix and special tokens."""

    def embed_query(self, text: str) -> np.ndarray:  # noqa: ARG002  as the others
        """Any unit vector."""
        vector: np.ndarray = np.eye(1, self._shipped.card.dimensions, dtype=np.float32)[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        """Any unit vectors: shape (texts, dimensions)."""
        most = self._shipped.card.max_tokens
        self.texts += len(texts)
        self.tokens += sum(min(count, most) for count in self._shipped.count_tokens(texts))
        return np.tile(self.embed_query(""), (len(texts), 1))


def load_model(name: str) -> Model:
    """`e5`, the model that ships with Dateline, `made-up`, or `count`."""
    models: dict[str, Callable[[], Model]] = {"made-up": MadeUpModel, "count": CountingModel}
    return models.get(name, load_embedder)()

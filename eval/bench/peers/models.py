"""The embedding model that all systems share, and a stand-in where vectors may be made up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
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


def load_model(name: str) -> Model:
    """`e5`, the model that ships with Dateline, or `made-up`."""
    return MadeUpModel() if name == "made-up" else load_embedder()

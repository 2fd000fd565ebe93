"""An embedding model that remembers the questions and sentences that it embedded last.

A question is compared with chunks first and with their sentences next, and questions of a day meet
the same sentences again and again. A text has the same vector whenever it is embedded, so what is
remembered changes no answer.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from index.embed import Embedder, Floats, ModelCard

# 16 MB: a vector of 384 dimensions and a sentence are some 2 kB.
_SENTENCES = 8_192
# Those that are being answered: a question is not remembered for the next time it is asked.
_QUESTIONS = 16


class RememberingEmbedder:
    """Another's vectors, some of them made before. Safe to use from many threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._passages = _Vectors(_SENTENCES)
        self._questions = _Vectors(_QUESTIONS)

    @property
    def card(self) -> ModelCard:
        """The model behind it."""
        return self._embedder.card

    def embed_query(self, text: str) -> Floats:
        """Embed a question: shape (dimensions,), length one."""
        known = self._questions.get([text])
        if text not in known:
            known[text] = self._embedder.embed_query(text)
            self._questions.keep(known)
        return known[text]

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed passages in the given order: shape (texts, dimensions), each of length one."""
        known = self._passages.get(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            made = dict(zip(missing, self._embedder.embed_passages(missing), strict=True))
            self._passages.keep(made)
            known |= made
        rows = np.empty((len(texts), self.card.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = known[text]
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by itself, without special tokens and prefix."""
        return self._embedder.count_tokens(texts)


class _Vectors:
    """The vectors of the texts that were met last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, Floats] = {}
        self._changing = threading.Lock()

    def get(self, texts: Sequence[str]) -> dict[str, Floats]:
        with self._changing:
            kept = self._kept
            found = {text: kept.pop(text) for text in dict.fromkeys(texts) if text in kept}
            # Put back last: what is met again stays.
            kept |= found
        return found

    def keep(self, made: dict[str, Floats]) -> None:
        with self._changing:
            # Copies, which hold on to no larger array.
            self._kept |= {text: np.array(vector) for text, vector in made.items()}
            for oldest in list(self._kept)[: max(0, len(self._kept) - self._most)]:
                del self._kept[oldest]

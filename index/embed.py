"""Text to vectors with a model that ships with Dateline: no key, no network, no torch.

Knows the embedded models and how to run them; knows nothing of articles, chunks or indexes.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.errors import ModelError
from index.models import MODEL_FILE, MODELS, MULTILINGUAL_E5_SMALL, TOKENIZER_FILE, EmbeddedModel
from index.models.files import (
    available_processors,
    checked_path,
    open_session,
    open_tokenizer,
    plain,
)

Floats = NDArray[np.float32]

# The longest piece of either vocabulary has 18 characters, so a window of words is full long
# before this; it bounds what a text of many megabytes costs, since the tokenizer cuts last.
_CHARACTERS_PER_TOKEN = 64


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a library remembers of the model that its vectors came from."""

    name: str
    digest: str
    """`sha256:` over everything that shapes a vector: both files and the prefixes."""
    dimensions: int
    max_tokens: int
    """The longest passage, as `count_tokens` counts, that is read to its end."""


class Embedder(Protocol):
    """Turns questions and passages into vectors whose dot product is their cosine."""

    @property
    def card(self) -> ModelCard:
        """The model behind it."""
        ...

    def embed_query(self, text: str) -> Floats:
        """Embed a question: shape (dimensions,), length one."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed passages in the given order: shape (texts, dimensions), each of length one."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by itself, without special tokens and prefix."""
        ...


def load_embedder(name: str = MULTILINGUAL_E5_SMALL.name) -> OnnxEmbedder:
    """Choose an embedded model; its files are read when they are first needed.

    A process reads each model once, however many libraries it opens: that takes 0.2 s.

    Raises:
        ModelError: If no model of that name ships with Dateline.
    """
    if name not in MODELS:
        known = ", ".join(sorted(MODELS))
        raise ModelError(f"There is no embedded model {name!r}. Choose one of: {known}.")
    return _shipped_embedder(name)


@cache
def _shipped_embedder(name: str) -> OnnxEmbedder:
    return OnnxEmbedder(MODELS[name], MODELS[name].folder)


class OnnxEmbedder:
    """An embedded model on onnxruntime; every method may be called from any thread.

    Each text is run alone, and the texts share out the processors. int8 activations take one
    scale from all that runs together, so in a batch a vector would depend on its neighbours
    (cosine down to .995 against the same text alone), and a resumed ingest would differ from
    an undisturbed one. Alone is also cheaper: 31 chunks of 220 tokens a CPU second, against 29
    in batches of 4, 24 of 8 and 21 of 32 (2 cores of an AMD EPYC), since one text's activations
    stay in cache and nothing is padded; texts of 40 tokens cost a tenth more than in fours.

    Texts past the model's window are cut at its end. The tokenizer is loaded without the
    network's 40 MB, so counting tokens stays cheap.

    Loading, at the first call that needs a file, raises ModelError if it is missing or altered.
    """

    def __init__(self, model: EmbeddedModel, folder: Path, *, workers: int | None = None) -> None:
        """Name the model; nothing is read yet.

        Args:
            model: Which model, with the hashes that its files must have.
            folder: Where its two files are.
            workers: Texts that are run at a time; by default one for each available processor.
        """
        self._model = model
        self._folder = folder
        self._workers = workers or available_processors()
        self._loading = threading.Lock()
        self._tokenizer: Tokenizer | None = None
        self._network: Callable[[list[int]], Floats] | None = None

    @property
    def card(self) -> ModelCard:
        """The model behind it; no file is read."""
        model = self._model
        parts = (
            model.model_sha256,
            model.tokenizer_sha256,
            model.query_prefix,
            model.passage_prefix,
        )
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return ModelCard(model.name, f"sha256:{digest}", model.dimensions, model.text_tokens)

    def embed_query(self, text: str) -> Floats:
        """Embed a question.

        Returns:
            Shape (dimensions,), length one.
        """
        return self._embed(self._model.query_prefix + text)

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed passages; a text gets the same vector whatever stands beside it.

        Returns:
            Shape (texts, dimensions) in the order of the texts, each row of length one.
        """
        rows = np.empty((len(texts), self._model.dimensions), np.float32)
        if not texts:
            return rows
        prefixed = [self._model.passage_prefix + text for text in texts]
        # onnxruntime leaves the interpreter's lock while it computes, so threads are enough.
        with ThreadPoolExecutor(min(self._workers, len(texts)), "embed") as pool:
            # The longest first, so that no processor waits long for the last one.
            order = sorted(range(len(prefixed)), key=lambda at: -len(prefixed[at]))
            vectors = pool.map(self._embed, [prefixed[at] for at in order])
            for at, vector in zip(order, vectors, strict=True):
                rows[at] = vector
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by itself, without special tokens and prefix, and uncut."""
        tokenizer = self._load_tokenizer()
        # One by one: the batch call starts threads, and a later fork would print a warning.
        return [len(tokenizer.encode(plain(text), add_special_tokens=False)) for text in texts]

    def _embed(self, text: str) -> Floats:
        window = self._model.window_tokens
        cut = plain(text[: window * _CHARACTERS_PER_TOKEN])
        tokens = self._load_tokenizer().encode(cut).ids
        if len(tokens) > window:
            tokens = tokens[: window - 1] + tokens[-1:]  # the last one marks the end
        return self._load_network()(tokens)

    def _load_tokenizer(self) -> Tokenizer:
        with self._loading:
            if self._tokenizer is None:
                self._tokenizer = open_tokenizer(self._path(TOKENIZER_FILE))
            return self._tokenizer

    def _load_network(self) -> Callable[[list[int]], Floats]:
        with self._loading:
            if self._network is None:
                self._network = _open_network(self._path(MODEL_FILE))
            return self._network

    def _path(self, name: str) -> Path:
        return checked_path(self._model, self._folder, name)


def _open_network(path: Path) -> Callable[[list[int]], Floats]:
    """Open the graph as a function from token ids to a vector of length one."""
    session = open_session(path)

    def run(tokens: list[int]) -> Floats:
        ids = np.array([tokens], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        vector: Floats = session.run(["sentence_embedding"], feed)[0][0]
        return vector

    return run

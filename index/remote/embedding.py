"""Text to vectors by OpenAI, or by any server that speaks its protocol.

The `openai` client is used as it is: LlamaIndex's adapter makes spaces of newlines, asks for
base64, which not every server can, and costs 1.1 s of CPU more to import.
"""

from __future__ import annotations

import hashlib
import logging
import math
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embed import Embedder, Floats, ModelCard
from index.errors import ModelError
from index.remote.failures import Translator, refuse_other_types
from index.remote.patience import Clock, Deadline, RetryPolicy, ServerFailed
from index.remote.settings import EmbeddingServer

if TYPE_CHECKING:
    import httpx
    import openai

# OpenAI reads 8,191 tokens and answers a longer text with an error. Chunks are far shorter, so
# this bounds only questions; Chinese, the densest, has about one token a character.
_MOST_CHARACTERS = 8_000
# What all chunks are cut to, whatever model reads them.
_CHUNK_WINDOW_TOKENS = 500
# Lengths below this cannot be brought to one.
_LEAST_LENGTH = 1e-6

logger = logging.getLogger(__name__)


class RemoteEmbedder:
    """A model behind a server; every method may be called from any thread.

    Tokens are counted as `counter`, an embedded model, counts them: chunks are then cut alike
    whatever model reads them, and nothing is sent to count.

    Every failure is a ModelError that says what helps and holds no key.
    """

    def __init__(
        self,
        server: EmbeddingServer,
        counter: Embedder,
        *,
        policy: RetryPolicy | None = None,
        clock: Clock | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Name the server; nothing is sent yet. `transport` stands in for the network."""
        self._server = server
        self._transport = transport
        self._counter = counter
        self._policy = policy or RetryPolicy()
        self._clock = clock or Clock()
        self._translator = Translator("DATELINE_EMBEDDING", server.key, "JSON")
        self._opening = threading.Lock()
        self._client: openai.OpenAI | None = None

    @property
    def card(self) -> ModelCard:
        """The model, whatever server it is behind; nothing is sent."""
        server = self._server
        parts = (
            "remote",
            server.model,
            str(server.dimensions),
            server.query_prefix,
            server.passage_prefix,
        )
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return ModelCard(server.model, f"sha256:{digest}", server.dimensions, _CHUNK_WINDOW_TOKENS)

    def embed_query(self, text: str) -> Floats:
        """Embed a question: shape (dimensions,), length one.

        Raises:
            ModelError: If no vector could be had.
        """
        vector: Floats = self._embed([self._server.query_prefix + text])[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed passages: shape (texts, dimensions), in their order, each of length one.

        Raises:
            ModelError: If a vector could not be had; none is given then.
        """
        rows = np.empty((len(texts), self._server.dimensions), np.float32)
        prefixed = [self._server.passage_prefix + text for text in texts]
        step = self._server.batch_texts
        for start in range(0, len(prefixed), step):
            rows[start : start + step] = self._embed(prefixed[start : start + step])
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, as the embedded model counts them."""
        return self._counter.count_tokens(texts)

    def close(self) -> None:
        """Let go of the connections."""
        with self._opening:
            if self._client:
                self._client.close()
            self._client = None

    def _embed(self, texts: Sequence[str]) -> Floats:
        """One request, sent again as the policy says."""
        deadline = Deadline(self._server.deadline_seconds, self._clock)
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._request([_sendable(text) for text in texts])
            except ServerFailed as failure:
                logger.info("embedding request failed attempt=%d why=%s", attempt, failure)
                wait = self._policy.wait_after(failure, attempt)
                if wait is None or not deadline.wait(wait):
                    raise ModelError(self._told(failure)) from None

    def _request(self, texts: Sequence[str]) -> Floats:
        server = self._server
        # Only OpenAI's third generation can be told how many; others refuse the very word.
        wanted: dict[str, Any] = {"dimensions": server.dimensions} if server.can_shorten else {}
        client = self._open()
        try:
            reply = client.embeddings.create(
                model=server.model, input=list(texts), encoding_format="float", **wanted
            )
            vectors = list(_vectors(reply, len(texts)))
        except ServerFailed:
            raise
        except Exception as error:
            logger.debug("embedding request failed error=%s", type(error).__name__)
            # Not "from error": a server may repeat the key in what it says.
            raise self._translator.translate(error) from None
        return np.stack([self._unit(vector) for vector in vectors])

    def _unit(self, numbers: Sequence[float]) -> Floats:
        server = self._server
        if len(numbers) != server.dimensions:
            raise ModelError(
                f"The model {server.model} at {server.base_url} gives vectors of {len(numbers)} "
                f"numbers, not of {server.dimensions}. "
                f"Set DATELINE_EMBEDDING_DIMENSIONS={len(numbers)}, and begin a new library."
            )
        vector = np.array(numbers, np.float64)
        length = float(np.linalg.norm(vector))
        if not math.isfinite(length) or length < _LEAST_LENGTH:
            raise ModelError(
                f"The model {server.model} at {server.base_url} gave a vector without a "
                "direction. Look at that server."
            )
        return (vector / length).astype(np.float32)

    def _told(self, failure: ServerFailed) -> str:
        server = self._server
        return f"The embedding model {server.model} at {server.base_url} failed: {failure}."

    def _open(self) -> openai.OpenAI:
        with self._opening:
            if self._client is None:
                self._client = _open_client(self._server, self._transport)
            return self._client


def _sendable(text: str) -> str:
    """Text that JSON can carry and every server takes: without half characters, never empty."""
    return text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8") or " "


def _vectors(reply: Any, count: int) -> Iterator[Sequence[float]]:
    """The vectors in the order of the texts.

    Raises:
        ServerFailed: If they are not as many as the texts.
    """
    by_index = {item.index: item.embedding for item in reply.data}
    if sorted(by_index) != list(range(count)) or len(reply.data) != count:
        raise ServerFailed(f"{len(reply.data)} vectors came for {count} texts", is_temporary=False)
    for at in range(count):
        yield [float(number) for number in by_index[at]]


def _open_client(server: EmbeddingServer, transport: httpx.BaseTransport | None) -> openai.OpenAI:
    """A client that follows no redirect and tries nothing twice."""
    import httpx
    import openai

    hooks = {"response": [refuse_other_types("application/json")]}
    return openai.OpenAI(
        base_url=server.base_url,
        # Servers without keys still want something in the header.
        api_key=server.key or "none",
        max_retries=0,
        timeout=server.timeout_seconds,
        http_client=httpx.Client(follow_redirects=False, event_hooks=hooks, transport=transport),
    )

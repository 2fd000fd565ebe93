"""Vectors on a Chroma server: one collection a generation, named by the pointer in the catalog.

A collection is filled once, then published, and never written again. Its vectors are named by the
catalog's chunk keys, so that every machine can read it beside its own copy of the embeddings.
Works with `chroma run` and, as far as their clients are alike, with Chroma Cloud.
"""

from __future__ import annotations

import json
import logging
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import LibraryError
from index.store.address import ChromaUrl
from index.store.chroma import HNSW, settings_type
from index.store.entry import Embeddings
from index.store.feed import Rows
from index.store.visible import Keys

logger = logging.getLogger(__name__)

_REST_SECONDS = 5.0
"""How long a server that failed is left alone: searches do without it meanwhile."""
_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 30.0
_SAMPLE = 8


@dataclass(frozen=True, slots=True)
class Published:
    """The catalog's pointer to the collection that is in use."""

    collection: str
    revision: int
    """It holds every chunk that was stored up to here."""
    last_key: int
    """The greatest chunk key in it."""
    rows: int
    previous: str | None = None
    """The collection before it, left for readers that have not looked since."""

    @classmethod
    def parse(cls, text: str | None) -> Published | None:
        """Read what `render` wrote; None for nothing."""
        return cls(**json.loads(text)) if text else None

    def render(self) -> str:
        """As the catalog keeps it."""
        return json.dumps(asdict(self))


class ChromaServer:
    """The collections of one library on one server. Safe from many threads."""

    def __init__(self, address: ChromaUrl, library: str) -> None:
        self._address = address
        self._prefix = f"dateline-{library[:16]}-"
        self._connecting = threading.Lock()
        self._client: Any = None
        self._collections: dict[str, Any] = {}
        self._rests_until = 0.0

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return self._address.shown

    @property
    def is_resting(self) -> bool:
        """Whether it failed a moment ago, and is better not asked."""
        return time.monotonic() < self._rests_until

    def build(self, runs: Iterable[Rows], revision: int, previous: str | None) -> Published:
        """Fill a new collection with all rows of `runs`, and make sure that it finds them.

        Nothing points at it yet.

        Raises:
            LibraryError: If the server fails; `sweep` then removes what was made.
        """
        name = f"{self._prefix}{revision:010d}-{secrets.token_hex(4)}"
        with self._translating():
            client = self._connect()
            collection = client.create_collection(
                name, configuration={"hnsw": HNSW}, embedding_function=None
            )
            most = min(int(client.get_max_batch_size()), 5_000)
            rows, last = 0, 0
            probes: list[tuple[int, Embeddings]] = []
            for run in runs:
                for start in range(0, len(run.chunk_keys), most):
                    keys = run.chunk_keys[start : start + most]
                    vectors = run.embeddings[start : start + most]
                    collection.add(ids=[str(key) for key in keys.tolist()], embeddings=vectors)
                    rows, last = rows + len(keys), int(keys[-1])
                    if len(probes) < _SAMPLE:
                        probes.append((int(keys[0]), vectors[0]))
        published = Published(name, revision, last, rows, previous)
        self._prove(published, probes)
        return published

    def open(self, published: Published) -> ServerSet:
        """The published collection; nothing is asked of the server yet."""
        return ServerSet(self, published)

    def sweep(self, keep: Iterable[str | None]) -> None:
        """Delete this library's collections but those to keep. Only where nobody else builds.

        Raises:
            LibraryError: If the server fails.
        """
        with self._translating():
            for name in set(self.names()) - set(keep):
                self._connect().delete_collection(name)
                logger.info("deleted collection=%s", name)

    def names(self) -> list[str]:
        """Names of this library's collections.

        Raises:
            LibraryError: If the server fails.
        """
        with self._translating():
            found, offset = [], 0
            while page := self._connect().list_collections(limit=100, offset=offset):
                found += [one.name for one in page]
                offset += len(page)
        return sorted(name for name in found if name.startswith(self._prefix))

    def count(self, name: str) -> int:
        """How many vectors a collection holds.

        Raises:
            LibraryError: If the server fails, or there is no such collection.
        """
        with self._translating():
            return int(self._collection(name).count())

    def nearest(self, name: str, vector: Embeddings, count: int) -> Keys:
        """Chunk keys of about the `count` nearest vectors by cosine, nearest first.

        Raises:
            LibraryError: If the server fails, or there is no such collection.
        """
        with self._translating():
            found = self._collection(name).query(
                query_embeddings=[vector], n_results=count, include=[]
            )
            return np.array([int(key) for key in found["ids"][0]], dtype=np.int64)

    def _collection(self, name: str) -> Any:
        """The collection; one that was deleted since fails when it is asked."""
        client = self._connect()
        if name not in self._collections:
            collection = client.get_collection(name, embedding_function=None)
            # Distributed Chroma turns HNSW's settings into its own; the measure must be ours.
            kept = collection.configuration_json
            spaces = {part.get("space") for part in (kept.get("hnsw"), kept.get("spann")) if part}
            if spaces != {HNSW["space"]}:
                raise ValueError(f"the collection measures by {spaces}")
            self._collections = {name: collection}
        return self._collections[name]

    def _prove(self, published: Published, probes: list[tuple[int, Embeddings]]) -> None:
        if (count := self.count(published.collection)) != published.rows:
            raise LibraryError(
                f"Chroma at {self.place} kept {count} of {published.rows} vectors. "
                "Run: dateline reindex"
            )
        for key, vector in probes:
            found = self.nearest(published.collection, vector, 3)
            if not len(found):
                raise LibraryError(
                    f"Chroma at {self.place} does not find chunk {key}. Run: dateline reindex"
                )

    def _connect(self) -> Any:
        with self._connecting:
            if self._client is None:
                self._client = self._open_client()
            return self._client

    def _open_client(self) -> Any:
        import chromadb

        address = self._address
        # The client waits for ever; a machine that is not there is noticed here.
        with socket.create_connection((address.host, address.port), _CONNECT_SECONDS) as probe:
            if probe.getsockname() == probe.getpeername():
                # On loopback a client may be given the very port that it calls.
                raise ConnectionRefusedError("nobody listens there")
        place: Any = {}
        if address.tenant:
            place = {"tenant": address.tenant, "database": address.database}
        client = chromadb.HttpClient(
            address.host,
            address.port,
            ssl=address.is_tls,
            headers={"x-chroma-token": address.token} if address.token else None,
            settings=settings_type()(),
            **place,
        )
        # Not offered by its own options (chromadb 1.5): without it a server that hangs hangs us.
        for session in _sessions(client):
            session.timeout = _ANSWER_SECONDS
        return client

    def close(self) -> None:
        """Let go of the connections; the next question makes new ones."""
        with self._connecting:
            client, self._client, self._collections = self._client, None, {}
        if client is None:
            return
        # The client's own `close` leaves its connections open (chromadb 1.5).
        for session in _sessions(client):
            session.close()
        client.close()

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except LibraryError:
            raise
        except Exception as error:  # Chroma's failures share no base
            self._rests_until = time.monotonic() + _REST_SECONDS
            self.close()
            reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise LibraryError(
                f"Chroma at {self.place} cannot be used ({self._scrub(reason)[:200]})."
            ) from error

    def _scrub(self, text: str) -> str:
        token = self._address.token
        return text.replace(token, "…") if token else text


def _sessions(client: Any) -> Iterator[Any]:
    """The HTTP sessions of a client: its own, and that of the administrator inside it."""
    for one in (client, getattr(client, "_admin_client", None)):
        session = getattr(getattr(one, "_server", None), "_session", None)
        if session is not None:
            yield session


@dataclass(frozen=True, slots=True, eq=False)
class ServerSet:
    """One collection, as it was published."""

    server: ChromaServer
    published: Published

    def among(self, chunk_keys: Keys) -> KeyedRows:
        """The set, with its vectors named by their place in `chunk_keys`, which are sorted."""
        return KeyedRows(self, chunk_keys)


@dataclass(frozen=True, slots=True, eq=False)
class KeyedRows:
    """A collection seen as rows of a table: what is in one but not in the other is left out."""

    chroma: ServerSet
    chunk_keys: Keys

    @property
    def is_resting(self) -> bool:
        """Whether the server is better not asked now."""
        return self.chroma.server.is_resting

    def nearest(self, vector: Embeddings, count: int) -> NDArray[np.int64]:
        """Rows of about the `count` nearest vectors by cosine, nearest first.

        Raises:
            LibraryError: If the server fails.
        """
        if not len(self.chunk_keys):
            return np.empty(0, np.int64)
        keys = self.chroma.server.nearest(self.chroma.published.collection, vector, count)
        rows = np.searchsorted(self.chunk_keys, keys)
        known = self.chunk_keys[np.minimum(rows, len(self.chunk_keys) - 1)] == keys
        found: NDArray[np.int64] = rows[known].astype(np.int64)
        return found

"""A set of vectors in Chroma: made once in a folder of its own, never written again, searched.

Chroma is imported (0.6 s) when a set is first built or searched, not before.
"""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import LibraryError
from index.store.entry import Embeddings

_COLLECTION = "chunks"
HNSW = {"space": "cosine", "ef_construction": 100, "ef_search": 100, "max_neighbors": 16}
# Chroma refuses more than 5,461 in one call.
_BATCH = 5_000
# Chroma counts the clients of one path, but not under a lock.
_connecting = threading.Lock()


class ChromaSet:
    """Vectors named by their row, 0 up. Opened at first use; safe from many threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opening = threading.Lock()
        self._collection: Any = None

    @classmethod
    def build(cls, folder: Path, embeddings: Embeddings) -> None:
        """Write the rows of `embeddings` into a new set in `folder`.

        Raises:
            LibraryError: If Chroma fails.
        """
        folder.mkdir(parents=True)
        with _translating(folder):
            client = _connect(folder)
            try:
                collection = client.create_collection(
                    _COLLECTION, configuration={"hnsw": HNSW}, embedding_function=None
                )
                for start in range(0, len(embeddings), _BATCH):
                    some = np.asarray(embeddings[start : start + _BATCH])
                    names = [str(row) for row in range(start, start + len(some))]
                    collection.add(ids=names, embeddings=some)
            finally:
                client.close()

    @property
    def is_resting(self) -> bool:
        """Never: a file is always worth asking."""
        return False

    def count(self) -> int:
        """How many vectors the set holds.

        Raises:
            LibraryError: If the set cannot be read.
        """
        with _translating(self._folder):
            return int(self._open().count())

    def nearest(self, vector: Embeddings, count: int) -> NDArray[np.int64]:
        """Rows of about the `count` nearest vectors by cosine, nearest first.

        Raises:
            LibraryError: If the set cannot be read.
        """
        with _translating(self._folder):
            found = self._open().query(query_embeddings=[vector], n_results=count, include=[])
            return np.array(found["ids"][0], dtype=np.int64)

    def _open(self) -> Any:
        with self._opening:
            if self._collection is None:
                if not (self._folder / "chroma.sqlite3").is_file():
                    # Chroma would make an empty one.
                    raise FileNotFoundError("it is missing")
                client = _connect(self._folder)
                # Closed when the last search that holds this set has let go of it.
                weakref.finalize(self, _close, client)
                collection = client.get_collection(_COLLECTION, embedding_function=None)
                _check_configuration(collection.configuration_json)
                self._collection = collection
            return self._collection


def _close(client: Any) -> None:
    """Close a client, and give back what its graph took.

    The next set is open by then and lies above it, so that the allocator would keep the hole: as
    much again as the set that is used.
    """
    client.close()
    # Of glibc alone; other allocators see to it themselves.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim:
        trim(0)


def _connect(folder: Path) -> Any:
    import chromadb

    # An absolute path: Chroma keeps one system for each spelling of a path.
    with _connecting:
        return chromadb.PersistentClient(str(folder.absolute()), settings=settings_type()())


@cache
def settings_type() -> Any:
    """Chroma's settings without its own sources: `.env` files, and names such as MIGRATIONS.

    One class for all clients, because Chroma compares their settings.
    """
    from chromadb.config import Settings

    class OwnSettings(Settings):
        anonymized_telemetry: bool = False

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: Any,  # noqa: ARG003
            init_settings: Any,
            env_settings: Any,  # noqa: ARG003
            dotenv_settings: Any,  # noqa: ARG003
            file_secret_settings: Any,  # noqa: ARG003
        ) -> tuple[Any, ...]:
            return (init_settings,)

    return OwnSettings


def _check_configuration(configuration: Any) -> None:
    kept = {name: configuration["hnsw"].get(name) for name in HNSW}
    if kept != HNSW:
        raise ValueError(f"the collection is configured as {kept}")


@contextmanager
def _translating(folder: Path) -> Iterator[None]:
    try:
        yield
    except LibraryError:
        raise
    except Exception as error:  # Chroma's failures share no base
        raise LibraryError(
            f"The dense index in {folder} cannot be used ({error}). Run: dateline reindex"
        ) from error

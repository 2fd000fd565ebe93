"""What the two indexes are made from: the catalog's embeddings and chunks in words, run by run.

Every function streams inside a reader's transaction, in the order of the keys, in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, func, select

from index.chunk import lexical_text
from index.errors import LibraryError
from index.store.database import batches
from index.store.entry import Embeddings
from index.store.lexical import Document
from index.store.records import read_bodies, read_moment
from index.store.schema import chunks, versions
from index.store.visible import Keys

_ROWS = 2048
"""Rows that are held in memory at a time."""

_WORDED = select(
    chunks.c.chunk_key, chunks.c.version_key, chunks.c.start, chunks.c.end,
    versions.c.title, versions.c.outlet, versions.c.outlet_key, versions.c.published,
    versions.c.published_is_guess, versions.c.published_start, versions.c.published_end,
).join(versions, versions.c.version_key == chunks.c.version_key)  # fmt: skip


class Rows(NamedTuple):
    """Chunks with their embeddings."""

    chunk_keys: Keys
    version_keys: Keys
    embeddings: Embeddings
    """(chunks, dimensions), float32."""


def empty_rows(dimensions: int) -> Rows:
    """No chunks at all."""
    none = np.empty(0, np.int64)
    return Rows(none, none, np.empty((0, dimensions), np.float32))


def join_rows(runs: Sequence[Rows]) -> Rows:
    """Several runs as one; there is at least one."""
    return Rows(*(np.concatenate(columns) for columns in zip(*runs, strict=True)))


def count_chunks(connection: Connection, after: int = 0) -> int:
    """How many chunks were stored after a revision."""
    rule = chunks.c.revision > after
    return connection.scalar(select(func.count(chunks.c.chunk_key)).where(rule)) or 0


def stream_rows(
    connection: Connection, dimensions: int, *, after: int = 0, until: int | None = None
) -> Iterator[Rows]:
    """The chunks that were stored after a revision, and not after `until`.

    Raises:
        LibraryError: If a stored embedding has not `dimensions` numbers.
    """
    query = select(chunks.c.chunk_key, chunks.c.version_key, chunks.c.embedding)
    # Keys grow with revisions, so both orders are one; but for the later chunks alone the second
    # lets a database use its index instead of reading every embedding (.4 s at 200,000).
    order = (chunks.c.revision, chunks.c.chunk_key) if after else (chunks.c.chunk_key,)
    query = query.where(chunks.c.revision > after).order_by(*order)
    if until is not None:
        query = query.where(chunks.c.revision <= until)
    for some in _stream(connection, query).partitions():
        chunk_keys, version_keys, blobs = zip(*some, strict=True)
        if any(len(blob) != 4 * dimensions for blob in blobs):
            raise LibraryError("The catalog holds embeddings of another size. Run: dateline doctor")
        embeddings = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), dimensions)
        yield Rows(
            np.array(chunk_keys, np.int64),
            np.array(version_keys, np.int64),
            embeddings.astype(np.float32, copy=False),
        )


def stream_documents(
    connection: Connection, version_keys: Sequence[int] | None = None
) -> Iterator[Document]:
    """The chunks of some versions, or of all, as the lexical index holds them."""
    query = _WORDED.order_by(chunks.c.chunk_key)
    if version_keys is None:
        for some in _stream(connection, query).partitions():
            yield from _documents(connection, some)
        return
    for keys in batches(version_keys):
        yield from _documents(
            connection, connection.execute(query.where(chunks.c.version_key.in_(keys))).all()
        )


def _stream(connection: Connection, query: Any) -> Any:
    return connection.execute(query.execution_options(yield_per=_ROWS))


def _documents(connection: Connection, rows: Sequence[Any]) -> Iterator[Document]:
    body = read_bodies(connection, {row.version_key for row in rows})
    for row in rows:
        if row.version_key not in body:
            raise LibraryError("The catalog lost the text of an article. Run: dateline doctor")
        published = read_moment(row.published, row.published_is_guess)
        text = body[row.version_key][row.start : row.end]
        yield Document(
            chunk_key=row.chunk_key,
            version_key=row.version_key,
            text=lexical_text(row.title, row.outlet, published, text),
            outlet_key=row.outlet_key,
            published_start=row.published_start,
            published_end=row.published_end,
        )

"""Keeps a Chroma server's set of vectors in step with the catalog, for all machines that use both.

One machine at a time builds, under a lock of the catalog's; whatever fails is mended by the next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select

from index.errors import LibraryError
from index.store.address import ChromaUrl
from index.store.catalog import Catalog
from index.store.chroma_server import ChromaServer, Published
from index.store.feed import count_chunks, stream_rows
from index.store.policy import MergePolicy
from index.store.schema import keep_setting, last_revision, meta

logger = logging.getLogger(__name__)

_POINTER = "chroma.published"


def read_published(connection: Connection) -> Published | None:
    """Which collection the catalog points at, if any."""
    return Published.parse(connection.scalar(select(meta.c.value).where(meta.c.name == _POINTER)))


class ServerUpkeep:
    """The writing side of one library's collections."""

    def __init__(self, server: ChromaServer, catalog: Catalog, *, few_rows: int) -> None:
        """`few_rows`: up to so many chunks, none is worth making."""
        self.server = server
        self._catalog = catalog
        self._few_rows = few_rows

    @classmethod
    def of(
        cls, address: ChromaUrl | None, catalog: Catalog, *, few_rows: int
    ) -> ServerUpkeep | None:
        """The upkeep of the server at `address`; None without one."""
        if address is None:
            return None
        server = ChromaServer(address, catalog.identity.library)
        return cls(server, catalog, few_rows=few_rows)

    def published(self) -> Published | None:
        """Which collection the catalog points at, if any."""
        with self._catalog.database.reading() as connection:
            return read_published(connection)

    def holds_removed(self, removed_at: int) -> bool:
        """Whether the published collection was made before the last removal."""
        published = self.published()
        return published is not None and published.revision < removed_at

    def merge(self, policy: MergePolicy) -> None:
        """Make a collection if `policy` asks for one and no machine is making it.

        A failure is only logged: what was stored is safe, and found without it.
        """
        try:
            if self._is_due(policy):
                with self._building() as is_free:
                    if is_free and self._is_due(policy):
                        self._build(spare_predecessor=True)
        except LibraryError as error:
            logger.warning("%s Dense search is slower until that is mended.", error)

    def rebuild(self, *, spare_predecessor: bool) -> None:
        """Make the collection anew, or delete it where it is not worth keeping.

        Raises:
            LibraryError: If the server fails, or another machine is building.
        """
        with self._building() as is_free:
            if not is_free:
                raise LibraryError(
                    f"Another machine makes a collection at {self.server.place}. "
                    "Run it again when it has finished: dateline reindex"
                )
            self._build(spare_predecessor=spare_predecessor)

    def _is_due(self, policy: MergePolicy) -> bool:
        with self._catalog.database.reading() as connection:
            published = read_published(connection)
            rows = count_chunks(connection)
            delta = count_chunks(connection, after=published.revision if published else 0)
        if rows <= self._few_rows:
            return False
        return policy.asks(delta, published.rows if published else None)

    @contextmanager
    def _building(self) -> Iterator[bool]:
        with self._catalog.database.lock("chroma") as is_held:
            yield is_held

    def _build(self, *, spare_predecessor: bool) -> None:
        before = self.published()
        previous = before.collection if before else None
        self.server.sweep({previous})
        with self._catalog.database.reading() as connection:
            rows, revision = count_chunks(connection), last_revision(connection)
            made = None
            if rows > self._few_rows:
                runs = stream_rows(connection, self._catalog.identity.dimensions)
                spared = previous if spare_predecessor else None
                made = self.server.build(runs, revision, spared)
        pointer = made.render() if made else ""
        self._catalog.database.write(lambda writer: keep_setting(writer, _POINTER, pointer))
        if made:
            logger.info("published collection=%s rows=%d", made.collection, made.rows)
        self.server.sweep({made.collection, made.previous} if made else set())

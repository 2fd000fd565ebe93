"""What a reader holds in memory of a library: one state of it, replaced as a whole."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import Connection

from index.errors import LibraryError
from index.store.catalog import Catalog
from index.store.chroma_server import ChromaServer, ServerSet
from index.store.feed import Rows, empty_rows, join_rows, stream_rows
from index.store.generation import Generation, Generations
from index.store.schema import last_revision
from index.store.server_upkeep import read_published
from index.store.vectors import DenseView
from index.store.visible import VersionTable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The versions, the dense index and the outlets as they stood at one revision."""

    revision: int
    versions: VersionTable
    dense: DenseView
    outlets: dict[str, int]
    """Articles by outlet name."""
    published: str | None
    """The generation that was published when it was taken, even if it could not be used."""
    chroma: ServerSet | None = None
    """The server's set that it asks, if there is one."""


class SnapshotLoader:
    """Takes snapshots of one library, each from the one before it."""

    def __init__(
        self,
        catalog: Catalog,
        generations: Generations,
        exact_rows: int,
        server: ChromaServer | None = None,
    ) -> None:
        self._catalog = catalog
        self._server = server
        self._generations = generations
        self._exact_rows = exact_rows

    def load(self, before: Snapshot | None) -> Snapshot:
        """Take a snapshot of what is stored now; `before` spares reading its delta again."""
        # First, so that the catalog cannot be behind it.
        published = self._generations.current_name
        generation = self._open_generation(before, published)
        with self._catalog.database.reading() as connection:
            revision = last_revision(connection)
            if generation and generation.stamp.revision > revision:
                logger.warning("The dense index is newer than its catalog. Run: dateline reindex")
                generation = None
            versions = (
                before.versions.advance(connection, before.revision)
                if before
                else VersionTable.load(connection)
            )
            delta = self._load_delta(connection, generation, before)
            chroma = self._open_chroma(connection)
        same = before.dense if before and before.dense.generation is generation else None
        dense = DenseView.build(
            generation, delta, versions, self._exact_rows, before=same, chroma=chroma
        )
        return Snapshot(revision, versions, dense, versions.count_outlets(), published, chroma)

    def _open_chroma(self, connection: Connection) -> ServerSet | None:
        published = read_published(connection) if self._server else None
        return self._server.open(published) if self._server and published else None

    def _open_generation(self, before: Snapshot | None, published: str | None) -> Generation | None:
        if before and before.published == published:
            return before.dense.generation
        try:
            generation = self._generations.open_current()
        except LibraryError as error:
            # The catalog has all of it, so a reader is only slower.
            logger.warning("%s Searching without it.", error)
            return None
        if generation and generation.stamp.library != self._catalog.identity.library:
            logger.warning("The dense index is another library's. Run: dateline reindex")
            return None
        return generation

    def _load_delta(
        self, connection: Connection, generation: Generation | None, before: Snapshot | None
    ) -> Rows:
        dimensions = self._catalog.identity.dimensions
        after = generation.stamp.revision if generation else 0
        known = empty_rows(dimensions)
        if before and before.dense.generation is generation:
            known, after = before.dense.delta, before.revision
        return join_rows([known, *stream_rows(connection, dimensions, after=after)])

"""Keeps both indexes in step with the catalog: after a write, after a kill, and from nothing.

The lexical index follows every write. The dense one is made anew when enough was stored since:
until then readers search what came after it exactly.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import LibraryBusy, LibraryError
from index.store.catalog import Catalog
from index.store.feed import count_chunks, stream_documents, stream_rows
from index.store.generation import Generations
from index.store.lexical import LexicalIndex
from index.store.lock import hold_lock
from index.store.policy import MergePolicy
from index.store.records import read_changes
from index.store.schema import last_revision
from index.store.server_upkeep import ServerUpkeep
from index.store.stamp import Stamp

logger = logging.getLogger(__name__)

LOCK_SECONDS = 120
"""How long a writer waits for another one's batch, or for another one's build."""


WHILE_WRITING = MergePolicy(rows=8_192, share=0.25, begin=False)
AT_THE_END = MergePolicy(rows=1_000, share=0.10, begin=True)


class Upkeep:
    """The writing side of one library's indexes."""

    def __init__(
        self,
        folder: Path,
        catalog: Catalog,
        lexical: LexicalIndex,
        generations: Generations,
        server: ServerUpkeep | None = None,
    ) -> None:
        self._server = server
        self._write_lock = folder / "write.lock"
        self._merge_lock = folder / "merge.lock"
        self._catalog = catalog
        self._lexical = lexical
        self._generations = generations

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer, with a lexical index that is in step before and after.

        Raises:
            LibraryBusy: If another process writes for more than `LOCK_SECONDS`.
        """
        with hold_lock(self._write_lock, seconds=LOCK_SECONDS):
            self._catch_up()
            yield
            self._catch_up()

    def is_in_step(self, revision: int) -> bool:
        """Whether the lexical index holds what the catalog held at `revision`."""
        return self._lexical.stamp == Stamp(self._catalog.identity.library, revision)

    def mend_if_idle(self) -> None:
        """Bring the lexical index in step, unless somebody writes, who will do it.

        For readers: where it cannot be done, as on a full disk, they go on with what there is.
        """
        try:
            with suppress(LibraryBusy), hold_lock(self._write_lock, seconds=0):
                self._catch_up()
        except LibraryError as error:
            logger.warning("%s The newest articles are not found by their words.", error)

    def rebuild(self) -> None:
        """Make both indexes anew from the catalog alone.

        Raises:
            LibraryBusy: If another process writes or builds for more than `LOCK_SECONDS`.
        """
        with hold_lock(self._write_lock, seconds=LOCK_SECONDS):
            self._rebuild_lexical()
        spare = not self.holds_removed()
        with hold_lock(self._merge_lock, seconds=LOCK_SECONDS):
            self._build_generation(spare_predecessor=spare)
            if self._server:
                self._server.rebuild(spare_predecessor=spare)

    def purge(self) -> None:
        """Make anew whatever was made before the last removal, so that nothing of it is left.

        Deleted documents linger in a lexical index, and vectors in a generation, until then.

        Raises:
            LibraryBusy: If another process writes or builds for more than `LOCK_SECONDS`.
        """
        removed = self._catalog.removed_at
        if self._lexical.made_at < removed:
            with hold_lock(self._write_lock, seconds=LOCK_SECONDS):
                self._rebuild_lexical()
        facts = self._generations.current_facts()
        if facts and facts.stamp.revision < removed:
            with hold_lock(self._merge_lock, seconds=LOCK_SECONDS):
                self._build_generation(spare_predecessor=False)
        if self._server and self._server.holds_removed(removed):
            self._server.rebuild(spare_predecessor=False)

    def holds_removed(self) -> bool:
        """Whether an index was made before the last removal, and so may hold traces of it."""
        removed, facts = self._catalog.removed_at, self._generations.current_facts()
        return (
            self._lexical.made_at < removed
            or bool(facts and facts.stamp.revision < removed)
            or bool(self._server and self._server.holds_removed(removed))
        )

    def merge(self, policy: MergePolicy) -> None:
        """Build a generation if `policy` asks for one and nobody else is building.

        A failure is only logged: what was stored is safe, and found without a generation.
        """
        if self._server:
            self._server.merge(policy)
        if self._is_due(policy):
            self._merge_local(policy)

    def _merge_local(self, policy: MergePolicy) -> None:
        try:
            with suppress(LibraryBusy), hold_lock(self._merge_lock, seconds=0):
                # Somebody may have built one since.
                if self._is_due(policy):
                    self._build_generation()
        except LibraryError as error:
            logger.warning("%s Dense search is slower until that is mended.", error)

    def keep_base(self) -> None:
        """On a machine where nobody writes, let a reader keep the embeddings as a file.

        Only beside a server's set: then it costs seconds, and the file is shared by all processes.
        """
        if self._server and self._catalog.database.is_shared and self._is_due(WHILE_WRITING):
            self._merge_local(WHILE_WRITING)

    def _catch_up(self) -> None:
        library, stamp = self._catalog.identity.library, self._lexical.stamp
        with self._catalog.database.reading() as connection:
            revision = last_revision(connection)
            if stamp == Stamp(library, revision):
                return
            if stamp.library != library or stamp.revision > revision:
                documents = stream_documents(connection)
                self._lexical.rebuild(documents, Stamp(library, revision))
                return
            keys = sorted({line.version_key for line in read_changes(connection, stamp.revision)})
            documents = stream_documents(connection, keys)
            self._lexical.apply(keys, documents, Stamp(library, revision))

    def _rebuild_lexical(self) -> None:
        with self._catalog.database.reading() as connection:
            stamp = Stamp(self._catalog.identity.library, last_revision(connection))
            self._lexical.rebuild(stream_documents(connection), stamp)

    def _build_generation(self, *, spare_predecessor: bool = True) -> None:
        identity = self._catalog.identity
        with self._catalog.database.reading() as connection:
            stamp = Stamp(identity.library, last_revision(connection))
            rows = stream_rows(connection, identity.dimensions)
            self._generations.build(rows, stamp, spare_predecessor=spare_predecessor)

    def _is_due(self, policy: MergePolicy) -> bool:
        facts = self._generations.current_facts()
        if facts and facts.stamp.library != self._catalog.identity.library:
            facts = None
        with self._catalog.database.reading() as connection:
            delta = count_chunks(connection, after=facts.stamp.revision if facts else 0)
        return policy.asks(delta, facts.rows if facts else None)

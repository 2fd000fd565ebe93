"""A library: the catalog and the two indexes made from it, read and written as one.

Any number of processes may read while one at a time writes; whoever opens a library that a killed
process left behind mends it. Nothing here knows how articles are cut or embedded.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from index.article import Passage
from index.errors import LibraryError, LibraryMissing, ModelMismatch
from index.scope import Scope
from index.store.address import ChromaUrl, Servers
from index.store.catalog import Catalog
from index.store.entry import Embeddings, Entry, Stored
from index.store.generation import Generations
from index.store.lexical import LexicalIndex
from index.store.lock import hold_lock
from index.store.passages import ChunkNames, PassageCache
from index.store.server_upkeep import ServerUpkeep
from index.store.servers import catalog_place, find_servers
from index.store.snapshot import Snapshot, SnapshotLoader
from index.store.stamp import KeyHit, Stamp
from index.store.upkeep import AT_THE_END, LOCK_SECONDS, WHILE_WRITING, Upkeep
from index.store.vectors import EXACT_ROWS

if TYPE_CHECKING:
    from index.embed import ModelCard


class Hit(NamedTuple):
    """A chunk found by one index."""

    chunk_id: str
    score: float


class Library:
    """One library, open. Safe to use from many threads.

    What is found is what was stored at the last `refresh`; text always comes from the catalog as it
    is now, so nothing removed is ever shown. Every method raises LibraryError where a file cannot
    be used; its message names the remedy.
    """

    def __init__(
        self,
        folder: Path,
        catalog: Catalog,
        *,
        exact_rows: int = EXACT_ROWS,
        chroma: ChromaUrl | None = None,
    ) -> None:
        self.folder = folder
        self.catalog = catalog
        self._lexical = LexicalIndex(folder / "lexical")
        self._generations = Generations(
            folder / "dense",
            catalog.identity.dimensions,
            # A scope that leaves a quarter of them is never asked of Chroma: a small ingest is
            # spared the second that making its set costs.
            # With a server it has none at all: the server's is for every machine.
            chroma_rows=sys.maxsize if chroma else exact_rows // 4,
        )
        self._server = ServerUpkeep.of(chroma, catalog, few_rows=exact_rows // 4)
        self._upkeep = Upkeep(folder, catalog, self._lexical, self._generations, self._server)
        server = self._server.server if self._server else None
        self._loader = SnapshotLoader(catalog, self._generations, exact_rows, server)
        self._names = ChunkNames(catalog)
        self._passages = PassageCache(catalog)
        self._snapshot: Snapshot | None = None
        self._lexical_stamp: Stamp | None = None
        self._refreshing = threading.Lock()

    @classmethod
    def open(
        cls,
        folder: Path,
        model: ModelCard,
        *,
        create: bool = False,
        exact_rows: int = EXACT_ROWS,
        servers: Servers | None = None,
    ) -> Library:
        """Open the library in `folder`; with `create`, make it where there is none.

        Args:
            folder: The library's own folder; with a catalog on a server, this machine's copy of
                what is derived from it.
            model: The embedding model in use.
            create: For commands that store articles.
            exact_rows: Up to so many visible chunks, dense search looks at each.
            servers: What is kept on servers; what it leaves open is as the folder says.

        Raises:
            LibraryMissing: If there is none.
            ModelMismatch: If its embeddings come from another model.
            LibraryError: If it cannot be read.
        """
        servers = find_servers(folder, servers)
        catalog = _open_catalog(folder, servers, model, create=create)
        try:
            _check_model(folder, catalog, model)
            return cls(folder, catalog, exact_rows=exact_rows, chroma=servers.chroma)
        except BaseException:
            catalog.close()
            raise

    def close(self) -> None:
        """Let go of every file and connection."""
        self.catalog.close()
        if self._server:
            self._server.server.close()
        self._snapshot = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Reading.

    @property
    def revision(self) -> int:
        """The revision that searches see; grows when `refresh` finds something new."""
        return self._current().revision

    @property
    def terms(self) -> LexicalIndex:
        """The lexical index, for its idea of a term and how common each is."""
        self._current()
        return self._lexical

    def outlets(self) -> dict[str, int]:
        """Outlets by name with the number of their articles, the largest first."""
        return dict(self._current().outlets)

    def refresh(self) -> bool:
        """See what was stored since, by any process; tells whether there was anything.

        Costs one small query when there was not. Searches under way keep what they began with.
        """
        with self._refreshing:
            return self._refresh()

    def dense(self, vector: Embeddings, scope: Scope, limit: int) -> list[Hit]:
        """The chunks nearest to `vector` by cosine similarity (-1 to 1), best first.

        Args:
            vector: (dimensions,), float32, of length 1.
            scope: What may be seen.
            limit: How many to give at most.
        """
        hits = self._current().dense.search(vector, scope, limit)
        return self._name(hits, limit)

    def lexical(self, weights: Mapping[str, float], scope: Scope, limit: int) -> list[Hit]:
        """The best chunks by BM25, best first.

        Args:
            weights: How much each term counts; terms are those of `terms.analyze`.
            scope: What may be seen.
            limit: How many to give at most.
        """
        hits = self._lexical.search(weights, scope, limit, self._current().versions)
        return self._name(hits, limit)

    def passages(self, chunk_ids: Iterable[str], scope: Scope) -> list[Passage]:
        """Passages in the order asked, as the catalog has them now.

        Ids that are gone, or that `scope` may not see, are left out.
        """
        asked, snapshot = list(dict.fromkeys(chunk_ids)), self._current()
        return self._passages.read(asked, scope, snapshot.revision, snapshot.versions)

    def _current(self) -> Snapshot:
        snapshot = self._snapshot
        if snapshot is None:
            self.refresh()
            snapshot = self._snapshot
            assert snapshot is not None
        return snapshot

    def _refresh(self) -> bool:
        revision = self.catalog.revision
        if not self._upkeep.is_in_step(revision):
            self._upkeep.mend_if_idle()
        if self._snapshot is None or self._snapshot.revision != revision:
            self._upkeep.keep_base()
        stamp, before = self._lexical.stamp, self._snapshot
        moved = (
            before is None
            or before.revision != revision
            or before.published != self._generations.current_name
            or (
                self._server is not None
                and (before.chroma and before.chroma.published) != self._server.published()
            )
        )
        if stamp != self._lexical_stamp:
            self._lexical.reload()
        elif not moved:
            return False
        if moved:
            self._snapshot = self._loader.load(before)
            self._names.forget()
        self._lexical_stamp = stamp
        return True

    def _name(self, hits: Sequence[KeyHit], limit: int) -> list[Hit]:
        names = self._names.of([hit.chunk_key for hit in hits])
        named = [Hit(names[hit.chunk_key], hit.score) for hit in hits if hit.chunk_key in names]
        return sorted(named, key=lambda hit: (-hit.score, hit.chunk_id))[:limit]

    # Writing.

    def write(self, entries: Sequence[Entry], *, now: datetime) -> Stored:
        """Store what is new in `entries` as one revision, in the catalog and the lexical index.

        When it returns, nothing of it can be lost any more.

        Raises:
            LibraryBusy: If another process writes for more than `LOCK_SECONDS`.
            ValueError: If an entry does not fit the library's model.
        """
        with self._upkeep.writing():
            stored = self.catalog.store(entries, now=now)
        self._upkeep.merge(WHILE_WRITING)
        return stored

    def remove(self, article_ids: Iterable[str], *, now: datetime | None = None) -> int:
        """Delete articles with all their versions; returns how many there were."""
        with self._upkeep.writing():
            return self.catalog.remove(article_ids, now=now)

    def purge(self) -> None:
        """Leave nothing of what was removed in the indexes, and as little as can be in the catalog.

        Costs as much as making the indexes anew, without embedding.

        Raises:
            LibraryBusy: If another process writes or builds for more than `LOCK_SECONDS`.
        """
        with self._upkeep.writing():
            pass
        self._upkeep.purge()
        self.catalog.database.scrub()
        self.refresh()

    def finish(self) -> None:
        """End a run of writing: bring the dense index up to date if that pays, and refresh."""
        with self._upkeep.writing():
            pass
        self._upkeep.merge(AT_THE_END)
        self.refresh()

    def tend(self) -> None:
        """Do what this machine's copies need: for readers that run for long, beside their work.

        On a machine where nobody writes, only this makes a generation, or makes anew what still
        holds traces of articles that another machine removed.

        Raises:
            LibraryError: If a file cannot be written.
        """
        if self._upkeep.holds_removed():
            self._upkeep.purge()
        self._upkeep.merge(WHILE_WRITING)
        self.refresh()

    def reindex(self) -> None:
        """Make both indexes anew from the catalog, without embedding again.

        Raises:
            LibraryBusy: If another process writes or builds for more than `LOCK_SECONDS`.
            LibraryError: If the disk is full, or the catalog damaged.
        """
        self._upkeep.rebuild()
        self.refresh()


def _open_catalog(folder: Path, servers: Servers, model: ModelCard, *, create: bool) -> Catalog:
    where = catalog_place(folder, servers)
    try:
        catalog = Catalog.open(where)
    except LibraryMissing:
        if not create:
            raise
    else:
        if servers.catalog:
            _make_folder(folder)
        return catalog
    _make_folder(folder)
    with hold_lock(folder / "write.lock", seconds=LOCK_SECONDS):
        try:
            # Another process may have made it since.
            return Catalog.open(where)
        except LibraryMissing:
            return Catalog.create(where, model)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"No library can be made at {folder} ({error.strerror}). Name another folder."
        ) from error


def _check_model(folder: Path, catalog: Catalog, model: ModelCard) -> None:
    made_with = catalog.identity
    if (made_with.model_digest, made_with.dimensions) == (model.digest, model.dimensions):
        return
    raise ModelMismatch(
        f"The library at {folder} was made with the embedding model {made_with.model_name} "
        f"({made_with.model_digest[:19]}), this program uses {model.name} ({model.digest[:19]}). "
        "Use the model that it was made with, or make a new library: "
        "dateline ingest ARTICLES --library NEW"
    )

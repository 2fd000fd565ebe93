"""Examines a library: every promise that it makes is checked, and each breach names its remedy.

Works on damaged libraries: a check that cannot be made is a finding like any other. What a killed
process left half done is finished first, as every command does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Connection, select

from index.errors import DatelineError, LibraryMissing
from index.store import promises
from index.store.address import ChromaUrl, Servers
from index.store.catalog import Catalog
from index.store.feed import stream_rows
from index.store.generation import Generation, Generations, lost_rows
from index.store.lexical import LexicalIndex
from index.store.schema import chunks, last_revision
from index.store.server_upkeep import ServerUpkeep
from index.store.servers import catalog_place, find_servers
from index.store.upkeep import Upkeep
from index.store.visible import Keys

if TYPE_CHECKING:
    from index.embed import ModelCard

_REINDEX = "dateline reindex"
_CHROMA = "start the server that DATELINE_CHROMA names, then: dateline reindex"
_RESTORE = "dateline restore BACKUP --library NEW, or dateline ingest ARTICLES --library NEW"
_REINGEST = "dateline articles remove ID, then dateline ingest its source again"
_USE_MODEL = "use the model that the library was made with, or ingest into a new library"
_SHOWN = 3
_SAMPLE = 16

Complaints = Iterable[str]

_PROMISES = (
    ("versions", promises.version_hashes, _REINGEST),
    ("current versions", promises.current_versions, _REINGEST),
    ("visibility", promises.visibility, _REINGEST),
    ("chunks", promises.chunk_texts, _REINGEST),
    ("embeddings", promises.embeddings, _REINGEST),
    ("change log", promises.change_log, _RESTORE),
    ("origins", promises.origins, _REINGEST),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    ok: bool
    detail: str
    """What is wrong, the first few cases by name; else what was found right."""
    fix: str = ""
    """The command that mends it; empty when nothing needs mending."""


def examine(library_folder: Path, card: ModelCard, servers: Servers | None = None) -> list[Finding]:
    """Check everything that the library in `library_folder` promises, used with model `card`.

    What `servers` leave open is as the folder says.

    Raises:
        LibraryMissing: If there is no library at all.
    """
    try:
        servers = find_servers(library_folder, servers)
        catalog = Catalog.open(catalog_place(library_folder, servers))
    except LibraryMissing:
        raise
    except DatelineError as error:
        return [Finding("catalog", ok=False, detail=str(error), fix="as the message says")]
    try:
        return [
            _check("catalog", catalog.database.complaints, _RESTORE),
            _check("model", lambda: _model(catalog, card), _USE_MODEL),
            *(_check(name, _asking(catalog, ask), fix) for name, ask, fix in _PROMISES),
            *_Indexes(library_folder, catalog, servers.chroma).findings(),
        ]
    finally:
        catalog.close()


def _check(name: str, complain: Callable[[], Complaints], fix: str) -> Finding:
    try:
        first = list(islice(complain(), _SHOWN + 1))
    except Exception as error:  # whatever the damage causes
        first = [f"cannot be checked: {error}"]
    if not first:
        return Finding(name, ok=True, detail="ok")
    more = "; and more" if len(first) > _SHOWN else ""
    return Finding(name, ok=False, detail="; ".join(first[:_SHOWN]) + more, fix=fix)


def _asking(
    catalog: Catalog, ask: Callable[[Connection, int], Iterator[str]]
) -> Callable[[], Iterator[str]]:
    def complain() -> Iterator[str]:
        with catalog.database.reading() as connection:
            yield from ask(connection, catalog.identity.dimensions)

    return complain


def _model(catalog: Catalog, card: ModelCard) -> Iterator[str]:
    made_with = catalog.identity
    if (made_with.model_digest, made_with.dimensions) != (card.digest, card.dimensions):
        yield f"made with {made_with.model_name}, in use is {card.name}"


class _Indexes:
    """The checks of what was derived from the catalog."""

    def __init__(self, folder: Path, catalog: Catalog, chroma: ChromaUrl | None) -> None:
        self._catalog = catalog
        self._lexical = LexicalIndex(folder / "lexical")
        self._generations = Generations(folder / "dense", catalog.identity.dimensions)
        self._server = ServerUpkeep.of(chroma, catalog, few_rows=0)
        self._upkeep = Upkeep(folder, catalog, self._lexical, self._generations, self._server)

    def findings(self) -> Iterator[Finding]:
        """Check both indexes."""
        yield _check("lexical index", self._lexical_complaints, _REINDEX)
        yield _check("dense index", self._dense_complaints, _REINDEX)
        if self._server:
            yield _check("Chroma server", partial(_server_complaints, self._server), _CHROMA)
            self._server.server.close()
        yield _check("leftovers", self._leftovers, _REINDEX)

    def _lexical_complaints(self) -> Iterator[str]:
        stamp = self._lexical.stamp
        if stamp.library != self._catalog.identity.library and self._catalog.revision:
            yield "it is missing, of another format, or another library's"
            return
        if stamp.revision > self._catalog.revision:
            yield f"it is at revision {stamp.revision}, the catalog at {self._catalog.revision}"
            return
        # Taking the lock brings it in step; under it neither moves while both are looked at.
        with self._upkeep.writing(), self._catalog.database.reading() as connection:
            self._lexical.reload()
            expected = {
                row.chunk_key: row.version_key
                for row in connection.execute(select(chunks.c.chunk_key, chunks.c.version_key))
            }
            found = list(self._lexical.held())
        yield from _compare(expected, found)

    def _dense_complaints(self) -> Iterator[str]:
        generation = self._generations.open_current()
        if generation is None:
            return
        if generation.stamp.library != self._catalog.identity.library:
            yield "it is another library's"
            return
        with self._catalog.database.reading() as connection:
            if generation.stamp.revision > (revision := last_revision(connection)):
                yield f"it is at revision {generation.stamp.revision}, the catalog at {revision}"
                return
            yield from self._row_complaints(connection, generation)
        if generation.chroma is None:
            return
        if (count := generation.chroma.count()) != len(generation.chunk_keys):
            yield f"Chroma holds {count} vectors, not {len(generation.chunk_keys)}"
        if lost := lost_rows(generation, _SAMPLE):
            yield f"Chroma does not find {len(lost)} vectors of a sample"

    def _row_complaints(self, connection: Connection, generation: Generation) -> Iterator[str]:
        row_of_key = {key: row for row, key in enumerate(generation.chunk_keys.tolist())}
        until = generation.stamp.revision
        for rows in stream_rows(connection, self._catalog.identity.dimensions, until=until):
            missing = [key for key in rows.chunk_keys.tolist() if key not in row_of_key]
            if missing:
                yield f"{len(missing)} chunks are missing from it"
                continue
            places: Keys = np.array([row_of_key[key] for key in rows.chunk_keys.tolist()])
            if not np.array_equal(generation.embeddings[places], rows.embeddings):
                yield "its embeddings differ from the catalog's"
            if not np.array_equal(generation.version_keys[places], rows.version_keys):
                yield "its chunks belong to other versions than in the catalog"

    def _leftovers(self) -> Iterator[str]:
        for name in self._generations.orphans():
            yield f"dense/{name} is older than the published generation"
        if self._upkeep.holds_removed():
            yield "an index was made before the last removal and may hold traces of its text"


def _server_complaints(upkeep: ServerUpkeep) -> Iterator[str]:
    server, published = upkeep.server, upkeep.published()
    names = server.names()
    if published is None:
        return
    if published.collection not in names:
        yield f"the collection {published.collection} is missing at {server.place}"
        return
    if (count := server.count(published.collection)) != published.rows:
        yield f"{published.collection} holds {count} vectors, not {published.rows}"
    strange = set(names) - {published.collection, published.previous}
    # A newer one is being made, or was when its maker was killed: the next build sweeps it.
    if old := sorted(name for name in strange if name < published.collection):
        yield f"{len(old)} collections at {server.place} are older than the published one"


def _compare(expected: dict[int, int], found: list[tuple[int, int]]) -> Iterator[str]:
    kept = dict(found)
    if len(kept) != len(found):
        yield f"{len(found) - len(kept)} chunks are in it twice"
    if missing := expected.keys() - kept.keys():
        yield f"{len(missing)} chunks are missing from it"
    if strange := kept.keys() - expected.keys():
        yield f"{len(strange)} chunks in it are not in the catalog"
    if any(expected.get(key, version) != version for key, version in kept.items()):
        yield "its chunks belong to other versions than in the catalog"

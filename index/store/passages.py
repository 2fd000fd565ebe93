"""Passages remembered between searches, and shown only while the catalog still has them.

Questions of a day meet the same passages again and again, and reading sixty of them is most of a
search. What is kept is what the catalog said at one revision: each search asks for the revision in
one small query, and forgets what has changed since. Whether a scope may see a passage is decided
anew every time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, select

from index.article import Passage
from index.scope import Scope
from index.store.catalog import Catalog
from index.store.records import Kept, read_kept, read_passages
from index.store.schema import changes, last_revision
from index.store.visible import VersionTable

_MOST = 4_096
"""Passages: some 4 kB each."""
_LAST_REVISION = "SELECT max(revision) FROM changes"
_MOST_NAMES = 65_536
"""Chunk ids: some 200 bytes each."""


class ChunkNames:
    """The ids of chunks by their keys, remembered: a key never stands for another chunk.

    Safe to use from many threads. What was removed is forgotten when the owner says so.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._names: dict[int, str] = {}

    def of(self, chunk_keys: Sequence[int]) -> dict[int, str]:
        """Chunk ids by key; keys that are gone are left out."""
        names = self._names
        found = {key: names[key] for key in chunk_keys if key in names}
        if len(found) < len(chunk_keys):
            read = self._catalog.chunk_ids(key for key in chunk_keys if key not in found)
            found |= read
            if len(names) + len(read) > _MOST_NAMES:
                names = self._names = {}
            names |= read
        return found

    def forget(self) -> None:
        """Ask the catalog again: something was removed."""
        self._names = {}


@dataclass(slots=True)
class _State:
    """What is kept, and the revision that it is of."""

    revision: int
    kept: dict[str, Kept]


class PassageCache:
    """The passages that were read last. Safe to use from many threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._state = _State(0, {})
        self._changing = threading.Lock()

    def read(
        self, chunk_ids: Sequence[str], scope: Scope, revision: int, versions: VersionTable
    ) -> list[Passage]:
        """Passages in the order asked, without those that are gone or that `scope` may not see.

        Args:
            chunk_ids: Which, each once.
            scope: What may be seen.
            revision: Of `versions`.
            versions: What the scope is asked of.
        """
        state = self._state
        if (
            state.revision != revision
            or not self._is_now(revision)
            or not all(one in state.kept for one in chunk_ids)
        ):
            return self._read_anew(chunk_ids, scope, revision, versions)
        return _seen([state.kept[one] for one in chunk_ids], scope, versions)

    def _is_now(self, revision: int) -> bool:
        try:
            return bool(self._catalog.database.glance(_LAST_REVISION) == revision)
        except Exception:  # drivers share no base; the transaction that follows tells it better
            return False

    def _read_anew(
        self, chunk_ids: Sequence[str], scope: Scope, revision: int, versions: VersionTable
    ) -> list[Passage]:
        with self._catalog.database.reading() as connection:
            now = last_revision(connection)
            if now != revision:
                # The caller's table is of another time than the catalog: only the catalog knows.
                return list(read_passages(connection, chunk_ids, scope).values())
            held = self._hold(connection, now)
            found = {one: held[one] for one in chunk_ids if one in held}
            missing = [one for one in chunk_ids if one not in found]
            if missing:
                read = read_kept(connection, missing)
                self._keep(read, now)
                found |= read
        return _seen([found[one] for one in chunk_ids if one in found], scope, versions)

    def _hold(self, connection: Connection, now: int) -> dict[str, Kept]:
        """What is kept, brought to the revision `now`."""
        state = self._state
        if state.revision != now:
            with self._changing:
                state = self._state
                if state.revision < now:
                    state = self._state = _State(now, _unchanged(connection, state))
        # Another thread may have seen a later one already.
        return state.kept if state.revision == now else {}

    def _keep(self, read: dict[str, Kept], revision: int) -> None:
        with self._changing:
            if self._state.revision != revision:
                return
            kept = {**self._state.kept, **read}
            for oldest in list(kept)[: max(0, len(kept) - _MOST)]:
                del kept[oldest]
            self._state = _State(revision, kept)


def _seen(kept: Sequence[Kept], scope: Scope, versions: VersionTable) -> list[Passage]:
    """Those that `scope` may see, with what it may know of corrections."""
    keys = np.array([one.version_key for one in kept], dtype=np.int64)
    seen = versions.mask(scope)[versions.places(keys)].tolist()
    return [one.seen_in(scope) for one, is_seen in zip(kept, seen, strict=True) if is_seen]


def _unchanged(connection: Connection, state: _State) -> dict[str, Kept]:
    """What is kept of articles that nothing happened to since."""
    query = select(changes.c.article_id).where(changes.c.revision > state.revision).distinct()
    changed = set(connection.scalars(query)) if state.kept else set()
    return {name: one for name, one in state.kept.items() if one.passage.article_id not in changed}

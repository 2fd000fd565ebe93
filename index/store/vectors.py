"""The dense index: exact cosine search, and Chroma where exact would be slow.

A `DenseView` is one state of it: a generation and the *delta*, the chunks that the catalog stored
since. Where that is cheaper, as in a scope that leaves few chunks, the memory-mapped embeddings are
looked at one by one; else Chroma is asked for more than is wanted, and what the scope hides is left
out, because Chroma's own filters cost a hundred times the search. Scores are computed here in
either case, so they are equal.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import LibraryError
from index.scope import Scope
from index.store.chroma_server import ServerSet
from index.store.entry import Embeddings
from index.store.feed import Rows
from index.store.generation import Generation
from index.store.stamp import KeyHit
from index.store.visible import Mask, VersionTable

logger = logging.getLogger(__name__)

EXACT_ROWS = 16_384
"""What asking Chroma at all costs, in rows that could be looked at in that time; 0 always asks."""

# Measured at 200,000 rows of 384 dimensions: a row costs 0.06 µs, one more asked of Chroma 9 µs,
# and a row that is picked out of its block four times as much as one that is not.
_ROWS_A_HIT = 150
_ROWS_A_PICK = 4
# A block of 384 dimensions is 6 MB: in cache, and memory stays bounded at any library's size.
_BLOCK = 4_096
# Found beside what was asked for, so that rounding in the first pass never costs a hit, and equals
# of the last are given.
_SPARE = 32
# Chroma is asked for this many times what the scope's share calls for: hits are not spread evenly.
_MARGIN = 1.5

Places = NDArray[np.int64]


class NearRows(Protocol):
    """A set of vectors that finds near ones without looking at each, named by their rows."""

    @property
    def is_resting(self) -> bool:
        """Whether it failed a moment ago, and is better not asked."""
        ...

    def nearest(self, vector: Embeddings, count: int, /) -> Places:
        """Rows of about the `count` nearest vectors by cosine, nearest first.

        Raises:
            LibraryError: If it cannot be asked.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class DenseView:
    """One state of the dense index; never changed, so any number of threads may search it."""

    generation: Generation | None
    delta: Rows
    versions: VersionTable
    base_places: NDArray[np.int32]
    """Each of the generation's rows' place in `versions`."""
    delta_places: NDArray[np.int32]
    exact_rows: int = EXACT_ROWS
    near: NearRows | None = None
    """Finds the generation's first `near_rows` rows; those after it are looked at one by one."""
    near_rows: int = 0

    @classmethod
    def build(
        cls,
        generation: Generation | None,
        delta: Rows,
        versions: VersionTable,
        exact_rows: int,
        *,
        before: DenseView | None = None,
        chroma: ServerSet | None = None,
    ) -> DenseView:
        """Join the parts; `versions` is as new as the delta.

        `before` is a view of the same generation, by a table that `versions` was advanced from;
        `chroma` is a server's set, in place of the generation's own.
        """
        none = np.empty(0, np.int64)
        base_keys = generation.version_keys if generation else none
        base = before.base_places if before else versions.places(base_keys)
        near: NearRows | None = generation.chroma if generation else None
        near_rows = len(base_keys)
        if generation and chroma:
            # Keys grow with revisions: those up to the last one are in the set.
            near_rows = int(
                np.searchsorted(generation.chunk_keys, chroma.published.last_key, side="right")
            )
            near = chroma.among(generation.chunk_keys[:near_rows])
        places = base, versions.places(delta.version_keys)
        return cls(generation, delta, versions, *places, exact_rows, near, near_rows)

    def search(self, vector: Embeddings, scope: Scope, limit: int) -> list[KeyHit]:
        """The chunks nearest to `vector`, (dimensions,) and of length 1, by cosine, best first.

        Hits as good as the last are all given, so there may be a few more than `limit`; the
        caller orders them.
        """
        if limit < 1:
            return []
        mask = self.versions.mask(scope)
        wanted = limit + _SPARE
        keys, scores = [np.empty(0, np.int64)], [np.empty(0, np.float64)]
        if base := self.generation:
            rows = self._base_rows(base, vector, mask[self.base_places], wanted)
            keys.append(base.chunk_keys[rows])
            scores.append(_score(base.embeddings, rows, vector))
        if len(self.delta.chunk_keys):
            rows = exact_rows(self.delta.embeddings, mask[self.delta_places], vector, wanted)
            keys.append(self.delta.chunk_keys[rows])
            scores.append(_score(self.delta.embeddings, rows, vector))
        return _best(np.concatenate(keys), np.concatenate(scores), limit)

    def _base_rows(self, base: Generation, vector: Embeddings, seen: Mask, wanted: int) -> Places:
        near, end = self.near, self.near_rows
        if near is None or near.is_resting:
            return exact_rows(base.embeddings, seen, vector, wanted)
        found = self._ask(near, vector, seen[:end], wanted)
        if found is None:
            return exact_rows(base.embeddings, seen, vector, wanted)
        after = exact_rows(base.embeddings[end:], seen[end:], vector, wanted)
        return np.concatenate([found, after + end])

    def _ask(self, near: NearRows, vector: Embeddings, seen: Mask, wanted: int) -> Places | None:
        """The nearest of the rows that are `seen`; None where looking at each is better."""
        visible = int(np.count_nonzero(seen))
        looked_at = min(visible * _ROWS_A_PICK, len(seen))
        most = (looked_at - self.exact_rows) / _ROWS_A_HIT if self.exact_rows else float("inf")
        asked = wanted * _MARGIN * len(seen) / max(visible, 1)
        try:
            return _approximate_rows(near, vector, seen, wanted, asked=asked, most=most)
        except LibraryError as error:
            # Slower, but right: an answer never waits for a repair.
            logger.warning("%s Searching without it.", error)
            return None


def exact_rows(embeddings: Embeddings, seen: Mask, vector: Embeddings, wanted: int) -> Places:
    """About the `wanted` nearest of the rows that are `seen`, in no order."""
    rows, scores = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
    for start in range(0, len(embeddings), _BLOCK):
        inside = np.flatnonzero(seen[start : start + _BLOCK])
        if not len(inside):
            continue
        block = embeddings[start : start + _BLOCK]
        # It is cheaper to look at all of a block than to copy much of it. Not `@`: waking BLAS's
        # threads costs more than a block does.
        most = _ROWS_A_PICK * len(inside) > len(block)
        near = np.vecdot(block, vector)[inside] if most else np.vecdot(block[inside], vector)
        best = _largest(near, wanted)
        rows.append(inside[best] + start)
        scores.append(near[best])
    return np.concatenate(rows)[_largest(np.concatenate(scores), wanted)]


def _approximate_rows(
    near: NearRows, vector: Embeddings, seen: Mask, wanted: int, *, asked: float, most: float
) -> Places | None:
    """The `wanted` nearest of the rows that are `seen`, by Chroma.

    Asks for twice as many, from `asked` on, until enough of them are seen; None past `most`.
    """
    while asked <= most and len(seen):
        found = near.nearest(vector, min(int(asked) + 1, len(seen)))
        found = found[seen[found]]
        if len(found) >= wanted or asked >= len(seen):
            return found[:wanted]
        asked *= 2
    return None


def _largest(scores: Embeddings, wanted: int) -> Places:
    if len(scores) <= wanted:
        return np.arange(len(scores))
    return np.argpartition(scores, len(scores) - wanted)[-wanted:]


def _score(embeddings: Embeddings, rows: Places, vector: Embeddings) -> NDArray[np.float64]:
    """Exact scores, summed alike for every row, so that equal texts score equally anywhere."""
    products = embeddings[rows].astype(np.float64) * vector
    scores: NDArray[np.float64] = products.sum(axis=1)
    return scores


def _best(keys: Places, scores: NDArray[np.float64], limit: int) -> list[KeyHit]:
    """The best hits, best first, and those as good as the last."""
    order = np.argsort(-scores, kind="stable")
    if len(order) > limit:
        order = order[: np.count_nonzero(scores >= scores[order[limit - 1]])]
    return list(map(KeyHit, keys[order].tolist(), scores[order].tolist()))

"""Generations of the dense index: built aside, published by a pointer, never written again.

Chroma cannot be shared: a writer killed at the wrong moment leaves it unreadable, two writers lose
vectors, a reader never sees later writes. So whatever is published stays as it is, and what the
catalog stored since is searched beside it, until the next generation takes it in.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.errors import LibraryError
from index.store.chroma import ChromaSet
from index.store.entry import Embeddings
from index.store.feed import Rows
from index.store.stamp import Stamp, flush, replace_file
from index.store.visible import Keys

logger = logging.getLogger(__name__)

_META, _ROWS, _EMBEDDINGS, _CHROMA = "meta.json", "rows.npy", "embeddings.f32", "chroma"


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """One published set of vectors, read where it lies."""

    name: str
    stamp: Stamp
    """The library, and the revision up to which it holds every chunk."""
    chunk_keys: Keys
    version_keys: Keys
    embeddings: Embeddings
    """(rows, dimensions), a memory map."""
    chroma: ChromaSet | None = field(repr=False)
    """None for so few rows that looking at each is cheaper than asking."""

    @classmethod
    def open(cls, folder: Path, dimensions: int) -> Generation:
        """Read the generation in `folder`.

        Raises:
            LibraryError: If it is incomplete or contradicts itself.
            FileNotFoundError: If there is none.
        """
        if not folder.is_dir():
            raise FileNotFoundError(folder)
        try:
            facts = _read_facts(folder)
            chunk_keys, version_keys = np.load(folder / _ROWS)
            shape = (facts.rows, dimensions)
            embeddings = _map_embeddings(folder / _EMBEDDINGS, shape)
            if len(chunk_keys) != shape[0]:
                raise ValueError(f"{len(chunk_keys)} rows are named, {shape[0]} promised")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LibraryError(
                f"The dense index in {folder} is damaged ({error}). Run: dateline reindex"
            ) from error
        chroma = ChromaSet(folder / _CHROMA) if facts.has_chroma else None
        return cls(folder.name, facts.stamp, chunk_keys, version_keys, embeddings, chroma)


class Facts(NamedTuple):
    """What a generation says of itself."""

    stamp: Stamp
    rows: int
    has_chroma: bool


class Generations:
    """The folder of generations, and the pointer to the published one.

    Building is for one process at a time; the caller holds the merge lock.
    """

    def __init__(self, folder: Path, dimensions: int, *, chroma_rows: int = 0) -> None:
        """`chroma_rows`: how many rows are too many to do without a Chroma set."""
        self._chroma_rows = chroma_rows
        self._folder = folder
        self._dimensions = dimensions
        self._pointer = folder / "CURRENT"

    @property
    def current_name(self) -> str | None:
        """The name of the published generation, if there is one."""
        return self._named()[0]

    def _named(self) -> tuple[str | None, str | None]:
        """The published generation and its predecessor."""
        try:
            lines = self._pointer.read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return None, None
        current, previous, *_ = (*lines, "", "")
        return current.strip() or None, previous.strip() or None

    def open_current(self) -> Generation | None:
        """The published generation.

        Raises:
            LibraryError: If it is damaged or missing.
        """
        while (name := self.current_name) is not None:
            try:
                return Generation.open(self._folder / name, self._dimensions)
            except FileNotFoundError as error:
                # Another one was published, and this one swept away, since the name was read.
                if name == self.current_name:
                    raise LibraryError(
                        f"The dense index in {self._folder / name} is missing. "
                        "Run: dateline reindex"
                    ) from error
        return None

    def current_facts(self) -> Facts | None:
        """What the published generation says of itself; None where there is none that does."""
        try:
            return _read_facts(self._folder / (self.current_name or "none"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def build(
        self, runs: Iterable[Rows], stamp: Stamp, *, spare_predecessor: bool = True
    ) -> Generation:
        """Make and publish a generation of all rows in `runs`, which holds all up to `stamp`.

        The predecessor stays for readers that are about to open it, unless it must not be spared.
        Killed at any moment it leaves a folder that nothing points at, for the next build to sweep.

        Raises:
            LibraryError: If Chroma fails or the disk is full; the old generation stays.
        """
        previous = self.current_name
        self._sweep({previous})
        name = f"{stamp.revision:010d}-{secrets.token_hex(4)}"
        folder = self._folder / name
        try:
            folder.mkdir(parents=True)
            rows = _write_rows(folder, runs)
            has_chroma = rows > self._chroma_rows
            if has_chroma:
                embeddings = _map_embeddings(folder / _EMBEDDINGS, (rows, self._dimensions))
                ChromaSet.build(folder / _CHROMA, embeddings)
            meta = {"library": stamp.library, "revision": stamp.revision, "rows": rows}
            meta |= {"chroma": has_chroma}
            (folder / _META).write_text(json.dumps(meta))
            generation = Generation.open(folder, self._dimensions)
            _prove(generation)
            for path in [*folder.rglob("*"), folder]:
                flush(path)
            # The second line spares the predecessor: a reader may be about to open it.
            spared = (previous or "") if spare_predecessor else ""
            replace_file(self._pointer, f"{name}\n{spared}\n")
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise LibraryError(
                f"The dense index in {folder} cannot be written ({error})."
            ) from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        logger.info("published generation=%s rows=%d", name, rows)
        self._sweep({name, previous} if spare_predecessor else {name})
        return generation

    def orphans(self) -> list[str]:
        """Names of folders older than the published generation that no build will sweep."""
        current, previous = self._named()
        if current is None:
            return []
        names = sorted({entry.name for entry in self._folders()} - {current, previous})
        # A newer one is being built, or was when its builder was killed: the next build sweeps it.
        return [name for name in names if _revision_digits(name) < _revision_digits(current)]

    def _folders(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return [entry for entry in self._folder.iterdir() if entry.is_dir()]

    def _sweep(self, keep: set[str | None]) -> None:
        for entry in self._folders():
            if entry.name not in keep:
                shutil.rmtree(entry, ignore_errors=True)


def _revision_digits(name: str) -> str:
    return name.partition("-")[0]


def _read_facts(folder: Path) -> Facts:
    meta = json.loads((folder / _META).read_text(encoding="utf-8"))
    rows = int(meta["rows"])
    # Those of before the word was kept all had one.
    has_chroma = bool(meta.get("chroma", rows))
    return Facts(Stamp(str(meta["library"]), int(meta["revision"])), rows, has_chroma)


def _map_embeddings(path: Path, shape: tuple[int, int]) -> Embeddings:
    expected = shape[0] * shape[1] * 4
    if path.stat().st_size != expected:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, {expected} are needed")
    if not shape[0]:
        return np.empty(shape, np.float32)
    return np.memmap(path, dtype="<f4", mode="r", shape=shape)


def _write_rows(folder: Path, runs: Iterable[Rows]) -> int:
    keys = [np.empty((2, 0), np.int64)]
    with (folder / _EMBEDDINGS).open("wb") as file:
        for run in runs:
            keys.append(np.stack([run.chunk_keys, run.version_keys]))
            file.write(np.ascontiguousarray(run.embeddings, dtype="<f4").data)
    table = np.concatenate(keys, axis=1)
    np.save(folder / _ROWS, table)
    return int(table.shape[1])


def _prove(generation: Generation) -> None:
    """Ask the new set for what it must hold, before anything relies on it."""
    rows = len(generation.chunk_keys)
    if generation.chroma is None:
        return
    if (count := generation.chroma.count()) != rows:
        raise LibraryError(f"Chroma kept {count} of {rows} vectors. Run: dateline reindex")
    if lost := lost_rows(generation, sample=8):
        raise LibraryError(f"Chroma does not find {len(lost)} of 8 vectors. Run: dateline reindex")


def lost_rows(generation: Generation, sample: int) -> list[int]:
    """Rows, out of an even sample, whose own vector does not find them or an equal one."""
    if generation.chroma is None:
        return []
    rows = np.unique(np.linspace(0, len(generation.chunk_keys) - 1, sample, dtype=np.int64))
    lost = []
    for row in rows.tolist():
        vector = np.asarray(generation.embeddings[row])
        nearest = generation.embeddings[generation.chroma.nearest(vector, 3)]
        if not np.isclose(nearest @ vector, 1.0, atol=1e-3).any():
            lost.append(row)
    return lost

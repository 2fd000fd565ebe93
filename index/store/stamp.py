"""What an index says of itself: which catalog it was made from, and how far it has read."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import NamedTuple


class Stamp(NamedTuple):
    """Which catalog an index was derived from, and how much of its change log is in it."""

    library: str
    revision: int


class KeyHit(NamedTuple):
    """A chunk, by the catalog's key, and its score in one index."""

    chunk_key: int
    score: float


def replace_file(path: Path, text: str) -> None:
    """Write `text` so that a reader, or a kill, finds the old file or the new one, never a part."""
    # Threads of one process may write one file too.
    aside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    flush(path.parent)


def flush(path: Path) -> None:
    """Have the disk hold a file, or a folder's list of names, before anything else is done."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Locks between processes: files that the system gives back even when their holder is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import LibraryBusy, LibraryError


@contextmanager
def hold_lock(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold the lock at `path`, waiting `seconds` for it; 0 does not wait.

    Raises:
        LibraryBusy: If another process or thread kept it for all that time.
        LibraryError: If the file cannot be made.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=seconds)
    except Timeout as error:
        raise LibraryBusy(
            f"Another process is writing to {path.parent}. Try again when it has finished."
        ) from error
    except OSError as error:
        raise LibraryError(
            f"{path.parent} cannot be written ({error.strerror}). Make it writable, or copy the "
            "library to a place that is."
        ) from error
    try:
        yield
    finally:
        lock.release()

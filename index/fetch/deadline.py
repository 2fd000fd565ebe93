"""The end of an answer, however it comes: in one piece, or a byte before each silence ends."""

from __future__ import annotations

import threading
import time

from index.fetch.errors import FetchFailed


class Deadline(threading.local):
    """When the answer that a thread waits for must be there; each thread has its own."""

    def __init__(self, total_seconds: float) -> None:
        self._total_seconds = total_seconds
        self.begin()

    def begin(self) -> None:
        """From now on the thread waits for another answer."""
        self._end = time.monotonic() + self._total_seconds

    def cap(self, timeout: float | None) -> float:
        """The seconds that one wait may take, at most `timeout`.

        Raises:
            FetchFailed: If none are left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise FetchFailed(f"it took longer than {self._total_seconds:.0f} s")
        return left if timeout is None else min(timeout, left)

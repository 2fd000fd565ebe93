"""Time as fetching and watching need it: a trial can let a week pass in a minute."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """This moment, aware and in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """This moment, aware and in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait; a signal's handler runs at once, and the wait goes on."""
        time.sleep(seconds)

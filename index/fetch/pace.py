"""How often a host is asked: never sooner than it, or we, think right."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from index.fetch.clock import Clock
from index.fetch.errors import FetchFailed

# A host that asks for a longer pause is left alone; others are served meanwhile.
_LONGEST_WAIT_SECONDS = 30.0


class Pace:
    """Spaces the requests to each host. Safe to use from many threads."""

    def __init__(self, clock: Clock, delay_seconds: float) -> None:
        self._clock = clock
        self._delay = timedelta(seconds=delay_seconds)
        self._free_at: dict[str, datetime] = {}
        self._held_until: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, delay_seconds: float = 0.0) -> None:
        """Wait until `host` may be asked, and book that moment.

        Args:
            host: With its port.
            delay_seconds: What its robots.txt asks for, where that is more than our own.

        Raises:
            FetchFailed: If it asked for a pause that is longer than one waits.
        """
        delay = max(self._delay, timedelta(seconds=delay_seconds))
        with self._lock:
            now = self._clock.now()
            held = (self._held_until.get(host, now) - now).total_seconds()
            if held > _LONGEST_WAIT_SECONDS:
                raise FetchFailed(
                    f"{host} asked for a pause of {held:.0f} s more", retry_after_seconds=held
                )
            start = max(now, self._free_at.get(host, now), self._held_until.get(host, now))
            self._free_at[host] = start + delay
        if start > now:
            self._clock.sleep((start - now).total_seconds())

    def hold(self, host: str, seconds: float) -> None:
        """Leave `host` alone for so long."""
        until = self._clock.now() + timedelta(seconds=seconds)
        with self._lock:
            self._held_until[host] = max(until, self._held_until.get(host, until))

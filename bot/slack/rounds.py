"""What is done every now and then beside answering: corrections told, old things forgotten."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """One thing to be done again and again."""

    name: str
    every_seconds: float
    work: Callable[[], object]


class Rounds:
    """A thread that makes rounds."""

    def __init__(self, rounds: tuple[Round, ...]) -> None:
        self._due = dict.fromkeys(rounds, 0.0)
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slack-rounds", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, *, seconds: float) -> None:
        """End, after the round that is under way."""
        self._is_stopping.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            now = time.monotonic()
            for one, due in self._due.items():
                if now >= due:
                    self._due[one] = now + one.every_seconds
                    _make(one)
            soonest = min(self._due.values(), default=now + 60)
            self._is_stopping.wait(max(0.1, soonest - time.monotonic()))


def _make(one: Round) -> None:
    try:
        one.work()
    except Exception:  # the next round may go better
        logger.exception("a round failed name=%s", one.name)

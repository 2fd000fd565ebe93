"""The workers: threads that take questions from the ledger, and keep hold of them.

There is no queue in memory: what waits stands in the ledger, so nothing is lost with a process and
any process may serve it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from bot.slack.state import QuestionLedger, Task

# What other processes left behind is found within a second.
_POLL_SECONDS = 1.0
# A question that waits longer than this is told its place.
_PATIENCE_SECONDS = 2.0
_MOST_TOLD = 20

logger = logging.getLogger(__name__)


class TaskHandler(Protocol):
    """What a worker does with a question."""

    def handle(self, task: Task) -> None:
        """See it through; nothing is raised."""
        ...


class WaitingTeller(Protocol):
    """Tells those who wait."""

    def tell(self, channel: str, ts: str, before: int) -> None:
        """Tell that `before` questions are answered first; nothing is raised."""
        ...


class WorkerPool:
    """Some workers over one ledger."""

    def __init__(
        self, ledger: QuestionLedger, handler: TaskHandler, teller: WaitingTeller, *, workers: int
    ) -> None:
        self._ledger = ledger
        self._handler = handler
        self._teller = teller
        self._held: dict[str, Task] = {}
        self._told: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._bell = threading.Condition()
        self._rings = 0
        self._is_stopping = threading.Event()
        self._workers = [
            threading.Thread(target=self._work, name=f"slack-worker-{at}", daemon=True)
            for at in range(workers)
        ]
        self._keepers = [
            threading.Thread(target=self._run, args=(job, seconds), name=name, daemon=True)
            for name, job, seconds in (
                ("slack-leases", self._renew, ledger.lease_seconds / 4),
                ("slack-waiting", self._tell_waiting, _POLL_SECONDS),
            )
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in (*self._workers, *self._keepers):
            thread.start()

    def ring(self) -> None:
        """Wake a worker: a question has arrived."""
        with self._bell:
            self._rings += 1
            self._bell.notify()

    @property
    def busy(self) -> int:
        """How many workers hold a question."""
        with self._lock:
            return len(self._held)

    def stop(self, *, seconds: float) -> None:
        """Take nothing more, wait for what is in hand, and give back what is not done in time."""
        self._is_stopping.set()
        with self._bell:
            self._bell.notify_all()
        deadline = time.monotonic() + seconds
        for thread in self._workers:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._lock:
            left = list(self._held.values())
        for task in left:
            # The lease goes, so whatever its worker still does is not shown.
            self._ledger.release(task)
        if left:
            logger.warning("stopped in the middle of answers; they wait again count=%d", len(left))
        for thread in self._keepers:
            thread.join(max(1.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while not self._is_stopping.is_set():
            try:
                task = self._ledger.claim()
            except Exception:  # a busy disk, say: the next try may go better
                logger.exception("no question could be taken")
                task = None
                self._is_stopping.wait(_POLL_SECONDS)
            if task is None:
                self._wait()
                continue
            self._handle(task)

    def _handle(self, task: Task) -> None:
        with self._lock:
            self._held[task.lease] = task
        try:
            self._handler.handle(task)
        except Exception:  # the ledger itself failed: the lease runs out and it is tried again
            logger.exception("a question was left unfinished")
        finally:
            with self._lock:
                self._held.pop(task.lease, None)
        # The next question of its thread may be free now.
        self.ring()

    def _wait(self) -> None:
        with self._bell:
            if self._rings == 0 and not self._is_stopping.is_set():
                self._bell.wait(_POLL_SECONDS)
            self._rings = max(0, self._rings - 1)

    def _run(self, job: Callable[[], None], seconds: float) -> None:
        # The leases of a slow last answer are renewed while the pool stops.
        while not self._is_stopping.wait(seconds) or self.busy:
            try:
                job()
            except Exception:
                logger.exception("a round was missed")
            if self._is_stopping.is_set():
                time.sleep(min(seconds, _POLL_SECONDS))
            if self._is_stopping.is_set() and not any(one.is_alive() for one in self._workers):
                return

    def _renew(self) -> None:
        with self._lock:
            leases = list(self._held)
        lost = set(leases) - self._ledger.renew(leases)
        if lost:
            logger.info("lost the hold on questions count=%d", len(lost))

    def _tell_waiting(self) -> None:
        with self._lock:
            is_idle = len(self._held) < len(self._workers)
        if is_idle:
            return
        waiting = self._ledger.waiting()
        now = time.time()
        self._told &= {(one.channel, one.ts) for one in waiting}
        for before, one in enumerate(waiting[:_MOST_TOLD]):
            key = (one.channel, one.ts)
            if key not in self._told and now - one.received_at > _PATIENCE_SECONDS:
                self._told.add(key)
                self._teller.tell(one.channel, one.ts, before + self.busy)

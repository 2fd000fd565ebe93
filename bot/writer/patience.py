"""How long and how often a model is waited for: one deadline, one retry policy, nowhere else.

LlamaIndex's retries and the client's multiply; both are turned off (`bot.writer.llm`).
"""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

from bot.writer.chat import ChatFailed

_Item = TypeVar("_Item")
# Enough to keep reading while a sentence is verified; a flood waits at the server.
_WAITING_ITEMS = 64


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the policy sees it; tests bring their own."""

    now: Callable[[], float] = time.monotonic
    """Seconds from any origin."""
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a failed request is sent again."""

    most_attempts: int = 3
    """Requests for one reply, the first included."""
    first_wait_seconds: float = 0.5
    """Doubled for each further wait; a server's Retry-After goes before it."""

    def wait_after(self, failure: ChatFailed, attempt: int) -> float | None:
        """Seconds to wait after the `attempt`-th request failed (from 1); None gives up."""
        if not failure.is_temporary or attempt >= self.most_attempts:
            return None
        if failure.retry_after_seconds is not None:
            return failure.retry_after_seconds
        return float(self.first_wait_seconds * 2 ** (attempt - 1))


class Deadline:
    """The moment at which everything about one answer ends."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._end = clock.now() + seconds

    def remaining(self) -> float:
        """Seconds that are left; 0 when it has passed."""
        return max(0.0, self._end - self._clock.now())

    def wait(self, seconds: float) -> bool:
        """Wait, unless that would pass the deadline; tells whether it waited."""
        if seconds >= self.remaining():
            return False
        self._clock.sleep(seconds)
        return True


def read_until(
    source: Callable[[], Iterator[_Item]], deadline: Deadline
) -> Generator[_Item, None, None]:
    """The items of `source`, which is read in a thread of its own, up to the deadline.

    A client's timeout bounds one silence; a server that keeps sending blanks would hold it
    forever. The thread is left behind when the deadline passes or the reader goes away, and
    ends at its next item.

    Raises:
        ChatFailed: If the deadline passes. Whatever `source` raises is passed on.
    """
    # A server's answer is read in the caller's context: instrumentation hangs on it.
    waiting: queue.Queue[_Item | _End] = queue.Queue(_WAITING_ITEMS)
    gone = threading.Event()
    work = (source, waiting, gone)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_read, *work), daemon=True).start()
    try:
        while True:
            item = _take(waiting, deadline)
            if isinstance(item, _End):
                if item.error:
                    raise item.error
                return
            yield item
    finally:
        gone.set()


@dataclass(frozen=True, slots=True)
class _End:
    """The last thing in the queue."""

    error: BaseException | None


def _take(waiting: queue.Queue[_Item | _End], deadline: Deadline) -> _Item | _End:
    try:
        return waiting.get(timeout=deadline.remaining())
    except queue.Empty:
        raise ChatFailed(
            "the model took too long; allow it more with DATELINE_LLM_DEADLINE",
            is_temporary=False,
        ) from None


def _read(
    source: Callable[[], Iterator[_Item]],
    waiting: queue.Queue[_Item | _End],
    gone: threading.Event,
) -> None:
    error: BaseException | None = None
    items = source()
    try:
        for item in items:
            _put(waiting, item, gone)
            if gone.is_set():
                break
    except BaseException as raised:  # it belongs to the reader, whatever it is
        error = raised
    finally:
        # A generator that is left in the middle closes its connection.
        if close := getattr(items, "close", None):
            close()
    _put(waiting, _End(error), gone)


def _put(waiting: queue.Queue[_Item | _End], item: _Item | _End, gone: threading.Event) -> None:
    while not gone.is_set():
        try:
            waiting.put(item, timeout=0.1)
        except queue.Full:
            continue
        return

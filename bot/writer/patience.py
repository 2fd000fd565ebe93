"""Reads a stream up to a deadline, whatever its source does."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

from index.remote.patience import Deadline, ServerFailed

_Item = TypeVar("_Item")
# Enough to keep reading while a sentence is verified; a flood waits at the server.
_WAITING_ITEMS = 64


def read_until(
    source: Callable[[], Iterator[_Item]], deadline: Deadline
) -> Generator[_Item, None, None]:
    """The items of `source`, which is read in a thread of its own, up to the deadline.

    A client's timeout bounds one silence; a server that keeps sending blanks would hold it
    forever. The thread is left behind when the deadline passes or the reader goes away, and
    ends at its next item.

    Raises:
        ServerFailed: If the deadline passes. Whatever `source` raises is passed on.
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
        raise ServerFailed(
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

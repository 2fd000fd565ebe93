"""One deadline and one retry policy, whatever the server does."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Iterator

import pytest

from bot.writer.patience import read_until
from index.remote.patience import Clock, Deadline, RetryPolicy, ServerFailed

PASSING = ServerFailed("busy", is_temporary=True)


def test_waits_double_and_end() -> None:
    policy = RetryPolicy(most_attempts=4, first_wait_seconds=0.5)

    assert [policy.wait_after(PASSING, attempt) for attempt in (1, 2, 3, 4)] == [
        0.5,
        1.0,
        2.0,
        None,
    ]


def test_the_server_says_how_long_to_wait() -> None:
    failure = ServerFailed("busy", is_temporary=True, retry_after_seconds=20)

    assert RetryPolicy().wait_after(failure, 1) == 20


def test_what_will_not_pass_is_not_waited_for() -> None:
    assert RetryPolicy().wait_after(ServerFailed("no", is_temporary=False), 1) is None


def test_a_wait_past_the_deadline_is_not_begun() -> None:
    slept: list[float] = []
    deadline = Deadline(10, Clock(lambda: 0.0, slept.append))

    assert deadline.wait(9)
    assert not deadline.wait(10)
    assert slept == [9]


def endless(gone: threading.Event | None = None) -> Iterator[int]:
    try:
        while True:
            time.sleep(0.01)
            yield 1
    finally:
        if gone:
            gone.set()


def silent() -> Iterator[int]:
    time.sleep(0.5)
    yield 1


def test_items_and_errors_come_through() -> None:
    def source() -> Iterator[int]:
        yield 1
        yield 2
        raise PASSING

    items = read_until(source, Deadline(5, Clock()))

    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(ServerFailed, match="busy"):
        next(items)


@pytest.mark.parametrize("source", [endless, silent])
def test_nothing_lasts_longer_than_the_deadline(source: object) -> None:
    started = time.monotonic()

    with pytest.raises(ServerFailed, match="took too long"):
        list(read_until(source, Deadline(0.1, Clock())))  # type: ignore[arg-type]  # both are sources

    assert time.monotonic() - started < 0.4


def test_a_reader_that_goes_away_closes_the_source() -> None:
    gone = threading.Event()
    items = read_until(lambda: endless(gone), Deadline(5, Clock()))

    next(items)
    items.close()

    assert gone.wait(1)


def test_a_flood_waits_for_its_reader() -> None:
    given = 0

    def flood() -> Iterator[int]:
        nonlocal given
        for _ in range(10_000):
            given += 1
            yield given

    items = read_until(flood, Deadline(5, Clock()))
    next(items)
    time.sleep(0.05)

    assert given < 200
    items.close()


def test_the_source_is_read_in_the_readers_context() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="lost")
    variable.set("kept")

    def source() -> Iterator[str]:
        yield variable.get()

    assert list(read_until(source, Deadline(5, Clock()))) == ["kept"]

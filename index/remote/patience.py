"""How long and how often a server is waited for: one deadline, one retry policy, nowhere else.

The retries of client libraries multiply with each other; all of them are turned off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from index.errors import ModelError


class ServerFailed(ModelError):
    """A request to a model's server failed; the message holds no key."""

    def __init__(
        self, message: str, *, is_temporary: bool, retry_after_seconds: float | None = None
    ) -> None:
        """Tell what failed.

        Args:
            message: What happened and what helps, fit to be shown.
            is_temporary: Whether the same request may succeed a little later.
            retry_after_seconds: How long the server asks to wait.
        """
        super().__init__(message)
        self.is_temporary = is_temporary
        self.retry_after_seconds = retry_after_seconds


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

    def wait_after(self, failure: ServerFailed, attempt: int) -> float | None:
        """Seconds to wait after the `attempt`-th request failed (from 1); None gives up."""
        if not failure.is_temporary or attempt >= self.most_attempts:
            return None
        if failure.retry_after_seconds is not None:
            return failure.retry_after_seconds
        return float(self.first_wait_seconds * 2 ** (attempt - 1))


class Deadline:
    """The moment at which everything about one piece of work ends."""

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

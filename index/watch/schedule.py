"""When to look again: pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from index.items import Outcome, Visit
from index.store.visits import Visited

_FIRST_PAUSE = timedelta(minutes=2)
_LONGEST_PAUSE = timedelta(hours=12)


def backoff(tries: int, asked_seconds: float | None = None) -> timedelta:
    """The pause after so many failures in a row: two minutes, doubled by each, up to twelve hours.

    Never shorter than the server asked for.
    """
    pause = min(_FIRST_PAUSE * 2 ** max(tries - 1, 0), _LONGEST_PAUSE) if tries < 20 else (
        _LONGEST_PAUSE
    )  # fmt: skip
    return max(pause, timedelta(seconds=asked_seconds or 0))


def next_look(
    visit: Visit, known: Visited | None, *, revisit: Sequence[timedelta], attempts: int
) -> datetime | None:
    """When a story's address is fetched again; None for never by itself.

    Args:
        visit: What the fetch came to.
        known: What was known of the address before.
        revisit: When stories are looked at again, counted from their first read, ascending.
        attempts: After so many failures in a row nobody tries again unasked.
    """
    match visit.outcome:
        case Outcome.READ | Outcome.UNCHANGED if not visit.is_twin:
            first = known.first_at if known else visit.at
            later = (first + span for span in revisit)
            return next((moment for moment in later if moment > visit.at), None)
        case Outcome.FAILED:
            tries = (known.tries if known else 0) + 1
            if tries >= attempts:
                return None
            return visit.at + backoff(tries, visit.retry_after_seconds)
        case _:
            return None

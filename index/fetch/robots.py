"""What a site's robots.txt allows (RFC 9309)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.fetch.clock import Clock
from index.fetch.errors import FetchFailed, FetchRefused
from index.fetch.settings import PRODUCT

if TYPE_CHECKING:
    from protego import Protego

LIMIT_BYTES = 500_000
_KEPT = timedelta(hours=24)
# A site that is down is asked again sooner.
_KEPT_FAILURE = timedelta(minutes=10)
# A wish for more is served by coming back another day, not by standing still.
_LONGEST_DELAY_SECONDS = 60

FetchText = Callable[[str], tuple[int, str]]
"""Gives an address's status and text; raises FetchFailed and FetchRefused."""


@dataclass(frozen=True, slots=True)
class _Rules:
    known_at: datetime
    rules: Protego | None
    """None where everything is allowed."""
    failure: str | None = None
    """Why nothing may be fetched for now."""


class Robots:
    """Remembers the rules of each site for a day. Safe to use from many threads."""

    def __init__(self, fetch_text: FetchText, clock: Clock) -> None:
        self._fetch_text = fetch_text
        self._clock = clock
        self._rules: dict[str, _Rules] = {}
        self._lock = threading.Lock()

    def check(self, url: str) -> float:
        """Make sure that `url` may be fetched; gives the delay in seconds that its site asks for.

        Raises:
            FetchRefused: If robots.txt forbids it.
            FetchFailed: If robots.txt cannot be had: then nothing may be fetched.
        """
        rules = self._of(url)
        if rules.failure is not None:
            raise FetchFailed(f"its site's robots.txt cannot be read: {rules.failure}")
        if rules.rules is None:
            return 0.0
        if not rules.rules.can_fetch(url, PRODUCT):
            raise FetchRefused("the site's robots.txt forbids it")
        rate = rules.rules.request_rate(PRODUCT)
        by_rate = 0.0
        if rate and rate.requests:
            # Cut before it is divided: hundreds of digits fit no float.
            by_rate = min(rate.seconds, _LONGEST_DELAY_SECONDS * rate.requests) / rate.requests
        delay = max(by_rate, rules.rules.crawl_delay(PRODUCT) or 0.0)
        return float(min(delay, _LONGEST_DELAY_SECONDS))

    def _of(self, url: str) -> _Rules:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        now = self._clock.now()
        with self._lock:
            known = self._rules.get(site)
        if known and now - known.known_at < (_KEPT_FAILURE if known.failure else _KEPT):
            return known
        fresh = self._load(f"{site}/robots.txt", now)
        with self._lock:
            self._rules[site] = fresh
        return fresh

    def _load(self, address: str, now: datetime) -> _Rules:
        from protego import Protego  # noqa: PLC0415  only fetching needs it

        try:
            status, text = self._fetch_text(address)
        except FetchRefused as error:
            # What our own rules forbid to ask for is no answer of the site.
            return _Rules(now, None, str(error))
        except FetchFailed as error:
            return _Rules(now, None, str(error))
        if status == 200:
            return _Rules(now, Protego.parse(text))
        if 400 <= status < 500 and status != 429:
            return _Rules(now, None)
        return _Rules(now, None, f"the server answered {status}")

"""One address fetched, with all manners: robots.txt, pace, retries, redirects, limits."""

from __future__ import annotations

import email.utils
import logging
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin, urlsplit

from index.fetch import robots
from index.fetch.clock import Clock, SystemClock
from index.fetch.deadline import Deadline
from index.fetch.errors import FetchFailed, FetchRefused
from index.fetch.guard import AddressGuard
from index.fetch.pace import Pace
from index.fetch.settings import FetchSettings
from index.fetch.unpack import read_body, unpack_file
from index.urls import LONGEST_ADDRESS_BYTES, can_be_kept, canonical_url

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__name__)

_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_TOO_MANY = 429
_LONGEST_HOLD_SECONDS = 7 * 86_400.0
_FOREIGN_TYPES = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one fetch may cost."""

    body_bytes: int = 20_000_000
    """Unpacked; what a sitemap of 50,000 addresses may need."""
    redirects: int = 5
    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    """The longest silence."""
    total_seconds: float = 60.0
    """From connecting to the last byte of one answer; a redirect is one too."""
    tries: int = 3
    """How often a failing server is asked before that is called a failure."""
    longest_pause_seconds: float = 30.0
    """The longest `Retry-After` that is waited for; after a longer one the fetch fails."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells a server which version is known."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer."""

    url: str
    """As it was asked for."""
    final_url: str
    """Where the answer came from, after redirects."""
    moved_to: str | None
    """Where the address moved for good, if it did."""
    status: int
    """200, 304 (not changed), 404 or 410."""
    content: bytes = b""
    charset: str | None = None
    validators: Validators = Validators()


class Fetcher:
    """Fetches addresses. Safe to use from many threads."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
        guard: AddressGuard | None = None,
    ) -> None:
        """Bring together what fetching needs; nothing is connected to yet.

        Args:
            settings: The operator's.
            clock: For waits and rates; the machine's without one.
            limits: What one fetch may cost.
            guard: Where requests may go; what the settings allow without one.
        """
        self._settings = settings
        self._clock = clock or SystemClock()
        self._limits = limits or Limits()
        self._guard = guard or AddressGuard(settings.allowed)
        self._deadline = Deadline(self._limits.total_seconds)
        self._pace = Pace(self._clock, settings.delay_seconds)
        self._robots = robots.Robots(self._fetch_robots, self._clock)
        self._client: httpx.Client | None = None

    def fetch(self, url: str, known: Validators | None = None) -> Fetched:
        """Fetch `url`; with `known`, only if it changed since.

        Raises:
            FetchRefused: If it may not be fetched, or is nothing that can be read.
            FetchFailed: If the network or the server failed, time and again.
        """
        pause = 1.0
        for left in range(self._limits.tries - 1, -1, -1):
            try:
                return self._follow(url, known or Validators(), obeys_robots=True)
            except FetchFailed as error:
                wanted = error.retry_after_seconds
                if not left or (wanted or 0) > self._limits.longest_pause_seconds:
                    raise
                logger.info("retrying url=%s reason=%s", url, error)
                self._clock.sleep(max(pause, wanted or 0))
                pause *= 4
        raise AssertionError("a fetch ends with an answer or an error")

    def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fetch_robots(self, url: str) -> tuple[int, str]:
        found = self._follow(url, Validators(), obeys_robots=False)
        return found.status, found.content[: robots.LIMIT_BYTES].decode("utf-8", "replace")

    def _follow(self, url: str, known: Validators, *, obeys_robots: bool) -> Fetched:
        at, moved_to, is_permanent = url, None, True
        for _ in range(self._limits.redirects + 1):
            found = self._ask(at, known, obeys_robots=obeys_robots)
            if not isinstance(found, _Redirect):
                return Fetched(url, at, moved_to, found.status, found.content, found.charset,
                               found.validators)  # fmt: skip
            at = _join(at, found.location)
            is_permanent = is_permanent and found.is_permanent
            moved_to = at if is_permanent else moved_to
        raise FetchRefused(f"it redirects more than {self._limits.redirects} times")

    def _ask(self, url: str, known: Validators, *, obeys_robots: bool) -> _Answer | _Redirect:
        """One request, after everybody who has a say in it agreed."""
        import httpx

        self._guard.check(url)
        delay = self._robots.check(url) if obeys_robots else 0.0
        host = urlsplit(url).netloc.lower()
        self._pace.wait(host, delay)
        headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        sent = {name: value for name, value in headers.items() if value}
        self._deadline.begin()
        try:
            with self._connected().stream("GET", url, headers=sent) as response:
                return self._read(response, host, obeys_robots=obeys_robots)
        except httpx.TimeoutException as error:
            raise FetchFailed("the server did not answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            reason = str(error) or type(error).__name__
            raise FetchFailed(f"the connection failed: {reason}") from error

    def _read(
        self, response: httpx.Response, host: str, *, obeys_robots: bool
    ) -> _Answer | _Redirect:
        status = response.status_code
        if status in _REDIRECTS and (location := response.headers.get("location")):
            return _Redirect(location, status in _PERMANENT)
        if status in _LATER:
            pause = self._pause(response)
            if status == _TOO_MANY and pause is not None:
                # Of 503 it is said of one address; of 429, of whoever asks.
                self._pace.hold(host, pause)
            raise FetchFailed(f"the server answered {status}", retry_after_seconds=pause)
        if status in {304, 404, 410} or (not obeys_robots and 400 <= status < 500):
            return _Answer(status, validators=_validators(response))
        if status != 200:
            raise FetchRefused(f"the server answered {status}")
        _refuse_foreign(response, self._limits.body_bytes)
        encoding = response.headers.get("content-encoding", "").strip().lower()
        body = read_body(response.iter_raw(), encoding, self._limits.body_bytes)
        content = unpack_file(body, self._limits.body_bytes)
        return _Answer(status, content, _charset(response), _validators(response))

    def _pause(self, response: httpx.Response) -> float | None:
        """`Retry-After` in seconds: a number, or a date."""
        value = response.headers.get("retry-after", "").strip()
        if value.isdecimal():
            # As an int, thousands of digits are an error.
            return min(float(value), _LONGEST_HOLD_SECONDS)
        try:
            until = email.utils.parsedate_to_datetime(value)
        except (TypeError, ValueError, OverflowError):
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return min(max((until - self._clock.now()).total_seconds(), 0.0), _LONGEST_HOLD_SECONDS)

    def _connected(self) -> httpx.Client:
        from index.fetch.transport import open_client  # noqa: PLC0415  costs 70 ms

        if self._client is None:
            self._client = open_client(
                self._guard,
                self._deadline,
                user_agent=self._settings.user_agent,
                connect_seconds=self._limits.connect_seconds,
                read_seconds=self._limits.read_seconds,
            )
        return self._client


@dataclass(frozen=True, slots=True)
class _Redirect:
    location: str
    is_permanent: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content: bytes = b""
    charset: str | None = None
    validators: Validators = Validators()


def _join(base: str, location: str) -> str:
    try:
        target = canonical_url(urljoin(base, location.strip()))
    except ValueError as error:
        raise FetchRefused(f"it redirects to what is no address: {error}") from error
    if not can_be_kept(target):
        raise FetchRefused(
            f"it redirects to an address of more than {LONGEST_ADDRESS_BYTES:,} bytes"
        )
    return target


def _refuse_foreign(response: httpx.Response, limit_bytes: int) -> None:
    kind = response.headers.get("content-type", "").strip().lower()
    if kind.startswith(_FOREIGN_TYPES):
        raise FetchRefused(f"it is {kind.partition(';')[0][:60]}, no story")
    length = response.headers.get("content-length", "")
    if length.isdecimal() and float(length) > limit_bytes:
        raise FetchRefused(f"it is longer than the {limit_bytes / 1e6:.0f} MB allowed")


def _charset(response: httpx.Response) -> str | None:
    _, _, charset = response.headers.get("content-type", "").lower().partition("charset=")
    return charset.split(";")[0].strip(" \"'")[:40] or None


def _validators(response: httpx.Response) -> Validators:
    def kept(name: str) -> str | None:
        value = response.headers.get(name)
        return value if value and len(value) <= 1_000 and value.isascii() else None

    return Validators(kept("etag"), kept("last-modified"))

"""Keeps an archive current: looks at lists, reads what they name, comes back for edits.

Everything it knows is in the catalog, so that it may be killed at any moment and started again, on
another machine too. An address counts as read only once its article is stored.
"""

from __future__ import annotations

import dataclasses
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from index.article import Article
from index.failure import failure_of, printable
from index.fetch.clock import Clock
from index.ingest import IngestSummary
from index.intake import ReadArticles
from index.interrupt import StopRequest
from index.items import Item, Outcome, Visit
from index.sources.links import Link, each_once
from index.sources.source import Source
from index.sources.xml_stories import article_of_entry
from index.store.visits import Visited
from index.store.watch import Due, WatchBook
from index.watch.config import SourcePlan, WatchPlan
from index.watch.schedule import backoff, next_look
from index.web.reader import Poll

logger = logging.getLogger(__name__)

_BATCH = 32
_BETWEEN_TIDYING = timedelta(hours=1)
_LONGEST_NAP_SECONDS = 1.0
# One look at a source reads so many sitemaps of an index at most.
_MOST_SITEMAPS = 50


class Reader(Protocol):
    """What watching needs of the web."""

    def poll(self, url: str) -> Poll:
        """Look at a list, if it changed since."""
        ...

    def poll_named(self, link: Link) -> Poll | None:
        """Look at a list that an index names; None if the index says that it did not change."""
        ...

    def read_story(self, url: str, link: Link | None) -> Iterator[Item]:
        """Read the story at `url`; its `Visit` comes last."""
        ...


class Ingester(Protocol):
    """Stores what is new in sources."""

    def ingest(self, sources: Sequence[Source]) -> IngestSummary:
        """Read `sources` and store what is new in them."""
        ...


class BuildIngester(Protocol):
    """Makes an ingester that reads sources in a given way."""

    def __call__(self, read: ReadArticles, /) -> Ingester:
        """The ingester."""
        ...


@dataclass(slots=True)
class WatchTally:
    """What a watcher has done since it began."""

    polls: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    is_interrupted: bool = False


class _Collected(NamedTuple):
    """What a look at a source gave."""

    visits: tuple[Visit, ...]
    """Of the list itself first, then of the sitemaps that it names."""
    links: Sequence[Link] | None
    """None where the list did not change."""


class Watcher:
    """Watches the sources of one plan. Several may work on one library."""

    def __init__(
        self,
        plan: WatchPlan,
        book: WatchBook,
        reader: Reader,
        build_ingester: BuildIngester,
        clock: Clock,
        *,
        tidy: Callable[[], object] | None = None,
    ) -> None:
        """Bring together what watching needs.

        Args:
            plan: What is watched.
            book: The queue.
            reader: Fetches lists and stories.
            build_ingester: Makes what stores them.
            clock: Tells when anything is due.
            tidy: Called when nothing is due, once an hour: removes what is kept no longer.
        """
        self._tidy = tidy
        self._tidied_at: datetime | None = None
        self._plan = plan
        self._sources = {source.url: source for source in plan.sources}
        self._book = book
        self._reader = reader
        self._clock = clock
        self._ingester = build_ingester(self._read)
        self._due: dict[str, Due] = {}
        self.tally = WatchTally()

    def run(self, *, once: bool = False, until: datetime | None = None) -> WatchTally:
        """Watch until a signal asks for the end.

        Args:
            once: End as soon as nothing is due.
            until: End at this moment of the clock.

        Raises:
            LibraryError: If the library cannot be used.
        """
        self._book.sync(list(self._sources), self._clock.now())
        with StopRequest() as stop:
            try:
                while not stop.is_set and not self.tally.is_interrupted:
                    if self.work():
                        continue
                    self._tidy_up()
                    if once or not self._wait(stop, until):
                        break
            finally:
                self._book.release()
        self.tally.is_interrupted |= stop.is_set
        return self.tally

    def work(self) -> bool:
        """Do the next piece of what is due; False if nothing is."""
        key = self._book.claim_source(self._clock.now())
        if key is not None:
            self._look_at(self._sources.get(key) or SourcePlan(url=key))
            return True
        due = self._book.claim_stories(self._clock.now(), _BATCH)
        if not due:
            return False
        self._due = {one.visited.url: one for one in due}
        summary = self._ingester.ingest([Source(one, None, None) for one in _by_turns(self._due)])
        self._count(summary)
        return True

    def _tidy_up(self) -> None:
        now = self._clock.now()
        if self._tidy and (self._tidied_at is None or now - self._tidied_at >= _BETWEEN_TIDYING):
            self._tidy()
            self._tidied_at = now

    def _wait(self, stop: StopRequest, until: datetime | None) -> bool:
        """Wait for what is due next; False if the end comes first."""
        due = self._book.next_due()
        if due is None and until is None:
            due = self._clock.now() + timedelta(seconds=_LONGEST_NAP_SECONDS)
        end = min(moment for moment in (due, until) if moment is not None)
        while not stop.is_set and (left := (end - self._clock.now()).total_seconds()) > 0:
            self._clock.sleep(min(left, _LONGEST_NAP_SECONDS))
        if until is not None and self._clock.now() >= until:
            return False
        # What is due but claimed by another watcher is none of ours.
        self._clock.sleep(_LONGEST_NAP_SECONDS / 10)
        return not stop.is_set

    def _look_at(self, source: SourcePlan) -> None:
        """Look at one source, and put what is new in it into the queue."""
        poll = self._reader.poll(source.url)
        self.tally.polls += 1
        every = self._plan.every_of(source)
        if poll.visit.outcome in {Outcome.READ, Outcome.UNCHANGED}:
            due_at = poll.visit.at + every
        else:
            tries = self._book.tries_of(source.url) + 1
            due_at = poll.visit.at + max(every, backoff(tries, poll.visit.retry_after_seconds))
            logger.warning("source failed url=%s reason=%s", source.url, poll.visit.reason)
        found = self._collect(source, poll)
        queued = self._book.polled(source.url, found.visits, found.links, due_at)
        if queued:
            logger.info("source changed url=%s stories=%d", source.url, queued)

    def _collect(self, source: SourcePlan, poll: Poll) -> _Collected:
        """The stories of a list, and of the sitemaps that an index names, that are not too old."""
        if poll.links is None:
            return _Collected((poll.visit,), None)
        oldest = self._clock.now() - self._plan.max_age_of(source)
        links = list(self._fresh(poll.links.links, source, oldest))
        visits = [poll.visit]
        for one in _newest_first(poll.links.further, oldest)[:_MOST_SITEMAPS]:
            nested = self._reader.poll_named(one)
            if nested is None:
                continue
            visits.append(nested.visit)
            if nested.links is not None:
                links += self._fresh(nested.links.links, source, oldest)
        return _Collected(tuple(visits), each_once(links))

    def _fresh(self, links: Sequence[Link], source: SourcePlan, oldest: datetime) -> Iterator[Link]:
        for link in links:
            told = link.published or link.updated
            if told is None or told.end >= oldest:
                keeps = source.content == "feed"
                yield link if keeps else dataclasses.replace(link, content=None)

    def _read(self, source: Source) -> Iterator[Item]:
        """Read a story that is due, and say when to come back to it."""
        due = self._due[source.key]
        plan = self._sources.get(due.visited.source or "")
        for item in self._items(due, plan):
            match item:
                case Article() if plan and plan.outlet:
                    yield dataclasses.replace(item, outlet=plan.outlet)
                case Visit():
                    yield self._plan_next(item, due.visited)
                case _:
                    yield item

    def _items(self, due: Due, plan: SourcePlan | None) -> Iterator[Item]:
        url, link = due.visited.url, due.link
        if plan is None or plan.content == "page" or link is None or link.content is None:
            yield from self._reader.read_story(url, link)
            return
        visit = Visit(url, Outcome.READ, self._clock.now(), hint=link.hint,
                      listed_by=link.listed_by, article_url=url, articles=1)  # fmt: skip
        try:
            yield article_of_entry(link, printable(url))
        except Exception as error:
            failure = failure_of(url, error)
            yield failure
            visit = dataclasses.replace(
                visit, outcome=Outcome.REFUSED, articles=0, article_url=None, reason=failure.reason
            )
        yield visit

    def _plan_next(self, visit: Visit, known: Visited) -> Visit:
        is_first = known.outcome is Outcome.WAITING
        due_at = next_look(visit, known, revisit=self._plan.revisit, attempts=self._plan.attempts)
        if visit.outcome is Outcome.READ and is_first and known.source:
            self._note_lag(known.source, known.url, visit.at)
        return dataclasses.replace(visit, due_at=due_at)

    def _note_lag(self, source: str, url: str, at: datetime) -> None:
        link = self._due[url].link
        if link is not None and link.published is not None and not link.published.is_guess:
            self._book.note_lag(source, max((at - link.published.start).total_seconds(), 0.0))

    def _count(self, summary: IngestSummary) -> None:
        self.tally.added += summary.added
        self.tally.updated += summary.updated
        self.tally.unchanged += summary.unchanged
        self.tally.failed += len(summary.failed)
        self.tally.is_interrupted |= summary.is_interrupted


def _by_turns(urls: Sequence[str] | dict[str, Due]) -> list[str]:
    """The addresses with the hosts taking turns, so that one's pause serves the others."""
    by_host = defaultdict[str, list[str]](list)
    for url in urls:
        by_host[urlsplit(url).netloc].append(url)
    rounds = zip_longest(*by_host.values())
    return [url for url in chain.from_iterable(rounds) if url is not None]


def _newest_first(sitemaps: Sequence[Link], oldest: datetime) -> list[Link]:
    """The sitemaps that may name stories since `oldest`; undated ones last."""
    dated = [one for one in sitemaps if one.updated is not None and one.updated.end >= oldest]
    dated.sort(key=lambda one: one.updated.end if one.updated else oldest, reverse=True)
    return dated + [one for one in sitemaps if one.updated is None]

"""Reads sources ahead of their storing, in windows that bound what is held in memory.

Knows which sources need no reading; does not know what in the others is new.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from index.article import Article
from index.failure import Failure
from index.items import Item, Remark, Unread, Visit
from index.sources import Source
from index.store.entry import SourceRecord
from index.store.ledger import Reading

_ARTICLES = 64
_CHARACTERS = 2_000_000
# Failures and unchanged sources are reported, and a wish to stop is heard, this often.
_ITEMS = 256
# What a slow site gave is stored, and a wish to stop is heard, at least this often.
_SECONDS = 5.0
# Beyond so many in one source they are counted only: a file of a million bad lines would fill the
# memory with reasons that nobody reads.
_LISTED_FAILURES = 1_000

ReadArticles = Callable[[Source], Iterator[Item]]


class SourceRecords(Protocol):
    """The part of the ledger that knows what was read before."""

    def known(self, keys: Iterable[str]) -> Mapping[str, SourceRecord]:
        """What each of `keys` looked like when it was last read without a failure."""
        ...


@dataclass(frozen=True, slots=True)
class _Skipped:
    """A source that did not change since it was last read."""

    articles: int


@dataclass(slots=True)
class Part:
    """What a window holds of one source; more of it may be in the windows around."""

    source: Source
    articles: list[Article] = field(default_factory=list)
    is_end: bool = False
    """Whether the source was read to its end here."""


@dataclass(slots=True)
class Window:
    """A run of what was read: some articles, and the sources that ended among them."""

    parts: list[Part] = field(default_factory=list)
    """In the order of reading; a source that needed none has no part."""
    ended: list[Reading] = field(default_factory=list)
    """What came of the sources that were read to their end here."""
    sources: int = 0
    """Sources that ended here, read or skipped."""
    skipped_articles: int = 0
    """Articles that needed no reading."""
    remarks: list[Remark] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    """What fetches came to; the articles of each are in this window or in an earlier one."""
    _items: int = 0
    _characters: int = 0
    _began: float = field(default_factory=time.monotonic)

    @property
    def articles(self) -> list[Article]:
        """In the order of reading; those of a source may begin in an earlier window."""
        return [article for part in self.parts for article in part.articles]

    @property
    def failed(self) -> list[Failure]:
        """What could not be read of the sources that ended here."""
        return [failure for ended in self.ended for failure in ended.failed]

    @property
    def is_full(self) -> bool:
        """True when it should be stored before more is read."""
        return (
            sum(len(part.articles) for part in self.parts) >= _ARTICLES
            or self._characters >= _CHARACTERS
            or self._items >= _ITEMS
            or time.monotonic() - self._began > _SECONDS
        )

    def take(self, source: Source, item: Item | Reading | _Skipped) -> None:
        """Add what was read next, and of which source."""
        self._items += 1
        match item:
            case Article():
                self._part(source).articles.append(item)
                self._characters += len(item.body)
            case Reading():
                self._part(source).is_end = True
                self.sources += 1
                self.ended.append(item)
            case _Skipped():
                self.sources += 1
                self.skipped_articles += item.articles
            case Unread():
                self.skipped_articles += item.articles
            case Remark():
                self.remarks.append(item)
            case Visit():
                self.visits.append(item)
            case Failure():  # listed when its source has ended
                pass

    def _part(self, source: Source) -> Part:
        if not self.parts or self.parts[-1].is_end:
            self.parts.append(Part(source))
        return self.parts[-1]


def read_windows(
    sources: Iterable[Source], records: SourceRecords, read: ReadArticles
) -> Iterator[Window]:
    """Read the sources in order, but for those that did not change; the last window may be empty.

    A source without a fingerprint is always read.
    """
    window = Window()
    for source, known in _look_up(sources, records):
        for item in _items(source, known, read):
            window.take(source, item)
            if window.is_full:
                yield window
                window = Window()
    yield window


def _look_up(
    sources: Iterable[Source], records: SourceRecords
) -> Iterator[tuple[Source, SourceRecord | None]]:
    rest = iter(sources)
    while some := list(islice(rest, _ITEMS)):
        known = records.known(source.key for source in some)
        yield from ((source, known.get(source.key)) for source in some)


def _items(
    source: Source, known: SourceRecord | None, read: ReadArticles
) -> Iterator[Item | Reading | _Skipped]:
    if known and known.fingerprint == source.fingerprint:
        yield _Skipped(known.articles)
        return
    articles, unlisted, failed = 0, 0, list[Failure]()
    for item in read(source):
        match item:
            case Article():
                articles += 1
            case Unread():
                articles += item.articles
            case Failure() if len(failed) < _LISTED_FAILURES:
                failed.append(item)
            case Failure():
                unlisted += 1
            case _:
                pass
        yield item
    if unlisted:
        failed.append(Failure(source.label, f"{unlisted:,} more of its records cannot be read"))
    yield Reading(source.key, source.fingerprint, articles, tuple(failed))

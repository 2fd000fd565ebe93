"""From sources to a stored, searchable archive: what is new is cut, grouped, embedded and written.

Work is done in batches. What a batch held is safe once it is reported; a run that dies loses the
batch at hand and nothing else, and the next run does only what is missing.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from index.article import Article, Chunk
from index.chunk import cut_article, passage_text
from index.embed import Embedder
from index.failure import Failure
from index.intake import ReadArticles, Window, read_windows
from index.interrupt import StopRequest
from index.origins import OriginFinder
from index.putbacks import PutBack, PutBacks, is_old_copy, known_time, may_be_put_back
from index.sources import Source, read_articles
from index.store.entry import Entry, Stored
from index.store.ledger import SourceLedger
from index.store.library import Library
from index.store.visits import VisitBook

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestState:
    """How far a run has come. Everything counted here is stored for good."""

    sources: int
    """Sources that were read to their end, or needed no reading."""
    articles: int
    """At least so many of the articles that were read first are stored."""
    chunks: int
    """Chunks that were embedded and stored."""
    failures: int
    seconds: float
    """Since the run began."""

    @property
    def chunks_per_second(self) -> float:
        """The rate over the whole run so far, in chunks per second of wall time."""
        return self.chunks / self.seconds if self.seconds else 0.0


class Progress(Protocol):
    """Wants to know how a run goes on: a progress bar, a log."""

    def __call__(self, state: IngestState, /) -> None:
        """Called whenever more is stored."""
        ...


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What a run did."""

    added: int
    updated: int
    unchanged: int
    """Articles that were known already; a source that did not change counts all of its own."""
    failed: tuple[Failure, ...]
    chunks: int
    """Chunks that were embedded and stored."""
    seconds: float
    is_interrupted: bool = False
    """True when a signal ended the run early; running it again does the rest."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """A new article with its chunks."""

    article: Article
    chunks: tuple[Chunk, ...]


class _Found(NamedTuple):
    """What of a window is to be stored."""

    new: list[Article]
    put_back: list[PutBack]


@dataclass(slots=True)
class _Tally:
    """What a run has done so far, and who wants to know."""

    progress: Progress | None
    started: float = field(default_factory=time.monotonic)
    stored: Stored = field(default_factory=Stored)
    sources: int = 0
    failed: list[Failure] = field(default_factory=list)

    def see(self, window: Window) -> None:
        self.sources += window.sources
        self.failed += window.failed

    def count(self, stored: Stored) -> None:
        self.stored += stored
        articles = self.stored.added + self.stored.updated + self.stored.unchanged
        chunks, seconds = self.stored.chunks, time.monotonic() - self.started
        if self.progress:
            self.progress(IngestState(self.sources, articles, chunks, len(self.failed), seconds))

    def summary(self, *, is_interrupted: bool) -> IngestSummary:
        return IngestSummary(
            added=self.stored.added,
            updated=self.stored.updated,
            unchanged=self.stored.unchanged,
            failed=tuple(self.failed),
            chunks=self.stored.chunks,
            seconds=time.monotonic() - self.started,
            is_interrupted=is_interrupted,
        )


class Ingester:
    """Brings sources into one library. Several may run at once, in any number of processes."""

    def __init__(
        self,
        library: Library,
        embedder: Embedder,
        *,
        read: ReadArticles = read_articles,
        chunk_tokens: int = 200,
        batch_chunks: int = 256,
    ) -> None:
        """Bring together what a run needs.

        Args:
            library: Where articles are stored; it must be of the embedder's model.
            embedder: Counts tokens and embeds.
            read: Turns a source into articles and failures.
            chunk_tokens: Most tokens of one chunk.
            batch_chunks: Most chunks that are embedded and stored at a time, and so the most that
                a killed run has to do again; an article with more is a batch of its own.
        """
        self._library = library
        self._catalog = library.catalog
        self._ledger = SourceLedger(library.catalog.database)
        self._visits = VisitBook(library.catalog.database)
        self._embedder = embedder
        self._read = read
        self._chunk_tokens = chunk_tokens
        self._batch_chunks = batch_chunks

    def ingest(
        self, sources: Iterable[Source], *, progress: Progress | None = None
    ) -> IngestSummary:
        """Read `sources` in order and store what is new in them.

        A source that did not change since it was last read without a failure is not read again.
        What cannot be read is listed and the run goes on. SIGINT and SIGTERM end it after the
        batch at hand; a second one ends it at once, at the price of that batch.

        Raises:
            LibraryError: If the library cannot be written; what was reported is stored.
            ModelError: If the embedding model fails.
        """
        tally, put_backs = _Tally(progress), PutBacks()
        with StopRequest() as stop:
            for window in read_windows(sources, self._ledger, self._read):
                tally.see(window)
                if not stop.is_set:
                    self._store(window, tally, stop, put_backs)
                if stop.is_set:
                    break
            if not stop.is_set:
                self._library.finish()
            summary = tally.summary(is_interrupted=stop.is_set)
        logger.info(
            "ingested added=%d updated=%d unchanged=%d failed=%d chunks=%d seconds=%.1f",
            summary.added, summary.updated, summary.unchanged, len(summary.failed),
            summary.chunks, summary.seconds,
        )  # fmt: skip
        return summary

    def _store(self, window: Window, tally: _Tally, stop: StopRequest, put_backs: PutBacks) -> None:
        waiting = len(put_backs)
        found = self._sort_out(window, put_backs)
        put_back = self._read_put_backs(found.put_back)
        for articles, is_put_back in ((found.new, False), (put_back, True)):
            for batch in self._batches(articles):
                entries = self._entries(batch, is_put_back=is_put_back)
                tally.count(self._library.write(entries, now=datetime.now(UTC)))
                if stop.is_set:
                    return
        self._catalog.keep_remarks(window.remarks, now=datetime.now(UTC))
        self._visits.record(window.visits)
        self._ledger.record(window.ended, now=datetime.now(UTC))
        # Counted last: the first n articles that were read are stored when n are reported.
        known = len(window.articles) - len(found.new) - len(found.put_back)
        known += waiting - len(put_backs)
        tally.count(Stored(unchanged=known + window.skipped_articles))

    def _sort_out(self, window: Window, put_backs: PutBacks) -> _Found:
        """What the catalog does not hold, each version of a story once, and what was put back."""
        known = self._catalog.known_versions({article.url for article in window.articles})
        new: dict[tuple[str, str], Article] = {}
        back: list[PutBack] = []
        for part in window.parts:
            for article in part.articles:
                version, current = article.version, known.get(article.url)
                kept = (
                    [] if current in {None, version} else self._catalog.versions(article.article_id)
                )
                if version == current:
                    put_backs.meet_newer(article)
                elif not is_old_copy(article, kept):
                    put_backs.meet_newer(article)
                    new.setdefault((article.url, version), article)
                elif may_be_put_back(article, part.source, kept):
                    put_backs.meet_old(article)
            # A page is read once, and what is noted of it here lets no later run read it again.
            if part.is_end or part.source.is_web:
                back += put_backs.settle(is_end=part.is_end)
        return _Found(_oldest_first(list(new.values())), back)

    def _read_put_backs(self, put_back: Iterable[PutBack]) -> Iterator[Article]:
        for one in put_back:
            stored = self._catalog.article(one.article_id, one.version)
            if stored is not None:
                # It is put back now, whatever was said of its first time.
                yield replace(stored.article, source=one.source, modified=None)

    def _batches(self, articles: Iterable[Article]) -> Iterator[list[_Cut]]:
        batch: list[_Cut] = []
        size = 0
        for article in articles:
            chunks = cut_article(article, tokenizer=self._embedder, chunk_tokens=self._chunk_tokens)
            if batch and size + len(chunks) > self._batch_chunks:
                yield batch
                batch, size = [], 0
            batch.append(_Cut(article, tuple(chunks)))
            size += len(chunks)
        if batch:
            yield batch

    def _entries(self, batch: Sequence[_Cut], *, is_put_back: bool) -> list[Entry]:
        texts = [
            passage_text(cut.article.title, cut.article.outlet, cut.article.published, chunk.text)
            for cut in batch
            for chunk in cut.chunks
        ]
        vectors = self._embedder.embed_passages(texts)
        origins = OriginFinder(self._catalog)
        entries = []
        start = 0
        for cut in batch:
            own = vectors[start : start + len(cut.chunks)]
            start += len(cut.chunks)
            found = origins.find(cut.article)
            entries.append(
                Entry(
                    cut.article,
                    cut.chunks,
                    own,
                    found.origin_id,
                    found.signature,
                    found.bands,
                    is_put_back,
                )
            )
        return entries


def _oldest_first(articles: list[Article]) -> list[Article]:
    """The same places, with the versions of one story in the order in which they were made.

    Versions follow each other as they are stored, and dumps often hold the newest first.
    """
    places = defaultdict[str, list[int]](list)
    for place, article in enumerate(articles):
        places[article.url].append(place)
    for own in places.values():
        versions = [articles[place] for place in own]
        times = [known_time(one.modified) for one in versions]
        known = [moment for moment in times if moment is not None]
        if len(own) > 1 and len(known) == len(own):
            order = sorted(range(len(own)), key=known.__getitem__)
            for place, chosen in zip(own, order, strict=True):
                articles[place] = versions[chosen]
    return articles

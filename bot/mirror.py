"""A library that mirrors its sources: all that they hold, and nothing that they hold no longer."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.wiring import Bot
from index.article import Article
from index.sources import Failure, Source, read_articles

if TYPE_CHECKING:
    from index.ingest import Progress
    from index.items import Item

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mirroring:
    """What came of it."""

    failed: tuple[Failure, ...] = ()
    """What could not be read; then nothing was removed, for it may still be there."""
    former_versions: int = 0
    """Versions of articles that the library keeps, and that no source holds now."""


def mirror_sources(
    bot: Bot, sources: Iterable[Source], *, progress: Progress | None = None
) -> Mirroring:
    """Ingest sources, and remove the articles that none of them holds.

    Raises:
        LibraryError: If the library cannot be written.
    """
    whole = list(sources)
    versions_by_source: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)

    def read(source: Source) -> Iterator[Item]:
        versions = versions_by_source[source.key]
        for item in read_articles(source):
            if isinstance(item, Article):
                versions.add((item.article_id, item.version))
            yield item

    summary = bot.ingester(read).ingest(whole, progress=progress)
    if summary.failed or summary.is_interrupted:
        return Mirroring(summary.failed)
    for source in whole:
        # What did not change was not read; standard input, which is read once, always was.
        if source.key not in versions_by_source:
            for _ in read(source):
                pass
    return _remove_former(bot, set().union(*versions_by_source.values()))


def _remove_former(bot: Bot, versions: set[tuple[str, str]]) -> Mirroring:
    article_ids = {article_id for article_id, _ in versions}
    listings = bot.library.catalog.articles()
    former = {listing.article_id for listing in listings} - article_ids
    if former:
        bot.library.remove(former)
        logger.info("removed former articles=%d", len(former))
    kept = sum(listing.versions for listing in listings if listing.article_id in article_ids)
    return Mirroring(former_versions=max(0, kept - len(versions)))

"""What the user says of the sources of an ingest, beside what stands in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from index.article import Article
from index.intake import ReadArticles
from index.items import Item
from index.sources import FieldMapping, Source, read_articles

if TYPE_CHECKING:
    from index.web.reader import WebReader

_BY_NAME = FieldMapping()
"""Fields are found by the names that they usually have."""


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """How sources are to be read."""

    mapping: FieldMapping = _BY_NAME
    """How their records name our fields."""
    outlet: str | None = None
    """The outlet of articles that name none."""

    def reader(self, web: WebReader | None = None) -> ReadArticles:
        """Reads a source by these rules; addresses by `web`."""
        local = partial(read_articles, mapping=self.mapping)
        read: ReadArticles = local if web is None else partial(_read_anywhere, local, web)
        return read if self.outlet is None else partial(_read_with_outlet, read, self.outlet)

    def mark(self, source: Source) -> Source:
        """The source, known as unchanged only to a run with the same rules."""
        if self == ReadingRules() or source.fingerprint is None:
            return source
        rules = f"{self.mapping.pairs} {self.outlet}"
        return dataclasses.replace(source, fingerprint=f"{source.fingerprint} {rules}")


def _read_anywhere(local: ReadArticles, web: WebReader, source: Source) -> Iterator[Item]:
    return web.read(source) if source.is_web else local(source)


def _read_with_outlet(read: ReadArticles, outlet: str, source: Source) -> Iterator[Item]:
    for item in read(source):
        if isinstance(item, Article) and item.outlet is None:
            yield dataclasses.replace(item, outlet=outlet)
        else:
            yield item

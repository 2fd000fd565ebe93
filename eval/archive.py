"""The articles of a library by the URLs that question sets know them by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from eval.documents import document_key
from index.store.entry import Listing, StoredArticle


class Catalog(Protocol):
    """Where the articles are kept."""

    def articles(self) -> list[Listing]:
        """Every article, without its body."""
        ...

    def versions(self, article_id: str) -> list[StoredArticle]:
        """Every version of an article, oldest first."""
        ...

    def article(self, article_id: str, version: str | None = None) -> StoredArticle | None:
        """One version of an article, the current one unless another is named."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader must know of the article that a quote is from."""

    url: str
    title: str | None
    outlet: str | None
    published: str | None
    body: str


class Archive:
    """Looks articles up; each body is read from the catalog once in a while, not kept for good."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._id_by_key = {document_key(one.url): one.article_id for one in catalog.articles()}
        self._read_versions = lru_cache(maxsize=64)(self._versions)

    def __len__(self) -> int:
        return len(self._id_by_key)

    def versions(self, url: str) -> tuple[StoredArticle, ...]:
        """Every version of the article at a set's URL, oldest first; none if it is not there."""
        article_id = self._id_by_key.get(document_key(url))
        return self._read_versions(article_id) if article_id else ()

    def current(self) -> Iterator[StoredArticle]:
        """Every article as it stands, in the order of its id."""
        for article_id in sorted(self._id_by_key.values()):
            stored = self._catalog.article(article_id)
            if stored:
                yield stored

    def source(self, url: str, quote: str) -> Source | None:
        """The newest version of the article at a set's URL that holds the quote."""
        holding = [one for one in self.versions(url) if quote in one.article.body]
        return describe_source(holding[-1]) if holding else None

    def _versions(self, article_id: str) -> tuple[StoredArticle, ...]:
        return tuple(self._catalog.versions(article_id))


def describe_source(stored: StoredArticle) -> Source:
    """One version as a reader is told of it."""
    article = stored.article
    published = article.published.isoformat() if article.published else None
    return Source(article.url, article.title, article.outlet, published, article.body)

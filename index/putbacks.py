"""Old texts that are met again: copies that were left somewhere, and what a site put back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.article import Article
from index.moment import Moment
from index.sources.source import Source
from index.store.entry import StoredArticle


@dataclass(frozen=True, slots=True)
class PutBack:
    """A superseded version that its source shows again."""

    article_id: str
    version: str
    source: str
    """Where it was read; see `Article.source`."""


class PutBacks:
    """What of one source may have been put back, until it is known what else the source holds.

    An archive may hold all versions of a story: an old one in it is put back only if nothing newer
    of the story is there. Only names are kept, for an archive may be larger than the memory.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, PutBack] = {}
        self._newer: set[int] = set()

    def __len__(self) -> int:
        """How many are waiting."""
        return len(self._waiting)

    def meet_newer(self, article: Article) -> None:
        """The source holds the story as the catalog has it now, or newer."""
        self._newer.add(hash(article.url))
        self._waiting.pop(article.url, None)

    def meet_old(self, article: Article) -> None:
        """The source holds a superseded version."""
        if hash(article.url) not in self._newer:
            self._waiting[article.url] = PutBack(
                article.article_id, article.version, article.source
            )

    def settle(self, *, is_end: bool) -> list[PutBack]:
        """Those that are still waiting; with the end of the source all is forgotten."""
        found = list(self._waiting.values())
        self._waiting.clear()
        if is_end:
            self._newer.clear()
        return found


def is_old_copy(article: Article, kept: Sequence[StoredArticle]) -> bool:
    """Whether the catalog holds the article's story in this or a newer version; `kept` are all."""
    modified = known_time(article.modified)
    if modified is None:
        return any(one.version == article.version for one in kept)
    current = [known_time(one.article.modified) for one in kept if one.is_current]
    return any(moment is not None and modified < moment for moment in current)


def may_be_put_back(article: Article, source: Source, kept: Sequence[StoredArticle]) -> bool:
    """Whether `source` may show an old copy in place of the current version, which it gave too.

    A time of its last change has told already that it is older, and what comes through a pipe may
    come from anywhere.
    """
    if known_time(article.modified) is not None or source.stream is not None:
        return False
    places = [one.article.source for one in kept if one.is_current]
    # A record's line changes with the lines before it.
    return any(place == article.source or place.startswith(f"{source.label} ") for place in places)


def known_time(moment: Moment | None) -> Moment | None:
    """The moment, unless it was only guessed."""
    return None if moment is None or moment.is_guess else moment

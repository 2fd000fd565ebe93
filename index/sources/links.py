"""What a feed or a sitemap lists: addresses of stories, with what it says of each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from index.moment import Moment


@dataclass(frozen=True, slots=True)
class Link:
    """One story that a list names."""

    url: str
    title: str | None = None
    outlet: str | None = None
    """The feed's or the publication's name."""
    byline: str | None = None
    language: str | None = None
    published: Moment | None = None
    updated: Moment | None = None
    content: str | None = None
    """The story's whole text as HTML, where the feed carries it."""
    summary: str | None = None

    @property
    def hint(self) -> str | None:
        """Changes when the list says something else of the story; None where it says nothing.

        A story whose hint did not change since it was read need not be fetched again.
        """
        if self.updated is not None:
            told = [self.updated.isoformat(), self.title or ""]
        elif self.content or self.summary or self.published:
            published = self.published.isoformat() if self.published else ""
            told = [published, self.title or "", self.content or self.summary or ""]
        else:
            return None
        return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class LinkList:
    """A feed, a sitemap or an index of sitemaps."""

    title: str | None = None
    links: tuple[Link, ...] = ()
    """In the order of the list, each address once."""
    further: tuple[Link, ...] = ()
    """Sitemaps that an index names."""


def each_once(links: list[Link]) -> tuple[Link, ...]:
    """The links with every address once, the first of each."""
    return tuple({link.url: link for link in reversed(links)}.values())[::-1]

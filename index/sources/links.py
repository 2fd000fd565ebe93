"""What a feed or a sitemap lists: addresses of stories, with what it says of each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.moment import Moment
from index.urls import canonical_url


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
    hint: str | None = None
    """Changes when the list says something else of the story; None where it says nothing.

    A story whose hint did not change since it was read need not be fetched again.
    """
    listed_by: str | None = None
    """The address of the list."""


def hint_of(
    title: str | None, published: Moment | None, updated: Moment | None, text: str | None
) -> str | None:
    """A hint made of what a list says: its own time of the last change, else all of its words."""
    if updated is not None:
        told = [updated.isoformat(), title or ""]
    elif text or published:
        told = [published.isoformat() if published else "", title or "", text or ""]
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


def settle_links(found: LinkList, address: str) -> LinkList:
    """The list that was fetched from `address`, with canonical addresses, each once."""
    return LinkList(found.title, _settle(found.links, address), _settle(found.further, address))


def _settle(links: tuple[Link, ...], address: str) -> tuple[Link, ...]:
    return each_once([replace(one, url=canonical_url(one.url), listed_by=address) for one in links])


def each_once(links: Sequence[Link]) -> tuple[Link, ...]:
    """The links with every address once, the first of each."""
    return tuple({link.url: link for link in reversed(links)}.values())[::-1]

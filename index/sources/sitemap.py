"""Sitemaps, news sitemaps, and indexes of sitemaps (sitemaps.org, Google News)."""

from __future__ import annotations

from typing import Any

from index.dates import parse_date
from index.errors import SourceError
from index.moment import Moment
from index.sources.characters import clean_line
from index.sources.links import Link, LinkList, each_once, hint_of
from index.sources.xml_files import child, child_text, children, local_name, parse_xml
from index.urls import named_address

# What the protocol allows in one file.
_MOST_ADDRESSES = 50_000


def read_sitemap(content: bytes) -> LinkList:
    """Read a sitemap; the links of a news sitemap carry title, publication and time.

    Raises:
        SourceError: If it is none.
    """
    root = parse_xml(content)
    match local_name(root):
        case "sitemapindex":
            found = [_sitemap(one) for one in children(root, "sitemap")[:_MOST_ADDRESSES]]
            return LinkList(further=each_once([one for one in found if one]))
        case "urlset":
            found = [_story(one) for one in children(root, "url")[:_MOST_ADDRESSES]]
            return LinkList(links=each_once([one for one in found if one]))
        case other:
            raise SourceError(f"it is no sitemap: its root is <{other}>")


def _sitemap(element: Any) -> Link | None:
    url = _address(element)
    updated = _time(child_text(element, "lastmod"))
    return Link(url, updated=updated, hint=hint_of(None, None, updated, None)) if url else None


def _story(element: Any) -> Link | None:
    url = _address(element)
    if url is None:
        return None
    news = child(element, "news")
    updated = _time(child_text(element, "lastmod"))
    if news is None:
        return Link(url, updated=updated, hint=hint_of(None, None, updated, None))
    title = child_text(news, "title")
    published = _time(child_text(news, "publication_date"))
    return Link(
        url,
        title=clean_line(title) if title else None,
        outlet=child_text(news, "publication", "name"),
        language=child_text(news, "publication", "language"),
        published=published,
        updated=updated,
        hint=hint_of(title, published, updated, None),
    )


def _address(element: Any) -> str | None:
    url = child_text(element, "loc")
    return named_address(url) if url else None


def _time(value: str | None) -> Moment | None:
    return parse_date(value) if value else None

"""What the bytes behind an address are: a list of stories, an agency's delivery, or a page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from index.article import Article
from index.errors import SourceError
from index.failure import Failure, printable
from index.fetch.fetcher import Fetched
from index.items import Remark
from index.sources.draft import build_article
from index.sources.encoding import decode_text
from index.sources.feed import is_json_feed, read_feed, read_json_feed
from index.sources.files import HEAD_BYTES, refuse_foreign
from index.sources.links import Link, LinkList, settle_links
from index.sources.newsml import read_newsml_item
from index.sources.page import declared_charset
from index.sources.read import PAGE_LIMIT_BYTES
from index.sources.sitemap import read_sitemap
from index.sources.source import Source
from index.sources.story_page import draft_page
from index.sources.xml_files import stream_elements
from index.sources.xml_stories import FEED_ROOTS, SITEMAP_ROOTS, read_nitf, xml_root
from index.urls import named_address

_NEWSML = frozenset({"newsItem"})
_ADVERTISED = re.compile(r"<link\b[^>]{0,600}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(rel|type|href)\s*=\s*[\"']([^\"'<>]{1,500})[\"']", re.IGNORECASE)


def read_links(fetched: Fetched) -> LinkList | None:
    """The list that was fetched, or None if it is none.

    Raises:
        SourceError: If it is a broken one.
    """
    found = _read_list(fetched.content, fetched.final_url)
    return settle_links(found, fetched.url) if found else None


def _read_list(content: bytes, address: str) -> LinkList | None:
    root = xml_root(content[:HEAD_BYTES])
    if root in FEED_ROOTS:
        return read_feed(content, address)
    if root in SITEMAP_ROOTS:
        return read_sitemap(content)
    if content.lstrip()[:1] == b"{" and is_json_feed(content):
        return read_json_feed(content, address)
    return None


def read_stories(
    fetched: Fetched, label: str, link: Link | None
) -> Iterator[Article | Failure | Remark]:
    """The story that was fetched; of an agency's message all of its stories.

    Args:
        fetched: What is no list.
        label: What messages call it.
        link: What the list that named it says of it.

    Raises:
        SourceError: If there is no story in it.
    """
    content = fetched.content
    root = xml_root(content[:HEAD_BYTES])
    if root == "nitf":
        yield from read_nitf(Source(fetched.url, None, None), content)
    elif root is not None:
        for item in stream_elements(io.BytesIO(content), _NEWSML):
            yield from read_newsml_item(item, label)
    else:
        yield _read_page(fetched, label, link)


def _read_page(fetched: Fetched, label: str, link: Link | None) -> Article:
    content = fetched.content
    if len(content) > PAGE_LIMIT_BYTES:
        raise SourceError(f"it is longer than the {PAGE_LIMIT_BYTES / 1e6:.0f} MB a page may have")
    refuse_foreign(content[:HEAD_BYTES])
    declared = fetched.charset or declared_charset(content[:HEAD_BYTES])
    text = decode_text(content, declared)
    try:
        draft = draft_page(
            text,
            label=label,
            identity=fetched.url,
            address=fetched.final_url,
            # A temporary redirect may lead to a wall that is the same for every story.
            otherwise=fetched.moved_to or fetched.url,
            link=link,
        )
        return build_article(draft)
    except SourceError as error:
        feed = advertised_feed(text, fetched.final_url)
        hint = f"; it names a feed: dateline ingest {printable(feed)}" if feed else ""
        raise SourceError(f"{error}{hint}") from error


def advertised_feed(text: str, base: str) -> str | None:
    """The first feed that a page names in its head."""
    named = list[str | None]()
    for tag in _ADVERTISED.findall(text[:200_000]):
        part = {name.lower(): value for name, value in _ATTRIBUTE.findall(tag)}
        if "alternate" in part.get("rel", "").lower() and part.get("type", "").lower() in {
            "application/rss+xml", "application/atom+xml", "application/feed+json",
        }:  # fmt: skip
            named.append(named_address(part.get("href", ""), base))
    return next(filter(None, named), None)

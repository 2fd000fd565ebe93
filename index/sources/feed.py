"""RSS, Atom and JSON Feed: the stories that a site lists, newest as the feed has them."""

from __future__ import annotations

import io
import json
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from index.dates import parse_date
from index.errors import SourceError
from index.moment import Moment
from index.sources.characters import clean_line
from index.sources.links import Link, LinkList, each_once, hint_of
from index.sources.xml_files import refuse_entities
from index.urls import named_address

# Whole archives are delivered in other ways; a feed of more is a mistake or an attack.
_MOST_ENTRIES = 5_000
# A shorter text of an entry is a teaser, not the story.
_LEAST_STORY_CHARACTERS = 400


def read_feed(content: bytes, address: str) -> LinkList:
    """Read RSS 0.9-2.0, RDF or Atom.

    Args:
        content: The whole document.
        address: Where it was fetched from, which relative links are resolved against; empty for
            a saved feed, whose own site then stands in.

    Raises:
        SourceError: If it is no feed.
    """
    import feedparser  # noqa: PLC0415  costs 60 ms

    refuse_entities(content[:65_536])
    # Given bytes, feedparser takes what looks like an address or a path for one, and opens it.
    try:
        found = feedparser.parse(
            io.BytesIO(content), response_headers={"content-location": address}
        )
    except Exception as error:  # it says of none that it raises them, yet half of a pair is enough
        raise SourceError(f"it is no feed that can be read ({error})") from error
    if not found.version and not found.entries:
        raise SourceError(f"it is no feed that can be read ({found.get('bozo_exception')})")
    address = address or found.feed.get("link") or ""
    title = _line(found.feed.get("title"))
    language = _line(found.feed.get("language"))
    entries = found.entries[:_MOST_ENTRIES]
    links = [_entry(entry, address, title, language) for entry in entries]
    return LinkList(title, each_once([link for link in links if link]))


def is_json_feed(content: bytes) -> bool:
    """Whether JSON says of itself that it is a feed."""
    return b"jsonfeed.org/version/" in content[:2_000]


def read_json_feed(content: bytes, address: str) -> LinkList:
    """Read JSON Feed 1.0 or 1.1.

    Raises:
        SourceError: If it is none.
    """
    try:
        feed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"its JSON is broken: {error}") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise SourceError("it is no JSON Feed: there is no list of items")
    title = _line(feed.get("title"))
    language = _line(feed.get("language"))
    items = [item for item in feed["items"][:_MOST_ENTRIES] if isinstance(item, dict)]
    links = [_item(item, address, title, language) for item in items]
    return LinkList(title, each_once([link for link in links if link]))


def _entry(entry: Any, address: str, outlet: str | None, language: str | None) -> Link | None:
    link = entry.get("link") or entry.get("id")
    # Aggregators such as FeedBurner keep the story's own address beside theirs.
    url = _address(entry.get("feedburner_origlink") or link, address)
    if url is None:
        return None
    source = entry.get("source") or {}
    texts = [part.get("value") for part in entry.get("content", ()) if part.get("value")]
    summary = entry.get("summary")
    title, published = _line(entry.get("title")), _parsed(entry.get("published_parsed"))
    # Its own `get` gives the publication time where there is no other.
    updated = _parsed(dict.get(entry, "updated_parsed"))
    told = next(iter(texts), None) or (summary if isinstance(summary, str) else None)
    return Link(
        url=url,
        title=title,
        outlet=_line(source.get("title")) or outlet,
        byline=_line(entry.get("author")),
        language=_line(texts and entry["content"][0].get("language")) or language,
        published=published,
        updated=updated,
        content=next((text for text in texts if len(text) >= _LEAST_STORY_CHARACTERS), None),
        hint=hint_of(title, published, updated, told),
    )


def _item(
    item: Mapping[str, Any], address: str, outlet: str | None, language: str | None
) -> Link | None:
    url = _address(item.get("url") or item.get("external_url") or item.get("id"), address)
    if url is None:
        return None
    authors = item.get("authors") or [item.get("author")]
    authors = authors if isinstance(authors, list) else [authors]
    names = [_line(one.get("name")) for one in authors if isinstance(one, dict)]
    text = item.get("content_html") or item.get("content_text")
    text = text if isinstance(text, str) else None
    title = _line(item.get("title"))
    published, updated = _time(item.get("date_published")), _time(item.get("date_modified"))
    summary = item.get("summary")
    told = text or (summary if isinstance(summary, str) else None)
    return Link(
        url=url,
        title=title,
        outlet=outlet,
        byline=", ".join(filter(None, names)) or None,
        language=_line(item.get("language")) or language,
        published=published,
        updated=updated,
        content=text if text and len(text) >= _LEAST_STORY_CHARACTERS else None,
        hint=hint_of(title, published, updated, told),
    )


def _address(value: object, base: str) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    return named_address(value, base)


def _line(value: object) -> str | None:
    return (clean_line(value) or None) if isinstance(value, str) else None


def _time(value: object) -> Moment | None:
    return parse_date(value) if isinstance(value, str) else None


def _parsed(value: Any) -> Moment | None:
    """Feedparser's nine numbers, in UTC; feeds hold years such as 0000."""
    try:
        return Moment.of(datetime.fromtimestamp(timegm(value), UTC)) if value else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None

"""A WordPress export (WXR): the published posts of a site, read one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from index.article import Article
from index.failure import Failure, failure_of
from index.moment import Moment
from index.sources.draft import Draft, build_article
from index.sources.markup import parse_html, visible_text
from index.sources.published import read_time
from index.sources.source import Source, quoted
from index.sources.xml_files import child_text, children, stream_elements, text_of
from index.urls import is_web_url

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
# "[caption id=…]…[/caption]" frames a picture and its caption; other codes frame text.
_CAPTION = re.compile(r"\[caption\b[^\]]{0,500}\].{0,3000}?\[/caption\]", re.DOTALL)
_SHORT_CODE = re.compile(r"\[/?[a-z][\w-]{1,30}(?:\s[^\]\n]{0,500})?/?\]")
_BLANK_LINES = re.compile(r"\n\s*\n")


def read_wordpress(source: Source, stream: BinaryIO) -> Iterator[Article | Failure]:
    """Read an export; pages, drafts and posts behind a password are no published stories.

    Raises:
        SourceError: Where the document breaks off.
    """
    outlet = language = None
    for item in stream_elements(stream, frozenset({"item"})):
        channel = item.getparent()
        if channel is not None and outlet is None:
            # A channel's own fields stand before its first item, and are freed with it.
            outlet = child_text(channel, "title") or ""
            language = child_text(channel, "language")
        if _is_story(item):
            yield _read_item(source, item, outlet or None, language)


def _is_story(item: Any) -> bool:
    return (
        child_text(item, "post_type") in {None, "post"}
        and child_text(item, "status") in {None, "publish"}
        and not child_text(item, "post_password")
    )


def _read_item(
    source: Source, item: Any, outlet: str | None, language: str | None
) -> Article | Failure:
    address, number = child_text(item, "link"), child_text(item, "post_id")
    place = f"{source.label} {quoted(address or number or 'an item')}"
    try:
        body = "".join("".join(one.itertext()) for one in item if one.tag == _CONTENT)
        return build_article(
            Draft(
                body=_plain(body),
                identity=f"{source.key}#id={number}",
                source=place,
                url=address if address and is_web_url(address) else None,
                title=child_text(item, "title"),
                outlet=outlet,
                byline=child_text(item, "creator"),
                section=_category(item),
                language=language,
                published=_time("post_date_gmt", item) or _rss_time(item),
                modified=_time("post_modified_gmt", item),
            )
        )
    except Exception as error:
        return failure_of(place, error)


def _plain(body: str) -> str:
    text = _SHORT_CODE.sub("", _CAPTION.sub("", body))
    if "<p" not in text.lower():
        # The old editor stores paragraphs as blank lines.
        text = "".join(f"<p>{part}</p>" for part in _BLANK_LINES.split(text) if part.strip())
    return visible_text(parse_html(f"<div>{text}</div>")) if text.strip() else ""


def _category(item: Any) -> str | None:
    named = [text_of(one) for one in children(item, "category") if one.get("domain") == "category"]
    return next(filter(None, named), None)


def _time(name: str, item: Any) -> Moment | None:
    value = child_text(item, name)
    # What was never published has a time of zeros.
    return read_time(name, f"{value}Z") if value and not value.startswith("0000") else None


def _rss_time(item: Any) -> Moment | None:
    value = child_text(item, "pubDate")
    return read_time("pubDate", value) if value else None

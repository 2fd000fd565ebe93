"""NewsML-G2, in which agencies deliver stories: a message or an item, text items only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from index.article import Article
from index.errors import SourceError
from index.failure import Failure, failure_of
from index.items import Remark
from index.moment import Moment
from index.notice import Notice, NoticeKind
from index.sources import nitf
from index.sources.draft import Draft, build_article
from index.sources.published import read_time
from index.sources.source import quoted
from index.sources.xml_files import child, child_text, children, local_name, text_of
from index.urls import is_web_url

_WITHDRAWN = frozenset({"stat:canceled", "stat:withheld"})
_CORRECTION = "sig:correction"
_PARAGRAPHS = frozenset({"p", "h2", "h3", "h4", "li", "blockquote", "pre", "tr"})


def read_newsml_item(
    item: Any, label: str, now: datetime | None = None
) -> Iterator[Article | Failure | Remark]:
    """Read one `newsItem`: nothing for a picture, a remark where it takes a story back.

    A `guid` is a story; a greater `version` of it is an edit.
    """
    guid = " ".join((item.get("guid") or "").split())
    place = f"{label} {quoted(guid)}" if guid else label
    try:
        yield from _read(item, guid, place, now or datetime.now(UTC))
    except Exception as error:
        yield failure_of(place, error)


def _read(item: Any, guid: str, place: str, now: datetime) -> Iterator[Article | Remark]:
    meta, content = child(item, "itemMeta"), child(item, "contentMeta")
    if not guid:
        raise SourceError("the item has no guid, by which its next version would be known")
    if meta is None:
        raise SourceError("the item has no itemMeta")
    if _code(meta, "itemClass") not in {None, "ninat:text"}:
        return
    url = _address(meta, guid)
    created = read_time("versionCreated", child_text(meta, "versionCreated") or now.isoformat())
    if _code(meta, "pubStatus") in _WITHDRAWN:
        why = child_text(meta, "edNote") or "The agency took it back."
        yield Remark(url, Notice(NoticeKind.RETRACTED, why, created.start))
        return
    embargo = child_text(meta, "embargoed")
    if embargo and read_time("embargoed", embargo).start > now:
        raise SourceError(f"it is under embargo until {embargo}; ingest it again then")
    yield build_article(_draft(item, meta, content, url, place))
    signals = {one.get("qcode") for one in children(meta, "signal")}
    if _CORRECTION in signals:
        why = child_text(meta, "edNote") or "The agency corrected it."
        yield Remark(url, Notice(NoticeKind.CORRECTED, why, created.start))


def _draft(item: Any, meta: Any, content: Any | None, url: str, place: str) -> Draft:
    inline = _inline(item)
    body = _text(inline) if inline is not None else ""
    first = child_text(meta, "firstCreated")
    last = child_text(meta, "versionCreated")
    told = content if content is not None else meta
    dateline = child_text(told, "dateline")
    if dateline and body:
        body = nitf.with_dateline(dateline, body)
    issued = first or child_text(told, "contentCreated") or last
    language = child(told, "language")
    return Draft(
        body=body,
        identity=url,
        source=place,
        url=url,
        title=child_text(told, "headline") or child_text(meta, "title"),
        outlet=_provider(meta) or child_text(told, "infoSource", "name"),
        byline=child_text(told, "by") or child_text(told, "creator", "name"),
        section=child_text(told, "subject", "name"),
        language=(language.get("tag") if language is not None else None) or inline_language(inline),
        published=_time("firstCreated", issued),
        modified=_time("versionCreated", last),
    )


def inline_language(inline: Any | None) -> str | None:
    """The language that the text itself declares."""
    spaced = "{http://www.w3.org/XML/1998/namespace}lang"
    return inline.get(spaced) if inline is not None else None


def _inline(item: Any) -> Any | None:
    xml = child(item, "contentSet", "inlineXML")
    return xml if xml is not None else child(item, "contentSet", "inlineData")


def _text(inline: Any) -> str:
    root = next((one for one in inline if local_name(one)), None)
    if root is None:
        return "".join(inline.itertext())
    if local_name(root) == "nitf":
        return nitf.story_text(root)
    found = [text_of(one) for one in root.iter() if local_name(one) in _PARAGRAPHS]
    return "\n\n".join(filter(None, found))


def _address(meta: Any, guid: str) -> str:
    """The story's web address where the item gives one, else its guid."""
    for link in children(meta, "link"):
        address = link.get("href")
        if (link.get("rel") or "").endswith((":webPage", ":canonical")) and is_web_url(
            address or ""
        ):
            return str(address)
    return guid


def _provider(meta: Any) -> str | None:
    provider = child(meta, "provider")
    if provider is None:
        return None
    named = child_text(provider, "name") or provider.get("literal")
    # "nprov:AFP" stands for the agency where no name is given.
    return named or (provider.get("qcode") or "").rpartition(":")[2] or None


def _code(meta: Any, name: str) -> str | None:
    element = child(meta, name)
    return element.get("qcode") if element is not None else None


def _time(name: str, value: str | None) -> Moment | None:
    return read_time(name, value) if value else None

"""XML files that hold stories: agencies' deliveries, exports, saved feeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from index.article import Article
from index.errors import SourceError
from index.failure import Failure, failure_of
from index.items import Remark
from index.notice import NoticeKind
from index.sources.draft import Draft, build_article
from index.sources.feed import read_feed
from index.sources.files import HEAD_BYTES, read_limited
from index.sources.links import Link
from index.sources.markup import plain_field
from index.sources.newsml import read_newsml_item
from index.sources.nitf import draft_nitf, nitf_identity, nitf_notice
from index.sources.source import Source, quoted
from index.sources.wordpress import read_wordpress
from index.sources.xml_files import parse_xml, root_name, stream_elements

_NEWSML = frozenset({"newsMessage", "newsItem"})
FEED_ROOTS = frozenset({"rss", "feed", "RDF"})
SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})
XML_ROOTS = _NEWSML | FEED_ROOTS | SITEMAP_ROOTS | {"nitf"}
"""Local names of the root elements that are understood."""
_FEED_LIMIT_BYTES = 20_000_000
_WORDPRESS = b"wordpress.org/export/"


def xml_root(head: bytes) -> str | None:
    """The local name of an XML document's root, if it is one of `XML_ROOTS`."""
    name = (root_name(head) or "").rpartition(":")[2]
    return name if name in XML_ROOTS else None


def read_xml(
    source: Source, stream: BinaryIO, limit_bytes: int
) -> Iterator[Article | Failure | Remark]:
    """Read an XML document of stories.

    Raises:
        SourceError: If it is of no kind that holds stories, or breaks off.
    """
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    root = xml_root(head)
    if root == "nitf":
        yield from read_nitf(source, read_limited(stream, limit_bytes, "split it"))
    elif root in _NEWSML:
        for item in stream_elements(stream, frozenset({"newsItem"})):
            yield from read_newsml_item(item, source.label)
    elif root == "rss" and _WORDPRESS in head:
        yield from read_wordpress(source, stream)
    elif root in FEED_ROOTS:
        content = read_limited(stream, _FEED_LIMIT_BYTES, "split it")
        yield from _read_saved_feed(source, content)
    elif root in SITEMAP_ROOTS:
        raise SourceError("it only lists addresses; ingest the address that it was fetched from")
    else:
        raise SourceError("its XML is of no kind that is known: NITF, NewsML-G2, WXR, RSS or Atom")


def read_nitf(source: Source, content: bytes) -> Iterator[Article | Remark]:
    """Read one NITF document: its story, or the remark that takes it back.

    Raises:
        SourceError: If there is neither.
    """
    root = parse_xml(content)
    notice, url = nitf_notice(root), nitf_identity(root) or source.key
    if notice is None or notice.kind is not NoticeKind.RETRACTED:
        yield build_article(draft_nitf(root, label=source.label, identity=source.key))
    if notice is not None:
        yield Remark(url, notice)


def article_of_entry(link: Link, label: str) -> Article:
    """The story that a feed carries whole.

    Raises:
        SourceError: If it carries a teaser only.
    """
    if link.content is None:
        raise SourceError("the feed does not carry its text; ingest the story's address")
    return build_article(
        Draft(
            body=plain_field(link.content),
            identity=link.url,
            source=label,
            url=link.url,
            title=link.title,
            outlet=link.outlet,
            byline=link.byline,
            language=link.language,
            published=link.published,
            modified=link.updated,
        )
    )


def _read_saved_feed(source: Source, content: bytes) -> Iterator[Article | Failure]:
    for link in read_feed(content, "").links:
        place = f"{source.label} {quoted(link.url)}"
        try:
            yield article_of_entry(link, place)
        except Exception as error:
            yield failure_of(place, error)

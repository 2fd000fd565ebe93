"""A source to articles: which reader its name or its first bytes ask for."""

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from index.article import Article
from index.errors import SourceError
from index.failure import Failure, failure_of
from index.items import Item
from index.moment import Moment
from index.sources.draft import Draft, build_article
from index.sources.encoding import decode_text, guess_encoding, is_wide
from index.sources.files import HEAD_BYTES, open_file, read_limited, refuse_foreign
from index.sources.json_files import is_json_lines, read_json, read_json_lines
from index.sources.mapping import FieldMapping, read_fields
from index.sources.markdown import split_front_matter, strip_markdown
from index.sources.page import declared_charset
from index.sources.published import read_time
from index.sources.source import Source
from index.sources.story_page import draft_page
from index.sources.tables import read_table
from index.sources.warc import MAGIC, read_warc
from index.sources.xml_stories import read_xml, xml_root

ARTICLE_LIMIT_BYTES = 20_000_000
"""The most that one article may have: a text file, or a line of a file of records."""
# JSON must be parsed whole, which takes about ten times its size in memory.
_JSON_LIMIT_BYTES = 100_000_000
# A page of a longer source is a dump; extracting takes seconds for each megabyte.
PAGE_LIMIT_BYTES = 5_000_000
"""The most that one page may have."""

_Kind = Literal["text", "markdown", "page", "json", "lines", "table", "xml", "warc"]
_KIND_BY_SUFFIX: dict[str, _Kind] = {
    ".txt": "text", ".md": "markdown", ".markdown": "markdown", ".html": "page", ".htm": "page",
    ".json": "json", ".jsonl": "lines", ".ndjson": "lines", ".csv": "table", ".tsv": "table",
    ".xml": "xml", ".rss": "xml", ".atom": "xml",
}  # fmt: skip
_GZIP = b"\x1f\x8b"
_PAGE_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)


def read_articles(
    source: Source, *, mapping: FieldMapping | None = None, limit_bytes: int = ARTICLE_LIMIT_BYTES
) -> Iterator[Item]:
    """Read a source to its end, one item for each article or record in it.

    Whatever is in the file, nothing is raised: a record or a file that cannot be read is a
    `Failure` that says why, and reading goes on behind it.

    Args:
        source: From `find_sources`.
        mapping: How the user's records name their fields; known names are found without.
        limit_bytes: The most that one article may have; a longer one is a failure and is not
            read into memory.
    """
    try:
        if source.path is None:
            if source.stream is None:
                raise SourceError("there is nothing to read it from")
            yield from read_json_lines(source, source.stream, mapping, limit_bytes)
        else:
            yield from _read_file(source, source.path, mapping, limit_bytes)
    except OSError as error:
        yield Failure(source.label, f"it cannot be read: {error.strerror or error}")
    except Exception as error:
        yield failure_of(source.label, error)


def _read_file(
    source: Source, path: Path, mapping: FieldMapping | None, limit_bytes: int
) -> Iterator[Item]:
    with open_file(path) as stream:
        head = stream.read(HEAD_BYTES)
        if not head:
            raise SourceError("it is empty")
        kind = _kind(path, head)
        if kind != "warc":
            refuse_foreign(head)
        stream.seek(0)
        if kind == "warc":
            yield from read_warc(source, stream, min(limit_bytes, PAGE_LIMIT_BYTES))
        elif kind == "xml":
            yield from read_xml(source, stream, limit_bytes)
        elif kind in {"lines", "table"}:
            reader = read_json_lines if kind == "lines" else read_table
            records, encoding = _open_records(stream, head, limit_bytes)
            yield from reader(source, records, mapping, limit_bytes, encoding)
        elif kind == "json":
            yield from _read_json(source, stream, mapping, limit_bytes)
        else:
            yield _read_one(source, stream, kind, mapping, limit_bytes)


def _kind(path: Path, head: bytes) -> _Kind:
    kind = _KIND_BY_SUFFIX.get(path.suffix.lower())
    if head.startswith(MAGIC) or (head.startswith(_GZIP) and _is_packed_warc(head)):
        return "warc"
    # Pages are often saved as ".txt" or ".xml", and any other name says nothing.
    if kind in {None, "text", "xml"} and _PAGE_START.match(head):
        return "page"
    if kind in {None, "text"} and xml_root(head):
        return "xml"
    if kind is None and head.lstrip()[:1] in {b"{", b"["}:
        return "json"
    return kind or "text"


def _is_packed_warc(head: bytes) -> bool:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, len(MAGIC)) == MAGIC
    except zlib.error:
        return False


def _open_records(stream: BinaryIO, head: bytes, limit_bytes: int) -> tuple[BinaryIO, str | None]:
    """The stream as lines of bytes, and their encoding if it is not UTF-8."""
    decode_text(head)  # refuses binary files at once, not line by line
    if not is_wide(head):
        return stream, guess_encoding(head)
    content = read_limited(stream, limit_bytes, "save it as UTF-8, which is read line by line")
    return io.BytesIO(decode_text(content).encode("utf-8", "replace")), None


def _read_json(
    source: Source, stream: BinaryIO, mapping: FieldMapping | None, limit_bytes: int
) -> Iterator[Article | Failure]:
    content = read_limited(
        stream, max(limit_bytes, _JSON_LIMIT_BYTES), "write one article a line into a .jsonl file"
    )
    text = decode_text(content)
    if is_json_lines(text):
        lines = io.BytesIO(text.encode("utf-8", "surrogatepass"))
        yield from read_json_lines(source, lines, mapping, limit_bytes)
    else:
        yield from read_json(source, text, mapping)


def _read_one(
    source: Source, stream: BinaryIO, kind: _Kind, mapping: FieldMapping | None, limit_bytes: int
) -> Article:
    limit = min(limit_bytes, PAGE_LIMIT_BYTES) if kind == "page" else limit_bytes
    content = read_limited(stream, limit, "split it into its articles")
    written = _written(stream)
    if kind == "page":
        text = decode_text(content, declared_charset(content[:HEAD_BYTES]))
        draft = draft_page(text, label=source.label, identity=source.key)
    else:
        draft = _text_draft(source, decode_text(content), mapping, is_markdown=kind == "markdown")
    return build_article(draft, written)


def _text_draft(
    source: Source, text: str, mapping: FieldMapping | None, *, is_markdown: bool
) -> Draft:
    front, body = split_front_matter(text)
    fields = read_fields(front, mapping)
    return Draft(
        body=strip_markdown(body) if is_markdown else body,
        identity=source.key,
        source=source.label,
        url=fields.url,
        title=fields.title,
        outlet=fields.outlet,
        byline=fields.author,
        section=fields.section,
        language=fields.language,
        published=read_time("published_at", fields.published_at) if fields.published_at else None,
        modified=read_time("modified_at", fields.modified_at) if fields.modified_at else None,
    )


def _written(stream: BinaryIO) -> Moment | None:
    """When the file was last changed; None where the file system holds no sensible time."""
    try:
        return Moment.of(datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC))
    except (OSError, OverflowError, ValueError):
        return None

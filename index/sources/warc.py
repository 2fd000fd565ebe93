"""WARC files, as crawlers and web archives keep pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from index.article import Article
from index.errors import SourceError
from index.failure import Failure, failure_of
from index.moment import Moment
from index.sources.draft import build_article
from index.sources.encoding import decode_text
from index.sources.files import HEAD_BYTES
from index.sources.page import declared_charset
from index.sources.source import Source, quoted
from index.sources.story_page import draft_page
from index.urls import is_web_url

MAGIC = b"WARC/"
_DRAINED_BYTES = 65_536


def read_warc(source: Source, stream: BinaryIO, limit_bytes: int) -> Iterator[Article | Failure]:
    """Read the pages that were kept; anything else in the archive is passed over.

    A page that was kept several times gives its versions, in the order of the file.

    Args:
        source: For messages.
        stream: The file, compressed by record or not at all.
        limit_bytes: The most that one page may have, unpacked.
    """
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415  costs 70 ms
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415

    records = iter(ArchiveIterator(stream))
    while True:
        try:
            record = next(records, None)
            if record is None:
                return
            found = _read_record(source, record, limit_bytes)
        except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
            yield Failure(source.label, f"the archive breaks off or is damaged: {error}")
            return
        if found is not None:
            yield found


def _read_record(source: Source, record: Any, limit_bytes: int) -> Article | Failure | None:
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    address = address.strip("<>")
    if not _is_page(record) or not is_web_url(address):
        return None
    place = f"{source.label} {quoted(address)}"
    content = record.content_stream().read(limit_bytes + 1)
    is_cut = len(content) <= limit_bytes and _breaks_off(record)
    try:
        if len(content) > limit_bytes:
            raise SourceError(f"the page is longer than {limit_bytes / 1e6:.0f} MB")
        if is_cut:
            raise SourceError("the archive breaks off in the middle of the page")
        charset = _charset(record) or declared_charset(content[:HEAD_BYTES])
        text = decode_text(content, charset)
        draft = draft_page(text, label=place, identity=address, address=address)
        return build_article(draft, _kept_at(record))
    except Exception as error:
        return failure_of(place, error)


def _breaks_off(record: Any) -> bool:
    """Whether the file ends before the record does, whose content was read to its end.

    warcio tells nothing of that: half of a page reads like a whole one.
    """
    while record.raw_stream.read(_DRAINED_BYTES):  # what may stand behind packed content
        pass
    return getattr(record.raw_stream, "limit", 0) > 0


def _is_page(record: Any) -> bool:
    if record.rec_type == "resource":
        return "html" in (record.rec_headers.get_header("Content-Type") or "").lower()
    if record.rec_type != "response" or record.http_headers is None:
        return False
    is_html = "html" in (record.http_headers.get_header("Content-Type") or "").lower()
    return record.http_headers.get_statuscode() == "200" and is_html


def _charset(record: Any) -> str | None:
    headers = record.http_headers
    kind = (headers.get_header("Content-Type") or "") if headers is not None else ""
    _, _, charset = kind.partition("charset=")
    return charset.split(";")[0].strip(" \"'") or None


def _kept_at(record: Any) -> Moment | None:
    """When the page was fetched: it is no younger."""
    try:
        date = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
    except ValueError:
        return None
    return Moment.of(date if date.tzinfo else date.replace(tzinfo=UTC))

"""NITF, in which agencies deliver stories: one document, one story."""

from __future__ import annotations

import re
from typing import Any

from index.errors import SourceError
from index.moment import Moment
from index.notice import Notice, NoticeKind
from index.sources.dateline import find_dateline
from index.sources.draft import Draft
from index.sources.published import read_time
from index.sources.xml_files import child, child_text, children, local_name, text_of
from index.urls import LONGEST_ADDRESS_BYTES, can_be_kept

_WITHDRAWN = frozenset({"canceled", "cancelled", "withheld", "killed", "kill"})
# Their text is about a picture, not the story's.
_LEFT_OUT = frozenset({"media", "hedline", "byline", "dateline", "note", "fn", "tagline"})
_BARE_TIME = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<zone>Z|[+-]\d{4})?)?"
)
_BLOCKS = frozenset({"p", "hl2", "li", "tr", "bq", "pre", "abstract", "hl1"})


def draft_nitf(root: Any, *, label: str, identity: str) -> Draft:
    """Read an NITF document.

    Args:
        root: Its root element.
        label: What messages call it.
        identity: What the article is called where the document has no id.

    Raises:
        SourceError: If a time in it cannot be read, or its id cannot be kept.
    """
    head, body = child(root, "head"), child(root, "body")
    body_head = child(root, "body", "body.head")
    data = child(head, "docdata") if head is not None else None
    paper = child(head, "pubdata") if head is not None else None
    return Draft(
        body=story_text(root),
        identity=_identity(data) or identity,
        source=label,
        title=_headline(body_head, head),
        outlet=_attribute(paper, "name") or _attribute(_of(data, "doc.copyright"), "holder")
        or _attribute(_of(data, "doc-id"), "regsrc"),
        byline=_byline(body_head),
        section=_attribute(paper, "position.section"),
        language=_language(root, body),
        published=_time("date.issue", _norm(data, "date.issue"))
        or _time("date.publication", _attribute(paper, "date.publication"))
        or _time("date.release", _norm(data, "date.release")),
    )  # fmt: skip


def nitf_notice(root: Any) -> Notice | None:
    """Whether the document takes its story back."""
    data = child(root, "head", "docdata")
    status = (_attribute(data, "management-status") or "").lower()
    message = child_text(data, "ed-msg") if data is not None else None
    told = message or _attribute(_of(data, "ed-msg"), "info") or ""
    words = {word.strip(".,:;!").lower() for word in told.split()}
    if status in _WITHDRAWN or words & {"kill", "killed", "withdrawn", "retracted"}:
        return Notice(NoticeKind.RETRACTED, told or f"The agency marked it {status}.")
    correction = _of(data, "correction")
    if correction is not None:
        text = _attribute(correction, "info") or text_of(correction) or "The agency corrected it."
        return Notice(NoticeKind.CORRECTED, text)
    return None


def nitf_identity(root: Any) -> str | None:
    """The URN of the story that the document is about, if it names one.

    Raises:
        SourceError: If no catalog could keep it.
    """
    return _identity(child(root, "head", "docdata"))


def story_text(root: Any) -> str:
    """The story's paragraphs with its dateline before them; empty where there are none."""
    content = child(root, "body", "body.content")
    paragraphs = list(_paragraphs(content)) if content is not None else []
    text = "\n\n".join(paragraphs)
    place = child_text(root, "body", "body.head", "dateline")
    return with_dateline(place, text) if place and text else text


def with_dateline(dateline: str, text: str) -> str:
    """The text with its dateline before it, as it is printed, unless it has one."""
    return text if find_dateline(text) else f"{dateline.rstrip(' -–—')} -- {text}"


def _paragraphs(element: Any) -> list[str]:
    found: list[str] = []
    for one in element:
        name = local_name(one)
        if name in _LEFT_OUT or not name:
            continue
        if name in _BLOCKS:
            if text := text_of(one):
                found.append(text)
        else:
            found += _paragraphs(one)
    return found


def _identity(data: Any | None) -> str | None:
    document = _of(data, "doc-id")
    number = _attribute(document, "id-string")
    if not number:
        return None
    identity = f"urn:nitf:{_attribute(document, 'regsrc') or ''}:{number}"
    if not can_be_kept(identity):
        raise SourceError(f"its doc-id is longer than {LONGEST_ADDRESS_BYTES:,} bytes")
    return identity


def _headline(body_head: Any | None, head: Any | None) -> str | None:
    told = child_text(body_head, "hedline", "hl1") if body_head is not None else None
    return told or (child_text(head, "title") if head is not None else None)


def _byline(body_head: Any | None) -> str | None:
    if body_head is None:
        return None
    people = [text_of(one) for one in children(body_head, "byline", "person")]
    return ", ".join(filter(None, people)) or child_text(body_head, "byline")


def _language(root: Any, body: Any | None) -> str | None:
    spaced = "{http://www.w3.org/XML/1998/namespace}lang"
    return next((one.get(spaced) for one in (root, body) if one is not None and one.get(spaced)),
                None)  # fmt: skip


def _of(data: Any | None, name: str) -> Any | None:
    return None if data is None else child(data, name)


def _norm(data: Any | None, name: str) -> str | None:
    return _attribute(_of(data, name), "norm")


def _attribute(element: Any | None, name: str) -> str | None:
    value = element.get(name) if element is not None else None
    return " ".join(value.split()) or None if value else None


def _time(name: str, value: str | None) -> Moment | None:
    """ISO 8601, in NITF often without its marks: `20231116T201526+0900`."""
    if not value:
        return None
    bare = _BARE_TIME.fullmatch(value)
    if bare:
        value = "-".join(bare.group("year", "month", "day"))
        if bare["hour"]:
            value += (
                f"T{bare['hour']}:{bare['minute']}:{bare['second'] or '00'}{bare['zone'] or ''}"
            )
    return read_time(name, value)

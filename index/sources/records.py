"""One record of somebody's data as the draft of an article."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from index.article import Article
from index.errors import SourceError
from index.failure import Failure, failure_of
from index.sources.characters import clean_line
from index.sources.draft import Draft, build_article
from index.sources.mapping import FieldMapping, Fields, read_fields
from index.sources.markup import plain_field, plain_line
from index.sources.published import read_time
from index.sources.source import Source, quoted
from index.urls import is_web_url

NAME_THE_BODY = "name one body, or map it: body=THEIR_FIELD"


def read_record(
    source: Source, place: str, record: object, mapping: FieldMapping | None
) -> Article | Failure:
    """The article of one record, or why there is none.

    `place` is what messages call the record: `news/a.jsonl line 3`.
    """
    try:
        if not isinstance(record, Mapping):
            raise SourceError("expected an object with the fields of an article")
        return build_article(_draft(source, place, record, mapping))
    except Exception as error:
        return failure_of(place, error)


def _draft(
    source: Source, place: str, record: Mapping[str, object], mapping: FieldMapping | None
) -> Draft:
    fields = read_fields(record, mapping)
    if fields.body is None:
        raise SourceError(f"no text: no field of {shown_names(record)} holds it; {NAME_THE_BODY}")
    return Draft(
        body=plain_field(fields.body),
        identity=_identity(source, fields),
        source=place,
        url=fields.url or (fields.id if fields.id and is_web_url(fields.id) else None),
        title=plain_line(fields.title),
        outlet=plain_line(fields.outlet),
        byline=plain_line(fields.author),
        section=plain_line(fields.section),
        language=fields.language,
        published=read_time("published_at", fields.published_at) if fields.published_at else None,
        modified=read_time("modified_at", fields.modified_at) if fields.modified_at else None,
    )


def _identity(source: Source, fields: Fields) -> str:
    """The URI of a record without an address, the same wherever in its file it stands."""
    file = "stdin:" if source.path is None else source.key
    if fields.id:
        return f"{file}#id={quote(clean_line(fields.id), safe='')}"
    # A story without a title or a time could be any other of the same name, so its text counts.
    distinct = fields.published_at if fields.title and fields.published_at else fields.body
    told = "\n".join(
        clean_line(part or "", limit=5000) for part in (fields.title, fields.outlet, distinct)
    )
    return f"{file}#story={hashlib.sha256(told.encode()).hexdigest()[:16]}"


def shown_names(record: Mapping[str, object]) -> str:
    """The names of a record's fields, for messages."""
    return quoted(", ".join(list(map(str, record))[:10])) if record else "an empty object"

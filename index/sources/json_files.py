"""JSON and JSON lines. A record that cannot be read is one failure; the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from index.article import Article
from index.errors import SourceError
from index.failure import Failure
from index.sources.encoding import decode_text
from index.sources.files import Line, read_lines
from index.sources.mapping import FieldMapping, knows
from index.sources.records import NAME_THE_BODY, read_record, shown_names
from index.sources.source import Source

# Under what names files keep their list of articles, at most two objects deep.
_LISTS = ("articles", "items", "data", "results", "documents", "docs", "news", "stories", "entries",
          "records", "posts", "response")  # fmt: skip
# A file that fails this often before its first article is of another kind.
_HOPELESS = 100


def parse_json(text: str) -> object:
    """The value of a JSON text.

    Raises:
        SourceError: Saying where it breaks.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise SourceError(f"not valid JSON: {error.msg} at {at}") from error
    except RecursionError as error:
        raise SourceError("not an article: its JSON is nested too deep") from error
    except ValueError as error:  # a number of thousands of digits
        raise SourceError("not an article: it holds a number of thousands of digits") from error


def is_json_lines(text: str) -> bool:
    """Whether text that is named JSON is JSON lines: its first line is an object, not its last."""
    first, _, rest = text.lstrip().partition("\n")
    if not first.startswith("{") or not rest.strip():
        return False
    try:
        return isinstance(parse_json(first), dict)
    except SourceError:
        return False


def read_json(
    source: Source, text: str, mapping: FieldMapping | None
) -> Iterator[Article | Failure]:
    """Articles of a whole JSON text: one object, a list, or an object that holds a list.

    Raises:
        SourceError: If the text is not JSON, or holds no articles.
    """
    value = parse_json(text)
    for number, record in enumerate(_records_in(value, mapping), 1):
        place = source.label if record is value else f"{source.label} record {number}"
        yield read_record(source, place, record, mapping)


def _records_in(value: object, mapping: FieldMapping | None, depth: int = 0) -> list[object]:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise SourceError("it holds a single JSON value, not an article or a list of articles")
    lists = (value[name] for name in _LISTS if isinstance(value.get(name), list | dict))
    inside = next(lists, None)
    if isinstance(inside, list) and any(isinstance(record, dict) for record in inside):
        return inside
    if isinstance(inside, dict) and depth < 2 and not knows(value, mapping):
        return _records_in(inside, mapping, depth + 1)
    if knows(value, mapping):
        return [value]
    raise SourceError(
        f'no articles in it: no list under "articles" or "items", and no field of '
        f"{shown_names(value)} holds a text; {NAME_THE_BODY}"
    )


def read_json_lines(
    source: Source,
    stream: BinaryIO,
    mapping: FieldMapping | None,
    line_limit_bytes: int,
    encoding: str | None = None,
) -> Iterator[Article | Failure]:
    """Articles of JSON lines, read one line at a time; blank lines are passed over.

    `encoding` is that of the file where it is not UTF-8.
    """
    failed = read = 0
    for line in read_lines(stream, line_limit_bytes):
        if line.content is not None and not line.content.strip():
            continue
        item = _read_line(source, line, mapping, encoding)
        yield item
        read, failed = read + isinstance(item, Article), failed + isinstance(item, Failure)
        if failed >= _HOPELESS and not read:
            yield Failure(source.label, f"given up after {failed} lines without an article")
            return


def _read_line(
    source: Source, line: Line, mapping: FieldMapping | None, encoding: str | None
) -> Article | Failure:
    place = f"{source.label} line {line.number}"
    try:
        record = parse_json(decode_text(line.kept(), encoding))
    except SourceError as error:
        return Failure(place, str(error))
    return read_record(source, place, record, mapping)

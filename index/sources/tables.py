"""Comma- and tab-separated values. A row that cannot be read is one failure."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from index.article import Article
from index.errors import SourceError
from index.failure import Failure
from index.sources.characters import clean_line
from index.sources.encoding import decode_text
from index.sources.files import read_lines
from index.sources.mapping import FieldMapping, knows
from index.sources.records import NAME_THE_BODY, read_record
from index.sources.source import Source, quoted

_DELIMITERS = ",;\t|"


def read_table(
    source: Source,
    stream: BinaryIO,
    mapping: FieldMapping | None,
    line_limit_bytes: int,
    encoding: str | None = None,
) -> Iterator[Article | Failure]:
    """Articles of a table whose first row names the fields, read row by row.

    The delimiter is the one of comma, semicolon, tab and bar that the first row has most of.
    `encoding` is that of the file where it is not UTF-8.

    Raises:
        SourceError: If the first row does not name a field for the text.
    """
    lines = _Lines(source, stream, line_limit_bytes, encoding)
    # The limit is the process's own; its default of 128 KiB is less than a long story.
    csv.field_size_limit(max(csv.field_size_limit(), line_limit_bytes))
    first = next(lines, "")
    delimiter = max(_DELIMITERS, key=first.count)
    header = [clean_line(name) for name in next(csv.reader([first], delimiter=delimiter), [])]
    if not knows(header, mapping):
        names = quoted(", ".join(header[:10]))
        raise SourceError(f"its first row, {names}, names no field for the text; {NAME_THE_BODY}")
    rows = csv.reader(lines, delimiter=delimiter)
    for item in _read_rows(source, rows, header, mapping, lines):
        yield from lines.take_failures()
        yield item
    yield from lines.take_failures()


class _Lines(Iterator[str]):
    """Lines of text with their ends, which values in quotation marks may contain.

    Lines that are too long or not text are left out and kept as failures.
    """

    def __init__(
        self, source: Source, stream: BinaryIO, limit_bytes: int, encoding: str | None
    ) -> None:
        self._label = source.label
        self._lines = read_lines(stream, limit_bytes)
        self._encoding = encoding
        self._failures: list[Failure] = []
        self.number = 0

    def __next__(self) -> str:
        for line in self._lines:
            self.number = line.number
            try:
                # A bare carriage return is an error to the csv module.
                return decode_text(line.kept(), self._encoding).replace("\r", " ") + "\n"
            except SourceError as error:
                self._failures.append(Failure(f"{self._label} line {line.number}", str(error)))
        raise StopIteration

    def take_failures(self) -> list[Failure]:
        """What was left out since the last call."""
        failures, self._failures = self._failures, []
        return failures


def _read_rows(
    source: Source,
    rows: Iterator[list[str]],
    header: Sequence[str],
    mapping: FieldMapping | None,
    lines: _Lines,
) -> Iterator[Article | Failure]:
    while True:
        place = f"{source.label} line {lines.number + 1}"
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield Failure(place, f"{error}: a quotation mark is not closed; the rest is not read")
            return
        if row is None:
            return
        if not any(row):
            continue
        if len(row) != len(header):
            told = f"{len(row)} values where the first row names {len(header)} fields"
            # An open quotation mark swallows the rows below it.
            spanned = "; is a quotation mark not closed?" if "\n" in "".join(row) else ""
            yield Failure(place, told + spanned)
            continue
        yield read_record(source, place, dict(zip(header, row, strict=True)), mapping)

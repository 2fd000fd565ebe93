"""Questions from the argument or from standard input, and lines from a file or from there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from bot.answer import Question
from bot.cli.questions import QuestionOptions, read_question
from index.errors import UsageError

_STDIN = "-"
# More than any question may have, in bytes of UTF-8.
_MOST_BYTES = 100_000


def read_typed_question(options: QuestionOptions) -> Question:
    """The one question that was asked, within its filters.

    Raises:
        UsageError: If there is none, or it or a date cannot be read.
    """
    filters = options.filters()
    text = options.question
    if text == _STDIN:
        content = sys.stdin.buffer.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise UsageError(
                f"The question on standard input is longer than {_MOST_BYTES:,} bytes. Shorten it."
            )
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UsageError("The question on standard input is not UTF-8.") from error
    return filters.ask(read_question(text))


@contextmanager
def open_lines(path: str) -> Iterator[BinaryIO]:
    """A file of lines, or standard input for "-".

    Raises:
        UsageError: If the file cannot be opened.
    """
    if path == _STDIN:
        yield sys.stdin.buffer
        return
    try:
        stream = open(path, "rb")  # noqa: SIM115  closed below; only its opening is a wrong use
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read the batch {path}: {error}.") from error
    with stream:
        yield stream

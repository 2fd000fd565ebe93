"""Many questions, one JSON object a line: one process, one result a line, in the same order."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from bot.answer import Question, Turn
from bot.cli.console import write_json, write_note
from bot.cli.edge import OK, PARTLY_DONE
from bot.cli.questions import Filters, read_question
from bot.cli.stdin import open_lines
from index.errors import LibraryError, UsageError

_FIELDS = ("id", "question", "as_of", "since", "until", "outlet", "history")
_MOST_LINE_BYTES = 1_000_000
_MOST_TURNS = 20

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as JSON gave it."""

    number: int
    fields: Mapping[str, Any]

    @property
    def id(self) -> str | int | None:
        """The caller's name for the question, given back as it came."""
        given = self.fields.get("id")
        is_usable = isinstance(given, str | int) and not isinstance(given, bool)
        return given if is_usable else None


def run_batch(path: str, answer: Callable[[Question], dict[str, Any]], defaults: Filters) -> int:
    """Answer every line of `path`; a line that cannot be answered becomes `{"id", "error"}`.

    Args:
        path: The file, or "-".
        answer: Gives a question's result. What it raises is that line's error, unless it says
            that the library cannot be used.
        defaults: Filters of lines that set none themselves.

    Returns:
        The exit code.

    Raises:
        LibraryError: If the library fails; every further line would too.
        UsageError: If the file cannot be read.
    """
    bad = total = 0
    with open_lines(path) as stream:
        for number, content in _read_lines(stream):
            total += 1
            result = _answer_line(number, content, answer, defaults)
            bad += "error" in result
            write_json(result)
    if bad:
        write_note(f"{bad} of {total} lines could not be answered; each has an error in its place.")
    return PARTLY_DONE if bad else OK


def _answer_line(
    number: int,
    content: bytes | None,
    answer: Callable[[Question], dict[str, Any]],
    defaults: Filters,
) -> dict[str, Any]:
    line = _Line(number, {})
    try:
        line = _parse_line(number, content)
        return {**answer(_read_question(line, defaults)), "id": line.id}
    except LibraryError:
        raise
    except BrokenPipeError:
        raise
    except UsageError as error:
        return {"id": line.id, "error": f"line {number}: {error}"}
    except Exception as error:  # one question must not end the other ones' run
        logger.warning("batch line failed line=%d error=%s", number, type(error).__name__)
        logger.debug("failed", exc_info=True)
        return {"id": line.id, "error": f"line {number}: {type(error).__name__}: {error}"}


def _read_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines that hold something; None for one too long to be a question."""
    number = 0
    while content := stream.readline(_MOST_LINE_BYTES + 1):
        number += 1
        if len(content) <= _MOST_LINE_BYTES:
            if content.strip():
                yield number, content
            continue
        while content and not content.endswith(b"\n"):
            content = stream.readline(_MOST_LINE_BYTES)
        yield number, None


def _parse_line(number: int, content: bytes | None) -> _Line:
    if content is None:
        raise UsageError(f"it is longer than {_MOST_LINE_BYTES:,} bytes")
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError("it is not valid JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise UsageError('it is no JSON object such as {"id": "q1", "question": "…"}')
    return _Line(number, value)


def _read_question(line: _Line, defaults: Filters) -> Question:
    # A misspelled "as_of" that is passed over would let the future in.
    if unknown := sorted(line.fields.keys() - set(_FIELDS)):
        raise UsageError(f"unknown field {unknown[0][:60]!r}; known: {', '.join(_FIELDS)}")
    own = Filters.read(
        _text(line, "as_of"), _text(line, "since"), _text(line, "until"), _text(line, "outlet")
    )
    filters = own.or_else(defaults)
    history = _history(line)
    return filters.ask(
        read_question(_text(line, "question")),
        id=None if line.id is None else str(line.id),
        history=history,
    )


def _text(line: _Line, name: str) -> str | None:
    value = line.fields.get(name)
    return None if value is None else _check_text(name, value)


def _check_text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name}: expected text")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise UsageError(f"{name}: it holds half a character (a lone surrogate)")
    return value


def _history(line: _Line) -> tuple[Turn, ...]:
    turns = line.fields.get("history")
    if turns is None:
        return ()
    if not isinstance(turns, list):
        raise UsageError("history: expected a list of earlier questions, the oldest first")
    # Older turns would not be looked at.
    return tuple(map(_read_turn, turns[-_MOST_TURNS:]))


def _read_turn(turn: object) -> Turn:
    """A turn: a question, or `{"question", "answer"?}`."""
    if isinstance(turn, str):
        return Turn(read_question(_check_text("history", turn)))
    if not isinstance(turn, dict) or not {"question"} <= turn.keys() <= {"question", "answer"}:
        raise UsageError('history: expected questions, or objects {"question", "answer"?}')
    question = read_question(_check_text("history: question", turn["question"]))
    if turn.get("answer") is None:
        return Turn(question)
    answer = _check_text("history: answer", turn["answer"])
    return Turn(question, answer=tuple(line for line in answer.splitlines() if line.strip()))

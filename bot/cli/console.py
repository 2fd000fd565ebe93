"""Writing to the terminal: one object a line, notes, and colour only where it is wanted."""

from __future__ import annotations

import json
import os
import sys
from typing import IO, TYPE_CHECKING, Any

from bot.plain import plain_line

if TYPE_CHECKING:
    from rich.console import Console


def write_json(value: object) -> None:
    """Write one JSON object as a line on standard output, and flush it.

    In ASCII: it survives any locale, and no text in it can steer a terminal.
    """
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def write_note(line: str) -> None:
    """Write one line for people on standard error."""
    sys.stderr.write(plain_line(line) + "\n")
    sys.stderr.flush()


def open_console(stream: IO[str]) -> Console:
    """A console on `stream` that shows text as it is: nothing in it is markup.

    With `NO_COLOR` set, or where the stream is no terminal, it writes plain characters.
    """
    from rich.console import Console

    options: dict[str, Any] = {"color_system": None} if os.environ.get("NO_COLOR") else {}
    return Console(file=stream, markup=False, emoji=False, highlight=False, **options)

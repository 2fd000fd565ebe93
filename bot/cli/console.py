"""Writing to the terminal: text from outside made harmless, colour only where it is wanted."""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# Escape sequences whole, so that no "[31m" stays behind; a sequence that never ends loses its
# introducer only.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,2048}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]{0,8}[0-~]?"
)
# Joiners are part of how Persian, Indic scripts and emoji are written.
_JOINERS = "\u200c\u200d"


def plain_text(text: str) -> str:
    """Text as it may be shown on a terminal: no escapes, controls, direction marks or tags.

    Newlines stay; tabs become spaces.
    """
    if text.isprintable():
        return text
    text = _ESCAPES.sub("", text).replace("\t", " ")
    return "".join(
        char
        for char in text
        if char == "\n" or char in _JOINERS or unicodedata.category(char)[0] != "C"
    )


def plain_line(text: str) -> str:
    """`plain_text` on one line with single spaces."""
    return " ".join(plain_text(text).split())


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

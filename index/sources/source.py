"""A place that articles are read from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from index.failure import printable
from index.urls import is_web_url

STDIN_KEY = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One file, standard input, or an address of the web."""

    key: str
    """The absolute path as a file URI, "-" for standard input, or an address of the web."""
    path: Path | None
    """None for standard input and for the web."""
    fingerprint: str | None
    """`size:mtime_ns`: while it is the same, the file need not be read again. None if unknown."""
    stream: BinaryIO | None = field(default=None, repr=False, compare=False)
    """What to read where there is no path."""

    @property
    def label(self) -> str:
        """What messages call it, on one line: `news/a.jsonl`, `stdin`."""
        if self.path is not None:
            return shown_path(self.path)
        return "stdin" if self.key == STDIN_KEY else printable(self.key)

    @property
    def is_web(self) -> bool:
        """Whether it must be fetched."""
        return self.path is None and self.stream is None and is_web_url(self.key)


def shown_path(path: Path) -> str:
    """The path as a person would type it, relative if it lies below the current folder."""
    text = os.path.abspath(path)
    try:
        here = os.path.join(os.getcwd(), "")
    except OSError:  # the current folder was removed
        return printable(text)
    return printable(text.removeprefix(here) or text)


def quoted(value: object) -> str:
    """A value from outside as it may stand in a message: short, on one line."""
    text = repr(value) if not isinstance(value, str) else value
    text = text if len(text) <= 60 else text[:57] + "…"
    return f'"{printable(text)}"'

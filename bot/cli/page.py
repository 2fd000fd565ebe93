"""Paragraphs on a console: wrapped and indented on a terminal, one line each everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.plain import plain_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_NARROWEST = 24
# Longer lines of prose are hard to read, however wide the window is.
_WIDEST = 100


class Page:
    """Writes to one console, top to bottom."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def line(self, *pieces: str | tuple[str, str], indent: int = 0, first: str = "") -> None:
        """Write one paragraph.

        Args:
            pieces: Text, or text and its style; made harmless here.
            indent: Columns to the left of every line.
            first: Stands in the indent of the first line, such as a number.
        """
        from rich.text import Text

        text = Text()
        for piece in pieces:
            words, style = piece if isinstance(piece, tuple) else (piece, "")
            text.append(_kept_spaces(words), style=style)
        self._write(text, indent, first)

    def link(self, url: str, *, indent: int) -> None:
        """Write an address on a line of its own, unbroken; one of the web can be clicked."""
        from rich.style import Style
        from rich.text import Text

        address = plain_line(url)
        is_web = address.lower().startswith(("http://", "https://"))
        style = Style(dim=True, link=address if is_web else None)
        self._console.print(Text(" " * indent).append(address, style=style), soft_wrap=True)

    def blank(self) -> None:
        """Leave a line empty."""
        self._console.print()

    def _write(self, text: Text, indent: int, first: str) -> None:
        from rich.text import Text

        if self._console.is_terminal:
            width = min(max(self._console.width, _NARROWEST), _WIDEST)
            lines = list(text.wrap(self._console, max(width - indent, _NARROWEST)))
        else:
            lines = [text]
        for number, line in enumerate(lines):
            margin = first.ljust(indent) if number == 0 else " " * indent
            line.rstrip()
            self._console.print(Text(margin).append_text(line), soft_wrap=True)


def _kept_spaces(text: str) -> str:
    """`plain_line`, with a single space kept at either end, where pieces meet."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[1:] and text[-1].isspace() else ""
    return f"{before}{plain_line(text)}{after}"

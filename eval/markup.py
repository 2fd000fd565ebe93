"""Text from outside in Markdown: what a model or an article wrote, a case's name."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"[\\`*_{}\[\]()#+\-.!|~:@$^=&<>\"']")


def escape_markdown(text: str) -> str:
    """Text that a Markdown renderer shows as it is, on one line.

    It may still mention somebody or name an issue: GitHub looks for those in what was rendered.
    """
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", " ".join(text.split()))


def render_code(text: str, *, limit: int) -> str:
    """The same as code, cut at `limit` characters: there nothing is looked for."""
    line = " ".join(text.split())
    cut = line if len(line) <= limit else line[: limit - 1] + "…"
    # Entities: GitHub reads Markdown inside of <code> too, and a bar would end a table's cell.
    safe = escape_markdown(cut)
    return f"<code>{safe}</code>" if safe else ""

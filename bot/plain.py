"""Text from outside made harmless: no escapes, controls, direction marks or invisible tags."""

from __future__ import annotations

import re
import unicodedata

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
    """Text as it may be shown to people: no escapes, controls, direction marks or tags.

    Newlines stay; tabs become spaces.
    """
    if text.isprintable():
        return text
    text = _ESCAPES.sub("", text).replace("\t", " ")
    unseen = {ord(char): None for char in set(text) if _is_unseen(char)}
    return text.translate(unseen)


def _is_unseen(char: str) -> bool:
    return char != "\n" and char not in _JOINERS and unicodedata.category(char)[0] == "C"


def plain_line(text: str) -> str:
    """`plain_text` on one line with single spaces."""
    return " ".join(plain_text(text).split())

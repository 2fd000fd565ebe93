"""Text freed of characters that hide, reorder or break other text.

Zero-width and bidirectional controls, Unicode tags and variation selectors can carry words that
no reader sees; control characters break terminals; lone surrogates break databases.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028]")
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"  # controls but tab and newline
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, fillers, marks
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"  # zero width, direction
    "\ufff0-\ufffc\ufffe\uffff\ufdd0-\ufdef"  # annotations and non-characters
    "\ud800-\udfff"  # halves of a pair
    "\U000e0000-\U000e0fff"  # tags and more variation selectors
    "]+"
)
# Joiners shape Persian, Indic scripts and emoji; beside Latin letters they only hide.
_JOINERS = re.compile("[\u200c\u200d]{2,}")
_IDLE_JOINER = re.compile("(?<![^\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u024f])")
_SPACE = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Long runs of stops and closing marks are drawn lines; splitting sentences at them is quadratic.
_DRAWN = re.compile(r"[.!?…\"'”’»)\]]{81,}")
_DRAWN_AT_MOST = 80
# No script stacks more; sorting long runs is what makes normalising quadratic.
_MARKS_AT_MOST = 8


def clean_characters(text: str) -> str:
    """The text in NFC, with one kind of line end and of space.

    Words stay as they are; what is removed has no width or no meaning.
    """
    text = _NEWLINE.sub("\n", text).replace("\u2029", "\n\n")
    text = _SPACE.sub(" ", _UNSEEN.sub("", text))
    text = _DRAWN.sub(lambda run: run[0][:_DRAWN_AT_MOST], text)
    if text.isascii():
        return text
    text = _IDLE_JOINER.sub("", _JOINERS.sub(lambda run: run[0][0], text))
    text = _long_marks().sub(lambda run: run[0][:_MARKS_AT_MOST], text)
    return unicodedata.normalize("NFC", text)


def clean_line(text: str, *, limit: int = 1000) -> str:
    """The text on one line with single spaces, cut after `limit` characters."""
    return " ".join(clean_characters(text[: 4 * limit]).split())[:limit].rstrip()


@cache
def _long_marks() -> re.Pattern[str]:
    marks = "".join(chr(code) for code in range(0x300, 0x1E950) if unicodedata.combining(chr(code)))
    return re.compile(f"[{re.escape(marks)}]{{{_MARKS_AT_MOST + 1},}}")


def control_share(text: str) -> float:
    """The share of characters, 0 to 1, that no text has: controls but white space."""
    if not text:
        return 0.0
    odd = sum(
        1 for char in text if (char < " " and char not in "\t\n\r\f\v") or "\x7f" <= char <= "\x9f"
    )
    return odd / len(text)

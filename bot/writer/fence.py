"""Blocks around text from outside, that nothing inside them can close.

Each block's lines carry a key that nobody outside can know and that occurs in none of the texts.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence

_HAS_DIGIT = re.compile(r"\d")


def make_key() -> str:
    """A key nobody can guess: `k` and eight hexadecimal digits, one of them a figure."""
    while True:
        key = secrets.token_hex(4)
        if _HAS_DIGIT.search(key):
            return f"k{key}"


def draw_keys(
    count: int, texts: Sequence[str], make_key: Callable[[], str] = make_key
) -> list[str]:
    """Keys that differ, and of which none stands in a text: there it could close a block."""
    held = "\n".join(texts).lower()
    keys: list[str] = []
    while len(keys) < count:
        key = make_key()
        if key not in held and key not in keys:
            keys.append(key)
    return keys


def fence(kind: str, key: str, text: str) -> str:
    """`text` between the opening and the closing line of its block."""
    return f"=== {kind} {key} begins ===\n{text}\n=== {kind} {key} ends ==="

"""Plain text to paragraphs, each on one line.

A newline ends a sentence for everything downstream, so lines that were only wrapped at a column
are joined again; lines that stand for themselves (headers, list items, short lines) are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.sources.dateline import find_dateline

_BLANK = re.compile(r"\n[ \t]*\n\s*")
_SPACES = re.compile(r" {2,}")
_ENDS = re.compile(r"[.!?:;…][\"'”’»)\]]*$|[\"”»]$")
# List items and labelled lines begin a paragraph even in wrapped text.
_OPENS = re.compile(
    r"(?:[-*•‣▪–—]\s|\(?\d{1,3}[.)]\s|[A-Z][a-z]+(?: [a-z]+)?:\s|by\s+[A-Z]|\|)|[-*_=#~]{3,}$",
    re.IGNORECASE,
)
_HYPHENATED = re.compile(r"[^\W\d_]-\s*$")
_IDEOGRAPH = re.compile("[\u3001-\u30ff\u3400-\u9fff\uff01-\uff60]")
# Columns at which people and programs wrap text.
_NARROWEST, _WIDEST = 34, 130
# Fewer lines that follow each other tell nothing: three of credits may be of about one length.
_FEWEST_WRAPPED = 5


def split_paragraphs(text: str) -> list[str]:
    """The paragraphs of cleaned text (`clean_characters`), in order, none empty."""
    blocks = [block.split("\n") for block in _BLANK.split(text)]
    width = _wrap_width(blocks)
    paragraphs = (paragraph for block in blocks for paragraph in _join_lines(block, width))
    return [paragraph for paragraph in paragraphs if paragraph]


def _join_lines(lines: Sequence[str], width: int | None) -> Iterator[str]:
    parts: list[str] = []
    before = ""
    for line in lines:
        if parts and not _continues(before, line, width):
            yield _joined(parts)
            parts = []
        parts.append(line.strip())
        before = line
    yield _joined(parts)


def _joined(parts: Sequence[str]) -> str:
    text = parts[0] if parts else ""
    for part in parts[1:]:
        # "co-" + "operation" was broken at its own hyphen; ideographs have no spaces to lose.
        hyphenated = part[:1].islower() and _HYPHENATED.search(text[-3:])
        ideographs = _IDEOGRAPH.match(text[-1:]) and _IDEOGRAPH.match(part[:1])
        text += part if hyphenated or ideographs else f" {part}"
    return _SPACES.sub(" ", text).strip()


def _continues(line: str, following: str, width: int | None) -> bool:
    if not line.strip() or not following.strip() or _stands_alone(following, line):
        return False
    open_end = not _ENDS.search(line.rstrip())
    broken = _HYPHENATED.search(line) is not None or len(line) >= _NARROWEST
    goes_on = open_end and broken and following.lstrip()[0].islower()
    return goes_on or (width is not None and _fills(line, following, width))


def _stands_alone(line: str, before: str) -> bool:
    indented = line[:2].isspace() and not before[:1].isspace()
    start = line.lstrip()[:120]
    return indented or bool(_OPENS.match(start)) or find_dateline(start) is not None


def _fills(line: str, following: str, width: int) -> bool:
    """Whether the next line's first word would not have fitted on the line."""
    word = following.split(maxsplit=1)[0]
    return len(line.rstrip()) + 1 + len(word) > width


def _wrap_width(blocks: Sequence[Sequence[str]]) -> int | None:
    """The column at which the text was wrapped, or None if every line is a paragraph."""
    pairs = [
        (line, following)
        for block in blocks
        for line, following in pairwise(block)
        if line.strip() and following.strip()
    ]
    if len(pairs) < _FEWEST_WRAPPED:
        return None
    lengths = sorted(len(line.rstrip()) for line, _ in pairs)
    width = lengths[round(0.95 * (len(lengths) - 1))]
    if not _NARROWEST <= width <= _WIDEST:
        return None
    full = sum(_fills(line, following, width) for line, following in pairs)
    unfinished = sum(not _ENDS.search(line.rstrip()) for line, _ in pairs)
    # Lines that are whole paragraphs end in a stop, and their lengths are any.
    return width if full >= 0.6 * len(pairs) and unfinished >= 0.4 * len(pairs) else None

"""Corrections and retractions that a story tells of itself, by the words that outlets use.

A story about somebody else's correction is none: the note must stand at the head of the title or
of a paragraph, and speak of "this article", or be labelled as a correction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.notice import Notice, NoticeKind

# Brackets and bullets may stand before a note; quotation marks make it somebody's words.
_START = r"[\s*_•\[(–—-]{0,6}"
_STORY = r"(?:article|story|report|piece|post|column|headline|page|item|dispatch|text)"
_THIS = rf"(?:this|the above)\s+(?:[\w.,]{{1,12}}\s+){{0,3}}?{_STORY}"
_DAY = r"(?:\s*[(,]?\s*(?:on\s+|of\s+)?[\w.]{2,12}\.?\s+\d{1,2}(?:,?\s+\d{4})?\s*\)?)?"
_DONE = (
    r"(?:(?:has|have|had)\s+(?:since\s+|now\s+)?been|was|were|is)\s+(?:since\s+|now\s+)?"
    r"(?:\w+ly\s+)?"
)

_CORRECTED = re.compile(
    rf"{_START}(?:"
    rf"(?:corrections?|clarifications?|corrections?\s+(?:and|&)\s+clarifications?|erratum|errata)"
    rf"{_DAY}\s*[:—–]"
    rf"|{_THIS}\s+(?:{_DONE}(?:corrected|amended|clarified|updated\s+to\s+(?:correct|clarify|fix))"
    r"|corrects\b|clarifies\b)"
    rf"|an?\s+(?:earlier|previous|prior|original)\s+versions?\s+of\s+(?:{_THIS}|the\s+{_STORY})"
    r"|corrects\s[^\n]{3,160}\)"
    r"|(?:editors?|publisher)['’]?s?['’]?\s+note\s*:[^\n]{0,240}?"
    r"\b(?:corrected|amended|misstated|misspelled|misidentified|incorrectly|in\s+error)\b"
    r").*",
    re.IGNORECASE,
)
_RETRACTED = re.compile(
    rf"{_START}(?:"
    rf"(?:(?:editors?|publisher)['’]?s?['’]?\s+note\s*:?\s+)?{_THIS}\s+{_DONE}"
    r"(?:retracted|withdrawn|removed|taken\s+down|unpublished|deleted|killed)\b"
    rf"|(?:we|the\s+[\w ]{{2,40}})\s+(?:has|have)\s+(?:retracted|withdrawn)\s+{_THIS}"
    rf"|{_THIS}\s+is\s+no\s+longer\s+available"
    r").*",
    re.IGNORECASE,
)
_TITLE_RETRACTED = re.compile(
    r"^[\s\[(*]{0,3}(?:retracted|retraction|withdrawn|story\s+withdrawn|mandatory\s+kill|kill)"
    r"[\])]?\s*[:—–-]\s*\S",
    re.IGNORECASE,
)
_TITLE_CORRECTED = re.compile(
    r"^[\s\[(*]{0,3}(?:corrected|correction|clarification)[\])]?\s*[:—–-]\s*\S"
    r"|\(corrected\)\s*$|\[corrected\]\s*$",
    re.IGNORECASE,
)
# Every note has one of these; most stories have none, and are done with.
_WORDS = (
    "correct", "clarif", "errat", "amended", "retract", "withdrawn", "version", "removed",
    "taken down", "unpublished", "deleted", "killed", "no longer", "misstated", "misspelled",
    "misidentified", "in error",
)  # fmt: skip
_OPENING = re.compile(
    rf"{_START}(?:correct|clarif|errat|this\b|the\b|an?\b|editor|publisher|we\b)", re.IGNORECASE
)
_AT_HEAD, _AT_FOOT = 6, 12
_LOOKED_AT = 600
"""Characters of a paragraph."""
_LONGEST = 300


def find_notice(title: str | None, body: str) -> Notice | None:
    """The correction or the retraction that a story tells of itself, if it does.

    A retraction counts before any correction.
    """
    if title and _TITLE_RETRACTED.match(title):
        return Notice(NoticeKind.RETRACTED, _shorten(title))
    told = list(_suspicious(body))
    for kind, pattern in ((NoticeKind.RETRACTED, _RETRACTED), (NoticeKind.CORRECTED, _CORRECTED)):
        found = next(filter(None, map(pattern.match, told)), None)
        if found:
            return Notice(kind, _shorten(found[0]))
    if title and _TITLE_CORRECTED.search(title):
        return Notice(NoticeKind.CORRECTED, _shorten(title))
    return None


def _suspicious(body: str) -> Iterator[str]:
    """The beginnings of the paragraphs that may be notes: they stand at a story's head or foot."""
    paragraphs = [part for part in body.split("\n") if part]
    if len(paragraphs) > _AT_HEAD + _AT_FOOT:
        paragraphs = paragraphs[:_AT_HEAD] + paragraphs[-_AT_FOOT:]
    for paragraph in paragraphs:
        start = paragraph[:_LOOKED_AT]
        if _OPENING.match(start) and _has_word(start):
            yield start


def _has_word(text: str) -> bool:
    # A search for each word is several times faster than one pattern of all.
    lower = text.lower()
    return any(word in lower for word in _WORDS)


def _shorten(text: str) -> str:
    line = " ".join(text.split()).strip("*_•[](–— ")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"

"""Where the quantities of a text are: the patterns, and what must not be read as one."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from index.quantities.numerals import DIGITS, MULTIPLIERS, ORDINAL_WORDS, WORDS
from index.quantities.quantity import Quantity
from index.quantities.ranges import join_ranges
from index.quantities.read import read_many, read_number, read_rank, read_share, read_words
from index.quantities.units import CURRENCY_SIGNS

# The capital stands alone before the check of what precedes it: so the search skips to capitals.
_MONTH = (
    r"[JFMASOND](?<!\w.)(?:an|eb|ar|pr|ay|un|ul|ug|ep|ept|ct|ov|ec|anuary|ebruary|arch|pril|une|uly|ugust|"
    r"eptember|ctober|ovember|ecember)\b\.?"
)
_SIGN = rf"(?:{'|'.join(re.escape(one) for one in sorted(CURRENCY_SIGNS, key=len, reverse=True))})"
_MULTIPLIER = rf"(?:{'|'.join(MULTIPLIERS)})"
# What holds digits without being a quantity: dates, clock times, years, telephone numbers,
# versions. Each is tried only where digits or a month stand: to search for all of them costs a
# millisecond a page.
_DIGITS_AT = re.compile(r"[+(]{0,2}\d+")
_MASKED = re.compile(
    rf"""\d{{1,2}}(?:st|nd|rd|th)?(?:\ of)?\ {_MONTH}(?:,?\ \d{{4}}\b)?(?!\w)
  | \d{{4}}-\d\d-\d\d\b | \d{{1,2}}/\d{{1,2}}/\d{{2,4}}\b
  | \d{{1,2}}(?::\d\d){{1,2}}(?!\d)
  | \d{{1,2}}(?:[:.]\d\d)?\s?[ap]\.?m\b\.? | \d{{4}}\ ?(?:GMT|UTC)\b
  | (?:1[5-9]|20)\d\d[-‑–](?:(?:1[5-9]|20)\d\d|\d\d)\b | (?:1[5-9]|20)\d0s\b
  | (?<=['’])\d\d\b | \d0s\b
  | \+?\(?\d{{1,4}}\)?[ -]\d{{3,4}}[ -]\d{{3,4}}(?:[ -]\d{{2,4}})?\b
  | \d{{1,9}}(?:\.\d{{1,9}}){{2,9}}\b(?!,\d) | \d{{1,3}}-\d{{1,3}}-\d{{1,4}}\b
  | (?:(?<=\bNo\ )|(?<=\bNo\.)|(?<=\bNo\.\ )|(?<=\#))\d+""",
    re.VERBOSE,
)
_MONTH_DAY = re.compile(
    rf"""{_MONTH}(?:\ \d{{1,2}}(?:st|nd|rd|th)?\b(?!\.\d|,\d|%)
    (?:\s?[-–]\s?\d{{1,2}}\b)?(?:,?\ \d{{4}}\b)?
    |,?\ (?:of\ )?(?:1[5-9]|20)\d\d\b)""",
    re.VERBOSE,
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w.-]{1,200}")
_NUMBER = re.compile(
    rf"""(?P<sign>{_SIGN})?\s?(?<![\w.])(?P<minus>(?<![\w)])[-−]|minus\ )?
    (?P<digits>{DIGITS})(?P<half>[½¼¾])?(?:(?P<ordinal>(?:st|nd|rd|th)\b)|(?P<short>(?:bn|mn|tn|[kmbtKMBT])\b))?
    (?:[ -](?P<times>{_MULTIPLIER})s?\b(?!\ (?:of)\b))?""",
    re.VERBOSE,
)
_NUMBER_WORDS = re.compile(
    rf"\b(?<![-.])(?P<minus>minus\ )?(?P<words>{WORDS})\b(?!\ Hag\b)", re.IGNORECASE
)
_RANK = re.compile(rf"\b(?P<rank>{ORDINAL_WORDS})\b", re.IGNORECASE)
_SHARE = re.compile(
    r"""\b(?:(?P<over>one|two|three|four|nine)-(?P<part>third|quarter|fifth|tenth)s?\b
    |(?:(?P<over_of>one|two|three|four|nine|a)[ ])?
    (?P<part_of>half|third|quarter|fifth|tenth)s?\ of\b)""",
    re.VERBOSE | re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(?P<tens>(?:tens(?=\ of)|hundreds)(?:\ of\ (?P<times>thousands|millions|billions))"
    r"|dozens|hundreds|thousands|millions|billions)\b",
    re.IGNORECASE,
)
# An answer asks for the numbers of a sentence more than once, and so do later ones.
_LONGEST_KEPT = 2_000


def find_quantities(text: str) -> list[Quantity]:
    """The quantities of `text`, in order, not overlapping."""
    return _find(text) if len(text) > _LONGEST_KEPT else list(_remembered(text))


@lru_cache(4_096)
def _remembered(text: str) -> tuple[Quantity, ...]:
    return tuple(_find(text))


def _find(text: str) -> list[Quantity]:
    taken = _masked(text)
    found: list[Quantity] = []
    finders: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], Quantity | None]], ...] = (
        (_SHARE, read_share),
        (_NUMBER, read_number),
        (_RANK, read_rank),
        (_NUMBER_WORDS, read_words),
        (_MANY, read_many),
    )
    for pattern, read in finders:
        free = _Free(taken)
        for match in pattern.finditer(text):
            if free.overlaps(*match.span()):
                continue
            quantity = read(text, match)
            if quantity and not (found and found[-1].start <= quantity.start < found[-1].end):
                found.append(quantity)
        taken = sorted(taken + [(one.start, one.end) for one in found])
    return join_ranges(text, sorted(found, key=lambda one: one.start))


def _masked(text: str) -> list[tuple[int, int]]:
    """The spans, sorted, whose digits are no quantity."""
    spans = [match.span() for match in _MONTH_DAY.finditer(text)]
    if "@" in text or "www." in text or "http" in text:
        spans += [match.span() for match in _ADDRESS.finditer(text)]
    for digits in _DIGITS_AT.finditer(text):
        masked = _MASKED.match(text, digits.start())
        if masked:
            spans.append(masked.span())
    return sorted(spans)


class _Free:
    """Answers, for spans asked in order, whether they touch one of the sorted spans taken."""

    def __init__(self, taken: list[tuple[int, int]]) -> None:
        self._taken = taken
        self._place = 0

    def overlaps(self, start: int, end: int) -> bool:
        while self._place < len(self._taken) and self._taken[self._place][1] <= start:
            self._place += 1
        return self._place < len(self._taken) and self._taken[self._place][0] < end

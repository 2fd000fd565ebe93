"""Whole strings that are a date: bylines, page metadata, feed entries, command line options.

Only what the string says is read. A date without a year is not one, and "03/04/2024" is
nobody's until someone says which number is the day.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from index.dates.vocabulary import MONTH, WEEKDAY, month_by_word, zone_offset
from index.moment import Moment, Precision

# Longer than the longest date with weekday, time and a spelled-out zone; it bounds every pattern.
_LONGEST = 80

_FLAGS = re.ASCII | re.IGNORECASE | re.VERBOSE
_GAP = r"(?: \s*[,|•·–—-]\s* | \s+at\s+ | ,?\s+ )"
_CLOCK = r"""
    (?P<hour>\d{1,2})
    (?: [:.h] (?P<minute>\d{2}) (?: [:.] (?P<second>\d{2}) (?: [.,]\d{1,9} )? )? )?
    \s* (?P<half>[ap]\.?m\b\.?)? (?:\s*hrs?\b\.?)?
    (?: \s* \(? (?P<zone> (?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?(?!\d) | [a-z]{1,4}(?![a-z]) ) \)?
        (?: \s* \( [a-z ]{1,30} \) )? )?
"""
_CLOCK_BEFORE = re.compile(rf"{_CLOCK} {_GAP} (?:on\s+)?", _FLAGS)
_CLOCK_AFTER = re.compile(rf"(?:{_GAP}|t) {_CLOCK}", _FLAGS)
_WEEKDAY_BEFORE = re.compile(rf"{WEEKDAY} ,?\s+", _FLAGS)
_YEAR, _MONTH, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
_ORDINAL = rf"{_DAY} (?:st|nd|rd|th)?"
_WORD = rf"(?P<word>{MONTH})"
_DATES = tuple(
    re.compile(form, _FLAGS)
    for form in (
        rf"{_WORD} [\s-]* {_ORDINAL} (?:\s*,\s*|\s+|-) {_YEAR}",
        rf"{_ORDINAL} (?:\s+of)? [\s-]* {_WORD} [\s,-]* {_YEAR}",
        rf"{_DAY} [\s-] {_WORD} [\s-] (?P<short_year>\d{{2}})",
        rf"{_YEAR} [\s-]+ {_WORD} [\s-]* {_DAY}",
        rf"{_YEAR} (?P<mark>[/.-]) \s? {_MONTH} (?P=mark) \s? {_DAY} \.?",
        rf"{_YEAR} \s? [年년] \s? {_MONTH} \s? [月월] \s? {_DAY} \s? [日일]",
        rf"{_DAY} \. \s? {_MONTH} \. \s? {_YEAR} \.?",
        rf"(?P<one>\d{{1,2}}) (?P<mark>[/-]) (?P<two>\d{{1,2}}) (?P=mark) {_YEAR}",
        r"(?P<year>(?:19|20)\d{2}) (?P<month>\d{2}) (?P<day>\d{2})",
        # `date` and C's ctime() put the year last: "Thu Nov 16 10:00:00 KST 2023".
        rf"{_WORD} \s+ {_DAY} \s+ {_CLOCK} \s+ {_YEAR}",
    )
)
_MONTH_ONLY = re.compile(rf"{_WORD} (?:\s*,\s*|\s+of\s+|\s+|-) {_YEAR}", _FLAGS)
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?", re.ASCII | re.IGNORECASE)


def parse_date(text: str, *, day_first: bool | None = None) -> Moment | None:
    """Read a string that is, as a whole, one date: ISO 8601, RFC 2822, or English words.

    The moment is as precise as the string ("September 2023" is a month). A clock time without
    a zone is taken as UTC, as `Moment.parse` does. A weekday is allowed but not checked.

    Args:
        text: Such as "Nov. 16, 2023 3:45 p.m. EST" or "16.11.2023" (dotted is day first).
        day_first: How to read "03/04/2024"; None refuses it and reads only what has one meaning.

    Returns:
        The moment, or None if `text` is anything else or no day of the calendar.
    """
    text = text.strip()
    if not 4 <= len(text) <= _LONGEST:
        return None
    try:
        return Moment.parse(text)
    except ValueError:
        pass
    try:
        return _parse_words(" ".join(text.split()), day_first)
    except (ValueError, OverflowError):
        return None  # such as 30 February, 25:00 or a zone that leaves the calendar


def _parse_words(text: str, day_first: bool | None) -> Moment | None:
    month_only = _MONTH_ONLY.fullmatch(text)
    if month_only:
        start = datetime(int(month_only["year"]), _month(month_only["word"]), 1, tzinfo=UTC)
        return Moment(start, Precision.MONTH)
    for pattern in _DATES:
        part = _parts(pattern, text)
        moment = _moment(part, day_first) if part else None
        if moment:
            return moment
    return None


def _parts(pattern: re.Pattern[str], text: str) -> dict[str, str] | None:
    """The named parts of `text`, if it is this form of date with a clock before it or after it."""
    clock = _CLOCK_BEFORE.match(text)
    for before in (None, clock) if clock else (None,):
        weekday = _WEEKDAY_BEFORE.match(text, before.end() if before else 0)
        start = weekday.end() if weekday else before.end() if before else 0
        date = pattern.match(text, start)
        if date is None:
            continue
        after = None if date.end() == len(text) else _CLOCK_AFTER.fullmatch(text, date.end())
        if date.end() == len(text) or (after and not before):
            found = [each.groupdict() for each in (before, date, after) if each]
            return {name: value for group in found for name, value in group.items() if value}
    return None


def _moment(part: dict[str, str], day_first: bool | None) -> Moment | None:
    month_and_day = _month_and_day(part, day_first)
    if month_and_day is None:
        return None
    day = datetime(_year(part), *month_and_day, tzinfo=UTC)
    return _at_clock(day, part) if "hour" in part else Moment(day, Precision.DAY)


def _month_and_day(part: dict[str, str], day_first: bool | None) -> tuple[int, int] | None:
    if "word" in part:
        return _month(part["word"]), int(part["day"])
    if "one" not in part:
        return int(part["month"]), int(part["day"])
    one, two = int(part["one"]), int(part["two"])
    if one > 12 or one == two:
        return two, one
    if two > 12:
        return one, two
    if day_first is None:
        return None
    return (two, one) if day_first else (one, two)


def _at_clock(day: datetime, part: dict[str, str]) -> Moment | None:
    half = part.get("half", "")[:1].lower()
    if "minute" not in part and not half:
        return None  # "16 November 2023 10" says nothing certain
    hour = int(part["hour"])
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    minute, second = int(part.get("minute", 0)), int(part.get("second", 0))
    local = day.replace(hour=hour, minute=minute, second=second)
    offset = _offset(part.get("zone"), local)
    if offset is None:
        return None
    return Moment(local - offset, Precision.SECOND if "second" in part else Precision.MINUTE)


def _offset(zone: str | None, local: datetime) -> timedelta | None:
    if zone is None:
        return timedelta()
    found = _OFFSET.fullmatch(zone)
    if not found:
        return zone_offset(zone, local)
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    # No place on Earth is further from UTC than fourteen hours.
    if ahead > timedelta(hours=14):
        return None
    return ahead if found[1] == "+" else -ahead


def _month(word: str) -> int:
    return month_by_word[word.lower().rstrip(".")]


def _year(part: dict[str, str]) -> int:
    if "short_year" not in part:
        return int(part["year"])
    # RFC 2822, section 4.3: 00-49 are of this century.
    short = int(part["short_year"])
    return short + (2000 if short < 50 else 1900)

"""When a story was published, read from what a source says about it.

A value that claims to be a time must be one: what cannot be read is refused, never skipped.
A dateline has a day and no year; the year is found in the story's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from index.dates import parse_date
from index.dates.vocabulary import MONTH, WEEKDAY, month_by_word, weekday_by_word
from index.errors import SourceError
from index.moment import Moment
from index.sources.dateline import Dateline
from index.sources.source import quoted

# Far beyond a front page; a list of years at the end of a long document says nothing.
_LOOKED_AT = 100_000
# A caption or a past event that close to the dateline's day shares its year.
_NEAR_DAYS = 60

_FULL_DATE = re.compile(
    rf"\b(?P<month>{MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month2>{MONTH}),?\s+(?P<year2>\d{{4}})\b"
    r"|\b(?P<year3>\d{4})-(?P<month3>\d{2})-(?P<day3>\d{2})\b"
    rf"|\b(?P<month4>{MONTH}),?\s+(?:of\s+)?(?P<year4>\d{{4}})\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d$€£,.])\b(?:19|20)\d{2}\b(?![\d%,]\d)")
_WEEKDAY = re.compile(rf"\b(?:{WEEKDAY})\b", re.IGNORECASE)
_URL_DATE = re.compile(
    r"[/_-](?P<year>(?:19|20)\d{2})[/-]?(?P<month>\d{2})[/-]?(?P<day>\d{2})(?!\d)"
)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d{1,9})?|\d{12,13}")


def read_time(name: str, value: str) -> Moment:
    """A time that a field gives: ISO 8601, RFC 2822, English words, or seconds since 1970.

    Args:
        name: The field, for the message.
        value: What stands there, not empty.

    Raises:
        SourceError: If it cannot be read.
    """
    value = value.strip()
    found = _from_epoch(value) if _EPOCH.fullmatch(value) else parse_date(value)
    if found is None:
        raise SourceError(
            f"{name}: {quoted(value)} is not a date that can be read; write it like 2023-11-16"
        )
    return found


def _from_epoch(value: str) -> Moment | None:
    # Thirteen digits are milliseconds, as JavaScript counts.
    seconds = int(value) / 1000 if value.isdigit() and len(value) >= 12 else float(value)
    try:
        return Moment.of(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, OSError, ValueError):
        return None


def date_in_url(url: str) -> Moment | None:
    """The day that many sites put into addresses: `/2024/03/14/`."""
    found = _URL_DATE.search(url)
    return _moment(int(found["year"]), int(found["month"]), int(found["day"])) if found else None


def date_of_dateline(
    dateline: Dateline, paragraphs: Sequence[str], written: Moment | None
) -> Moment | None:
    """The dateline's day with its year, from best evidence to least.

    The dateline's own year; the year of a date in the text within two months; a year in the
    text in which the weekday that the story names falls on that day; last, the file's time. The
    last two are guesses and marked so.

    Args:
        dateline: With or without a day.
        paragraphs: The whole text, captions too.
        written: When the file was last changed, if known.
    """
    month, day = dateline.month, dateline.day
    if month is None or day is None:
        return None
    if dateline.year:
        return _moment(dateline.year, month, day)
    text = "\n".join(paragraphs)[:_LOOKED_AT]
    if near := _nearest_year(month, day, text):
        return _moment(near, month, day)
    weekday = _first_weekday(paragraphs, dateline)
    named = {int(found[0]) for found in _YEAR.finditer(text)}
    year = _year_by_weekday(month, day, weekday, sorted(named, reverse=True))
    year = year or _year_by_file(month, day, weekday, written)
    guess = _moment(year, month, day) if year else None
    return replace(guess, is_guess=True) if guess else None


def _nearest_year(month: int, day: int, text: str) -> int | None:
    """The year that puts the day closest to a date the text gives in full."""
    best: tuple[int, int] | None = None
    for mentioned in _dates_in(text):
        for year in (mentioned.year - 1, mentioned.year, mentioned.year + 1):
            candidate = _date(year, month, day)
            if candidate is None:
                continue
            # Of two equally close ones the later: stories tell of the past.
            option = (abs((candidate - mentioned).days), -year)
            best = min(best or option, option)
    return -best[1] if best and best[0] <= _NEAR_DAYS else None


def _dates_in(text: str) -> Iterator[date]:
    for found in _FULL_DATE.finditer(text):
        part = found.groupdict()
        word = part["month"] or part["month2"] or part["month4"]
        month = month_by_word[word.lower().rstrip(".")] if word else int(part["month3"])
        year = next(int(part[name]) for name in ("year", "year2", "year3", "year4") if part[name])
        # A month without a day stands for its middle.
        mentioned = _date(year, month, int(part["day"] or part["day2"] or part["day3"] or 15))
        if mentioned:
            yield mentioned


def _first_weekday(paragraphs: Sequence[str], dateline: Dateline) -> int | None:
    """The weekday that the first paragraph names: "reported Thursday" is the dateline's day."""
    lead = next((p for p in paragraphs if p.startswith(dateline.text)), "")
    found = _WEEKDAY.search(lead, len(dateline.text))
    return weekday_by_word[found[0].lower().rstrip(".")] if found else None


def _year_by_weekday(month: int, day: int, weekday: int | None, years: Sequence[int]) -> int | None:
    if weekday is None:
        return None
    return next((y for y in years if (d := _date(y, month, day)) and d.weekday() == weekday), None)


def _year_by_file(month: int, day: int, weekday: int | None, written: Moment | None) -> int | None:
    """The last such day before the file was written, on the named weekday if there is one."""
    if written is None:
        return None
    last = written.start.date()
    before = [y for y in range(last.year, last.year - 8, -1)
              if (d := _date(y, month, day)) and d <= last]  # fmt: skip
    return _year_by_weekday(month, day, weekday, before) or next(iter(before), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _moment(year: int, month: int, day: int) -> Moment | None:
    return Moment.day(year, month, day) if _date(year, month, day) else None

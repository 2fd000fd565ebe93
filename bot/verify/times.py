"""Whether the dates of a claim are those of the article's sentence, both on the calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.verify.pairing import Pairing, spans_of
from bot.verify.verdict import Fault, Finding
from index.dates import Period, TimeMention
from index.moment import Precision

# "Nov. 14" and "Tuesday" may be told from the story's day; "last week" only repeated.
_CALENDAR_WORDS = re.compile(
    r"\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
_MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)
# Days in one unit of each precision, at most.
_LONGEST_UNIT = {Precision.YEAR: 366, Precision.MONTH: 31}
# What is read as part of the words, and may be missing beside the same words in the article.
_TRAILING = re.compile(r"(?:\s+(?:before|after|later|earlier))?[\s.,]*+$")
# "That day" is the day of the sentence before, in the answer as in the article.
_POINTING = re.compile(r"(?:that|the same|this same)\b", re.IGNORECASE)


def check_dates(pairing: Pairing) -> Iterator[Finding]:
    """Every time must be one of the article's sentence, once both are on the calendar."""
    told = pairing.told.times
    for stated in pairing.times:
        if _is_told(stated, pairing):
            continue
        has = ", ".join(one.text for one in told) or "no date"
        yield Finding(
            Fault.DATE, stated.text, f"The cited sentence has {has}, not “{stated.text}”."
        )
    yield from _check_months(pairing)


def _check_months(pairing: Pairing) -> Iterator[Finding]:
    """A month that could not be placed, as in "the year to March", must stand there too."""
    spans = spans_of(pairing.times) + spans_of(pairing.names)
    known = {word.key for word in pairing.told.words}
    for word in pairing.words:
        is_month = word.key in _MONTHS and pairing.claim.text[word.start].isupper()
        is_loose = not any(start <= word.start < end for start, end in spans)
        if is_loose and is_month and word.key not in known:
            yield Finding(Fault.DATE, word.key, "The cited sentence does not name this month.")


def _is_told(stated: TimeMention, pairing: Pairing) -> bool:
    told = pairing.told
    if _POINTING.match(stated.text):
        return bool(told.times) or stated.period is None
    text = _TRAILING.sub("", stated.text)
    if stated.period is None or (stated.is_relative and not _CALENDAR_WORDS.search(stated.text)):
        return told.says(text) or any(
            one.text.casefold() == stated.text.casefold() for one in told.times
        )
    if any(one.period and _holds(stated.period, one.period) for one in told.times):
        return True
    if stated.is_relative and told.says(text):
        return True
    published = pairing.source.passage.published
    is_coarse = stated.period.precision in {Precision.YEAR, Precision.MONTH}
    if published is None or published.is_guess or not is_coarse or told.times:
        return False
    return _holds(stated.period, Period.of(published))


def _holds(stated: Period, source: Period) -> bool:
    """Whether what happened in `source` happened in `stated`: a month may stand for its day.

    A stretch of several years or months is told only by itself.
    """
    if (stated.start, stated.end) == (source.start, source.end):
        return True
    longest = _LONGEST_UNIT.get(stated.precision, 7)
    is_unit = (stated.end - stated.start).days < longest
    return is_unit and stated.start <= source.start and source.end <= stated.end

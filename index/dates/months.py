"""Rules for months and their days: "Nov. 14", "3-5 October 2023", "in May", "last September"."""

from __future__ import annotations

import re
from datetime import date

from index.dates.period import Period
from index.dates.reading import CalendarDays, Reading, Setting, rule
from index.dates.tense import Outlook
from index.dates.vocabulary import MONTH, WEEKDAY, month_by_word, weekday_by_word
from index.dates.written import parse_date

# How much farther away coming days and past days count for the year they are given. Where
# nothing tells, a coming date must be four times nearer: newspapers leave the year out within
# the calendar year, mostly for what has happened. The tense of a clause can mislead ("said that
# from Dec. 4"), a verb beside the date cannot.
_weights = {
    None: (4, 1),
    Outlook.AHEAD: (1, 12),
    Outlook.BACK: (12, 1),
    Outlook.SURELY_BACK: (float("inf"), 1),
    Outlook.UNCLEAR: (1, 1),
}

_DAY = r"(?:\d{1,2}(?:st|nd|rd|th)?(?![\d%])(?!:\d)(?!,\d{3})(?!\.\d))"
_DAYS = (
    rf"(?P<first>{_DAY}) (?: (?P<joint>\s*[-–—]\s*|\s+(?:to|through|and|&)\s+)"
    rf" (?P<last>{_DAY}) (?!\s*{MONTH}) )?"
)
# Here the month comes behind: "18-19 July", "from 3 to 5 May".
_DAYS_OF = (
    rf"(?P<first>{_DAY}) (?: (?P<joint>\s*[-–—/]\s*|\s+(?:to|through|and|&)\s+) (?P<last>{_DAY}) )?"
)
_BEFORE = rf"(?: (?P<weekday>{WEEKDAY}) ,?\s+ )?"
_YEAR_AFTER = r"""
    (?: (?:,?\s+|\s+of\s+|-) (?P<year>\d{4}) (?!\d)
      | ,?\s+ (?:of\s+|in\s+)? (?:the\s+)?
        (?P<said>last|this|next|that|same|following|previous) \s+ year\b
    )?
"""
# These are also words or given names, so that they need a word before them that months follow.
_DOUBTFUL_MONTHS = frozenset({"march", "april", "may", "june", "august"})
_MONTH_LEAD = re.compile(
    rf"""\b(?: in | since | until | till | by | from | during | through | throughout | before
        | after | for | early | late | mid | (?:end|start|beginning|middle) \s+ of
        | {MONTH} ,? \s* (?:to|and|or|through) ) [\s-] $""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_HABIT_LEAD = re.compile(r"\b(?:each|every)\s$", re.IGNORECASE)
_SPEECH_NEXT = re.compile(r"\s+(?:said|says|told|was|is|has|had|will|would)\b")
_NAME_NEXT = re.compile(r"\s+[A-Z][a-z]+")
# "The Sept. 11 attacks": a day that names an event, of a year that everyone knows.
# "A birdie on the 14th" is of a hole.
_GOLF = re.compile(r"\b(?:birdie|bogey|eagle|par|fairway|tee|golf\w*|holes?)\b", re.IGNORECASE)
_EVENT_NEXT = re.compile(
    r",?\s+(?:terror|hijack|attacks\b|capitol|riot|insurrection|committee|mob)", re.IGNORECASE
)


def _read_days(found: re.Match[str], setting: Setting) -> Reading | None:
    if not setting.is_name(found["month"]):
        return None
    first, last = _day(found["first"]), _day(found["last"])
    days = CalendarDays(_month(found["month"]), first, last or None)
    if not 1 <= first <= 31 or (last and not first < last <= 31):
        return None
    is_span = setting.before(found.start()).lower().endswith("between ")
    if last > first + 1 and found["joint"].strip() in {"and", "&"} and not is_span:
        return Reading(None, not found["year"])  # two days, and none between them
    if found["year"]:
        return Reading(days.of_year(int(found["year"])), False)
    if _EVENT_NEXT.match(setting.text, found.end()):
        return Reading(None, True)
    return _read_yearless(days, found, setting)


def _read_month(found: re.Match[str], setting: Setting) -> Reading | None:
    word = found["month"].lower().rstrip(".")
    is_habit = _HABIT_LEAD.search(setting.before(found.start()))
    if is_habit or not setting.is_name(found["month"]):
        return None
    if found["year"]:
        return Reading(Period.months(int(found["year"]), month_by_word[word]), False)
    is_doubtful = word in _DOUBTFUL_MONTHS or len(word) < 5
    if is_doubtful and not found["said"] and not _stands_as_month(found, setting):
        return None
    return _read_yearless(CalendarDays(month_by_word[word]), found, setting)


def _stands_as_month(found: re.Match[str], setting: Setting) -> bool:
    """Whether "May" is the month, by its neighbours: not in "May said" and "for April O'Neil"."""
    if not _MONTH_LEAD.search(setting.before(found.start())):
        return False
    if _SPEECH_NEXT.match(setting.text, found.end()):
        return False
    return setting.any_case or not _NAME_NEXT.match(setting.text, found.end())


def _read_yearless(days: CalendarDays, found: re.Match[str], setting: Setting) -> Reading:
    origin = setting.day() or (setting.month() if days.first is None else None)
    said = (found["said"] or "").lower()
    step = {"last": -1, "this": 0, "next": 1}.get(said)
    if origin is None or (said and step is None):
        # "September of that year": of some other year that the story has named.
        return Reading(None, True, None if said else days)
    if step is not None:
        return Reading(days.of_year(origin.year + step), True)
    weekday = found.groupdict().get("weekday")
    year = _year_by_weekday(days, weekday, origin) if weekday else None
    year = year or _likeliest_year(days, origin, setting.outlook(found))
    return Reading(days.of_year(year), True, days)


def _year_by_weekday(days: CalendarDays, weekday: str, origin: date) -> int | None:
    """The nearest year in which the date falls on the weekday that is named with it."""
    wanted = weekday_by_word[weekday.lower().rstrip(".")]
    for year in (origin.year, origin.year - 1, origin.year + 1):
        away = _days_away(days, year, origin)
        if away is None or abs(away) > 400:
            continue
        if days.of_year(year).start.weekday() == wanted:
            return year
    return None


def _likeliest_year(days: CalendarDays, origin: date, outlook: Outlook | None) -> int:
    """The year that puts the days nearest, when the unlikelier side counts as farther."""
    ahead, back = _weights[outlook]

    def cost(year: int) -> float:
        away = _days_away(days, year, origin)
        if away is None:
            return float("inf")
        return away * ahead if away > 0 else -away * back

    # Four years on either side hold a leap day, but around 1900 or 2100.
    return min((origin.year + step for step in (0, -1, 1, -2, 2, -3, 3, -4, 4)), key=cost)


def _days_away(days: CalendarDays, year: int, origin: date) -> int | None:
    """Days from `origin` to these days in `year`; 0 within them, None if there are none."""
    try:
        period = days.of_year(year)
    except ValueError:
        return None
    first, last = period.start.date(), period.end.date()
    if first <= origin <= last:
        return 0
    return (first - origin).days if first > origin else (last - origin).days


def _read_which_month(found: re.Match[str], setting: Setting) -> Reading | None:
    """Read "last September" as the last one that is over, "next May" as the first to start."""
    if not setting.is_name(found["month"]):
        return None
    days, now = CalendarDays(_month(found["month"])), setting.month()
    if now is None:
        return Reading(None, True, days)
    which = found["which"].lower().split()[-1]
    step = 0
    if which in {"last", "past"}:
        step = -1 if days.month >= now.month else 0
    elif which in {"next", "coming"}:
        step = 1 if days.month <= now.month else 0
    return Reading(days.of_year(now.year + step), True)


def _read_numeric(found: re.Match[str], setting: Setting) -> Reading | None:
    if setting.before(found.start())[-1:] in {"/", ".", "-", ",", "$"}:
        return None
    moment = parse_date(found["date"])
    if moment is None and "/" not in found["date"]:
        return None
    return Reading(Period.of(moment) if moment else None, False)


def _read_bare_day(found: re.Match[str], setting: Setting) -> Reading | None:
    """Read "on the 14th": of this month or the one before, or of the next where it is to come."""
    day, now = int(found["day"]), setting.day()
    if not 1 <= day <= 31 or _GOLF.search(setting.text):
        return None
    if now is None:
        return Reading(None, True)
    ahead = setting.looks_ahead(found)
    wanted = now.year * 12 + now.month - 1
    if ahead and day < now.day:
        wanted += 1
    elif not ahead and day > now.day:
        wanted -= 1
    year, month = divmod(wanted, 12)
    return Reading(CalendarDays(month + 1, day).of_year(year), True)


def _month(word: str) -> int:
    return month_by_word[word.lower().rstrip(".")]


def _day(ordinal: str | None) -> int:
    return int(ordinal.rstrip("stndrh")) if ordinal else 0


_MONTHS = " ".join(month_by_word)
_WEEKDAYS = " ".join(weekday_by_word)

MONTH_RULES = (
    rule(
        "#4",
        r"(?P<date>\d{4}([/-])\d{1,2}\2\d{1,2}) (?:T[\d:.]{4,15}(?:Z|[+-]\d\d:?\d\d)?)? (?![\w-])",
        _read_numeric,
    ),
    rule("#1 #2", r"(?P<date>\d{1,2}([/.])\d{1,2}\2\d{4}) (?![\w/-])", _read_numeric),
    rule(
        f"{_MONTHS} {_WEEKDAYS}",
        rf"{_BEFORE} (?P<month>{MONTH}) \s* {_DAYS} {_YEAR_AFTER} (?!\w)",
        _read_days,
    ),
    rule(
        f"#1 #2 {_WEEKDAYS}",
        rf"{_BEFORE} (?:the\s+)? {_DAYS_OF} \s+ (?:of\s+)? (?P<month>{MONTH}) {_YEAR_AFTER} (?!\w)",
        _read_days,
    ),
    rule(_MONTHS, rf"(?P<month>{MONTH}) (?:['’]s)? {_YEAR_AFTER} (?!\w)", _read_month),
    rule(
        "on",
        r"on \s+ the \s+ (?P<day>\d{1,2})(?:st|nd|rd|th)"
        r" (?= \s* (?: [.,;)] | $ ) | \s+ (?:and|after|before|when|at|by|but|as|while)\b )",
        _read_bare_day,
    ),
    rule(
        "last this next past coming",
        r"(?P<which>last|this\s+past|this\s+coming|this|next|past|coming) \s+"
        rf" (?P<month>{MONTH}) (?:['’]s)? (?!\w)",
        _read_which_month,
    ),
)
"""In the order in which they are tried at one place."""

"""Rules for times that hang on the day of the text: "Tuesday", "last month", "two weeks ago"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from index.dates.period import Period
from index.dates.reading import Reading, Setting, rule
from index.dates.tense import Outlook
from index.dates.vocabulary import WEEKDAY_NAMES, count_by_word, weekday_by_word

_WEEK = timedelta(days=7)
_UNRESOLVED = Reading(None, True)

# "Black Friday", "Sheffield Wednesday", "every Monday": a name, or no one day.
_NOT_A_DAY_LEAD = re.compile(
    r"""\b(?: black | good | super | cyber | ash | bloody | easter | giving | palm | shrove | maundy
        | holy | sheffield | ruby | freaky | casual | taco | man | joe | every | each | any | most
        | one | some | first | second | third | fourth | fifth | alternate | other ) \s $""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_A_DAY_NEXT = re.compile(
    r"""\s (?: Nights? | Times | Ticket | Mail | Express | Mirror | Telegraph | Herald | Addams
        | Star | Post | Mornings? | Club | Live | Today | Review | Evening )\b
      | \s+ the \s+ (?:13|thirteen)""",
    re.VERBOSE,
)
_CLOCK_NEXT = re.compile(r",\s\d{1,2}(?::\d\d)?\s?[ap]\.?m\b", re.IGNORECASE)
_INSIDE_SENTENCE = re.compile(r"[\w,’'“\"]\s$")
_VERB_LEAD = re.compile(r"\b(?:to|will|would|can|could|may|might|not|n['’]t|should|must)\s$")


def _read_weekday(found: re.Match[str], setting: Setting) -> Reading | None:
    if not _is_weekday(found, setting):
        return None
    today, day = setting.day(), weekday_by_word[found["day"].lower()]
    if today is None:
        return _UNRESOLVED
    if found["week"]:
        step = {"last": -1, "this": 0, "next": 1}[found["week"].lower()]
        return _on(_in_week(today, day) + step * _WEEK)
    if not found["which"]:
        told = _told_weekday(found, setting, today, day)
        return _on(told) if told else _UNRESOLVED
    wanted = _which_weekday(_words(found["which"]), today, day)
    return _on(wanted) if wanted else _UNRESOLVED


def _is_weekday(found: re.Match[str], setting: Setting) -> bool:
    """Whether the words are a single day: not "Black Friday", "every Monday", "Sunday Times"."""
    before = setting.before(found.start())
    if not setting.is_name(found["day"]) or _NOT_A_DAY_LEAD.search(before):
        return False
    # "Following Saturday's attack" is about Saturday, "the following Saturday" is not.
    if _words(found["which"]) in {"previous", "following"} and not before.endswith("the "):
        return False
    return _NOT_A_DAY_NEXT.match(setting.text, found.end("day")) is None


def _told_weekday(found: re.Match[str], setting: Setting, today: date, day: int) -> date | None:
    """A bare weekday is within a week of the story, and may be its own day; None if none tells."""
    ahead = timedelta(days=(day - today.weekday()) % 7)
    outlook = setting.outlook(found)
    # "Sunday, 4:05 p.m." is how a programme of what is to come is printed.
    is_programme = outlook is None and _CLOCK_NEXT.match(setting.text, found.end())
    # Where it was tomorrow already, tomorrow is the story's own day; and "Friday" for a day
    # that is six days past is seldom written.
    is_own_day = ahead.days == 1 and setting.may_be_tomorrow()
    if outlook is Outlook.AHEAD or is_programme or is_own_day:
        return today + ahead
    if outlook is Outlook.UNCLEAR and ahead:
        return None
    return today - timedelta(days=(today.weekday() - day) % 7)


def _which_weekday(which: str, today: date, day: int) -> date | None:
    if which in {"last", "past", "this past"}:
        return today - timedelta(days=(today.weekday() - day - 1) % 7 + 1)
    if which in {"coming", "this coming"}:
        return today + timedelta(days=(day - today.weekday() - 1) % 7 + 1)
    if which == "this":
        return _in_week(today, day)
    # "Next Tuesday" is of the week that comes: said on a Monday, it is not tomorrow.
    return _in_week(today, day) + _WEEK if which == "next" else None


def _read_day_word(found: re.Match[str], setting: Setting) -> Reading | None:
    # "USA Today", "the Today show": a capital inside a sentence makes it a name.
    is_inside = _INSIDE_SENTENCE.search(setting.before(found.start()))
    if found[0][0].isupper() and is_inside and not setting.any_case:
        return None
    today, word = setting.day(), _words(found[0])
    # A quote was spoken on a day of its own.
    if today is None or setting.is_quoted(found.start()):
        return _UNRESOLVED
    if word.startswith("the day"):
        step = -2 if "before" in word else 2
    else:
        step = {"yesterday": -1, "last": -1, "tomorrow": 1}.get(re.split(r"\W", word)[0], 0)
    return _on(today + timedelta(days=step))


def _read_unit(found: re.Match[str], setting: Setting) -> Reading | None:
    which, unit, has_the = _words(found["which"]), found["unit"].lower(), bool(found["the"])
    if unit == "fortnight":
        return _UNRESOLVED
    if which in {"past", "this past"} or (has_the and which == "last"):
        # "The past year" has just ended; "last year" is a year of the calendar.
        return _rolling(setting, -1, unit)
    if has_the and which in {"next", "coming"}:
        return _UNRESOLVED  # "the next week" often follows something in the story
    step = {"last": -1, "this": 0, "the": 0, "next": 1, "coming": 1, "this coming": 1}.get(which)
    return _UNRESOLVED if step is None else _calendar_unit(setting, step, unit)


def _calendar_unit(setting: Setting, step: int, unit: str) -> Reading:
    """The week, month, year or decade that is `step` after the one of the text."""
    today, month, year = setting.day(), setting.month(), setting.year()
    if unit == "week" and today:
        return Reading(Period.week(today + step * _WEEK), True)
    if unit == "month" and month:
        return Reading(_month_after(month, step), True)
    if unit == "year" and year is not None:
        return Reading(Period.years(year + step), True)
    if unit == "decade" and year is not None:
        start = year - year % 10 + 10 * step
        return Reading(Period.years(start, start + 9), True)
    return _UNRESOLVED


def _month_after(month: date, step: int) -> Period:
    year, index = divmod(month.year * 12 + month.month - 1 + step, 12)
    return Period.months(year, index + 1)


def _rolling(setting: Setting, count: int, unit: str) -> Reading:
    """The `count` units before the text, or, if positive, after it; its own unit included."""
    today, month, year = setting.day(), setting.month(), setting.year()
    if unit in {"day", "week"} and today:
        other = today + timedelta(days=count * (7 if unit == "week" else 1))
        return _on(min(today, other), max(today, other))
    if unit == "month" and month:
        this, that = _month_after(month, 0), _month_after(month, count)
        return Reading(that.until(this) if count < 0 else this.until(that), True)
    if unit in {"year", "decade"} and year is not None:
        that_year = year + count * (10 if unit == "decade" else 1)
        return Reading(Period.years(min(year, that_year), max(year, that_year)), True)
    return _UNRESOLVED


def _read_counted(found: re.Match[str], setting: Setting) -> Reading | None:
    """Read "the past three weeks", "the next 10 days"."""
    count, which, unit = _count(found["count"]), _words(found["which"]), found["unit"].lower()
    if which == "last" and _VERB_LEAD.search(setting.before(found.start())):
        return None  # "set to last six weeks"
    if count is None or which == "previous":
        return _UNRESOLVED
    if unit == "hour":
        count, unit = -(-count // 24), "day"
    return _rolling(setting, -count if which in {"past", "last"} else count, unit)


def _read_away(found: re.Match[str], setting: Setting) -> Reading | None:
    """Read "two weeks ago" as a week and "two years ago" as a year: no finer than the unit."""
    count, unit, way = _count(found["count"]), found["unit"].lower(), _words(found["way"])
    # "Three days later" counts from something in the story, and "nearly" from nowhere certain.
    if count is None or found["about"] or way not in {"ago", "from now", "time"}:
        return _UNRESOLVED
    step = -count if way == "ago" else count
    if unit in {"minute", "hour"}:
        return _hours_away(setting, timedelta(**{f"{unit}s": step}))
    if unit == "day":
        today = setting.day()
        return _on(today + timedelta(days=step)) if today else _UNRESOLVED
    return _calendar_unit(setting, step, unit)


def _hours_away(setting: Setting, step: timedelta) -> Reading:
    anchor = setting.anchor
    if anchor is None or (anchor.start + step).date() != (anchor.end + step).date():
        return _UNRESOLVED  # without a clock time, it may lie on either side of midnight
    return _on((anchor.start + step).date())


def _read_weekend(found: re.Match[str], setting: Setting) -> Reading | None:
    today, which = setting.day(), _words(found["which"])
    if today is None or which in {"previous", "following", "that"}:
        return _UNRESOLVED
    this = _in_week(today, 5)
    recent = this if today >= this else this - _WEEK
    if which in {"last", "past", "this past"}:
        saturday = this - _WEEK
    elif which == "next":
        saturday = this + _WEEK
    elif which in {"coming", "this coming"}:
        saturday = this + _WEEK if today >= this else this
    elif setting.looks_ahead(found):
        saturday = this
    else:
        # Early in the week, "this weekend" is the one that was.
        saturday = this if which == "this" and today.weekday() > 1 else recent
    return _on(saturday, saturday + timedelta(days=1))


def _read_unresolved(_found: re.Match[str], _setting: Setting) -> Reading | None:
    return _UNRESOLVED


def _on(first: date, last: date | None = None) -> Reading:
    return Reading(Period.days(first, last), True)


def _in_week(today: date, weekday: int) -> date:
    return today + timedelta(days=weekday - today.weekday())


def _words(text: str | None) -> str:
    return " ".join((text or "").lower().split())


def _count(word: str) -> int | None:
    word = word.lower()
    return int(word) if word.isdigit() else count_by_word.get(word)


_WHICH = r"(?P<which>last|this\s+past|this\s+coming|this|next|past|coming|previous|following"
_WHICH_TRIGGERS = "last this next past coming previous following"
_UNIT = r"(?P<unit>week|fortnight|month|year|decade)"
_UNITS = r"(?P<unit>minute|hour|day|week|month|year|decade)s?"
_COUNT = (
    rf"(?P<count>\d{{1,3}}|{'|'.join(count_by_word)}"
    r"|several|(?:a\s+)?few|a\s+couple(?:\s+of)?|many)"
)
_COUNT_TRIGGERS = " ".join((*count_by_word, "several few couple many #1 #2 #3"))
_WAY = r"ago|from\s+now|time|earlier|later|before|after(?:wards)?|prior|previously"
_ABOUT = r"about|around|nearly|almost|some|more\s+than|less\s+than|over|roughly"
_END = r"(?:['’]s?)? (?!\w)"
_DAY_PART = r"(?:\s+(?:morning|afternoon|evening|night))?"

RELATIVE_RULES = (
    rule(
        f"{' '.join(WEEKDAY_NAMES).lower()} {_WHICH_TRIGGERS}",
        rf"(?:{_WHICH}) \s+)? (?P<day>{'|'.join(WEEKDAY_NAMES)}) (?:['’]s)? (?!\w) {_DAY_PART}"
        r" (?:\s+ (?:of\s+)? (?P<week>last|this|next) \s+ week (?:['’]s)?)? (?!\w)",
        _read_weekday,
    ),
    rule(
        "the yesterday today tonight tomorrow",
        r"(?: the\s+day\s+(?:before\s+yesterday|after\s+tomorrow)"
        rf" | yesterday | today | tonight | tomorrow) {_END} {_DAY_PART}",
        _read_day_word,
    ),
    rule(
        "last this",
        rf"(?:last\s+night | this\s+(?:morning|afternoon|evening)) {_END}",
        _read_day_word,
    ),
    rule(
        f"the {_WHICH_TRIGGERS}",
        rf"(?:the\s+)? {_WHICH}|the) \s+ weekend {_END}",
        _read_weekend,
    ),
    rule(
        f"the {_WHICH_TRIGGERS} same that",
        rf"(?P<the>the\s+)? {_WHICH}|same|that) \s+ {_UNIT} {_END}",
        _read_unit,
    ),
    rule(
        "the end start beginning middle rest",
        r"(?:the\s+)? (?:end|start|beginning|middle|rest) \s+ of \s+"
        rf" (?P<the>(?!))? (?P<which>the|this|last|next) \s+ {_UNIT} {_END}",
        _read_unit,
    ),
    rule(
        f"the {_WHICH_TRIGGERS}",
        rf"(?:the\s+)? (?P<which>past|last|previous|next|coming) \s+ {_COUNT} \s+ {_UNITS} {_END}",
        _read_counted,
    ),
    rule(
        f"{_COUNT_TRIGGERS} {_ABOUT.replace('|', ' ')} in just",
        rf"(?P<about>(?:{_ABOUT})\s+)? (?:(?:just|in)\s+)? {_COUNT} \s+ {_UNITS} ['’]? \s+"
        rf" (?P<way>{_WAY}) (?!\w)",
        _read_away,
    ),
    rule(
        "recent coming",
        r"(?:recent|coming) \s+ (?:days|weeks|months|years|decades) (?!\w)",
        _read_unresolved,
    ),
    rule(
        "the that",
        r"(?: the\s+(?:same|following|next|previous)\s+(?:day|morning|afternoon|evening|night)"
        r" | that\s+day | the\s+day\s+(?:before|after) ) (?!\w)",
        _read_unresolved,
    ),
)
"""In the order in which they are tried at one place."""

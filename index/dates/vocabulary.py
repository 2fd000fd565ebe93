"""The English words of the calendar: months, weekdays, counts and time zones."""

from __future__ import annotations

from datetime import datetime, timedelta

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

month_by_word = {
    **{name.lower(): number for number, name in enumerate(MONTH_NAMES, 1)},
    **{name[:3].lower(): number for number, name in enumerate(MONTH_NAMES, 1)},
    "sept": 9,
}
"""Lower-case name or abbreviation, without its full stop, to 1..12."""

_SHORT_WEEKDAYS = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3,
                   "thurs": 3, "fri": 4, "sat": 5, "sun": 6}  # fmt: skip
weekday_by_word = {
    **{name.lower(): number for number, name in enumerate(WEEKDAY_NAMES)},
    **_SHORT_WEEKDAYS,
}
"""Lower-case name or abbreviation, without its full stop, to 0 (Monday)..6."""

count_by_word = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50,
}  # fmt: skip
"""Lower-case number words that stand before a unit of time."""

MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|june?\.?|july?\.?"
    r"|aug(?:ust|\.)?|sept(?:ember|\.)?|sep\.?|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
    r"(?![^\W\d_])"
)
"""A month's name or abbreviation, to be compiled without regard to case."""
WEEKDAY = (
    r"(?:mon(?:day|\.)?|tue(?:sday|s\.?|\.)?|wed(?:nesday|s\.?|\.)?|thu(?:rsday|rs\.?|r\.?|\.)?"
    r"|fri(?:day|\.)?|sat(?:urday|\.)?|sun(?:day|\.)?)(?![^\W\d_])"
)
"""A weekday's name or abbreviation, to be compiled without regard to case."""

# CST and IST have several meanings; these are the ones of RFC 2822 and of most news that is
# stamped so (United States, India).
_ZONE_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2,
    "eet": 2, "eest": 3, "sast": 2, "msk": 3, "trt": 3, "gst": 4, "pkt": 5, "ist": 5.5, "wib": 7,
    "ict": 7,
    "hkt": 8, "sgt": 8, "awst": 8, "pht": 8, "kst": 9, "jst": 9, "acst": 9.5, "acdt": 10.5,
    "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "brt": -3,
    "art": -3, "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5,
}  # fmt: skip
# "ET" means EST or EDT, as the date has it.
_US_HOURS = {"et": -5, "ct": -6, "mt": -7, "pt": -8}


def zone_offset(name: str, local: datetime) -> timedelta | None:
    """How far the zone `name` is ahead of UTC at the clock time `local`; None if unknown."""
    key = name.lower()
    if key in _ZONE_HOURS:
        return timedelta(hours=_ZONE_HOURS[key])
    if key in _US_HOURS:
        return timedelta(hours=_US_HOURS[key] + is_us_summer(local))
    return None


def is_us_summer(local: datetime) -> bool:
    """Whether the United States keep daylight time at `local`, by the rule in force since 2007."""
    march, november = local.replace(month=3, day=8), local.replace(month=11, day=1)
    begins, ends = _first_sunday_from(march), _first_sunday_from(november)
    return begins <= local.replace(tzinfo=None) < ends


def _first_sunday_from(day: datetime) -> datetime:
    days = (6 - day.weekday()) % 7
    return day.replace(day=day.day + days, hour=2, minute=0, second=0, microsecond=0, tzinfo=None)

"""Days and ages as a news desk reads them."""

from __future__ import annotations

from datetime import datetime

from index.moment import Moment, Precision


def tell_day(moment: Moment | None) -> str:
    """`16 November 2023`, `November 2023`, `2023`, `undated`; a guess says that it is one."""
    return _tell(moment, short=False)


def tell_short_day(moment: Moment | None) -> str:
    """The same with the month's first three letters: `16 Nov 2023`."""
    return _tell(moment, short=True)


def _tell(moment: Moment | None, *, short: bool) -> str:
    if moment is None:
        return "undated"
    day = tell_instant(moment.start, moment.precision)
    if short and moment.precision > Precision.YEAR:
        day = day.replace(f"{moment.start:%B}", f"{moment.start:%b}")
    return f"{day} (file date)" if moment.is_guess else day


def tell_instant(when: datetime, precision: Precision = Precision.DAY) -> str:
    """The day of an instant, in UTC, or as much of it as is known."""
    if precision is Precision.YEAR:
        return str(when.year)
    if precision is Precision.MONTH:
        return f"{when:%B} {when.year}"
    return f"{when.day} {when:%B} {when.year}"


def tell_age(moment: Moment, now: datetime) -> str:
    """`today`, `yesterday`, `12 days ago`, `3 months ago`, `2 years ago`; empty for the future."""
    days = (now.date() - moment.start.date()).days
    if days < 0:
        return ""
    if days < 2:
        return ("today", "yesterday")[days]
    if days < 60:
        return f"{days} days ago"
    months = days // 30
    return f"{months} months ago" if months < 24 else f"{days // 365} years ago"

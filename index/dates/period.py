"""A stretch of the calendar with a first and a last second, and how it is shown to people."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from index.dates.vocabulary import MONTH_NAMES
from index.moment import Moment, Precision

_LAST_SECOND = time(23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """Every second from `start` to `end`, both included."""

    start: datetime
    """Aware and in UTC."""
    end: datetime
    """The last second that belongs to the period."""
    precision: Precision
    """The unit that its bounds were given in: DAY for a week, YEAR for 1996-2019."""

    @classmethod
    def of(cls, moment: Moment) -> Period:
        """All the time that `moment` may be."""
        return cls(moment.start, moment.end, moment.precision)

    @classmethod
    def days(cls, first: date, last: date | None = None) -> Period:
        """From the first second of one day to the last of another, or of the same.

        Raises:
            ValueError: If `last` is before `first`.
        """
        return cls._between(first, last or first, Precision.DAY)

    @classmethod
    def week(cls, day: date) -> Period:
        """The week, Monday to Sunday, that holds `day`.

        Raises:
            OverflowError: If the week leaves the calendar.
        """
        monday = day - timedelta(days=day.weekday())
        return cls.days(monday, monday + timedelta(days=6))

    @classmethod
    def months(cls, year: int, month: int, last_year: int = 0, last_month: int = 0) -> Period:
        """One month, or whole months from the first to the last.

        Raises:
            ValueError: If there is no such month, or the last is before the first.
        """
        last_year, last_month = last_year or year, last_month or month
        days = calendar.monthrange(last_year, last_month)[1]
        last = date(last_year, last_month, days)
        return cls._between(date(year, month, 1), last, Precision.MONTH)

    @classmethod
    def years(cls, year: int, last_year: int = 0) -> Period:
        """One year, or whole years from the first to the last.

        Raises:
            ValueError: If a year is outside 1..9999, or the last is before the first.
        """
        return cls._between(date(year, 1, 1), date(last_year or year, 12, 31), Precision.YEAR)

    @classmethod
    def _between(cls, first: date, last: date, precision: Precision) -> Period:
        if last < first:
            raise ValueError(f"a period cannot end on {last} before it starts on {first}")
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        return cls(start, datetime.combine(last, _LAST_SECOND), precision)

    def until(self, other: Period) -> Period:
        """From the start of this period to the end of `other`.

        Raises:
            ValueError: If `other` ends before this one starts.
        """
        if other.end < self.start:
            raise ValueError("the second period ends before the first starts")
        return Period(self.start, other.end, max(self.precision, other.precision))


def describe(period: Period) -> str:
    """The period in words, to stand beside the words of a text.

    "14 November 2023", "13-15 November 2023", "week of 13 November 2023", "March-May 2023",
    "1996-2019". Nothing finer than days is told.
    """
    first, last = period.start, period.end
    if period.precision is Precision.YEAR:
        return _joined([str(first.year)], [str(last.year)])
    years = [str(first.year)], [str(last.year)]
    months = [MONTH_NAMES[first.month - 1], *years[0]], [MONTH_NAMES[last.month - 1], *years[1]]
    if period.precision is Precision.MONTH:
        return _joined(*months)
    if first.weekday() == 0 and (last.date() - first.date()).days == 6:
        return f"week of {first.day} {' '.join(months[0])}"
    return _joined([str(first.day), *months[0]], [str(last.day), *months[1]])


def _joined(first: list[str], last: list[str]) -> str:
    """Join "3 October 2023" and "5 October 2023" to "3-5 October 2023"."""
    if first == last:
        return " ".join(last)
    while first and first[-1] == last[len(first) - 1]:
        first = first[:-1]
    return f"{' '.join(first)}-{' '.join(last)}"

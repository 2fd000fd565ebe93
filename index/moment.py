"""A point in time that remembers how precisely it is known."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum


class Precision(IntEnum):
    """How much of a moment is known; a greater value is finer."""

    YEAR = 1
    MONTH = 2
    DAY = 3
    MINUTE = 4
    SECOND = 5


# Two digits are demanded of month and day, so that "2023-1" is not silently January.
_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2}|UTC|GMT)?)?)?)?",
    re.ASCII | re.IGNORECASE,
)


# The ends of the calendar.
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A moment of the calendar, as precise as is known.

    Moments sort by their first instant, then by precision.
    """

    start: datetime
    """The first instant that the moment may be, aware and in UTC."""
    precision: Precision
    is_guess: bool = False
    """True when it was taken from weak evidence, such as a file's modification time."""

    @property
    def end(self) -> datetime:
        """The last second that the moment may be: 23:59:59 for a moment known to the day."""
        start, second = self.start, timedelta(seconds=1)
        match self.precision:
            case Precision.YEAR:
                return start.replace(month=12, day=31, hour=23, minute=59, second=59)
            case Precision.MONTH:
                days = calendar.monthrange(start.year, start.month)[1]
                return _plus(start, timedelta(days=days) - second)
            case Precision.DAY:
                return _plus(start, timedelta(days=1) - second)
            case Precision.MINUTE:
                return _plus(start, timedelta(minutes=1) - second)
            case _:
                return start

    def isoformat(self) -> str:
        """ISO 8601 with no more digits than are known: `2023`, `2023-11-16`, `…T20:15:26Z`."""
        form = {
            Precision.YEAR: "%Y",
            Precision.MONTH: "%Y-%m",
            Precision.DAY: "%Y-%m-%d",
            Precision.MINUTE: "%Y-%m-%dT%H:%MZ",
            Precision.SECOND: "%Y-%m-%dT%H:%M:%SZ",
        }[self.precision]
        # strftime does not pad years below 1000 on every platform.
        return self.start.strftime(form.replace("%Y", f"{self.start.year:04d}"))

    @classmethod
    def of(cls, when: datetime, *, is_guess: bool = False) -> Moment:
        """A moment known to the second. `when` must be aware.

        Raises:
            ValueError: If `when` has no time zone.
        """
        offset = when.utcoffset()
        if offset is None:
            raise ValueError(f"a moment needs a time zone: {when!r}")
        start = _plus(when.replace(tzinfo=UTC, microsecond=0), -offset)
        return cls(start.replace(microsecond=0), Precision.SECOND, is_guess)

    @classmethod
    def day(cls, year: int, month: int, day: int, *, is_guess: bool = False) -> Moment:
        """A moment known to the day, in UTC."""
        return cls(datetime(year, month, day, tzinfo=UTC), Precision.DAY, is_guess)

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Read ISO 8601, from `2023` to `2023-11-16T20:15:26+09:00`; no zone means UTC.

        Raises:
            ValueError: If `text` is anything else; dates in words are read by `index.dates`.
        """
        found = _ISO.fullmatch(text.strip())
        if not found:
            raise ValueError(f"not an ISO 8601 date: {text!r}")
        part = {
            name: int(value)
            for name, value in found.groupdict().items()
            if value and name != "zone"
        }
        precision = Precision(len(part)) if len(part) <= 3 else Precision(len(part) - 1)
        start = datetime(
            part["year"],
            part.get("month", 1),
            part.get("day", 1),
            part.get("hour", 0),
            part.get("minute", 0),
            part.get("second", 0),
            tzinfo=UTC,
        )
        return cls(_plus(start, -_offset(found["zone"])), precision)


def _plus(when: datetime, step: timedelta) -> datetime:
    """Add without leaving the calendar, whose ends news dates (0001, 9999) do reach."""
    try:
        return when + step
    except OverflowError:
        return _LAST if step > timedelta() else _FIRST


def _offset(zone: str | None) -> timedelta:
    if not zone or zone[0] not in "+-":
        return timedelta()
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    return (1 if zone[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes)

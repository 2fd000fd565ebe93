"""What the rules for time words are made of: a setting to read in, and the reading they give."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from index.dates.period import Period
from index.dates.tense import Outlook, read_outlook
from index.moment import Moment, Precision


@dataclass(frozen=True, slots=True)
class CalendarDays:
    """A month, or days of it, before the year is known."""

    month: int
    first: int | None = None
    last: int | None = None

    def of_year(self, year: int) -> Period:
        """These days in `year`.

        Raises:
            ValueError: If the year has no such days.
        """
        if self.first is None:
            return Period.months(year, self.month)
        last = date(year, self.month, self.last or self.first)
        return Period.days(date(year, self.month, self.first), last)


@dataclass(frozen=True, slots=True)
class Reading:
    """What some time words mean."""

    period: Period | None
    """None when they cannot be placed on the calendar."""
    is_relative: bool
    """True when the meaning hangs on the day of the text."""
    yearless: CalendarDays | None = None
    """Set when only the year had to be guessed, so that a neighbour's year may replace it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A text, the day it speaks from, and how it is written."""

    text: str
    """With plain spaces in place of those that do not break, so that patterns see them."""
    anchor: Moment | None
    any_case: bool = False
    """True for questions, which people type in lower case."""

    def year(self) -> int | None:
        """The year that the text speaks from, if known."""
        return self.anchor.start.year if self.anchor else None

    def month(self) -> date | None:
        """The first day of the month that the text speaks from, if known."""
        return self._known(Precision.MONTH)

    def day(self) -> date | None:
        """The day that the text speaks from, if known."""
        return self._known(Precision.DAY)

    def _known(self, precision: Precision) -> date | None:
        known = self.anchor is not None and self.anchor.precision >= precision
        return self.anchor.start.date() if self.anchor and known else None

    def may_be_tomorrow(self) -> bool:
        """Whether the text may be of the next day by its own clock, being from east of UTC."""
        anchor = self.anchor
        # The farthest clocks, on Kiribati, are fourteen hours ahead.
        return anchor is not None and anchor.precision > Precision.DAY and anchor.start.hour >= 10

    def outlook(self, found: re.Match[str]) -> Outlook | None:
        """Whether the words found are told as past or to come; None where nothing tells."""
        return read_outlook(self.text, found.start(), found.end())

    def looks_ahead(self, found: re.Match[str]) -> bool:
        """Whether the words found are plainly told as to come."""
        return self.outlook(found) is Outlook.AHEAD

    def before(self, start: int) -> str:
        """The few characters before `start`."""
        return self.text[max(0, start - 24) : start]

    def is_quoted(self, start: int) -> bool:
        """Whether someone is quoted at `start`, as far as the paragraph before it tells."""
        before = self.text[max(0, start - 600) : start]
        before = before[before.rfind("\n") + 1 :]
        return before.rfind("“") > before.rfind("”") or before.count('"') % 2 == 1

    def is_name(self, word: str) -> bool:
        """Whether `word` is written as a name is."""
        return self.any_case or word[0].isupper()


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to say a time."""

    triggers: tuple[str, ...]
    """Lower-case first words; `#2` stands for a number of two digits."""
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], Setting], Reading | None]
    """Gives None if the words are no time after all."""


def trusted(anchor: Moment | None) -> Moment | None:
    """The anchor, unless it is a guess: what hangs on a guess would be an invented date."""
    return None if anchor is None or anchor.is_guess else anchor


def rule(
    triggers: str, pattern: str, read: Callable[[re.Match[str], Setting], Reading | None]
) -> Rule:
    """A rule with its triggers in one string and a verbose pattern, read in any case."""
    flags = re.ASCII | re.IGNORECASE | re.VERBOSE
    return Rule(tuple(triggers.split()), re.compile(pattern, flags), read)

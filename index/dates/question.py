"""The time that a question asks about: its periods, how it stands to them, and "latest"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from index.dates.mentions import TimeMention, read_times
from index.dates.period import Period
from index.moment import Moment


class Relation(StrEnum):
    """How what is asked for stands to a period."""

    ON = "on"
    BEFORE = "before"
    AFTER = "after"
    SINCE = "since"
    UNTIL = "until"
    BETWEEN = "between"


@dataclass(frozen=True, slots=True)
class AskedTime:
    """A time that a question names."""

    mention: TimeMention
    """Where it stands in the question, and what it means."""
    relation: Relation

    @property
    def earliest(self) -> datetime | None:
        """The first second that is asked for; None if open, or if the time is not resolved."""
        period = self.mention.period
        if period is None or self.relation in {Relation.BEFORE, Relation.UNTIL}:
            return None
        return _next_second(period) if self.relation is Relation.AFTER else period.start

    @property
    def latest(self) -> datetime | None:
        """The last second that is asked for; None if open, or if the time is not resolved."""
        period = self.mention.period
        if period is None or self.relation in {Relation.AFTER, Relation.SINCE}:
            return None
        return _last_second_before(period) if self.relation is Relation.BEFORE else period.end


@dataclass(frozen=True, slots=True)
class QuestionTime:
    """What a question says about time. Whether it means events or stories is not known here."""

    mentions: tuple[AskedTime, ...] = ()
    """In the order of the question."""
    wants_latest: bool = False
    """It asks for the newest: "latest", "most recent", "now", "last"."""
    wants_first: bool = False
    """It asks for the oldest: "first", "earliest"."""

    @property
    def window(self) -> tuple[datetime | None, datetime | None]:
        """First and last second that holds every resolved time; None where it is open.

        A question that names two days spans both; one that says "since Monday" and "before
        Friday" means what lies between. Bounds that contradict each other are all dropped.
        """
        asked = [each for each in self.mentions if each.mention.period]
        closed = [each for each in asked if each.earliest and each.latest]
        starts = [each.earliest for each in closed if each.earliest]
        ends = [each.latest for each in closed if each.latest]
        lower = [each.earliest for each in asked if each.earliest and not each.latest]
        upper = [each.latest for each in asked if each.latest and not each.earliest]
        earliest = max(lower + ([min(starts)] if starts else []), default=None)
        latest = min(upper + ([max(ends)] if ends else []), default=None)
        return (None, None) if earliest and latest and latest < earliest else (earliest, latest)


_RELATION_LEAD = re.compile(
    r"""\b(?: (?P<since> since | starting (?:\s+on)? )
        | (?P<before> before | prior\s+to | earlier\s+than | ahead\s+of )
        | (?P<after> after | following | (?<!no\s)later\s+than )
        | (?P<until> until | till | by | up\s+to | through | as\s+of | no\s+later\s+than )
        | (?P<between> between | from ) ) \s+ (?:the\s+)? $""",
    re.IGNORECASE | re.VERBOSE,
)
_ONWARDS = re.compile(r"\s+(?:on|onwards?|and\s+(?:later|after))\b", re.IGNORECASE)
_OR_EARLIER = re.compile(r"\s+(?:and|or)\s+(?:earlier|before)\b", re.IGNORECASE)
_TWO_ENDS = re.compile(r"[\w.]\s*(?:-|–|—|\bto\b|\bthrough\b|\buntil\b|\btill\b|\band\b)\s*[\w.]")
_LATEST = re.compile(
    r"""\b(?: latest | newest | most\s+recent(?:ly)? | right\s+now | now | nowadays | currently
        | at\s+present | at\s+the\s+moment | these\s+days | so\s+far | up\s+to\s+date
        | last (?!\s+(?:name|letter|word|character|resort|place|of\s+us|quarter|half|minute
            |second)\b)
        )\b (?!-)""",
    re.IGNORECASE | re.VERBOSE,
)
_FIRST = re.compile(
    r"""\b(?: earliest | oldest
        | first (?!\s+(?:lady|ladies|minister|name|letter|initial|character|half|quarter|round
            |class|person|place|responders?|and)\b)
        )\b (?!-)""",
    re.IGNORECASE | re.VERBOSE,
)
# Inside a sentence a capital makes it a name: "The Last of Us", "the First Minister".
_NAMED = re.compile(r"[\w,’'“\"]\s$")


def read_period(question: str, as_of: datetime) -> QuestionTime:
    """Read which time a question asks about; times without a date are seen from `as_of`.

    Lower-case months and weekdays are read as such. "By" and "until" include the day they name,
    "before" and "after" do not. Inside a time ("last week"), "last" asks for nothing newer.

    Args:
        question: The question, or any text like it.
        as_of: The moment from which it is asked; aware.

    Raises:
        ValueError: If `as_of` has no time zone.
    """
    found = read_times(question, Moment.of(as_of), any_case=True)
    return QuestionTime(
        tuple(AskedTime(each, _relation(question, each)) for each in found),
        _says(_LATEST, question, found),
        _says(_FIRST, question, found),
    )


def _relation(question: str, mention: TimeMention) -> Relation:
    lead = _RELATION_LEAD.search(question, max(0, mention.start - 24), mention.start)
    said = lead.lastgroup if lead else None
    if said == "between":
        if _ONWARDS.match(question, mention.end):
            return Relation.SINCE
        # "From October 2023" alone is only "of": a range has two ends.
        return Relation.BETWEEN if _TWO_ENDS.search(mention.text) else Relation.ON
    if said:
        return Relation(said)
    if _OR_EARLIER.match(question, mention.end):
        return Relation.UNTIL
    return Relation.ON


def _says(pattern: re.Pattern[str], question: str, mentions: list[TimeMention]) -> bool:
    for found in pattern.finditer(question):
        in_time = any(each.start <= found.start() < each.end for each in mentions)
        before = question[max(0, found.start() - 2) : found.start()]
        is_name = found[0][0].isupper() and not found[0].isupper() and _NAMED.search(before)
        if not in_time and not is_name:
            return True
    return False


def _next_second(period: Period) -> datetime:
    return _shifted(period.end, 1)


def _last_second_before(period: Period) -> datetime:
    return _shifted(period.start, -1)


def _shifted(when: datetime, seconds: int) -> datetime:
    """A second on, or the same moment at the ends of the calendar."""
    try:
        return when + timedelta(seconds=seconds)
    except OverflowError:
        return when

"""The times that a text mentions, each with the part of the calendar that it means.

Weeks run from Monday to Sunday. A time that hangs on the day of the text is resolved only as
far as that day is known, and never from a guessed one. Words that hang on something else in the
story ("three days later", "the previous week") are found but not resolved, as are seasons
without a year. "Early October" and "mid-2024" are the whole month and year, and a time of day is
part of the words but not of the period, because its zone is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from index.dates.months import MONTH_RULES
from index.dates.period import Period
from index.dates.reading import Reading, Rule, Setting, trusted
from index.dates.relative import RELATIVE_RULES
from index.dates.years import YEAR_RULES
from index.moment import Moment, Precision


@dataclass(frozen=True, slots=True)
class TimeMention:
    """Words of a text that mean a time."""

    start: int
    """Offset of the first character in the text."""
    end: int
    """Offset after the last character."""
    text: str
    """The words themselves, `text[start:end]` of what was read."""
    period: Period | None
    """None when the words cannot be placed on the calendar."""
    is_relative: bool
    """True when the meaning hangs on the day of the text ("Tuesday", "Nov. 14")."""


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    reading: Reading


_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_CLOCK = r"\d{1,2} (?::\d\d)? \s? [ap]\.?m\b\.?"
_LEAD = re.compile(
    rf"""(?: \b(?:early|late|mid|earlier|later) (?:\s+in)? (?:\s+the)? [\s-]
        | \bthe \s+ (?:end|start|beginning|middle) \s+ of \s+ (?:the\s+)?
        | \b{_CLOCK} (?:\s[A-Z]{{2,4}})? ,? \s (?:on\s)?
        | \b(?:noon|midnight) \s (?:on\s)? ) $""",
    re.ASCII | re.VERBOSE,
)
_DAY_PART = r"\s (?:morning|afternoon|evening|night) \b"
_TRAIL = re.compile(
    rf"(?:{_DAY_PART})? ,? \s (?:at\s)? {_CLOCK} | {_DAY_PART}", re.ASCII | re.VERBOSE
)
_RANGE = re.compile(r"\s*(?:-|–|—|to|through|until|till)\s*(?:the\s+)?")
_LIST = re.compile(r"\s*,?\s*(?:and|or|,|&)?\s*(?:on\s+)?")


def _by_trigger(rules: tuple[Rule, ...]) -> dict[str, tuple[Rule, ...]]:
    table: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        for trigger in rule.triggers:
            table[trigger] = (*table.get(trigger, ()), rule)
    return table


_rules_by_trigger = _by_trigger((*MONTH_RULES, *YEAR_RULES, *RELATIVE_RULES))
# An answer asks for the times of a sentence more than once, and so do later ones.
_LONGEST_KEPT = 2_000


def find_times(text: str, anchor: Moment | None) -> list[TimeMention]:
    """Find the times that an article mentions, in reading order; they do not overlap.

    Args:
        text: The article's text, or a part of it; offsets count its characters.
        anchor: When the article was published, or its dateline's day. With None, or with a
            guess, only times that name their year are resolved.
    """
    known = trusted(anchor)
    return read_times(text, known) if len(text) > _LONGEST_KEPT else list(_remembered(text, known))


@lru_cache(4_096)
def _remembered(text: str, anchor: Moment | None) -> tuple[TimeMention, ...]:
    return tuple(read_times(text, anchor))


def read_times(text: str, anchor: Moment | None, *, any_case: bool = False) -> list[TimeMention]:
    """`find_times` for any text; with `any_case`, names of months and days may be lower case."""
    # Character for character, so that offsets stay: spaces that do not break are common on pages.
    plain = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ")
    setting = Setting(plain, anchor, any_case)
    return [
        TimeMention(found.start, found.end, text[found.start : found.end], found.reading.period,
                    found.reading.is_relative)
        for found in _join(list(_scan(setting)), plain)
    ]  # fmt: skip


def _scan(setting: Setting) -> Iterator[_Found]:
    text, done = setting.text, 0
    for token in _TOKEN.finditer(text):
        start = token.start()
        if start < done:
            continue
        word = token[0]
        rules = _rules_by_trigger.get(f"#{len(word)}" if word[0].isdecimal() else word.lower())
        if rules is None or (start and text[start - 1].isalnum()):
            continue
        found = _read_at(start, rules, setting)
        if found:
            found = _widen(found, text, done)
            done = found.end
            yield found


def _read_at(start: int, rules: tuple[Rule, ...], setting: Setting) -> _Found | None:
    for rule in rules:
        match = rule.pattern.match(setting.text, start)
        if match is None:
            continue
        try:
            reading = rule.read(match, setting)
        except (ValueError, OverflowError):
            # 30 February, or a week before the year 1.
            reading = Reading(None, True)
        if reading:
            return _Found(match.start(), match.end(), reading)
    return None


def _widen(found: _Found, text: str, floor: int) -> _Found:
    """Take in what narrows the words without being placed: "early", "5 p.m.", "night"."""
    start, end, period = found.start, found.end, found.reading.period
    lead = _LEAD.search(text, max(floor, start - 28), start)
    if lead:
        start = lead.start()
    if period is None or period.precision is Precision.DAY:
        trail = _TRAIL.match(text, end)
        end = trail.end() if trail else end
    return replace(found, start=start, end=end)


def _join(atoms: list[_Found], text: str) -> list[_Found]:
    """Join the two ends of a range, and lend years to neighbours that have none."""
    joined: list[_Found] = []
    for atom in reversed(atoms):
        following = joined[-1] if joined else None
        gap = text[atom.end : following.start] if following else ""
        if following is None or len(gap) > 16:
            joined.append(atom)
            continue
        is_range = _RANGE.fullmatch(gap) is not None or (
            gap.strip() == "and" and text[max(0, atom.start - 8) : atom.start].lower() == "between "
        )
        dated = atom
        if is_range or _LIST.fullmatch(gap):
            dated = replace(atom, reading=_dated_like(atom.reading, following.reading))
        whole = _range(dated, following) if is_range else None
        if whole:
            joined[-1] = whole
        else:
            joined.append(dated)
    return joined[::-1]


def _dated_like(reading: Reading, other: Reading) -> Reading:
    """The first of "October 2 and October 7, 2023" is of 2023 too."""
    if reading.yearless is None or other.is_relative or other.period is None:
        return reading
    if other.period.precision < Precision.MONTH:
        return reading
    try:
        period = reading.yearless.of_year(other.period.start.year)
        if period.start > other.period.end:
            period = reading.yearless.of_year(other.period.start.year - 1)
    except ValueError:
        return Reading(None, False)
    return Reading(period, False)


def _range(first: _Found, last: _Found) -> _Found | None:
    start, end = first.reading.period, last.reading.period
    if start is None or end is None or end.end < start.end:
        return None
    relative = first.reading.is_relative or last.reading.is_relative
    return _Found(first.start, last.end, Reading(start.until(end), relative))

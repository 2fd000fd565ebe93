"""Rules for years and their parts: "in 2019", "1996-2019", "the 1990s", "Q3 2023"."""

from __future__ import annotations

import re

from index.dates.period import Period
from index.dates.reading import Reading, Setting, rule
from index.dates.vocabulary import MONTH

# What stands before a number that is a year beyond doubt.
_YEAR_LEAD = re.compile(
    rf"""(?: \b(?: in | since | until | till | by | from | during | through | throughout | before
        | after | of | early | late | mid | circa | between | to | post | pre | year | the
        | {MONTH} )
        [\s-] | \( ) $""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
# What stands before and after a number that is not.
_NUMBER_LEAD = re.compile(
    r"""(?: [\d$£€¥#/.,'’+@_]
        | \b(?: than | nearly | almost | some | no | no\. | number | flight | room | model
            | route | section | page | about | only | another | windows | office | over | under
            | top ) \s
        | (?<![a-z])- ) $""",
    re.IGNORECASE | re.VERBOSE,
)
_UNIT_NEXT = re.compile(
    r"""[-\s]* (?: % | ° | percent | per\s+cent | people | persons | men\b | women | children
        | miles?\b | km | kilomet | met(?:er|re) | feet | foot | yards? | dollars? | euros?
        | pounds? | words? | votes? | points? | jobs? | workers | employees | times | hours?
        | minutes? | days | calories | followers | users | troops | soldiers | copies | acres
        | pages | seats | tons
        | tonnes | million | billion | thousand | bc\b | mah | hz | rpm | kg | nm\b )
      | [,.:]\d | [/@_] | -\d""",
    re.IGNORECASE | re.VERBOSE,
)


def _is_number(found: re.Match[str], setting: Setting) -> bool:
    lead = _NUMBER_LEAD.search(setting.before(found.start()))
    return bool(lead or _UNIT_NEXT.match(setting.text, found.end()))


def _read_year(found: re.Match[str], setting: Setting) -> Reading | None:
    year = int(found["year"])
    if _is_number(found, setting):
        return None
    if _YEAR_LEAD.search(setting.before(found.start())):
        return Reading(Period.years(year), False) if year <= 2200 else None
    # A round number needs a word that says it is a year.
    return Reading(Period.years(year), False) if 1900 < year < 2100 and year != 2000 else None


def _read_years(found: re.Match[str], setting: Setting) -> Reading | None:
    first, last = int(found["first"]), int(found["last"])
    is_between = setting.before(found.start()).lower().endswith("between ")
    if found["joint"].strip() == "and" and not is_between:
        return None
    if len(found["last"]) == 2:
        last += first - first % 100
        # "2023-24" is a season and "1939-45" a war; farther apart is no range of years.
        if last - first > 20:
            return None
    if _is_number(found, setting) or not first < last <= 2200:
        return None
    return Reading(Period.years(first, last), False)


def _read_decade(found: re.Match[str], setting: Setting) -> Reading | None:
    start = int(found["decade"])
    if start < 100:
        # "The '90s", but not "in her 90s".
        if setting.before(found.start())[-1:] not in {"'", "’", "‘"}:
            return None
        start += 1900
    return Reading(Period.years(start, start + 9), False)


_PART = {"first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4, "last": 4}


def _read_part_of_year(found: re.Match[str], setting: Setting) -> Reading | None:
    words, unit, part = found[0].lower(), found["unit"].lower(), found["part"].lower()
    months = 6 if unit in {"half", "h"} else 3
    number = int(part[0]) if part[0].isdigit() else min(_PART[part], 12 // months)
    year, step = found["year"], {"last": -1, "next": 1}.get((found["said"] or "").lower(), 0)
    if number * months > 12:
        return None
    if "fiscal" in words:
        return Reading(None, False)  # it begins where its company likes
    said_year = int(year) if year else (setting.year() or 0) + step
    if not year and setting.year() is None:
        return Reading(None, True)
    first = (number - 1) * months + 1
    return Reading(Period.months(said_year, first, said_year, number * months), not year)


def _read_season(found: re.Match[str], _setting: Setting) -> Reading | None:
    """Read a season as its year: its months are open, for the hemisphere is not known.

    A winter lies in two years, and which two is not known either.
    """
    if not found["year"]:
        return Reading(None, True) if found["which"] else None
    is_winter = found["season"].lower() == "winter"
    return Reading(None if is_winter else Period.years(int(found["year"])), False)


def _read_fiscal(_found: re.Match[str], _setting: Setting) -> Reading | None:
    return Reading(None, False)


_OF_YEAR = r"""(?:of\s+|in\s+)? (?:the\s+)? (?:fiscal\s+)? (?:year\s+)?
    (?: (?P<year>\d{4}) | (?:(?P<said>this|last|next)\s+)? year ) (?!\w)"""

YEAR_RULES = (
    rule(
        "#4",
        r"(?P<first>[12]\d{3}) (?P<joint>\s?[-–—]\s?|/|\s+(?:to|through|and)\s+)"
        r" (?P<last>\d{4}|\d{2}) (?![\w-])",
        _read_years,
    ),
    rule("#4", r"(?P<decade>[12]\d{2}0) ['’]?s\b", _read_decade),
    rule("#2", r"(?P<decade>[2-9]0) s\b", _read_decade),
    rule("#4", r"(?P<year>[12]\d{3}) (?:['’]s)? (?!\w)", _read_year),
    rule("fiscal fy", r"(?:fiscal|fy) (?:\s+year)? [\s-]* \d{4} (?!\w)", _read_fiscal),
    rule(
        "first second third fourth final last #1",
        r"(?P<part>first|second|third|fourth|final|last|1st|2nd|3rd|4th) [\s-]"
        rf" (?P<unit>quarter|half) \s+ {_OF_YEAR}",
        _read_part_of_year,
    ),
    rule("q h", rf"(?P<unit>[qh])(?P<part>[1-4]) ,?\s+ {_OF_YEAR}", _read_part_of_year),
    rule(
        "spring summer autumn fall winter last this next",
        r"(?:(?P<which>last|this|next) \s+)? (?P<season>spring|summer|autumn|fall|winter)"
        r" (?: (?:\s+of|\s+in|,)? \s+ (?P<year>\d{4}) )? (?!\w)",
        _read_season,
    ),
)
"""In the order in which they are tried at one place."""

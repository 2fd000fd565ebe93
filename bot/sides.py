"""Questions that set two things side by side: which came first, how long between, which is more.

Reads how such a question is put, and into which two sub-questions it falls. Answers nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from index.names import find_names


class Asks(StrEnum):
    """What is asked of the two sides."""

    WHETHER_BEFORE = "whether before"
    """Yes or no: the first side came before the second."""
    WHETHER_AFTER = "whether after"
    WHICH_WAY = "before or after"
    WHICH_FIRST = "which first"
    WHICH_LAST = "which last"
    HOW_LONG = "how long"
    """The time from the one to the other."""
    WHETHER_MORE = "whether more"
    WHETHER_LESS = "whether less"
    WHETHER_SAME = "whether same"
    WHICH_MORE = "which more"
    WHICH_LESS = "which less"


TIMES = frozenset(
    {Asks.WHETHER_BEFORE, Asks.WHETHER_AFTER, Asks.WHICH_WAY, Asks.WHICH_FIRST, Asks.WHICH_LAST,
     Asks.HOW_LONG}
)  # fmt: skip
"""These are settled by when the two sides happened, the others by a number of each."""


@dataclass(frozen=True, slots=True)
class Sides:
    """A question of two sides."""

    asks: Asks
    one: str
    """The first side, in the question's words: `Shoigu travel to Pyongyang`."""
    other: str
    unit: str = ""
    """For `HOW_LONG`: `days`, `weeks`, `months`, `years`, or empty where none is named."""
    measure: str = ""
    """For the numbers: words that say what is measured, added to each side: `cost to build`."""
    outlets: tuple[str, str] | None = None
    """Set where the sides are two outlets that report on one thing."""


_AUX = r"(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could)"
_EARLIER = r"before|earlier\s+than|sooner\s+than|ahead\s+of|prior\s+to"
_LATER = r"after|later\s+than|following"
_MORE = (
    r"more|higher|larger|bigger|greater|longer|taller|heavier|faster|hotter|warmer|older|deeper"
    r"|wider|costlier|dearer|stronger|better\s+paid|above|over|more\s+\w+"
)
_LESS = (
    r"less|lower|smaller|fewer|shorter|lighter|slower|colder|cooler|younger|shallower|cheaper"
    r"|weaker|below|under|less\s+\w+"
)
_UNIT = r"(?P<unit>days?|weeks?|months?|years?|hours?)"
_END = r"[\s?.!]*$"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_BEFORE_OR_AFTER = _pattern(
    rf"^\W*{_AUX}\s+(?P<one>.+?),?\s+(?:before\s+or\s+after|after\s+or\s+before"
    rf"|earlier\s+or\s+later\s+than)\s+(?P<other>.+?){_END}"
)
_WHETHER = _pattern(
    rf"^\W*{_AUX}\s+(?P<one>.+?)\s+(?:(?P<before>{_EARLIER})|(?P<after>{_LATER}))\s+(?P<other>.+?){_END}"
)
_ALREADY = _pattern(
    rf"^\W*{_AUX}\s+(?P<one>.+?)\s+already\s+(?P<verb>.+?)\s+(?:when|by\s+the\s+time(?:\s+that)?)\s+"
    rf"(?P<other>.+?){_END}"
)
_FIRST_OF = _pattern(
    rf"^\W*(?:which|what|who)\s+(?P<what>.*?)\b(?P<end>first|earlier|earliest|sooner|last|later|latest)"
    rf"\b[,:\s–—-]*(?P<one>.+?),?\s+or\s+(?P<other>.+?){_END}"
)
_BETWEEN = _pattern(
    rf"^\W*how\s+(?:many\s+{_UNIT}|long|much\s+time)\s+.*?\bbetween\s+(?P<one>.+?)\s+and\s+"
    rf"(?P<other>.+?){_END}"
)
_AFTER_THAT = _pattern(
    rf"^\W*how\s+(?:many\s+{_UNIT}|long|much\s+time)\s+(?:passed\s+|went\s+by\s+|elapsed\s+)?"
    rf"(?:after|before|from)\s+(?P<one>.+?)\s+(?:(?:did|was|were|had|until|till|to|before)\s+)(?P<other>.+?){_END}"
)
_THAN = _pattern(
    rf"^\W*{_AUX}\s+(?P<one>.+?)\s+(?:(?P<more>{_MORE})|(?P<less>{_LESS}))\s*(?P<noun>.{{0,40}}?)\s*"
    rf"(?:\bthan\b|(?<=above)|(?<=below))\s+(?P<other>.+?){_END}"
)
_WHICH_THAN = _pattern(
    rf"^\W*(?:which|what|who)\s+(?P<what>.*?)\b(?:(?P<more>{_MORE}|most|largest|highest|biggest)"
    rf"|(?P<less>{_LESS}|least|lowest|smallest))\b(?P<noun>[^,:]*?)[,:]\s*(?P<one>.+?),?\s+or\s+"
    rf"(?P<other>.+?){_END}"
)
_AGREE = _pattern(
    rf"^\W*(?:do|does|did|are|were|have|has)\s+(?P<one>.+?)\s+and\s+(?P<other>.+?)\s+"
    rf"(?:(?:give|report|have|put|name|state|cite|use|print|count)\w*\s+the\s+same\s+(?P<what>.+?)"
    rf"|(?P<agree>agree)\w*\s+(?:on|about|over)\s+(?P<matter>.+?)){_END}"
)
_LEADING = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_TAIL_AUX = re.compile(r"\s+(?:did|does|do|was|were|had|has|is|are)$", re.IGNORECASE)
_NOT_A_SIDE = re.compile(
    r"^(?:that|this|it|then|now|before|ever|usual|expected|all|last\s+\w+|the\s+(?:year|month|week)\s+before"
    r"|previously|planned|forecast|\d[\d.,]*\s*\w*)$",
    re.IGNORECASE,
)
# A name and what belongs to it: "Governor Kozhemyako", but not "the vote that ended it".
_MOST_NAME_WORDS = 3


def read_sides(question: str) -> Sides | None:
    """The two sides of a question, or None where it has none."""
    for read in (_agreement, _order, _which_first, _span, _amounts):
        sides = read(question)
        if sides and not any(_NOT_A_SIDE.match(side) for side in (sides.one, sides.other)):
            return sides
    return None


def _order(question: str) -> Sides | None:
    if found := _BEFORE_OR_AFTER.match(question):
        return Sides(Asks.WHICH_WAY, *_complete(found["one"], found["other"]))
    if found := _ALREADY.match(question):
        one = f"{found['one']} {found['verb']}"
        return Sides(Asks.WHETHER_BEFORE, *_complete(one, found["other"]))
    if found := _WHETHER.match(question):
        asks = Asks.WHETHER_BEFORE if found["before"] else Asks.WHETHER_AFTER
        return Sides(asks, *_complete(found["one"], found["other"]))
    return None


def _which_first(question: str) -> Sides | None:
    found = _FIRST_OF.match(question)
    if not found:
        return None
    is_last = found["end"].lower() in {"last", "later", "latest"}
    what = re.sub(
        rf"\b(?:{_AUX}|came|come|comes|happened|took\s+place|occurred|of\s+(?:the|these)\s+two.*)\b",
        " ", found["what"], flags=re.IGNORECASE,
    )  # fmt: skip
    return Sides(
        Asks.WHICH_LAST if is_last else Asks.WHICH_FIRST, _clean(found["one"]),
        _clean(found["other"]), measure=" ".join(what.split()),
    )  # fmt: skip


def _span(question: str) -> Sides | None:
    found = _BETWEEN.match(question) or _AFTER_THAT.match(question)
    if not found:
        return None
    unit = (found["unit"] or "").lower()
    unit = f"{unit}s" if unit and not unit.endswith("s") else unit
    return Sides(Asks.HOW_LONG, _clean(found["one"]), _clean(found["other"]), unit=unit)


def _amounts(question: str) -> Sides | None:
    if found := _WHICH_THAN.match(question):
        asks = Asks.WHICH_MORE if found["more"] else Asks.WHICH_LESS
        measure = f"{found['what']} {found['noun']}"
        return Sides(asks, _clean(found["one"]), _clean(found["other"]), measure=_words(measure))
    if found := _THAN.match(question):
        asks = Asks.WHETHER_MORE if found["more"] else Asks.WHETHER_LESS
        one, other = _complete(found["one"], found["other"])
        return Sides(asks, one, other, measure=_words(found["noun"]))
    return None


def _agreement(question: str) -> Sides | None:
    found = _AGREE.match(question)
    if not found:
        return None
    one, other = _clean(found["one"]), _clean(found["other"])
    what = found["what"] or found["matter"]
    return Sides(Asks.WHETHER_SAME, what, what, outlets=(one, other))


def _words(text: str) -> str:
    return " ".join(text.split())


def _clean(side: str) -> str:
    return _TAIL_AUX.sub("", " ".join(side.split()).strip(" ,"))


def _complete(one: str, other: str) -> tuple[str, str]:
    """Both sides as whole phrases: "Shoigu fly in before Lavrov" gives "Lavrov fly in" too.

    A side of a bare name does what the other does.
    """
    one, other = _clean(one), _clean(other)
    names = find_names(one)
    if names and _is_bare_name(other):
        first = names[0]
        return one, f"{one[: first.start]}{other}{one[first.end :]}"
    return one, other


def _is_bare_name(text: str) -> bool:
    core = _LEADING.sub("", text)
    words = core.split()
    return len(words) <= _MOST_NAME_WORDS and bool(find_names(core)) and words[-1][:1].isupper()

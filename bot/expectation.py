"""What kind of answer a question expects, read from how it is put."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple


class AnswerKind(StrEnum):
    """What must stand in a sentence for it to answer."""

    PERSON = "person"
    ORGANIZATION = "organization"
    PLACE = "place"
    TIME = "time"
    CLOCK = "clock"
    """The time of day."""
    COUNT = "count"
    MONEY = "money"
    MEASURE = "measure"
    """A percentage, length, weight, temperature, duration or age."""
    NAME = "name"
    """Something with a proper name: a product, a work, an event."""
    YES_NO = "yes_no"
    CHOICE = "choice"
    """One of two things that the question itself names: "larger or smaller"."""
    REASON = "reason"
    STATEMENT = "statement"
    """What somebody said."""
    ANY = "any"
    """A description; nothing in particular must stand in the sentence."""


LISTED_KINDS = frozenset(
    {AnswerKind.PERSON, AnswerKind.PLACE, AnswerKind.ORGANIZATION, AnswerKind.TIME,
     AnswerKind.COUNT, AnswerKind.MONEY, AnswerKind.MEASURE}
)  # fmt: skip
"""Kinds of which several may be right, each at its time."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The kind of answer a question expects, and the words that say so."""

    kind: AnswerKind
    asked: str = ""
    """What is asked for, in the question's words: `company` in "Which company …", else empty."""
    role: str = ""
    """The office or part whose holder is asked for: `sports minister`; else empty."""
    dimensions: frozenset[str] = frozenset()
    """For a measure, what it may measure (`index.quantities.UNITS`); empty: anything."""


_LENGTH, _TIME = frozenset({"length"}), frozenset({"time", "months"})
_TIME_UNITS = "years|months|weeks|days|nights|hours|minutes|seconds"
_LENGTH_UNITS = "miles|feet|inches|yards|kilomet(?:er|re)s|met(?:er|re)s|centimet(?:er|re)s"
# What the words of a question say that a measure is of; the first that matches decides.
_DIMENSIONS = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), dimensions)
    for words, dimensions in (
        (r"speed|how\s+fast|fast|pace", frozenset({"speed"})),
        (r"how\s+(?:far|high|tall|deep|wide)|distance|height|depth|width|elevation|altitude",
         _LENGTH),
        (r"how\s+heavy|weigh|weight|mass", frozenset({"mass"})),
        (r"how\s+(?:hot|cold|warm)|temperature", frozenset({"temperature", "angle"})),
        (r"how\s+old|ages?|duration|for\s+how\s+long|what\s+sentence|how\s+often", _TIME),
        (r"how\s+long\s+(?:did|does|do|will|would|has|had|have|before|after|until)", _TIME),
        (r"how\s+long|length", _LENGTH | _TIME),
        (rf"how\s+many\s+(?:more\s+)?(?:{_TIME_UNITS})", _TIME),
        (rf"how\s+many\s+(?:more\s+)?(?:{_LENGTH_UNITS})", _LENGTH),
        (r"percent|percentage|turnout|proportion|share\s+of|discount", frozenset({"percent"})),
        (r"(?:interest|inflation|unemployment|growth|key|policy|base|lending)\s+rates?",
         frozenset({"percent"})),
    )
)  # fmt: skip

_PERSON_NOUNS = (
    "person|man|woman|individual|leader|president|minister|official|player|coach|manager|captain"
    "|author|writer|director|actor|actress|singer|artist|musician|ceo|chief|founder|cofounder"
    "|executive|judge|lawyer|senator|mayor|governor|spokesperson|spokesman|spokeswoman|scientist"
    "|researcher|professor|quarterback|striker|goalkeeper|pitcher|candidate|politician|journalist"
    "|driver|analyst|king|queen|envoy|ambassador|secretary|chancellor|premier|head|boss|winner"
    "|victim|suspect|character"
)
_ORGANIZATION_NOUNS = (
    "company|companies|organi[sz]ation|firm|corporation|team|club|party|agency|bank|university"
    "|college|institution|publisher|publication|outlet|newspaper|network|studio|brand|band|group"
    "|union|ministry|department|league|startup|manufacturer|airline|carmaker|retailer|platform"
    "|entity|charity|court|tribunal"
)
_PLACE_NOUNS = (
    "country|countries|city|cities|state|town|village|region|province|continent|island|venue"
    "|stadium|airport|port|capital|nation|location|place|street|river|county|district|area"
)
_TIME_NOUNS = "date|day|year|month|time|week|season|decade|century|hour|weekday"
_MONEY_NOUNS = (
    "price|cost|fine|budget|value|salary|revenue|amount|sum|fare|fee|bill|fees|wage|wages"
    "|prize money|bonus|debt|damages|ticket price"
)
_MEASURE_NOUNS = (
    "percentage|percent|rate|share|proportion|age|size|level|speed|distance|temperature|magnitude"
    "|margin|length|height|weight|depth|duration|increase|rise|raise|drop|fall|cut|discount|turnout"
)
_COUNT_NOUNS = "number|count|toll|total|score|tally|attendance|crowd|population|circulation"
_MONEY_WORDS = (
    "cost|costs|paid|pay|worth|spend|spent|raise|raised|price|fine|fined|invest|invested|earn"
    "|money|dollars?|euros?|pounds?|salary|revenue|budget|debt"
)
_SAYING = "say|said|claim|tell|told|state|argue|warn|announce|think|promise|call"
_WHAT_DID = r"\bwhat\s+(?:did|does|do|will|would|has|had)\s+.{1,70}?\b"
_WHAT_IS_THE = r"\bwhat\s+(?:is|was|were|are)\s+the\s+(?:[\w-]+\s+){0,3}?"


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    """Its groups, if any, say what is asked for."""
    kind: AnswerKind


def _rule(pattern: str, kind: AnswerKind) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), kind)


def _asks_for(nouns: str, kind: AnswerKind) -> _Rule:
    """Match "which (… up to four words …) NOUN", or "what is the (name of the) NOUN"."""
    return _rule(
        rf"\b(?:which|what)\s+(?!(?:did|does|do|has|have|had|will|would|can|could)\b)"
        rf"(?:[\w'’-]+\s+){{0,3}}?(?P<noun>{nouns})s?\b"
        r"|\b(?:what|which)\s+(?:is|was|are|were)\s+the\s+name\s+of\s+(?:[\w'’.-]+\s+){0,8}?"
        rf"(?P<named>{nouns})s?\b"
        rf"|\b(?:name|identify)\s+(?:the|an?)\s+(?:[\w'’-]+\s+){{0,3}}?(?P<told>{nouns})s?\b",
        kind,
    )


# "Who estimates that …": whoever says it, a person or a body, stands with the verb that reports.
_SOURCE_VERBS = (
    "says|said|claims|claimed|estimates|estimated|reports|reported|announced|announces|confirmed"
    "|confirms|denied|denies|disputes|disputed|dismissed|dismisses|warned|warns|argued|argues"
    "|believes|believed|thinks|thought|insisted|insists|suggested|suggests|vouched|vouches"
    "|alleges|alleged|stated|states|predicted|predicts|expects|reckons"
)
# In order: the first rule that matches decides. A group of its pattern is what is asked for.
_RULES = (
    _rule(rf"\bwhat\s+(?:did|does|has|had|do)\s+.{{1,80}}?\b(?:{_SAYING})\b", AnswerKind.STATEMENT),
    _rule(
        rf"^\W*(?:who|(?:which|what)\s+(?:source|agency|body|official|organi[sz]ation|newspaper"
        rf"|outlet|ministry))\s+(?:has\s+|have\s+|had\s+)?(?:{_SOURCE_VERBS})\b",
        AnswerKind.STATEMENT,
    ),
    _rule(
        r"\bhow\s+(?:did|does|do|has|had)\s+.{1,60}?\b(?:react|respond|describe|explain|comment|characteri[sz]e|put\s+it|assess|rate|sum\s+up)\b",
        AnswerKind.STATEMENT,
    ),
    _rule(
        r"\b(?:why|for\s+what\s+reason|what\s+(?:is|was|were|are)\s+the\s+(?:reasons?|cause)"
        r"|what\s+(?:caused|led\s+to|prompted)|how\s+come)\b",
        AnswerKind.REASON,
    ),
    _rule(rf"{_WHAT_DID}(?:cost|pay|charge|earn|spend)\b", AnswerKind.MONEY),
    _rule(rf"{_WHAT_DID}(?:weigh|measure)\b", AnswerKind.MEASURE),
    _rule(
        rf"\bhow\s+much\s+(?:money\b|(?:[\w'’-]+\s+){{0,8}}?(?:{_MONEY_WORDS})\b)",
        AnswerKind.MONEY,
    ),
    _rule(rf"{_WHAT_IS_THE}(?:{_MONEY_NOUNS})\b", AnswerKind.MONEY),
    # "How many years did he get?" asks how long.
    _rule(rf"\bhow\s+many\s+(?:more\s+)?(?:{_TIME_UNITS}|{_LENGTH_UNITS})\b", AnswerKind.MEASURE),
    _rule(
        r"\bhow\s+many\b"
        rf"|\bwhat\s+(?:is|was|were)\s+the\s+(?:[\w-]+\s+){{0,3}}?(?:{_COUNT_NOUNS})\b",
        AnswerKind.COUNT,
    ),
    _rule(
        r"\bhow\s+(?:much|long|old|far|tall|big|large|high|fast|heavy|deep|hot|cold|wide|often)\b"
        rf"|\bwhat\s+(?:[\w-]+\s+){{0,2}}?(?:{_MEASURE_NOUNS})\b|\bby\s+how\s+much\b",
        AnswerKind.MEASURE,
    ),
    _rule(rf"{_WHAT_IS_THE}(?:{_MEASURE_NOUNS})\b", AnswerKind.MEASURE),
    # "Who is Andrey Rudenko?" names the person: what he is, is asked for.
    _Rule(
        re.compile(
            r"^\W*[Ww]ho\s+(?:is|was|are|were)\s+"
            r"[A-Z][\w.'’-]*+(?:\s+[A-Z][\w.'’-]*+){0,3}\W*$"
        ),
        AnswerKind.ANY,
    ),
    _rule(r"^\W*(?:\w+\s+){0,3}?(?:who|whom|whose)\b", AnswerKind.PERSON),
    _rule(
        r"\b(?:at\s+)?what\s+(?:time|hour)\s+(?:\w+\s+){0,2}?(?:is|was|were|are|did|does|do|will)\b"
        r"|\bat\s+what\s+(?:time|hour)\b",
        AnswerKind.CLOCK,
    ),
    _rule(r"(?:^|[,;]\s+|\bfrom\s+|\band\s+)where\b", AnswerKind.PLACE),
    _rule(r"(?:^|[,;]\s+|\bsince\s+|\bby\s+|\band\s+)when\b", AnswerKind.TIME),
    _asks_for(_TIME_NOUNS, AnswerKind.TIME),
    _asks_for(_PERSON_NOUNS, AnswerKind.PERSON),
    _asks_for(_ORGANIZATION_NOUNS, AnswerKind.ORGANIZATION),
    _asks_for(_PLACE_NOUNS, AnswerKind.PLACE),
    # Not "…, who was also reported to …".
    _rule(
        r"\b(?:who|whom|whose)\b(?!\s+(?:also\s+)?(?:is|was|were|are|has|have|had)\s+(?:also\s+)?"
        r"(?:reported|said)\b)",
        AnswerKind.PERSON,
    ),
    _rule(
        r"\bwhich\s+(?P<noun>[\w-]+)|\bwhat(?:\s+(?:is|was)\s+the)?\s+name\b"
        r"|\bwhat\s+(?:is|was)\s+.{1,40}\bcalled\b|\bwhat\s+(?P<thing>[a-z-]+)\s+"
        r"(?:is|was|did|does|do|are|were|has|have|will|would|can)\b",
        AnswerKind.NAME,
    ),
)
# "How many confirmed measles cases are there": the nouns before the verb are what is counted.
_COUNTED = re.compile(
    r"\bhow\s+many\s+(?:of\s+(?:the\s+)?)?(?P<noun>[\w'’-]+(?:\s+(?!(?:is|are|was|were|did|do|does"
    r"|has|have|had|will|would|can|could|in|on|at|of|from|took|came|died|there|people\b)\b)"
    r"[\w'’-]+){0,2})",
    re.IGNORECASE,
)
_YES_NO = re.compile(
    r"^\W*(?:(?:after|before|between|considering|according\s+to|given|since|in|on|at|following"
    r"|despite|based\s+on)\b.*?,\s*)?"
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must"
    r"|isn['’]t|aren['’]t|wasn['’]t|didn['’]t|doesn['’]t|hasn['’]t)\b",
    re.IGNORECASE | re.DOTALL,
)
# "Considering X, which …": the preamble's own verb must not make it a yes-or-no question.
_ASKS_AFTER_PREAMBLE = re.compile(
    r"[,;]\s+(?:(?:in|at|on|by|for|to|from|of)\s+)?"
    r"(?:which|what|who|whose|whom|how|when|where|why)\b",
    re.IGNORECASE,
)
# "a larger or smaller decrease", "larger or smaller?", "…, or do they differ?"
_ALTERNATIVES = re.compile(
    r"\b(?P<one>\w+)\s+or\s+(?P<other>\w+)(?:\s+\w+){0,7}\W*$"
    r"|,\s+or\s+(?:is|are|do|does|did|was|were)\b",
    re.IGNORECASE,
)
# "Who is the prime minister of Canada", "What is the name of North Korea's sports minister".
_ROLE = re.compile(
    r"\b(?:(?i:who)\s+(?:is|was|are|were)|name\s+of)\s+(?:(?:the|an?)\s+)?"
    r"(?:(?:(?!(?:due|to|in|of|at|for|be|the)\b)[\w.'’-]{1,20}\s+){0,3}[\w.-]{1,20}['’]s?\s+)?"
    r"(?:current\s+|new\s+|former\s+|latest\s+|next\s+)?"
    # "Who was put in charge" names no office.
    r"(?P<role>(?!(?:put|chosen|made|given|sent|shot|hurt|held|found|told|seen|taken|\w+ed)\b)"
    r"[a-z][\w-]*(?:\s+[a-z][\w-]*){0,2}?)"
    r"(?=\s*(?:[?.,]|$)"
    r"|\s+(?:of|in|for|at|on|to|who|that|from|when|during|behind|now|today)\b)"
)


def read_expectation(question: str) -> Expectation:
    """The kind of answer that `question` expects; `AnswerKind.ANY` where its form does not tell."""
    expectation = _read_kind(question)
    role = _ROLE.search(question)
    if expectation.kind is AnswerKind.PERSON and role:
        return replace(expectation, role=role["role"])
    if expectation.kind is AnswerKind.MEASURE:
        return replace(expectation, dimensions=read_dimensions(question))
    return expectation


def read_dimensions(question: str) -> frozenset[str]:
    """What a question asks the measure of; empty where its words leave it open."""
    return next((what for words, what in _DIMENSIONS if words.search(question)), frozenset())


def _read_kind(question: str) -> Expectation:
    if _YES_NO.match(question) and not _ASKS_AFTER_PREAMBLE.search(question):
        offered = _ALTERNATIVES.search(question)
        return Expectation(AnswerKind.CHOICE if offered else AnswerKind.YES_NO)
    for rule in _RULES:
        if found := rule.pattern.search(question):
            told = next(filter(None, found.groups()), "")
            return Expectation(rule.kind, told or _counted(question))
    return Expectation(AnswerKind.ANY)


def _counted(question: str) -> str:
    """What a question with "how many" counts; else empty."""
    found = _COUNTED.search(question)
    return found["noun"] if found else ""

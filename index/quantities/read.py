"""What a number in a text measures: its unit, its hedge, and whether it is a quantity at all."""

from __future__ import annotations

import re
from typing import NamedTuple

from index.names.gazetteer import NUMBERED, fold, word_set
from index.quantities.numerals import (
    FRACTIONS,
    MULTIPLIERS,
    SHORT_MULTIPLIERS,
    Value,
    digits_value,
    ordinal_value,
    words_value,
)
from index.quantities.quantity import Bound, Quantity, QuantityKind
from index.quantities.units import (
    CURRENCY_SIGNS,
    MEASURE_SPELLINGS,
    MONEY_SPELLINGS,
    TIME_SPELLINGS,
    UNITS,
    singular,
)

_HEDGE = re.compile(
    r"""(?<!\w)(?:(?P<more>more\ than|over|above|exceeding|upwards\ of
    |in\ excess\ of|just\ over|well\ over)
  | (?P<least>at\ least|no\ fewer\ than|no\ less\ than|not\ less\ than|a\ minimum\ of)
  | (?P<most>up\ to|at\ most|no\ more\ than|as\ many\ as|as\ much\ as|a\ maximum\ of)
  | (?P<less>less\ than|fewer\ than|under|below|nearly|almost|just\ under|close\ to|just\ shy\ of)
  | (?P<about>about|around|roughly|approximately|some|an\ estimated|estimated|circa|~|or\ so))
    (?:\ (?:a|an|the|another|about))?\ ?$""",
    re.VERBOSE | re.IGNORECASE,
)
_HEDGE_AFTER = re.compile(r"(?P<plus>\+| or more\b| plus\b)|(?P<so> or so\b)")
_PERCENT = re.compile(
    r"\s?(?:(?P<points>percentage points?)|(?P<basis>basis points?))"
    r"|[\s-]?(?:%|(?:per ?cent|percent|pct)\b)(?P<after> points?\b)?"
)
_SPELLINGS = MEASURE_SPELLINGS | TIME_SPELLINGS | MONEY_SPELLINGS
_any_spelling = "|".join(re.escape(one) for one in sorted(_SPELLINGS, key=len, reverse=True))
_UNIT = re.compile(
    rf"(?P<gap>[ -]?)(?P<unit>{_any_spelling})"
    r"(?!\w)(?P<old>[ -]olds?\b)?"
)
# Spellings that are ordinary words or letters, unless a digit is glued to them.
_GLUED_ONLY = frozenset(
    {"m", "C", "F", "g", "W", "second", "min", "sec", "stone", "MP", "yr", "hr"}
)
_YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|until|till|by|from|of|during|before|after|late|early|mid|the|this|that|between|"
    r"year|summer|spring|winter|fall|autumn|his|her|its|their|our|\w+['’]s?)[ -]|\()$",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"([^\W\d_][\w&'’.-]*)[ -]$")
_NEXT_WORDS = re.compile(r"(?:[ -](?!\d)\w[\w’'-]*){1,5}")
_WORD = re.compile(r"\w[\w’'-]*")
_CASUALTIES = word_set(
    """
    dead killed injured wounded missing arrested displaced hospitalised hospitalized
    detained
    """
)
_STOPS = word_set(
    """
    of in on at by for from with to and or but as than that which who when while after
    before since was were is are has have had will would could can may might said says the a
    an his her its their our my it he she they we this into over under between during
    against about per if then not yet also each via out up down off only ago later earlier
    do does did because so i you these those who whose
    """
)
# Lower-case words whose number is a label: "chapter 12", "week 5".
_LABELS = word_set(
    """
    season episode chapter week day page phase stage level route section article step grade
    version round lap part type group tier zone district row room flight highway unit figure
    table number category channel question
    """
)
_NOT_ONE_AFTER = word_set(
    """
    no the this that each any every which another only that's day number it's is was as for
    of
    """
)
_AGE_BEFORE = re.compile(r"(?:\b(?:aged?|turned|turning) |[^\W\d_]{2,}, )$")
_AGE_AFTER = re.compile(r",|\s[–—-]\s|\.(?!\d)|\)| and\b")


_DETERMINER = re.compile(r"\b(?:the|its|his|her|their|our|my|an?|for|in|['’]s)[ ]$", re.IGNORECASE)
_RANKS_AFTER = re.compile(
    r"[ -](?:quarter|half|round|place|time|year|term|season|day|week|largest|biggest)\b"
)
_OPENS_SENTENCE = re.compile(r"(?:^|[.!?:…\n“\"‘(—–-]['’)]?\s*)$")


_MANY = {"tens": 10.0} | {f"{word}s": factor for word, factor in MULTIPLIERS.items()}
# More digits than this are a code, and past what a float can tell apart.
_LONGEST = 24


class _Unit(NamedTuple):
    name: str | None
    kind: QuantityKind
    end: int
    """Where the unit ends in the text; the number's own end when the unit is a counted noun."""
    scale: float = 1.0


def read_number(text: str, match: re.Match[str]) -> Quantity | None:
    """A quantity whose number is written in digits."""
    start, end = (
        match.start("sign" if match["sign"] else "minus" if match["minus"] else "digits"),
        match.end(),
    )
    if len(match["digits"]) > _LONGEST or _is_label(text, start, end):
        return None
    value = _scaled(match)
    sign = CURRENCY_SIGNS.get(match["sign"] or "")
    if match["ordinal"]:
        return _quantity(
            text, start, end, value, _Unit(_single_noun(text, end), QuantityKind.ORDINAL, end)
        )
    unit = _Unit(sign, QuantityKind.MONEY, end) if sign else None
    if match["short"] and not match["times"]:
        short = _short(text, match, unit)
        if short is None:
            return None
        value = Value(value.number * short[0], value.step * short[0])
        unit = unit or short[1]
    unit = unit or _unit_after(text, end, value.number)
    if end < len(text) and (text[end].isalpha() or text[end] == "_") and unit.end == end:
        return None
    if _is_year(text, match, unit):
        return None
    if unit.kind is QuantityKind.PLAIN and _is_age(text, start, end, value.number):
        unit = _Unit("year", QuantityKind.DURATION, end)
    return _quantity(text, start, end, value, unit)


def read_words(text: str, match: re.Match[str]) -> Quantity | None:
    """A quantity whose number is written in words."""
    start, end = match.span("words")
    if match["words"][0].isupper() and not _OPENS_SENTENCE.search(text, max(0, start - 4), start):
        # "the Big Ten", "Final Four".
        return None
    value = words_value(match["words"])
    if match["minus"]:
        start, value = match.start("minus"), Value(-value.number, value.step)
    unit = _unit_after(text, end, value.number)
    if value.number == 1:
        before = _word_before(text, start)
        if before.lower() in _NOT_ONE_AFTER or unit.kind is QuantityKind.PLAIN:
            return None
    if before_label(text, start):
        return None
    return _quantity(text, start, end, value, unit)


def read_rank(text: str, match: re.Match[str]) -> Quantity | None:
    """A rank in words: "the third", "its twenty-first"."""
    start, end = match.span("rank")
    if not (_RANKS_AFTER.match(text, end) or _DETERMINER.search(text, max(0, start - 7), start)):
        # "first reported" ranks nothing.
        return None
    noun = _single_noun(text, end)
    if match["rank"].lower() == "second" and noun is None and not _NEXT_WORDS.match(text, end):
        return None
    value = Value(float(ordinal_value(match["rank"])), 1.0)
    return _quantity(text, start, end, value, _Unit(noun, QuantityKind.ORDINAL, end))


def read_share(text: str, match: re.Match[str]) -> Quantity | None:
    """A fraction as percent: "two-thirds", "a third of"."""
    part = (match["part"] or match["part_of"]).lower()
    over = match["over"] or match["over_of"]
    if over is None and part != "half":
        # "the third quarter of 2023" is a time.
        return None
    if over is None and _word_before(text, match.start()).lower() in {
        "first",
        "second",
        "other",
        "the",
        "last",
        "back",
    }:
        return None
    count = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "nine": 9}[(over or "a").lower()]
    end = match.end("part" if match["part"] else "part_of")
    end += text[end : end + 1] == "s"
    unit = _Unit("percent", QuantityKind.PERCENT, end)
    return _quantity(text, match.start(), end, Value(count * FRACTIONS[part], 1.0), unit)


def read_many(text: str, match: re.Match[str]) -> Quantity | None:
    """A range: "hundreds" goes from two hundred to what would be called thousands."""
    start, end = match.span("tens")
    factor = _MANY[match["tens"].lower().partition(" ")[0]]
    if match["times"]:
        factor *= _MANY[match["times"].lower()]
    after = end + 3 if text.startswith(" of ", end) else end
    unit = _unit_after(text, after, 2 * factor)
    name, kind = (unit.name, unit.kind) if unit.end == after else (None, QuantityKind.PLAIN)
    if unit.end != after:
        name, kind = unit.name, unit.kind
    # Nothing greater is said of millions.
    is_open = factor > 1e3 and not match["times"]
    low, high = (
        (24.0, 99.0)
        if factor == 12
        else (2 * factor, 1000 * factor if is_open else 10 * factor - 1)
    )
    return Quantity(
        start,
        end,
        text[start:end],
        low * unit.scale,
        high * unit.scale,
        name,
        kind,
        is_approximate=True,
        step=factor,
    )


def _scaled(match: re.Match[str]) -> Value:
    value = digits_value(match["digits"])
    number = value.number + {"½": 0.5, "¼": 0.25, "¾": 0.75}.get(match["half"] or "", 0.0)
    factor = MULTIPLIERS[match["times"].lower()] if match["times"] else 1.0
    sign = -1.0 if match["minus"] else 1.0
    return Value(sign * number * factor, value.step * factor)


def _is_label(text: str, start: int, end: int) -> bool:
    """Whether the digits belong to a name or a code: "GPT-4", "9/11", "iPhone 13"."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:] in {"-", "–"} and before[:1].isalpha():
        return True
    if (before[-1:] == "/" and before[:1].isdigit()) or (after[:1] == "/" and after[1:].isdigit()):
        return True
    return before_label(text, start)


def before_label(text: str, start: int) -> bool:
    """Whether the word before takes the number as part of a name: "Pixel", "chapter"."""
    word = _word_before(text, start)
    if not word:
        return False
    lower = fold(word)
    return lower in _LABELS if word.islower() else lower in NUMBERED


def _word_before(text: str, start: int) -> str:
    found = _WORD_BEFORE.search(text, max(0, start - 24), start)
    return found[1] if found else ""


def _short(
    text: str, match: re.Match[str], money: _Unit | None
) -> tuple[float, _Unit | None] | None:
    """The factor of a glued letter, and its unit if it is no multiplier; None if it is a code."""
    letters, end = match["short"], match.end()
    counts = _counted(text, end, 2.0)
    if money is None and letters == "m" and counts is None:
        return 1.0, _Unit("m", QuantityKind.MEASURE, end)
    if money is None and (
        letters in {"t", "b", "T"} or (letters in "Kk" and match["digits"] in {"4", "8"})
    ):
        return None
    return SHORT_MULTIPLIERS[letters.lower()], None


def _unit_after(text: str, end: int, number: float) -> _Unit:
    percent = _PERCENT.match(text, end)
    if percent:
        points = percent["points"] or percent["basis"] or percent["after"]
        name = "percentage point" if points else "percent"
        return _Unit(name, QuantityKind.PERCENT, percent.end(), 0.01 if percent["basis"] else 1.0)
    measured = _measured(text, end, number)
    if measured:
        return measured
    noun = _counted(text, end, number)
    return _Unit(noun, QuantityKind.COUNT, end) if noun else _Unit(None, QuantityKind.PLAIN, end)


def _measured(text: str, end: int, number: float) -> _Unit | None:
    found = _UNIT.match(text, end)
    if not found:
        return None
    spelling = found["unit"]
    glue = {"second": "-"}.get(spelling, "")
    if spelling in _GLUED_ONLY and found["gap"] != glue:
        return None
    if spelling == "won" and number < 1000:
        return None
    name = _SPELLINGS[spelling]
    if spelling in MONEY_SPELLINGS:
        return _Unit(UNITS[name].dimension, QuantityKind.MONEY, found.end(), UNITS[name].factor)
    kind = QuantityKind.DURATION if spelling in TIME_SPELLINGS else QuantityKind.MEASURE
    return _Unit(name, kind, found.end())


def _counted(text: str, end: int, number: float) -> str | None:  # noqa: PLR0911
    """The singular of the noun counted by the number that ends at `end`."""
    following = _NEXT_WORDS.match(text, end)
    if not following:
        return None
    words = _WORD.findall(following[0])
    if words[0].lower() in _CASUALTIES or (text[end] == "-" and words[0].lower() == "strong"):
        return "people"
    if text[end] == "-":
        return singular(words[0].split("-")[0]) or words[0].split("-")[0].lower()
    if number == 1:
        return None if singular(words[0]) else _single_noun(text, end)
    for word in words:
        if word.lower() in _STOPS:
            return None
        noun = singular(word.removesuffix("'s").removesuffix("’s"))
        if noun:
            return noun
    return None


def _single_noun(text: str, end: int) -> str | None:
    """The one word that follows, if the clause goes on behind it: "10th meeting of"."""
    following = _NEXT_WORDS.match(text, end)
    if not following:
        return None
    words = _WORD.findall(following[0])
    if words[0].lower() in _STOPS or (len(words) > 1 and words[1].lower() not in _STOPS):
        return None
    return singular(words[0]) or words[0].lower()


def _is_year(text: str, match: re.Match[str], unit: _Unit) -> bool:
    digits = match["digits"]
    if (
        len(digits) != 4
        or not digits.isdigit()
        or match["sign"]
        or match["times"]
        or match["short"]
    ):
        return False
    if not 1500 <= int(digits) < 2100 or unit.kind not in {QuantityKind.PLAIN, QuantityKind.COUNT}:
        return False
    before = _YEAR_BEFORE.search(text, max(0, match.start("digits") - 20), match.start("digits"))
    return unit.kind is QuantityKind.PLAIN or bool(before)


def _is_age(text: str, start: int, end: int, number: float) -> bool:
    plausible = 0 < number < 120 and number == int(number)
    return plausible and bool(
        _AGE_BEFORE.search(text, max(0, start - 12), start) and _AGE_AFTER.match(text, end)
    )


def _quantity(text: str, start: int, end: int, value: Value, unit: _Unit) -> Quantity:
    end = max(end, unit.end)
    bound, is_approximate = _hedge(text, start, end)
    if unit.kind is QuantityKind.DURATION and text[max(0, start - 5) : start].lower() == "over ":
        # "over 10 years" is as often "within" as "longer than".
        bound, is_approximate = Bound.NONE, False
    number = value.number * unit.scale
    return Quantity(
        start, end, text[start:end], number, number, unit.name, unit.kind, is_approximate, bound,
        value.step * unit.scale,
    )  # fmt: skip


def _hedge(text: str, start: int, end: int) -> tuple[Bound, bool]:
    after = _HEDGE_AFTER.match(text, end)
    if after:
        return (Bound.AT_LEAST if after["plus"] else Bound.NONE), True
    before = _HEDGE.search(text, max(0, start - 34), start)
    if not before:
        return Bound.NONE, False
    bounds = {
        "more": Bound.MORE_THAN,
        "least": Bound.AT_LEAST,
        "most": Bound.AT_MOST,
        "less": Bound.LESS_THAN,
    }
    return bounds.get(before.lastgroup or "", Bound.NONE), True

"""Written numbers and their values: "1,187,300", "1.2 million", "two dozen", "half a million"."""

from __future__ import annotations

import re
from typing import NamedTuple

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_CARDINALS = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * (place + 2) for place, word in enumerate(_TENS)
}
MULTIPLIERS = {
    "dozen": 12.0,
    "hundred": 1e2,
    "thousand": 1e3,
    "lakh": 1e5,
    "million": 1e6,
    "crore": 1e7,
    "billion": 1e9,
    "trillion": 1e12,
}
"""Word → factor, in the singular."""
SHORT_MULTIPLIERS = {"k": 1e3, "mn": 1e6, "m": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12, "t": 1e12}
"""Lower-case letters glued to digits → factor: "€600m"."""
_ORDINAL_ONES = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
    "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
}  # fmt: skip
_ORDINALS = (
    _ORDINAL_ONES
    | {f"{word[:-1]}ieth": 10 * (place + 2) for place, word in enumerate(_TENS)}
    | {"hundredth": 100, "thousandth": 1000}
)
FRACTIONS = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
"""Word → its share in percent."""

_multiplier = "|".join(MULTIPLIERS)
_cardinal = "|".join(sorted(_CARDINALS, key=len, reverse=True))
# "A hundred and five" is one number; "two and four" are two.
_rest = rf"(?:\ and\ (?:{_cardinal})(?:-(?:{_cardinal}))?\b)?"
DIGITS = (
    r"(?:\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}"  # 1.234,5 and 1.234.567
    r"|\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
)
"""Digits with separators, as a pattern without groups."""
_tens = "|".join(_TENS)
# "Two five-year-olds" are not seven, "nineteen eighty-four" is no sum.
_small = rf"(?:(?:{_tens})(?:[ -](?:{'|'.join(_ONES[1:10])})\b)?|(?:{_cardinal}))"
_half = r"(?:[ -]and[ -]a[ -]half\b)?"
WORDS = (
    rf"(?:(?:half\ an?\ (?:{_multiplier}){_rest}|an?\ (?:{_multiplier}){_rest}(?:[ -]{_small}\b)?"
    rf"|{_small}{_half})"
    rf"(?:[ -](?:{_multiplier}){_rest}\b(?:[ -]{_small}\b)?)*"
    rf"{_half})"
)
"""A number in words, as a pattern without groups; ignore case."""
ORDINAL_WORDS = (
    rf"(?:(?:{'|'.join(_TENS)})-)?(?:{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})"
)
_SEPARATORS = re.compile(r"[,\u00a0\u202f]")
_PIECE = re.compile(r"[a-z]+")


class Value(NamedTuple):
    """A number and how finely it was written."""

    number: float
    step: float
    """The place value of the last digit written: 0.1 million for "1.2 million", 1 for "12"."""


def digits_value(digits: str) -> Value:
    """The value of what `DIGITS` matched."""
    plain = digits
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", digits):
        plain = digits.replace(".", "").replace(",", ".")
    elif digits.count(".") > 1:
        plain = digits.replace(".", "")
    plain = _SEPARATORS.sub("", plain)
    _, _, decimals = plain.partition(".")
    return Value(float(plain), 10.0 ** -len(decimals))


def words_value(words: str) -> Value:
    """The value of what `WORDS` matched: "two dozen" is 24, "half a million" 500,000."""
    total = current = 0.0
    step = factor = 1.0
    has_half = False
    for word in _PIECE.findall(words.lower()):
        if word in _CARDINALS:
            current += _CARDINALS[word]
            factor = 1.0
        elif word == "half":
            # "A million and a half" are half a million more.
            current += 0.5 * factor
            has_half = True
        elif word in MULTIPLIERS:
            factor = MULTIPLIERS[word]
            current = (current or 1.0) * factor
            step = factor if factor != 12.0 else 1.0
            if factor >= 1e3:
                total, current = total + current, 0.0
    if has_half:
        # "One and a half million" is as fine as "1.5 million".
        step /= 10
    return Value(total + current, step if total + current >= step else 1.0)


def ordinal_value(words: str) -> int:
    """The rank of what `ORDINAL_WORDS` matched, or of "10th"."""
    digits = re.match(r"\d+", words)
    if digits:
        return int(digits[0])
    tens, _, ones = words.lower().rpartition("-")
    return (_CARDINALS[tens] if tens else 0) + _ORDINALS[ones]

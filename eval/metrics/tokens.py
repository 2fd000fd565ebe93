"""Text as comparable tokens, so that "Nov. 16, 2023" meets "2023-11-16" and "12 percent" "12%".

Written apart from the bot's own reading of dates and numbers on purpose: a measure that shares
its subject's code shares its mistakes.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from decimal import Decimal

_ARTICLES = frozenset({"a", "an", "the"})
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH_BY_NAME = {
    name: number
    for number, month in enumerate(_MONTHS, start=1)
    for name in (month, month[:3], "sept" if month == "september" else month[:4])
}
# Longest first: a regular expression takes the first alternative that fits.
_MONTH = "|".join(sorted(_MONTH_BY_NAME, key=len, reverse=True))
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[12]\d{3})"
_DATES = (
    re.compile(rf"\b{_YEAR}-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?!\d)", re.ASCII),
    re.compile(rf"\b(?P<name>{_MONTH})\b\.?\s{{0,3}}{_DAY}\b(?:,?\s{{0,3}}{_YEAR}\b)?", re.ASCII),
    re.compile(
        rf"\b{_DAY}\s{{1,3}}(?:of\s{{1,3}})?(?P<name>{_MONTH})\b\.?(?:,?\s{{0,3}}{_YEAR}\b)?",
        re.ASCII,
    ),
    re.compile(rf"\b(?P<name>{_MONTH})\b\.?,?\s{{1,3}}(?:of\s{{1,3}})?{_YEAR}\b", re.ASCII),
)
_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "mn": 10**6, "bn": 10**9, "tn": 10**12,
}  # fmt: skip
# Only when glued to its digits: "5 m" is a length.
_GLUED_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9, "tn": 10**12}
_POSSESSIVE = re.compile(r"['’]s?(?!\w)")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WORD = re.compile(r"[0-9]+(?:\.[0-9]+)?|[^\W\d_]+")
_PIECE = re.compile(
    r"(?P<date>[0-9]{4}D[0-9]{2}(?:D[0-9]{2})?|-D[0-9]{2}D[0-9]{2})"  # what _mark_dates left
    r"|(?P<digits>[0-9]{1,15}(?:\.[0-9]{1,10})?)(?P<scale>(?:k|m|mn|bn|tn)\b)?"
    r"|(?P<percent>%|\bper\s?cent\b)"
    r"|(?P<word>[^\W\d_]+)"
)


def plain_tokens(text: str) -> list[str]:
    """Lower-case words and numbers without punctuation, accents, possessives and articles.

    The normalisation of SQuAD (Rajpurkar and others 2016), but for some traps: "1.5" does not
    become "15", "Bankman-Fried" equals "Bankman Fried", and "Google's" holds "Google",
    "U.S." equals "US".
    """
    return [word for word in _WORD.findall(_fold(text)) if word not in _ARTICLES]


def aware_tokens(text: str) -> list[str]:
    """As `plain_tokens`, with every date and number in one canonical form.

    A date becomes `2023-11-16`, `2023-11` or, without a year, `--11-16`; a number its plain decimal
    digits, scale words multiplied out: "1.5 million" and "1,500,000" are both `1500000`.
    """
    return _join_numbers([_canonical(found) for found in _PIECE.finditer(_mark_dates(_fold(text)))])


def same_token(gold: str, given: str) -> bool:
    """True if `given` says what `gold` says: equal, or a date that is at least as precise."""
    if gold == given:
        return True
    if not _is_date(given):
        return False
    if gold.startswith("--"):
        return given.endswith(gold[1:])
    # "2023" or "2023-11" is held by every finer date within it.
    return len(gold) in {4, 7} and gold[:4].isdigit() and given.startswith(f"{gold}-")


def names_quantity(text: str) -> bool:
    """True if the text holds a number or a date, which plain words cannot compare."""
    return any(token[0].isdigit() or token[0] == "-" for token in aware_tokens(text))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    joined = _INITIALS.sub(lambda found: found[0].replace(".", ""), bare)
    return _THOUSANDS.sub("", _POSSESSIVE.sub("", joined))


def _mark_dates(text: str) -> str:
    for pattern in _DATES:
        text = pattern.sub(_mark_date, text)
    return text


def _mark_date(found: re.Match[str]) -> str:
    part = found.groupdict()
    month = _MONTH_BY_NAME[part["name"]] if part.get("name") else int(part["month"])
    year, day = part.get("year"), part.get("day")
    longest = monthrange(int(year or 2024), month)[1] if 1 <= month <= 12 else 0
    if longest == 0 or (day is not None and not 1 <= int(day) <= longest):
        return found[0]
    # Letters for hyphens: the marks must not be read again by the next pattern.
    ending = f"D{int(day):02d}" if day is not None else ""
    return f" {year or '-'}D{month:02d}{ending} "


def _canonical(found: re.Match[str]) -> str:
    if found["date"]:
        return found["date"].replace("D", "-")
    if found["percent"]:
        return "percent"
    if found["digits"]:
        value = Decimal(found["digits"]) * _GLUED_SCALES.get(found["scale"] or "", 1)
        return _decimal(value)
    return found["word"]


def _join_numbers(tokens: list[str]) -> list[str]:
    """Turn runs such as `twenty two`, `3 million` or `two hundred five` into one number."""
    joined: list[str] = []
    index = 0
    while index < len(tokens):
        taken, value = _read_number(tokens, index)
        if taken:
            joined.append(_decimal(value))
        elif tokens[index] not in _ARTICLES:
            joined.append(tokens[index])
        index += max(taken, 1)
    return joined


def _read_number(tokens: list[str], start: int) -> tuple[int, Decimal]:
    """How many tokens from `start` are one number, and its value."""
    total, group, index = Decimal(0), _amount(tokens[start]), start
    if group is None:
        return 0, total
    while (index := index + 1) < len(tokens):
        word = tokens[index]
        if word in _SCALES:
            group *= _SCALES[word]
            if _SCALES[word] >= 1_000:
                total, group = total + group, Decimal(0)
        elif _continues(word, tokens[index - 1]):
            group += _amount(word) or 0
        else:
            break
    return index - start, total + group


def _continues(word: str, before: str) -> bool:
    """True for the `two` of "twenty two", and for any number word after a scale word."""
    if before in _TENS:
        return 1 <= _UNITS.get(word, 0) <= 9
    return before in _SCALES and (word in _UNITS or word in _TENS)


def _amount(token: str) -> Decimal | None:
    if token in _UNITS or token in _TENS:
        return Decimal(_UNITS.get(token, _TENS.get(token, 0)))
    return Decimal(token) if token[0].isdigit() and not _is_date(token) else None


def _decimal(value: Decimal) -> str:
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _is_date(token: str) -> bool:
    return "-" in token

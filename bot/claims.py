"""Whether a sentence says otherwise than a claim that is put in nearly its own words.

"Is it true that the river crested at 9.8 metres?" beside "The river crested at 6.8 metres": what
differs is what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from index.names import Name, find_names, same_name
from index.quantities import Quantity, agrees, difference, find_quantities

# Share of the claim's words that must stand in the sentence: of a claim in other words it cannot be
# told what its number or name is in place of.
_NEARLY = 0.7
_WORD = re.compile(r"\w+")
_LETTERS = 4
# In a short question a name may well be missing: the sentence takes the place for granted.
_ENOUGH = 7
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_SERIES = (
    re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE),
    re.compile(
        r"\b(?:january|february|march|april|may|june|july|august|september|october|november"
        r"|december|jan\.|feb\.|aug\.|sept\.|oct\.|nov\.|dec\.)(?=\W|$)",
        re.IGNORECASE,
    ),
    re.compile(r"\b[12]\d{3}\b"),
)


def says_otherwise(claim: str, sentence: str) -> bool:
    """Whether the sentence has another number, day, month, year or name in place of the claim's."""
    if not _is_near(claim, sentence):
        return False
    return (
        _has_other_quantity(claim, sentence)
        or tells_of_another_time(claim, sentence)
        or _has_other_name(claim, sentence)
    )


def tells_of_another_time(claim: str, sentence: str) -> bool:
    """Whether the claim names a weekday, month or year, and the sentence only others."""
    return any(_has_other(series, claim, sentence) for series in _SERIES)


def _is_near(claim: str, sentence: str) -> bool:
    """Whether nearly all longer words of the claim stand in the sentence."""
    told = {word.lower() for word in _WORD.findall(sentence)}
    asked = _longer_words(claim)
    held = sum(word in told for word in asked)
    return bool(asked) and held / len(asked) >= _NEARLY


def _longer_words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text) if len(word) >= _LETTERS]


def _has_other_quantity(claim: str, sentence: str) -> bool:
    asked, told = find_quantities(claim), find_quantities(sentence)
    if any(_is_contradicted(one, told) for one in asked):
        return True
    # Ranks, and numbers whose unit the two tell differently: by their figures.
    written, known = set(_FIGURE.findall(claim)), set(_FIGURE.findall(sentence))
    is_borne_out = all(any(agrees(one, other) for other in told) for one in asked)
    return bool(written - known and known - written) and not is_borne_out


def _is_contradicted(asked: Quantity, told: Collection[Quantity]) -> bool:
    rivals = [one for one in told if difference(asked, one) is not None]
    return bool(rivals) and not any(agrees(asked, one) for one in rivals)


def _has_other(series: re.Pattern[str], claim: str, sentence: str) -> bool:
    """Whether the claim names a day, month or year, and the sentence only others."""
    asked = {found.lower() for found in series.findall(claim)}
    told = {found.lower() for found in series.findall(sentence)}
    return bool(asked and told) and not asked & told


def _has_other_name(claim: str, sentence: str) -> bool:
    """Whether a name of the claim is not in the sentence, which has another instead."""
    if len(_longer_words(claim)) < _ENOUGH:
        return False
    asked, told = find_names(claim), find_names(sentence)
    missing = any(one.certain and not _is_among(one, told, sentence) for one in asked)
    return missing and any(one.certain and not _is_among(one, asked, claim) for one in told)


def _is_among(name: Name, others: Collection[Name], text: str) -> bool:
    is_told = any(same_name(name.text, other.text) for other in others)
    return is_told or name.text.casefold() in text.casefold()

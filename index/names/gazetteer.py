"""What is known about names beforehand: places, given names, organisations and word lists.

The lists are plain text files beside this module, read once at import (a few milliseconds). Keys
are folded (`fold`), so that "São Paulo", "Sao Paulo" and "SAO PAULO" are one.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

_LISTS = Path(__file__).parent / "lists"
# Letters that Unicode does not take apart into a base and an accent, and the marks that vary.
_FOLDED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
    | dict.fromkeys("’‘ʼʻ`", "'")
    | dict.fromkeys("‐‑–—", "-")
    | {"\u00a0": " "}
)
_NO_DOTS = str.maketrans("", "", ".")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case without accents and full stops, typographic quotes and dashes made plain."""
    lowered = text.lower().translate(_NO_DOTS)
    if lowered.isascii():
        return lowered
    apart = unicodedata.normalize("NFKD", lowered.translate(_FOLDED))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def word_set(words: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(words.split())


def _sections(file: str) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    section = lines.setdefault("", [])
    for line in (_LISTS / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            section = lines.setdefault(line[1:-1], [])
        elif line and not line.startswith("# "):
            section.append(line)
    return lines


def _plurals(demonym: str) -> list[str]:
    ends_plural = demonym.endswith(("ese", "ish", "ch", "s", "x", "men", "man", "sh"))
    return [demonym] if ends_plural else [demonym, demonym + "s"]


def _load_places() -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
    places: dict[str, str] = {}
    demonyms: dict[str, str] = {}
    polities: set[str] = set()
    for section, lines in _sections("places.txt").items():
        for line in lines:
            if section == "more cities":
                for city in line.split(", "):
                    places.setdefault(fold(city), city)
                continue
            fields = [field.strip() for field in line.split("|")] + [""] * 3
            name, peoples, capital, others = fields[:4]
            known = [name, *(other for other in others.split(", ") if other)]
            places.update((fold(one), name) for one in known)
            if capital:
                places.setdefault(fold(capital), capital)
            if section == "countries":
                polities.update(fold(one) for one in [*known, capital] if one)
            for people in peoples.split(", ") if peoples else ():
                demonyms.update((fold(form), name) for form in _plurals(people))
    return places, demonyms, frozenset(polities)


def _load_words() -> dict[str, frozenset[str]]:
    return {
        section: frozenset(word.replace("_", " ") for line in lines for word in line.split())
        for section, lines in _sections("words.txt").items()
    }


_WORDS = _load_words()

PLACES, DEMONYMS, POLITIES = _load_places()
"""Folded name → canonical name of a place; folded demonym → its place; countries and capitals."""
GIVEN_NAMES = frozenset(
    fold(name) for line in _sections("given_names.txt")[""] for name in line.split()
)
FUNCTION_WORDS = _WORDS["function"]
COMMON_WORDS = _WORDS["common"]
"""Lower-case words that open sentences and headlines without being names."""
DATES = _WORDS["dates"]
TITLES = _WORDS["titles"]
"""The last word of a title; what follows it is a person."""
ROYALS = _WORDS["royal"]
TITLE_MODIFIERS = _WORDS["modifiers"]
PORTFOLIOS = _WORDS["portfolio"]
"""Titles that name an office of state: what stands before them is not an employer."""
ORGANISATION_CUES = _WORDS["organisations"]
LIST_HEADS = _WORDS["leading organisations"]
"""Organisations that are named after a list: "Ministry of Trade, Industry and Energy"."""
OF_HEADS = _WORDS["organisation heads"] | LIST_HEADS
TEAMS = frozenset(word.lower() for word in _WORDS["team nicknames"])
PLACE_LAST = _WORDS["place last"]
PLACE_FIRST = _WORDS["place first"]
WORKS = _WORDS["works"]
"""The last word of a law, a prize, a contest or a product."""
KNOWN_WORKS = frozenset(fold(phrase) for phrase in _WORDS["known works"])
NUMBERED = _WORDS["numbered"]
"""Lower-case words that a number belongs to as a label: "iPhone 13", "Flight 370"."""
COMMON_ACRONYMS = _WORDS["common acronyms"]
KNOWN_ACRONYMS = frozenset(fold(word) for word in _WORDS["known acronyms"])
ORGANISATIONS = frozenset(fold(word) for word in _WORDS["known organisations"]) | KNOWN_ACRONYMS

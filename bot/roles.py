"""Who holds an office: whether a sentence speaks of the very office that a question asks for.

"The sports ministers held talks" and "Russian Deputy Foreign Minister Andrey Rudenko" come near to
North Korea's sports minister and foreign minister, and name neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from bot.evidence import Candidate
from index.names import Kind, find_names, related_place, same_name
from index.search.query import Query

# Before an office these make another office of it.
_LESSER = re.compile(
    r"\b(?:deputy|vice|assistant|acting|former|ex|shadow|then|late|junior|designate)[\s-]+$",
    re.IGNORECASE,
)
# How many characters before an office may say of which country or body it is.
_NEAR = 40


class Phrases(Protocol):
    """What the lexical index knows of phrases."""

    def analyze(self, text: str) -> list[str]:
        """Terms of `text`, in order."""
        ...

    def phrase_frequency(self, terms: Sequence[str]) -> int:
        """How many chunks hold the terms as a phrase."""
        ...


def misses_role(role: str, query: Query, candidate: Candidate, terms: Phrases) -> bool:
    """Whether `candidate` names the holder of another office than `role`, as far as can be told.

    Args:
        role: The office that the question asks for: `sports minister`; empty for none.
        query: The question, whose names say of which country the office is.
        candidate: The sentence that would answer.
        terms: Tells whether the archive ever speaks of the office.
    """
    if not role:
        return False
    text = f"{candidate.before} {candidate.text}"
    found = list(_occurrences(role, text))
    if not found:
        if _lacks_lesser(role, text):
            return True
        phrase = terms.analyze(role)
        return len(phrase) > 1 and terms.phrase_frequency(phrase) > 0
    places = [place for name in query.names if (place := _place(name.text))]
    asks_for_lesser = _LESSER.search(query.whole.text.partition(role)[0])
    return not any(
        (asks_for_lesser or not _LESSER.search(text[:start]))
        and _is_of(places, text[max(0, start - _NEAR) : start])
        for start in found
    )


def _lacks_lesser(role: str, text: str) -> bool:
    """Whether a deputy is asked for, and `text` has no deputy of that office."""
    lesser, _, office = role.partition(" ")
    if not office or not _LESSER.search(f"{lesser} "):
        return False
    words = rf"\b{re.escape(lesser)}\W+(?:\w+\W+){{0,2}}?{re.escape(office)}"
    return not re.search(words, text, re.IGNORECASE)


def _occurrences(role: str, text: str) -> Iterator[int]:
    words = r"\s+".join(re.escape(word) for word in role.split())
    return (found.start() for found in re.finditer(rf"\b{words}s?\b", text, re.IGNORECASE))


def _is_of(asked: Sequence[str], before: str) -> bool:
    """Whether what stands before an office leaves it to one of the asked places."""
    named = [
        place
        for name in find_names(before)
        if (place := related_place(name.text) or (name.text if name.kind is Kind.PLACE else None))
    ]
    if not asked or not named:
        return True
    return any(same_name(named[-1], place) for place in asked)


def _place(name: str) -> str | None:
    if place := related_place(name):
        return place
    found = find_names(name, lenient=True)
    return name if found and found[0].kind is Kind.PLACE else None

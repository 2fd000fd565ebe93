"""The names in news text, by rules and lists: no model, so that every question can afford it.

It finds where the names are, says what they name as far as lists and neighbouring words tell, and
compares two written names. It does not know who a name stands for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from index.names.aliases import related_place, same_name
from index.names.gazetteer import (
    COMMON_WORDS,
    DEMONYMS,
    FUNCTION_WORDS,
    GIVEN_NAMES,
    KNOWN_ACRONYMS,
    ORGANISATIONS,
    PLACES,
    WORKS,
    fold,
    word_set,
)
from index.names.kinds import Guess, Kind, guess_kinds
from index.names.runs import Token, find_groups

__all__ = ["Kind", "Name", "find_names", "related_place", "same_name"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name where it stands in a text; titles and possessive endings are left out."""

    start: int
    end: int
    text: str
    """`source[start:end]`."""
    kind: Kind
    certain: bool
    """False when only a capital where any word may have one (a sentence's start, a headline) or a
    lower-case guess speaks for it."""


_LOWER_WORD = re.compile(r"(?<![^\W_])[a-z]{2,}\b")
# “Barbie”, 'Used To Be Young': at most eight words, of which the long ones have capitals.
_QUOTED = re.compile(
    r"(?:“([^“”\n]{2,60})”|\"([^\"\n]{2,60})\"|(?<![\w])[‘']([^‘’'\n]{2,60})[’'](?!\w))"
)
_WORD = re.compile(r"\w+(?:['’.-]{1,2}\w+)*")
_LONGEST_LISTED = 4
# An answer asks for the names of a sentence or a passage more than once, and so do later ones.
_LONGEST_KEPT = 2_000
# Listed names that are ordinary words when typed without a capital.
_ORDINARY = word_set(
    """
    us polish reading nice bath mobile cork split hull orange queens moon earth mars pole
    dane scot lao swiss turkey victoria jersey kent cali mesa flint buffalo java pacific
    atlantic alpine roman norman brit kiwi finn who x apple amazon target meta visa shell
    ford snap signal time fortune variety wired vox vice slack zoom discord valve square
    puma kia gap lucid stripe fed congress senate treasury labour oracle arm fitch billboard
    polygon fidelity vanguard sequoia universal paramount marvel reuters. rangers kraken
    uber ice or la dc alliance celtic ripple tether zara intel
    """
)


def find_names(text: str, *, lenient: bool = False) -> list[Name]:
    """The names of `text`, in order, not overlapping.

    A demonym ("Russian") is a name of kind OTHER; `related_place` gives its place. Months, weekdays
    and titles alone are no names.

    Args:
        text: Prose; every newline ends a sentence.
        lenient: Also find listed places, demonyms, organisations and people with a listed given
            name that are written in lower case, as in a question typed in haste.
    """
    if len(text) > _LONGEST_KEPT:
        return _find_names(text, lenient=lenient)
    return list(_remembered(text, lenient=lenient))


@lru_cache(4_096)
def _remembered(text: str, *, lenient: bool) -> tuple[Name, ...]:
    return tuple(_find_names(text, lenient=lenient))


def _find_names(text: str, *, lenient: bool) -> list[Name]:
    titles = _quoted_titles(text)
    covered = _covered(text, titles)
    lower_words = frozenset(_LOWER_WORD.findall(text))
    guesses = [
        guess
        for group in find_groups(text, lower_words)
        if not covered[group.tokens[0].start]
        for guess in guess_kinds(text, group)
        if guess.tokens
    ]
    names = titles + _settle(text, guesses, lower_words)
    if lenient:
        names += _lower_case_names(text, names)
    return sorted(names, key=lambda name: name.start)


def _covered(text: str, names: list[Name]) -> bytearray:
    """One byte a character: whether a name stands there."""
    covered = bytearray(len(text))
    for name in names:
        covered[name.start : name.end] = b"\x01" * (name.end - name.start)
    return covered


def _quoted_titles(text: str) -> list[Name]:
    found = []
    for match in _QUOTED.finditer(text):
        start, end = match.span(match.lastindex or 0)
        while text[end - 1] in ",." and end > start:
            end -= 1
        inner = text[start:end]
        if end > start and _is_title_case(inner, ended=end < match.end() - 1):
            found.append(Name(start, end, inner, Kind.OTHER, True))
    return found


def _is_title_case(inner: str, *, ended: bool) -> bool:
    words = inner.split()
    if not words or len(words) > 8 or not words[0][:1].isupper():
        return False
    if len(words) == 1:
        # “Yes,” she said: one word before a comma is speech.
        plain = fold(words[0].strip("!?…"))
        return not ended and plain not in FUNCTION_WORDS and words[0][-1].isalnum()
    long = [word for word in words if len(word) > 3 or word == words[-1]]
    return all(word[0].isupper() or word[0].isdigit() for word in long)


def _settle(text: str, guesses: list[Guess], lower_words: frozenset[str]) -> list[Name]:
    """Let the whole text decide about doubtful guesses, and about surnames that stand alone."""
    evidence = _gather_evidence(guesses)
    names = []
    for guess in guesses:
        tokens = guess.tokens if guess.is_sure else _seen_part(guess.tokens, evidence)
        start, end = tokens[0].start, tokens[-1].end
        words = [token.key for token in tokens]
        is_sure, kind = guess.is_sure, guess.kind
        backed = words[-1] in evidence.kind_by_word
        if len(words) == 1 and kind is Kind.OTHER and not backed:
            glued = text[end : end + 1] == "-"
            is_sure = is_sure or words[0] in evidence.sure_words
            if _is_ordinary(words[0], lower_words, is_sure=is_sure) or (glued and not is_sure):
                continue
        if kind is Kind.OTHER and backed and " ".join(words) not in DEMONYMS:
            kind = evidence.kind_by_word[words[-1]]
        names.append(
            Name(start, end, text[start:end], kind, is_sure or (len(words) == 1 and backed))
        )
    return names


def _is_ordinary(word: str, lower_words: frozenset[str], *, is_sure: bool) -> bool:
    if word in DEMONYMS or word in PLACES:
        return False
    if is_sure:
        return word in COMMON_WORDS
    endings = word.endswith(("ing", "ly", "n't")) and word not in GIVEN_NAMES
    return word in COMMON_WORDS or word in lower_words or endings


class _Evidence(NamedTuple):
    """What the names that are beyond doubt say about the others."""

    sure_words: frozenset[str]
    """Folded names of one word."""
    sure_names: frozenset[tuple[str, ...]]
    """Folded names of several words."""
    kind_by_word: dict[str, Kind]
    """What surnames, and the first words of organisations, stand for."""


def _seen_part(tokens: tuple[Token, ...], evidence: _Evidence) -> tuple[Token, ...]:
    """Of a headline's "Lured Emma Hayes" the part that the story names."""
    for part in (tokens[1:], tokens[:-1], tokens[:2], tokens[-2:]) if len(tokens) > 2 else ():
        if tuple(token.key for token in part) in evidence.sure_names:
            return part
    return tokens


def _gather_evidence(guesses: list[Guess]) -> _Evidence:
    words: set[str] = set()
    names: set[tuple[str, ...]] = set()
    kind_by_word: dict[str, Kind] = {}
    alone = {guess.tokens[0].key for guess in guesses if len(guess.tokens) == 1 and guess.is_sure}
    for guess in guesses:
        if not guess.is_sure:
            continue
        keys = tuple(token.key for token in guess.tokens)
        if len(keys) == 1:
            words.add(keys[0])
            if guess.kind is Kind.PERSON:
                kind_by_word.setdefault(keys[0], Kind.PERSON)
            continue
        names.add(keys)
        if guess.kind is Kind.PERSON:
            kind_by_word[keys[-1]] = Kind.PERSON
            kind_by_word.setdefault(keys[0], Kind.PERSON)
        elif guess.kind is Kind.OTHER and _shortens_to_surname(guess.tokens, alone):
            kind_by_word.setdefault(keys[-1], Kind.PERSON)
        elif guess.kind is Kind.ORGANIZATION and not _is_listed_word(keys[0]):
            kind_by_word.setdefault(keys[0], Kind.ORGANIZATION)
    return _Evidence(frozenset(words), frozenset(names), kind_by_word)


def _is_listed_word(word: str) -> bool:
    return word in COMMON_WORDS or word in DEMONYMS


def _shortens_to_surname(tokens: tuple[Token, ...], alone: set[str]) -> bool:
    """People are later called by their last word, companies and works by their first."""
    first, last = tokens[0].key, tokens[-1].key
    if any(token.glue.startswith("of") for token in tokens) or len(tokens) > 3:
        return False
    if not last.isalpha() or last not in alone or first in alone:
        return False
    listed = last in WORKS or last in COMMON_WORDS or last in PLACES or last in ORGANISATIONS
    return not listed and first not in DEMONYMS and first not in COMMON_WORDS


def _lower_case_names(text: str, names: list[Name]) -> list[Name]:
    covered = _covered(text, names)
    words = [
        Token(found.start(), found.end(), found[0].removesuffix("'s").removesuffix("’s"), "")
        for found in _WORD.finditer(text)
    ]
    found_names = []
    place = 0
    while place < len(words):
        found, size = _listed_at(text, words, place)
        place += size
        if found and not any(covered[found.start : found.end]):
            found_names.append(found)
    return found_names


def _listed_at(text: str, words: list[Token], place: int) -> tuple[Name | None, int]:
    """The listed name that starts at a word, the longest first, and how many words it takes."""
    for size in range(min(_LONGEST_LISTED, len(words) - place), 0, -1):
        group = words[place : place + size]
        key = " ".join(word.key for word in group)
        kind = _listed_kind(key)
        if kind is None and size == 2 and _is_lower_person(group):
            kind = Kind.PERSON
        if kind is not None:
            start, end = group[0].start, group[-1].start + len(group[-1].text)
            return Name(start, end, text[start:end], kind, kind is not Kind.PERSON), size
    return None, 1


def _listed_kind(key: str) -> Kind | None:
    if key in _ORDINARY or key in FUNCTION_WORDS:
        return None
    if key in PLACES:
        return Kind.PLACE
    if key in DEMONYMS:
        return Kind.OTHER
    if key in KNOWN_ACRONYMS or (key in ORGANISATIONS and key not in COMMON_WORDS):
        return Kind.ORGANIZATION
    return None


def _is_lower_person(group: list[Token]) -> bool:
    given, family = group[0].key, group[1].key
    ordinary = given in COMMON_WORDS or given in FUNCTION_WORDS or given in _ORDINARY
    return (
        given in GIVEN_NAMES
        and not ordinary
        and family not in COMMON_WORDS
        and family not in FUNCTION_WORDS
    )

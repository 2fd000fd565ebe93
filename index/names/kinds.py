"""What a group of capitalised words names: a person, a place, an organisation, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from index.names.gazetteer import (
    COMMON_ACRONYMS,
    COMMON_WORDS,
    DEMONYMS,
    GIVEN_NAMES,
    KNOWN_ACRONYMS,
    KNOWN_WORKS,
    ORGANISATION_CUES,
    ORGANISATIONS,
    PLACE_FIRST,
    PLACE_LAST,
    PLACES,
    POLITIES,
    PORTFOLIOS,
    ROYALS,
    TEAMS,
    TITLE_MODIFIERS,
    TITLES,
    WORKS,
    word_set,
)
from index.names.runs import Group, Token


class Kind(StrEnum):
    """What a name names."""

    PERSON = "person"
    PLACE = "place"
    ORGANIZATION = "organization"
    OTHER = "other"
    """A work, an event, a product, a people ("Russian"), or not known."""


class Guess(NamedTuple):
    """One name found, before the rest of the text has had its say."""

    tokens: tuple[Token, ...]
    kind: Kind
    is_sure: bool
    """Whether more than a capital at a sentence's start speaks for a name."""


_SAYS = (
    r"said|says|told|added|adds|wrote|writes|tweeted|testified|insisted|explained|admitted|argued|recalled|"
    r"replied|joked|quipped|noted|acknowledged|stressed|warned|claimed|denied"
)
# A dozen characters after a name decide: a saying verb, "who", an age between commas.
_PERSON_AFTER = re.compile(rf"(?:,)?\ (?:{_SAYS})\b|,?\ who(?:se|m)?\b|,\ \d\d,|\ \(\d\d\)")
_WORD_BEFORE = re.compile(r"([a-z-]{3,})\ $")
_IN_BEFORE = re.compile(r"\b(?:in|near|outside)\ $")
_CLAUSE_AFTER = re.compile(r"[.,;)]|\ (?:on|in|and|after|when|where|who|last|this|for|by|to)\b|$")
_ACRONYM = re.compile(r"(?:[A-Z]\.){2,}|[A-Z][A-Z0-9&]{1,6}s?")
_INITIALS = re.compile(r"(?:[A-Z]\.?){1,3}$")
_CAMEL = re.compile(r"[A-Za-z][a-z]*[A-Z]\w*|\w*\d\w*|\w+-\d\w*")
# Openers that never begin a name themselves.
_ADVERBS = word_set(
    "yesterday today tomorrow tonight meanwhile later earlier now recently instead finally still "
    "perhaps "
    "also however moreover therefore maybe sometimes soon again once even only just almost nearly"
)
_GENERATION = frozenset({"jr", "sr", "ii", "iii", "iv"})


def guess_kinds(text: str, group: Group) -> Iterator[Guess]:
    """The names in one group, in order; titles are cut off and common words dropped."""
    tokens = group.tokens
    if group.opens:
        tokens = _without_opener(tokens)
        if not tokens:
            return
    first = group.opens and tokens[0] is group.tokens[0]
    yield from _split_titles(text, tokens, opens=first)


def _without_opener(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Drop "Meanwhile" from "Meanwhile Apple", but leave "New York" whole."""
    if tokens[0].key not in COMMON_WORDS or _key(tokens) in PLACES or _key(tokens) in ORGANISATIONS:
        return tokens
    if len(tokens) == 1:
        return () if tokens[0].key not in TITLES else tokens
    following = tokens[1].key
    starts_name = following in PLACES or following in GIVEN_NAMES or following in ORGANISATIONS
    starts_name = starts_name or following in DEMONYMS or tokens[0].key in _ADVERBS
    return tokens[1:] if starts_name and tokens[0].key not in PLACE_FIRST else tokens


def _key(tokens: tuple[Token, ...]) -> str:
    return " ".join(
        f"{token.glue} {token.key}" if place and token.glue else token.key
        for place, token in enumerate(tokens)
    )


def _split_titles(text: str, tokens: tuple[Token, ...], *, opens: bool) -> Iterator[Guess]:
    key = _key(tokens)
    if key in PLACES or key in ORGANISATIONS:
        yield _guess(text, tokens, opens=opens)
        return
    title = _title_end(tokens)
    if title is None:
        yield from _split_peoples(text, tokens, opens=opens)
        return
    before, after = _before_title(tokens[:title]), tokens[title:]
    if before:
        yield from _split_titles(text, before, opens=opens)
    while after and after[0].glue.startswith("of") and after[0].key in TITLE_MODIFIERS:
        after = after[1:]
    if not after:
        return
    named = _key(after) in PLACES or after[0].glue or _is_organisation(after)
    if named:
        yield from _split_titles(text, after, opens=False)
    else:
        yield Guess(_person_only(after), Kind.PERSON, True)


# "Choe Son Hui", "Martin Luther King": within a name these are no titles.
_MAY_BE_NAMES = frozenset({"son", "king"})


def _title_end(tokens: tuple[Token, ...]) -> int | None:
    """The index behind the last word of a title that opens the group, or ends it."""
    ends = [
        place + 1
        for place, token in enumerate(tokens)
        if token.key in TITLES and not (_MAY_BE_NAMES & {token.key} and 0 < place < len(tokens) - 1)
    ]
    while ends:
        end = ends.pop()
        rest = tokens[end:]
        if rest and (rest[0].key in ORGANISATION_CUES or rest[0].key in PLACE_LAST):
            continue
        if not rest and end > 1 and tokens[0].key in GIVEN_NAMES and len(tokens) == 2:
            # "Chris Judge": a surname.
            continue
        return end
    whole = all(token.key in TITLE_MODIFIERS for token in tokens)
    return len(tokens) if whole and len(tokens) > 1 else None


def _before_title(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """What stands before a title: an employer or a country, without the title's own words."""
    for size in range(len(tokens) - 1, 0, -1):
        key = _key(tokens[:size])
        if key in TITLE_MODIFIERS:
            continue
        if key in PLACES or key in DEMONYMS or key in ORGANISATIONS:
            return tokens[:size]
    if tokens[-1].key in PORTFOLIOS:
        return ()
    end = len(tokens)
    while end and (tokens[end - 1].key in TITLES or tokens[end - 1].key in TITLE_MODIFIERS):
        end -= 1
    return tokens[:end]


def _person_only(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    return tokens[:-1] if len(tokens) > 2 and tokens[-1].key in TITLES else tokens


def _split_peoples(text: str, tokens: tuple[Token, ...], *, opens: bool) -> Iterator[Guess]:
    """Tell "Russian Andrey Rudenko", two names, from "American Airlines", one."""
    for size in (2, 1):
        head, rest = tokens[:size], tokens[size:]
        if len(rest) > 1 and _is_place_of(head, rest):
            yield Guess(head, Kind.PLACE, True)
            yield from _split_peoples(text, rest, opens=False)
            return
        if _key(head) in DEMONYMS and len(head) == size:
            if rest and (
                rest[0].key in GIVEN_NAMES or _key(rest) in PLACES or _key(rest) in ORGANISATIONS
            ):
                yield Guess(head, Kind.OTHER, True)
                yield from _split_peoples(text, rest, opens=False)
                return
            if rest and all(
                token.key in COMMON_WORDS or token.key in TITLE_MODIFIERS for token in rest
            ):
                is_office = any(token.key in ORGANISATION_CUES for token in rest)
                if not is_office and opens:
                    yield Guess(head, Kind.OTHER, True)
                    return
            break
    yield _guess(text, tokens, opens=opens)


def _is_place_of(head: tuple[Token, ...], rest: tuple[Token, ...]) -> bool:
    """Whether a country stands right before its person: "Prime Minister of Canada X Y"."""
    names_place = _key(head) in PLACES and head[0].key not in GIVEN_NAMES
    return names_place and rest[0].key in GIVEN_NAMES and not _is_organisation(rest)


def _guess(text: str, tokens: tuple[Token, ...], *, opens: bool) -> Guess:
    key, end = _key(tokens), tokens[-1].end
    kind = _listed_kind(key, text, end)
    if kind is None and len(tokens) == 1:
        return _guess_single(text, tokens, opens=opens)
    if kind is None:
        kind = _kind_by_cues(tokens)
    if kind is Kind.PERSON:
        tokens = _without_acronym(tokens)
        return Guess(tokens, kind, not opens or len(tokens) == 2 or tokens[0].key in ROYALS)
    return Guess(tokens, kind or _kind_by_context(text, tokens), kind is not None or not opens)


def _without_acronym(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The "Taylor Swift" of "Taylor Swift CD"."""
    while (
        len(tokens) > 1 and tokens[-1].text in COMMON_ACRONYMS and tokens[-1].key not in _GENERATION
    ):
        tokens = tokens[:-1]
    return tokens


def _listed_kind(key: str, text: str, end: int) -> Kind | None:
    said = _PERSON_AFTER.match(text, end)
    if key in DEMONYMS and key not in PLACES:
        return Kind.OTHER
    if key in KNOWN_WORKS:
        return Kind.OTHER
    if key in ORGANISATIONS and key not in POLITIES:
        return Kind.ORGANIZATION
    if key in PLACES:
        person = said and key not in POLITIES and " " not in key
        return Kind.PERSON if person else Kind.PLACE
    return None


def _guess_single(text: str, tokens: tuple[Token, ...], *, opens: bool) -> Guess:  # noqa: PLR0911
    token = tokens[0]
    word, key = token.text, token.key
    if word in COMMON_ACRONYMS or word.rstrip(".") in COMMON_ACRONYMS:
        return Guess((), Kind.OTHER, False)
    if _ACRONYM.fullmatch(word):
        if key in COMMON_WORDS and key not in KNOWN_ACRONYMS:
            return Guess((), Kind.OTHER, False)
        has_digit = any(letter.isdigit() for letter in word)
        listed = key in KNOWN_ACRONYMS or len(word) < 5 or not opens
        return Guess(tokens, Kind.OTHER if has_digit else Kind.ORGANIZATION, listed)
    if key in TEAMS:
        return Guess(tokens, Kind.ORGANIZATION, not opens)
    if _PERSON_AFTER.match(text, token.end) and key not in COMMON_WORDS:
        return Guess(tokens, Kind.PERSON, True)
    if key in ORGANISATION_CUES or key in TITLE_MODIFIERS or key in TITLES or key in PLACE_LAST:
        # "the Bank", "the Court": it names nothing by itself.
        return Guess((), Kind.OTHER, False)
    kind = (
        Kind.PERSON
        if key in GIVEN_NAMES and key not in COMMON_WORDS
        else _kind_by_context(text, tokens)
    )
    return Guess(tokens, kind, not opens or bool(_CAMEL.fullmatch(word)))


def _is_organisation(tokens: tuple[Token, ...]) -> bool:
    if _key(tokens) in ORGANISATIONS:
        return True
    cue = any(token.key in ORGANISATION_CUES for token in tokens)
    return cue and len(tokens) > 1


def _kind_by_cues(tokens: tuple[Token, ...]) -> Kind | None:  # noqa: PLR0911
    first, last = tokens[0].key, tokens[-1].key
    if first in ROYALS:
        return Kind.ORGANIZATION if last in ORGANISATION_CUES else Kind.PERSON
    person = (
        first in GIVEN_NAMES
        and 2 <= len(tokens) <= 4
        and not tokens[1].glue.startswith(("of", "for"))
    )
    if _is_organisation(tokens) and not (
        person and len(tokens) == 2 and last in {"park", "church", "post"}
    ):
        return Kind.ORGANIZATION
    if last in TEAMS or "&" in (token.glue for token in tokens):
        return Kind.ORGANIZATION
    if any(token.key in WORKS for token in tokens[-2:] if token is not tokens[0]) or any(
        char.isdigit() for char in last
    ):
        return Kind.OTHER
    if person or (
        _INITIALS.match(tokens[0].text) and len(tokens[0].text) > 1 and "." in tokens[0].text
    ):
        return Kind.PERSON if _key(tokens[:1]) not in PLACES or person else None
    if last in _GENERATION or any(
        _INITIALS.fullmatch(token.text) and "." in token.text for token in tokens[1:-1]
    ):
        return Kind.PERSON
    return _place_by_cues(tokens)


def _place_by_cues(tokens: tuple[Token, ...]) -> Kind | None:
    first, last = tokens[0].key, tokens[-1].key
    if last in PLACE_LAST:
        return Kind.PLACE
    if first in PLACE_FIRST and (
        _key(tokens[1:]) in PLACES or first in {"lake", "mount", "mt", "san", "santa"}
    ):
        return Kind.PLACE
    return None


def _kind_by_context(text: str, tokens: tuple[Token, ...]) -> Kind:
    start, end = tokens[0].start, tokens[-1].end
    if len(tokens) <= 3 and (_PERSON_AFTER.match(text, end) or _follows_title(text, start)):
        return Kind.PERSON
    if (
        len(tokens) <= 2
        and _IN_BEFORE.search(text, max(0, start - 9), start)
        and _CLAUSE_AFTER.match(text, end)
    ):
        return Kind.PLACE
    return Kind.OTHER


def _follows_title(text: str, start: int) -> bool:
    """Whether a title in lower case stands before it: "head coach Vlatko Andonovski"."""
    before = _WORD_BEFORE.search(text, max(0, start - 16), start)
    return before is not None and before[1] in TITLES

"""Runs of capitalised words, cut into groups that can each be one name.

What a group is (a person, a place, no name at all) is settled in `kinds`; here only capitals,
particles, possessives and sentence starts are looked at. Scripts without capitals yield nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from index.names.gazetteer import (
    COMMON_WORDS,
    DATES,
    DEMONYMS,
    FUNCTION_WORDS,
    GIVEN_NAMES,
    KNOWN_WORKS,
    LIST_HEADS,
    NUMBERED,
    OF_HEADS,
    ORGANISATION_CUES,
    ORGANISATIONS,
    PLACES,
    TITLES,
    fold,
)

# `re` has no class for capitals, and one that lists those of all alphabets takes 50 ms to compile.
# This one leaves out the small letters of Latin-1; `_is_name_word` drops the other small letters.
_UPPER = r"^\W\d_a-zß-öø-ÿ"
_WORD = rf"""(?:
    (?:Mr|Mrs|Ms|Dr|Prof|Rev|Gen|Gov|Sen|Rep|Lt|Col|Maj|Capt|Cpl|Sgt|Adm|Cmdr|Brig|St|Mt|Ft|Jr|Sr)\.
  | (?:[{_UPPER}]\.)+(?:[{_UPPER}]\w*)?(?:-\w+)*          # J.K., U.S.-backed, N.Korea
  | (?:[{_UPPER}]|[a-z]{{1,2}}[{_UPPER}]|(?:al|el|an|ul)-[{_UPPER}]|[dl]['’][{_UPPER}]
    |\d\d(?=ers\b))
    \w*(?:-(?:[{_UPPER}]\.)+[{_UPPER}]\w+|(?:['’&-]|\.(?=(?:com|org|net|io|ai|uk|js)\b))\w+)*
    (?:(?<=s)['’](?=\ (?:Party|Union|Association|Affairs|Day|Congress)\b))?
)"""
_PARTICLE = (
    r"(?:of\ the|of|for\ the|for|on\ the|on|and|&|in\ the|in|at|the|to|de\ la|de\ los|de|del|"
    r"della|di|da|"
    r"do|dos|das|du|des|von\ der|von|van\ der|van\ den|van\ de|van|bin|ibn|bint|al|el|"
    r"la|le|ter|ten|y|e)"
)
# A particle that opens a surname, after a lower-case word: "the painter van Gogh".
_RUN = re.compile(
    rf"""(?<![\w@#/.&'’-])(?:(?:van|von|bin|ibn|de|van\ der|van\ de)\ (?=[{_UPPER}]))?{_WORD}
    (?:[ \u00a0](?:{_PARTICLE}[ \u00a0])?
    (?:{_WORD}|\d{{1,4}}[A-Za-z]{{0,2}}\b(?![.,:%-]?\d|%)))*""",
    re.VERBOSE,
)
_TOKEN = re.compile(rf"{_WORD}|[^\s]+", re.VERBOSE)
# "..., Economy, Science and Technology" after "Committee for Cooperation in Trade".
_LIST_REST = re.compile(
    rf"""(?:,\ {_WORD}(?:\ {_WORD}){{0,2}}){{0,5}},?\ (?:and|&)\ {_WORD}(?:\ {_WORD}){{0,2}}""",
    re.VERBOSE,
)
_POSSESSIVE = re.compile(r"['’]s?$")
# A senator's party and state: "R-N.Y.".
_PARTY = re.compile(r"[DIR]-(?!Day)[A-Z][a-z]{0,4}$")
_CONTRACTION = re.compile(r"'(?:ll|ve|re|d|m)$")
# What a lower-case tail makes of a name: "U.S.-backed", "London-based".
_TAIL = re.compile(r"-(?=[a-z]{3})[a-z]+(?:-[a-z]+)*$")
_GIVEN_TAILS = frozenset(
    {"un", "il", "hee", "sang", "sama", "san", "upon", "sur", "hoon", "hyun", "young", "jin"}
)
_OF_OTHERS = frozenset({"for", "on", "in", "at", "to"})
_LONGEST_HEADLINE = 200
# No name is longer; it also bounds the work on a text that is all capitals.
_LONGEST_NAME = 12
_OPENING = frozenset('.!?:;…\n“”"‘(—–•|*')


class Token(NamedTuple):
    """One capitalised word of a run; `[start, end)` leaves a possessive ending out."""

    start: int
    end: int
    text: str
    glue: str
    """The lower-case particle before it ("of the"), or nothing."""

    @property
    def key(self) -> str:
        """The folded text."""
        return fold(self.text)


class Group(NamedTuple):
    """Neighbouring tokens that can be one name."""

    tokens: tuple[Token, ...]
    opens: bool
    """Whether it stands where every word has a capital: at a sentence's start or in a headline."""


def find_groups(text: str, lower_words: frozenset[str]) -> Iterator[Group]:
    """The groups of `text` in order, not overlapping.

    `lower_words` are the words that the text also writes in lower case.
    """
    headlines = _headlines(text)
    done = 0
    for run in _RUN.finditer(text):
        if run.start() < done:
            continue
        in_headline = bool(headlines[run.start()])
        opens = in_headline or _opens_sentence(text, run.start())
        ordinary = lower_words if in_headline else None
        for tokens in _cut(_tokens(run), ordinary):
            grown = _with_list(text, _without_stop(tokens), run.end())
            done = max(done, grown[-1].end)
            at_start = in_headline or (opens and tokens[0].start == run.start())
            yield Group(grown, at_start)


def _headlines(text: str) -> bytearray:
    """One byte a character: whether it is in a line in title case, where a capital says nothing."""
    found = bytearray(len(text))
    for line in re.finditer(r"[^\n]+", text):
        if line.end() - line.start() > _LONGEST_HEADLINE or not _can_head(line[0]):
            continue
        words = [word for word in line[0].split() if len(word) > 3 and word[0].isalpha()]
        capitals = sum(word[0].isupper() for word in words)
        if len(words) >= 4 and capitals >= 0.75 * len(words):
            found[line.start() : line.end()] = b"\x01" * (line.end() - line.start())
    return found


def _can_head(line: str) -> bool:
    """A headline opens with a capital and holds no full stop."""
    return not line.lstrip()[:1].islower() and ". " not in line and not line.rstrip().endswith(".")


def _opens_sentence(text: str, start: int) -> bool:
    place = start - 1
    while place >= 0 and text[place] in " \t\u00a0'’":
        place -= 1
    if place > 0 and text[place] == "-":
        return text[place - 1] in " -"
    return place < 0 or text[place] in _OPENING


def _tokens(run: re.Match[str]) -> list[Token]:
    tokens: list[Token] = []
    glue = ""
    for found in _TOKEN.finditer(run.string, run.start(), run.end()):
        word = found[0]
        if (word[0].islower() and word.islower()) or word == "&":
            glue = f"{glue} {word}".strip()
        else:
            if glue and not tokens:
                # The run opens with the particle of a surname: "van Gogh".
                tokens.append(
                    Token(run.start(), found.end(), run.string[run.start() : found.end()], "")
                )
            else:
                tokens.extend(_parts(found.start(), word, glue))
            glue = ""
    return tokens


def _parts(start: int, word: str, glue: str) -> Iterator[Token]:
    """The word without a lower-case tail; two words where a hyphen joins two places."""
    if "-" in word:
        tail = _TAIL.search(word)
        if tail and (fold(word[: tail.start()]) in PLACES or tail[0][1:] not in _GIVEN_TAILS):
            head = fold(word[: tail.start()])
            if head in PLACES or head in DEMONYMS or len(tail[0]) > 5:
                word = word[: tail.start()]
                yield Token(start, start + len(word), word, glue)
                # An empty token keeps what follows out of this name.
                yield Token(start + len(word), start + len(word), "", "")
                return
        head, _, rest = word.partition("-")
        if rest[:1].isupper() and _joins_two(word, head, rest):
            yield Token(start, start + len(head), head, glue)
            yield Token(start + len(head), start + len(head), "", "")
            yield Token(start + len(head) + 1, start + len(word), rest, "")
            return
    yield Token(start, start + len(word), word, glue)


def _joins_two(word: str, head: str, rest: str) -> bool:
    one, other = fold(head), fold(rest)
    if fold(word) in PLACES or fold(word) in ORGANISATIONS:
        return False
    return one in PLACES or other in PLACES or (one in DEMONYMS and other in DEMONYMS)


def _cut(tokens: list[Token], ordinary: frozenset[str] | None) -> Iterator[tuple[Token, ...]]:
    group: list[Token] = []
    for token, following in zip_longest(tokens, tokens[1:]):
        keeps = _is_name_word(token, group, ordinary) or _begins_listed(token, following)
        if group and not (keeps and len(group) < _LONGEST_NAME and _joins(group, token)):
            yield tuple(group)
            group = []
        if not keeps:
            continue
        bare = _without_possessive(token)
        if bare.text and not _CONTRACTION.search(bare.key):
            group.append(bare)
        if bare.end != token.end and group:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)


def _without_possessive(token: Token) -> Token:
    ending = _POSSESSIVE.search(token.text)
    key = token.key
    if (
        not ending
        or key in ORGANISATIONS
        or key
        in {
            "people's",
            "women's",
            "men's",
            "children's",
            "workers'",
            "veterans'",
            "teachers'",
            "writers'",
        }
    ):
        return token
    text = token.text[: ending.start()]
    return Token(token.start, token.start + len(text), text, token.glue)


def _is_name_word(token: Token, group: list[Token], ordinary: frozenset[str] | None) -> bool:  # noqa: PLR0911
    if not token.text or _PARTY.match(token.text):
        return False
    if token.text == token.text.lower() and not token.text[0].isdigit():
        return False
    if token.text[0].isdigit() and not token.text.endswith("ers"):
        return bool(group) and _takes_number(group[-1]) and not token.glue
    key = token.key
    if key in DATES:
        # "Theresa May" is no month.
        return key in {"may", "april", "june"} and bool(group) and group[-1].key in GIVEN_NAMES
    if key in FUNCTION_WORDS and not (
        token.text.isupper() and len(token.text) > 1 and key in PLACES
    ):
        return False
    if ordinary is None:
        return True
    phrase = f"{group[-1].key} {key}" if group else key
    known = phrase in PLACES or phrase in ORGANISATIONS or phrase in KNOWN_WORKS or key in TITLES
    return known or not (key in COMMON_WORDS or key in ordinary)


def _begins_listed(token: Token, following: Token | None) -> bool:
    if following is None or not token.text or following.glue:
        return False
    phrase = f"{token.key} {_without_possessive(following).key}"
    return (
        phrase in PLACES or phrase in DEMONYMS or phrase in ORGANISATIONS or phrase in KNOWN_WORKS
    )


def _takes_number(token: Token) -> bool:
    text = token.text
    return token.key in NUMBERED or (
        not text[1:].islower() and not text.isupper() and len(text) > 2
    )


def _joins(group: list[Token], token: Token) -> bool:
    last = group[-1]
    if token.glue in ("", "&"):
        ends = last.text.endswith(".") and len(last.text) > 2 and last.key in PLACES
        return not ends or (token.key not in FUNCTION_WORDS and token.key not in COMMON_WORDS)
    if token.glue == "and":
        return _joins_by_and(group, token)
    if token.glue in {"of", "of the"}:
        return _joins_by_of(group)
    if token.glue.split()[0] in _OF_OTHERS:
        return (token.key not in PLACES and any(member.key in LIST_HEADS for member in group)) or (
            token.glue == "at" and group[0].key == "university"
        )
    if token.glue == "the":
        return False
    # Particles of family names: "Ludwig van Beethoven", "Rio de Janeiro".
    return last.key not in DEMONYMS


def _joins_by_and(group: list[Token], token: Token) -> bool:
    if f"{group[-1].key} and {token.key}" in PLACES:
        return True
    if any(member.glue.split()[:1] in (["of"], ["for"], ["on"], ["in"]) for member in group):
        return (
            group[0].key in LIST_HEADS
            and token.key not in PLACES | DEMONYMS
            and token.key not in GIVEN_NAMES
        )
    single = group[-1]
    return len(group) == 1 and single.key in {
        "securities",
        "food",
        "science",
        "trade",
        "oil",
        "health",
        "black",
        "education",
        "arts",
        "johnson",
        "ernst",
        "standard",
        "marks",
    }


def _joins_by_of(group: list[Token]) -> bool:
    key = group[-1].key
    if key in OF_HEADS or (key in ORGANISATION_CUES and key not in DEMONYMS):
        return True
    known = any(
        member.key in PLACES
        or member.key in DEMONYMS
        or member.key in GIVEN_NAMES
        or member.key in TITLES
        for member in group
    )
    return (
        len(group) == 1 and not known and key not in ORGANISATIONS and not group[0].text.isupper()
    )


def _without_stop(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The full stop behind "Xbox Series X." ends the sentence, not the name."""
    last = tokens[-1]
    if len(last.text) != 2 or last.text[1] != ".":
        return tokens
    return (*tokens[:-1], Token(last.start, last.end - 1, last.text[0], last.glue))


def _with_list(text: str, tokens: tuple[Token, ...], run_end: int) -> tuple[Token, ...]:
    if tokens[0].key not in LIST_HEADS or tokens[-1].end != run_end or len(tokens) < 2:
        return tokens
    if text[run_end : run_end + 1] != ",":
        return tokens
    rest = _LIST_REST.match(text, run_end)
    if not rest:
        return tokens
    parts = [
        Token(found.start(), found.end(), found[0], "")
        for found in _TOKEN.finditer(text, rest.start(), rest.end())
        if found[0][0].isupper()
    ]
    outside = any(
        part.key in PLACES or part.key in DEMONYMS or part.key in GIVEN_NAMES for part in parts
    )
    return tokens if outside else (*tokens, *parts)

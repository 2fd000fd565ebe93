"""When two written names are one name.

Only the forms are compared: that two people may share a surname is for the caller to settle from
the text around.
"""

from __future__ import annotations

import re
from functools import lru_cache

from index.names.gazetteer import (
    DEMONYMS,
    GIVEN_NAMES,
    OF_HEADS,
    ORGANISATION_CUES,
    ORGANISATIONS,
    PLACE_FIRST,
    PLACE_LAST,
    PLACES,
    TITLE_MODIFIERS,
    TITLES,
    fold,
    word_set,
)

_POSSESSIVE = re.compile(r"(?:'s|(?<=s)')$")
_GENERATION = frozenset({"jr", "sr", "ii", "iii", "iv"})
_PARTICLES = word_set(
    """
    of the and for on in at de la du & to
    """
)
# What a company's name may end in without becoming another company.
_LEGAL_FORMS = word_set(
    """
    inc corp corporation co company ltd limited llc plc gmbh ag sa nv group holdings
    platforms com entertainment international technologies motors
    """
)
_GENERIC = ORGANISATION_CUES | OF_HEADS | PLACE_FIRST | PLACE_LAST | _PARTICLES
# Family names that come first, and alone stand for the person.
_LEADING_SURNAMES = word_set(
    """
    kim lee park choi jung jeong kang cho yoon yun jang lim han shin seo kwon hwang ahn song
    moon ri xi li wang zhang liu chen yang huang zhao wu zhou xu sun ma hu zhu guo he lin
    luo qin deng jiang mao wen hua cai tsai nguyen tran pham ban
    """
)
_NICKNAMES = (
    "samuel sam,sammy;joseph joe,joey;william will,bill,billy;robert rob,bob,bobby;"
    "richard rick,dick,rich;james jim,jimmy,jamie;thomas tom,tommy;michael mike,mick;"
    "daniel dan,danny;donald don;ronald ron;edward ed,ted,eddie;theodore ted,theo;"
    "anthony tony;benjamin ben,benny;alexander alex;timothy tim;steven steve;"
    "stephen steve;matthew matt;christopher chris;nicholas nick;patrick pat;"
    "kenneth ken;david dave;peter pete;gregory greg;jeffrey jeff;andrew andy,drew;"
    "charles charlie,chuck;bernard bernie;elizabeth liz,beth,lizzie;"
    "katherine kate,kathy,katie;catherine cate,cathy;margaret maggie,meg;susan sue;"
    "deborah debbie;jennifer jen,jenny;jessica jess;rebecca becky;victoria vicky;"
    "zachary zach,zack"
)
_FORMAL_NAMES = {
    short: frozenset({entry.split()[0]})
    for entry in reversed(_NICKNAMES.split(";"))
    for short in entry.split()[1].split(",")
}


def related_place(name: str) -> str | None:
    """The place of a demonym ("Russian", "Frenchman", "Swedes"); None for every other name."""
    return DEMONYMS.get(_plain(name))


def same_name(a: str, b: str) -> bool:  # noqa: PLR0911
    """Whether two written names can stand for one bearer: "U.S." and "United States".

    Case, accents, titles, possessives, middle names, initials and a surname alone make no
    difference. A demonym is not its place, and a place is not a longer place ("Korea").
    """
    one, other = _plain(a), _plain(b)
    if not one or not other:
        return False
    place_a, place_b = PLACES.get(one), PLACES.get(other)
    if one == other or (place_a is not None and place_a == place_b):
        return True
    if one in DEMONYMS or other in DEMONYMS:
        return one in DEMONYMS and other in DEMONYMS and DEMONYMS[one] == DEMONYMS[other]
    if _abbreviates(a, other) or _abbreviates(b, one):
        return True
    short, long = sorted((one.split(), other.split()), key=len)
    if place_a is not None and place_b is not None:
        return False
    if place_a is not None or place_b is not None:
        return len(short) == 1 and long[0] in GIVEN_NAMES and long[-1] == short[0]
    return _same_words(short, long)


@lru_cache(4_096)
def _plain(name: str) -> str:
    words = _POSSESSIVE.sub("", fold(name).strip()).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    while len(words) > 1 and words[-1] in _GENERATION:
        words = words[:-1]
    return " ".join(_without_title(words)).replace(",", "")


def _without_title(words: list[str]) -> list[str]:
    last = max((place for place, word in enumerate(words[:-1]) if word in TITLES), default=-1)
    before = words[: last + 1]
    is_title = all(word in TITLES or word in TITLE_MODIFIERS or word in DEMONYMS for word in before)
    names_person = not any(word in ORGANISATION_CUES for word in words[last + 1 :])
    return words[last + 1 :] if is_title and names_person else words


def _abbreviates(acronym: str, folded: str) -> bool:
    """Whether it is "SBF" for "sam bankman-fried", "KCNA" for "korean central news agency"."""
    letters = acronym.replace(".", "")
    if not (2 <= len(letters) <= 8 and letters.isalpha() and letters.isupper()):
        return False
    words = folded.replace("-", " ").split()
    every = "".join(word[0] for word in words)
    heads = "".join(word[0] for word in words if word not in _PARTICLES)
    return len(words) > 1 and letters.lower() in (every, heads)


def _same_words(short: list[str], long: list[str]) -> bool:
    if len(short) == 1:
        return _stands_for(short[0], long)
    if sorted(_content(short)) == sorted(_content(long)) and _content(short):
        return True
    if all(word in _LEGAL_FORMS for word in long[len(short) :]) and long[: len(short)] == short:
        return True
    if any(word in _GENERIC for word in (*short, *long)):
        return False
    return _same_person(short, long)


def _content(words: list[str]) -> list[str]:
    joined = " ".join(words).replace("-", " ").split()
    return [word for word in joined if word not in _PARTICLES]


def _stands_for(word: str, long: list[str]) -> bool:
    """Whether one word is the surname, the given name or the brand of a longer name."""
    if len(long) == 1:
        return word.replace("-", "") == long[0].replace("-", "")
    if all(rest in _LEGAL_FORMS for rest in long[1:]):
        return word == long[0]
    if any(part in ORGANISATION_CUES or part in _PARTICLES for part in long):
        return False
    if word == long[-1] or word == " ".join(long[1:]):
        return word not in _GENERIC and " ".join(long[:-1]) not in ORGANISATIONS
    leads = long[0] in _LEADING_SURNAMES or long[0] in GIVEN_NAMES
    return word == long[0] and leads


def _same_person(short: list[str], long: list[str]) -> bool:
    """Surnames agree and given names can: "George Bush" and "George W. Bush"."""
    if _content(short) == _content(long):
        return True
    if short[-1] != long[-1]:
        return False
    return _same_given(short[0], long[0]) or long[-len(short) :] == short


def _same_given(one: str, other: str) -> bool:
    if one == other:
        return True
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    formal = _FORMAL_NAMES.get(one, frozenset({one}))
    return not formal.isdisjoint(_FORMAL_NAMES.get(other, {other}))

"""Whether a claim speaks of the very one that the article does.

What is said of Kovac's brother, or of a former mayor, is not said of Kovac, nor of the mayor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.verify.bearers import same_bearer
from bot.verify.pairing import Pairing
from bot.verify.verdict import Fault, Finding
from bot.verify.words import Word
from index.names import Name
from index.names.gazetteer import TITLES

_RELATED = (
    r"(?:brothers?|sisters?|wife|husband|partner|widow(?:er)?|sons?|daughters?|father|mother|parents?"
    r"|uncle|aunt|nephew|niece|cousin|friends?|colleagues?|neighbou?rs?|rivals?|predecessor"
    r"|successor|deputy|aides?|advis[eo]rs?|assistant|lawyers?|solicitor|attorney|spokes(?:man|woman"
    r"|person)|agent|driver|bodyguards?|killers?|attackers?|supporters|critics|allies|family|relatives)"
)
_OWNS = re.compile(rf"['’]s?\s+(?:[\w-]+\s+){{0,2}}?(?P<who>{_RELATED})\b")
_SERVED = re.compile(rf"\b(?P<who>{_RELATED})\s+(?:for|of|to)\s+(?:[\w.'’-]+\s+){{0,3}}$")
_LONGEST_LEAD = 60
# What makes another of an office.
_QUALIFIERS = frozenset({"former", "ex", "acting", "deputy", "vice", "assistant", "interim"})
# "Used to be minister", "stands in for the minister": told in other words.
_SAYS_SO = frozenset({"formerly", "previously", "once", "used", "stands", "stood", "standing"})
_NEAR = 3


def check_heads(pairing: Pairing) -> Iterator[Finding]:
    """No one may be told of in the place of somebody named by him, or of another office."""
    yield from _check_owners(pairing)
    yield from _check_qualified(pairing)


def _check_owners(pairing: Pairing) -> Iterator[Finding]:
    for name in pairing.names:
        if _relative(name, pairing.claim.text):
            continue
        partners = [one for one in pairing.told.names if same_bearer(name.text, one.text)]
        relatives = [_relative(one, pairing.told.text) for one in partners]
        if relatives and all(relatives) and relatives[0] not in pairing.claim.text:
            whose = f"{partners[0].text}'s {relatives[0]}"
            why = f"The article says this of {whose}, not of “{name.text}”."
            yield Finding(Fault.NAME, name.text, why)


def _relative(name: Name, text: str) -> str:
    """Whom a name stands for: the "brother" of "Kovac's brother"; empty for nobody else."""
    found = _OWNS.match(text, name.end) or _SERVED.search(
        text, max(0, name.start - _LONGEST_LEAD), name.start
    )
    return found["who"] if found else ""


def _check_qualified(pairing: Pairing) -> Iterator[Finding]:
    if any(word.key in _SAYS_SO for word in pairing.words):
        return
    mine, theirs = _offices(pairing.words), _offices(pairing.told.words)
    for office, qualified in mine.items():
        told = theirs.get(office)
        if told and all(told) and not any(qualified):
            what = f"{told[0]} {office}"
            yield Finding(Fault.NAME, office, f"The article says this of the {what}.")


def _offices(words: Sequence[Word]) -> dict[str, list[str]]:
    """For each office what qualifies it where it stands; empty where nothing does."""
    found: dict[str, list[str]] = {}
    for place, word in enumerate(words):
        if word.key in TITLES and word.key not in _QUALIFIERS:
            before = [one.key for one in words[max(0, place - _NEAR) : place]]
            qualifier = next((key for key in reversed(before) if key in _QUALIFIERS), "")
            found.setdefault(word.key, []).append(qualifier)
    return found

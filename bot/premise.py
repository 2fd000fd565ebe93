"""What a question takes for granted, and whether a sentence bears it out.

"When did the second strike begin?" supposes two strikes, "What did Shoigu say?" that Shoigu spoke.
A sentence that is near in every other way, and bears neither out, answers another question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.evidence import Candidate
from index.names import find_names
from index.quantities import Quantity, QuantityKind, find_quantities

_SPEAKER = re.compile(
    r"\b(?:what|how|why)\s+(?:did|does|do|has|had|have|would|will)\s+(?P<who>.{2,80}?)\s+"
    r"(?:(?:have|had)\s+)?(?:to\s+)?(?:say|said|tell|told|claim|claimed|argue|warn|announce|promise"
    r"|describe|explain|comment|react|respond|characteri[sz]e|put\s+it|call|think|state|stated)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
# What tells more of the speaker: "the nun who runs a clinic", "the mayor of Riga".
_RELATIVE = re.compile(r"\s+(?:who|whom|whose|which|that|of|from|at|in|on|for|with)\b|,")
_LEADING = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
# Words in which somebody goes on speaking who was named before.
_GOES_ON = re.compile(r"^\W*[\"“‘']|\b(?:he|she|they|it|who)\b", re.IGNORECASE)
# Stems, so that "ministry" and "ministries" are one.
_STEM = 6


def misses_premise(question: str, candidate: Candidate) -> bool:
    """Whether `candidate` lacks what `question` supposes: a rank, or that somebody named spoke."""
    who = _speaker(question)
    return _misses_rank(question, candidate) or _misses(_surnames(who), candidate)


def misses_described(question: str, candidate: Candidate) -> bool:
    """Whether the question asks what "the mayor" said, and no mayor is in sight.

    Less sure than `misses_premise`: the sentence may call her something else.
    """
    who = _speaker(question)
    if _surnames(who):
        return False
    described = _WORD.findall(_RELATIVE.split(who, maxsplit=1)[0])
    return _misses(described[-1:], candidate)


def _misses_rank(question: str, candidate: Candidate) -> bool:
    """Whether the question speaks of a second or a 12th of something, and the sentence does not.

    The first of something may be told without saying so.
    """
    asked = [rank for rank in _ranks(question) if rank.low > 1]
    if not asked:
        return False
    around = f"{candidate.passage.title or ''}. {candidate.before} {candidate.text}"
    told = {rank.low for rank in _ranks(around)}
    numbers = {one.low for one in find_quantities(around)}
    return any(rank.low not in told | numbers for rank in asked)


def _ranks(text: str) -> list[Quantity]:
    return [one for one in find_quantities(text) if one.kind is QuantityKind.ORDINAL]


def _speaker(question: str) -> str:
    """Whose words are asked for, as the question says it; empty where it asks for none."""
    found = _SPEAKER.search(question)
    return _LEADING.sub("", found["who"]) if found else ""


def _surnames(who: str) -> list[str]:
    """Of the people and bodies that speak: not of the place where "the nun from Riga" lives."""
    who = _RELATIVE.split(who, maxsplit=1)[0]
    return [name.text.split()[-1] for name in find_names(who)]


def _misses(names: Sequence[str], candidate: Candidate) -> bool:
    """Whether a sentence is of none of those who are named; False if nobody is."""
    text = candidate.text.casefold()
    around = f"{candidate.before} {candidate.passage.text}".casefold()
    goes_on = bool(_GOES_ON.search(candidate.text))
    return bool(names) and not any(
        stem in text or (goes_on and stem in around)
        for stem in (name.casefold()[:_STEM] for name in names)
    )

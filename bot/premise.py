"""What a question takes for granted, and whether a sentence bears it out.

"When did the second strike begin?" supposes two strikes, "What did Shoigu say?" that Shoigu spoke.
A sentence that is near in every other way, and bears neither out, answers another question.
"""

from __future__ import annotations

import re

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
_LEADING = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
# Words in which somebody goes on speaking who was named before.
_GOES_ON = re.compile(r"^\W*[\"“‘']|\b(?:he|she|they|it|who)\b", re.IGNORECASE)
# Stems, so that "ministry" and "ministries" are one.
_STEM = 6


def misses_premise(question: str, candidate: Candidate) -> bool:
    """Whether `candidate` lacks what `question` supposes: a rank, or that somebody spoke."""
    return _misses_rank(question, candidate) or _misses_speaker(question, candidate)


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


def _misses_speaker(question: str, candidate: Candidate) -> bool:
    """Whether the question asks what somebody said, and the sentence is of somebody else."""
    found = _SPEAKER.search(question)
    if not found:
        return False
    who = _LEADING.sub("", found["who"])
    surnames = [name.text.split()[-1] for name in find_names(who)] or _WORD.findall(who)[-1:]
    if not surnames:
        return False
    text = candidate.text.casefold()
    around = f"{candidate.before} {candidate.passage.text}".casefold()
    goes_on = bool(_GOES_ON.search(candidate.text))
    return not any(
        stem in text or (goes_on and stem in around)
        for stem in (surname.casefold()[:_STEM] for surname in surnames)
    )

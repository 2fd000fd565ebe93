"""Yes or no over verified sentences. A conclusion has no quote, so rules must bear it out.

A model may open its answer with "Yes" or "No"; that word is taken off before a sentence is checked,
and comes back only if the rules find the same, or find it alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from bot.expectation import AnswerKind, read_expectation
from bot.polarity import judge_claim
from bot.verify import Fault
from bot.verify.reading import read_claim
from bot.writer.sides import SentenceVerifier, Side, find_contradictions

_OF_SPEECH = frozenset({Fault.ATTRIBUTION, Fault.SPEAKER})
YES, NO = "Yes", "No"
_OPENING = re.compile(
    r"^[\"“‘'*]*(?P<word>yes|no)\b[\"”’'*]*\s*(?:[,:;.!—–-]+\s*|$)", re.IGNORECASE
)
_AGREES = re.compile(
    r"\b(?:agrees?|consistent|in\s+line\s+with|the\s+same|align\w*|similar\w*)\b", re.IGNORECASE
)
_DIFFERS = re.compile(
    r"\b(?:disagrees?|differ\w*|inconsistent|contradict\w*|discrepan\w*|conflict\w*)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\b(?:before|earlier\s+than|prior\s+to|precede[ds]?)\b", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:after|later\s+than|follow(?:ed|s)?)\b", re.IGNORECASE)


def split_opening(text: str) -> tuple[str | None, str]:
    """`Yes` or `No` where a sentence opens with it, and the sentence without it."""
    found = _OPENING.match(text)
    if not found:
        return None, text
    rest = text[found.end() :]
    return found["word"].capitalize(), rest[:1].upper() + rest[1:]


def rule(
    question: str, sides: Sequence[Side], said: str | None, verifier: SentenceVerifier
) -> str | None:
    """`Yes` or `No`, where the question asks for it and the sentences bear it out; else None.

    Args:
        question: What was asked.
        sides: The verified sentences.
        said: What the model opened its answer with.
        verifier: Tells whether one report proves what another says.
    """
    if read_expectation(question).kind is not AnswerKind.YES_NO or not sides:
        return None
    if _AGREES.search(question) or _DIFFERS.search(question):
        return _rule_agreement(question, sides, verifier)
    if _BEFORE.search(question) or _AFTER.search(question):
        return _rule_order(question, sides)
    texts = [side.told.sentence.text for side in sides]
    return said if said and said == judge_claim(question, texts, _Roots()) else None


def _rule_agreement(question: str, sides: Sequence[Side], verifier: SentenceVerifier) -> str | None:
    """Reports agree where one proves what the other says, and not where each denies the other."""
    agree: bool | None = None
    if find_contradictions(verifier, sides, of_one_event=False):
        agree = False
    elif any(_bear_each_other_out(verifier, *pair) for pair in combinations(sides, 2)):
        agree = True
    if agree is None:
        return None
    return YES if agree != bool(_DIFFERS.search(question)) else NO


def _bear_each_other_out(verifier: SentenceVerifier, one: Side, other: Side) -> bool:
    if one.passage.article_id == other.passage.article_id:
        return False
    return _bears_out(verifier, one, other) or _bears_out(verifier, other, one)


def _bears_out(verifier: SentenceVerifier, one: Side, other: Side) -> bool:
    """Whether one's passage says what the other tells; by whose word does not matter here."""
    faults = verifier.verify(other.told.sentence.text, [one.passage]).faults
    return {finding.fault for finding in faults} <= _OF_SPEECH


def _rule_order(question: str, sides: Sequence[Side]) -> str | None:
    """Of two dated sentences the one that shares more with the words before "before" goes first."""
    found = _BEFORE.search(question) or _AFTER.search(question)
    if found is None or len(sides) < 2:
        return None
    first, second = question[: found.start()], question[found.end() :]
    one = max(sides, key=lambda side: _likeness(first, side) - _likeness(second, side))
    other = min(sides, key=lambda side: _likeness(first, side) - _likeness(second, side))
    if one is other or not one.when or not other.when:
        return None
    if one.when.end < other.when.start:
        is_before = True
    elif other.when.end < one.when.start:
        is_before = False
    else:
        return None
    return YES if is_before == bool(_BEFORE.search(question)) else NO


def _likeness(text: str, side: Side) -> int:
    wanted = set(_Roots().analyze(text))
    return len(wanted & set(_Roots().analyze(side.told.sentence.text)))


class _Roots:
    """Words as the checker compares them, for the reader's rules about yes and no."""

    def analyze(self, text: str) -> list[str]:
        """The roots of the words of sense."""
        return [word.root for word in read_claim(text, None).words if word.has_sense]

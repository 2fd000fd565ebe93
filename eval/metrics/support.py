"""Whether a text bears a sentence out, by its words and figures alone.

A stand-in that needs no model and shares no code with the bot's own checker: it sees a changed
number, date or name, and not a changed meaning in the same words. How far it agrees with pairs
whose truth is known is in docs/evaluation-metrics.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.metrics.tokens import aware_tokens, plain_tokens, same_token

LEAST_SHARE = 0.8
"""How much of a sentence's content must stand in the text that bears it out."""
_ASIDE = re.compile(r"\([^()]*\)")
_NAME = re.compile(r"(?<![.!?:“\"] )(?<!^)\b[^\W\d_a-z][\w’'-]+")
_DENIALS = frozenset("not no never nobody none neither nor cannot without nothing".split())
_EMPTY = frozenset(
    "of in on at by for to from with and or but as is are was were be been being do does did has "
    "have had it its he she they them his her their this that these those who which what when "
    "where there here than then so if also said says say about after before into over".split()
)


def is_supported(sentence: str, texts: Iterable[str]) -> bool:
    """True if the texts together bear the sentence out.

    What stands in parentheses is left out: the bot explains words there ("Tuesday (14 November
    2023)"). Of the rest, every number, date and name must stand in the texts, a denial only if they
    deny something too, and at least `LEAST_SHARE` of the content words: |words ∩ texts| / |words|.
    """
    told = _ASIDE.sub(" ", sentence)
    evidence = " ".join(texts)
    known, known_words = set(aware_tokens(evidence)), set(plain_tokens(evidence))
    figures = {token for token in aware_tokens(told) if token[0].isdigit() or token[0] == "-"}
    if not all(any(same_token(figure, one) for one in known) for figure in figures):
        return False
    names = {word for name in _NAME.findall(told) for word in plain_tokens(name)}
    if not names - _EMPTY <= known_words:
        return False
    words = {word for word in plain_tokens(told) if len(word) > 2 and word not in _EMPTY}
    if _denies(told) and not _denies(evidence):
        return False
    return not words or len(words & known_words) / len(words) >= LEAST_SHARE


def _denies(text: str) -> bool:
    return bool(_DENIALS.intersection(plain_tokens(text))) or "n't" in text or "n’t" in text


@dataclass(frozen=True, slots=True)
class SentenceSupport:
    """How many sentences of one answer are borne out, and by what."""

    sentences: int
    by_cited: int
    """By the quotes that the sentence itself cites."""
    somewhere: int | None
    """By those, or by any passage that was found: a right sentence with the wrong mark counts
    here and not there. None if it is not known what was found."""


def count_support(
    sentences: Sequence[tuple[str, Sequence[str]]], passages: Sequence[str] | None
) -> SentenceSupport:
    """Count over an answer's sentences, each with the quotes that it cites.

    A sentence without a quote, or whose numbers lead nowhere, is not supported by what it cites.
    `passages` are None where it is not known what was found.
    """
    by_cited = [bool(quotes) and is_supported(text, quotes) for text, quotes in sentences]
    if passages is None:
        return SentenceSupport(len(sentences), sum(by_cited), None)
    somewhere = [
        cited or any(is_supported(text, [passage]) for passage in passages)
        for cited, (text, _) in zip(by_cited, sentences, strict=True)
    ]
    return SentenceSupport(len(sentences), sum(by_cited), sum(somewhere))

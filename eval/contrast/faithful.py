"""Sentences that an article bears out, made of its own by rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.evidence import Candidate
from bot.wording import word_sentence
from eval.contrast.pair import Kind
from index.names import find_names

_RELATIVE = re.compile(r", (?:who|which|whose|where) [^,.“”\"]{4,120},(?= )")
_TAIL = re.compile(r",(?: and| but| where| which| who| as well as) [^“”\"]{8,200}\.$")
_QUOTES = re.compile(r"[“”\"]")
_SAID = re.compile(r"\b(?:said|says|told|according|alleges?)\b")
_OPENS_WITH_PRONOUN = re.compile(r"(?:He|She|It|They|This|That|His|Her|Its)\b")


def make_faithful(candidates: Sequence[Candidate]) -> Iterator[tuple[Kind, str, Candidate]]:
    """Every faithful sentence that the rules can make of an article's."""
    for candidate, following in zip(candidates, [*candidates[1:], None], strict=True):
        yield Kind.VERBATIM, candidate.text, candidate
        worded = word_sentence(candidate)
        if worded != " ".join(candidate.text.split()):
            yield Kind.WORDED, worded, candidate
        shorter = _shorten(candidate.text)
        if shorter:
            yield Kind.SHORTENED, shorter, candidate
        merged = _merge(candidate, following) if following else None
        if merged:
            yield Kind.MERGED, merged, candidate


def _shorten(text: str) -> str | None:
    """Leave out a relative clause, or a last clause that names no speaker."""
    if _QUOTES.search(text):
        return None
    shorter = _RELATIVE.sub("", text, count=1)
    if shorter != text:
        return shorter
    tail = _TAIL.search(text)
    if tail and not _SAID.search(tail[0]) and tail.start() > len(text) // 3:
        return f"{text[: tail.start()]}."
    return None


def _merge(one: Candidate, other: Candidate) -> str | None:
    if _QUOTES.search(one.text + other.text) or not one.text.endswith("."):
        return None
    if _OPENS_WITH_PRONOUN.match(other.text) or _OPENS_WITH_PRONOUN.match(one.text):
        return None
    opens_with_name = any(name.start == 0 and name.certain for name in find_names(other.text))
    second = other.text if opens_with_name else other.text[0].lower() + other.text[1:]
    return f"{one.text[:-1]}, and {second}"

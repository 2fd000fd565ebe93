"""Makes a quoted sentence stand alone: says who "he" is and which day "Tuesday" was.

Words are only ever added, in parentheses beside the article's own; the citation keeps the
sentence as it was printed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.evidence import Candidate
from index.dates import describe, find_times
from index.names import Kind, Name, find_names
from index.sentences import split_sentences

_PERSONAL = re.compile(r"^[\"“‘']*(?P<word>He|She)\b(?!['’]s\b)")
_IMPERSONAL = re.compile(r"^[\"“‘']*(?P<word>It|They)\b")
# "It is unclear", "It was the first time": nothing that has a name.
_EMPTY_IT = re.compile(
    r"^\W*It\s+(?:is|was|will\s+be|has\s+been|remains|seems|appears|took|comes|came)\s+"
    r"(?:not\s+)?(?:clear|unclear|unknown|expected|possible|likely|unlikely|the|a|an|also|only|\w+ed\b|\w+able\b|at|in|on)\b",
    re.IGNORECASE,
)
# An open parenthesis or an explicit date beside the words leaves nothing to add.
_DATED_ALREADY = re.compile(r"\s*[(,]\s*(?:\w+\.?\s+)?\d")


class _Insertion(NamedTuple):
    offset: int
    text: str


def word_sentence(candidate: Candidate) -> str:
    """The sentence as it is shown, on one line."""
    insertions = [*_resolved_dates(candidate), *_named_pronoun(candidate)]
    text = candidate.text
    for insertion in sorted(insertions, reverse=True):
        text = f"{text[: insertion.offset]} ({insertion.text}){text[insertion.offset :]}"
    return " ".join(text.split())


def _resolved_dates(candidate: Candidate) -> list[_Insertion]:
    return [
        _Insertion(time.end, describe(time.period))
        for time in find_times(candidate.text, candidate.passage.published)
        if time.is_relative and time.period and not _DATED_ALREADY.match(candidate.text, time.end)
    ]


def _named_pronoun(candidate: Candidate) -> list[_Insertion]:
    personal = _PERSONAL.match(candidate.text)
    found = personal or _IMPERSONAL.match(candidate.text)
    if not found or (not personal and _EMPTY_IT.match(candidate.text)):
        return []
    kinds = {Kind.PERSON} if personal else {Kind.ORGANIZATION}
    subject = _nearest_subject(_text_before(candidate), kinds)
    # A pronoun whose name comes in the same sentence needs no help: "He, Kozlov said, …".
    return [_Insertion(found.end("word"), subject)] if subject else []


def _text_before(candidate: Candidate) -> str:
    offset = candidate.start - candidate.passage.start
    return candidate.passage.text[: max(offset, 0)]


def _nearest_subject(text: str, kinds: set[Kind]) -> str | None:
    """The subject of the nearest sentence that names one of the kinds, in its fullest form.

    Within a sentence the first name is the likeliest subject; two different people in it make
    the pronoun's meaning a guess, and then none is given.
    """
    for span in reversed(split_sentences(text)[-3:]):
        names = [name for name in find_names(span.of(text)) if name.kind in kinds and name.certain]
        people = {name.text.split()[-1] for name in names}
        if names:
            return _fullest(names[0], text) if len(people) == 1 else None
    return None


def _fullest(name: Name, text: str) -> str:
    """Give "Rudenko" as "Andrey Rudenko", where the text has given the whole name before."""
    last = name.text.split()[-1]
    forms = [other.text for other in find_names(text) if other.text.split()[-1] == last]
    return max([name.text, *forms], key=len)

"""Makes a quoted sentence stand alone: says who "he" is and which day "Tuesday" was.

Words are only ever added, in parentheses beside the article's own; the citation keeps the
sentence as it was printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.evidence import Candidate
from index.dates import describe, find_times
from index.names import Kind, Name, find_names, related_place
from index.sentences import split_sentences

_PERSONAL = re.compile(r"^[\"“‘']*(?P<word>He|She)\b(?!['’]s\b)")
_IMPERSONAL = re.compile(r"^[\"“‘']*(?P<word>It|They)\b")
# "It is unclear", "It was the first time": nothing that has a name.
_EMPTY_IT = re.compile(
    r"^\W*It\s+(?:is|was|will\s+be|has\s+been|remains|seems|appears|took|comes|came)\s+"
    r"(?:not\s+)?(?:clear|unclear|unknown|expected|possible|likely|unlikely|the|a|an|also|only"
    r"|\w+ed\b|\w+able\b|at|in|on)\b",
    re.IGNORECASE,
)
# "She found …. He was acquitted": he is not whom the sentence before "she" names.
_AGAINST = {
    "He": re.compile(r"\b(?:she|her|hers)\b", re.IGNORECASE),
    "She": re.compile(r"\b(?:he|him|his)\b", re.IGNORECASE),
}
_NOTHING = re.compile(r"(?!)")
# An open parenthesis or an explicit date beside the words leaves nothing to add.
_DATED_ALREADY = re.compile(r"\s*[(,]\s*(?:\w+\.?\s+)?\d")
# "in Incheon", "the Halm dam", "the founder of Nordhavn", "Nordhavn's bookkeeper": no person is
# told of there, or one who is not the subject.
_NO_PERSON = re.compile(r"\b(?:the|in|at|near|into|on|of)\s$", re.IGNORECASE)
_LONGEST_LEAD = len("near ")
# Before a subject stand no verb, and next to it what he or it is: "The ferry company Osefar", "In
# May the retired judge Edda Doran". An object has the verb before it: "A man stalked Ann Lee".
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|did|do(?:es)?|will|would|can|could|(?-i:may)|might|must"
    r"|said|says|told|tells|met|meets|went|came|took|made|won|lost|left|fell|saw|gave|got|found|led"
    r"|shot|struck|wrote|spoke|became|beat|beats|knew|paid|ran|sold|bought|caught|fought|sent|held"
    r"|(?!(?:united|retired|limited|noted|acclaimed|armed)\b)[a-z]{2,}ed)\b",
    re.IGNORECASE,
)
# "The first witness was Irena Kovac."
_IS = re.compile(r"\s(?:is|was)\s+(?:[A-Z][\w.]*\s+)*$")
_OPENS_CLAUSE = re.compile(
    r"^\W*(?:on|in|at|after|before|since|during|by|for|from|under|then|but|and|so|yet|now|meanwhile"
    r"|earlier|later|last|this|next|however|the|an?|its|their|his|her)\b",
    re.IGNORECASE,
)
_WHAT_ONE_IS = re.compile(
    r"(?:er|or|ist|ian|ent|ant|ary|eer|man|woman|chief|head|judge|coach|pilot|mayor|company|firm"
    r"|group|bank|agency|club|party|union|airline|network|chain)$"
)
_POSSESSIVE = re.compile(r"['’]s?\b")


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
    against = _AGAINST.get(found["word"], _NOTHING)
    subject = _nearest_subject(_text_before(candidate), kinds, against)
    # A pronoun whose name comes in the same sentence needs no help: "He, Kozlov said, …".
    return [_Insertion(found.end("word"), subject)] if subject else []


def _text_before(candidate: Candidate) -> str:
    offset = candidate.start - candidate.passage.start
    return candidate.passage.text[: max(offset, 0)]


def _nearest_subject(text: str, kinds: set[Kind], against: re.Pattern[str]) -> str | None:
    """The subject of the nearest sentence that names one of the kinds, in its fullest form.

    A second name in that sentence which may be of the kind too makes the pronoun's meaning a
    guess, and then none is given; so does a sentence in between with words that are `against` it.
    """
    names = find_names(text)
    for span in reversed(split_sentences(text)[-3:]):
        inside = [name for name in names if span.start <= name.start < span.end]
        meant = [name for name in inside if _may_be(kinds, name, text)]
        if meant:
            is_sure = any(name.kind in kinds and name.certain for name in meant)
            is_one = len({name.text.split()[-1] for name in meant}) == 1
            is_sure = is_sure and _is_subject(text[span.start : meant[0].start])
            return _fullest(meant[0], names) if is_sure and is_one else None
        if against.search(text, *span):
            return None
    return None


def _is_subject(lead: str) -> bool:
    """Whether a name after `lead`, the start of its sentence, is what the sentence is about."""
    plain = _IS.sub("", lead)
    if _VERB.search(plain):
        return False
    if plain != lead:
        return True
    last = lead.rsplit(maxsplit=1)[-1].lstrip("\"'“‘(") if lead.strip() else ""
    if last.endswith(","):
        return bool(_OPENS_CLAUSE.match(lead))
    return not last or last[0].isupper() or bool(_WHAT_ONE_IS.search(last))


def _may_be(kinds: set[Kind], name: Name, text: str) -> bool:
    """Whether `name` is of one of the kinds, or of none that can be told: no demonym, though."""
    if name.kind is not Kind.OTHER:
        return name.kind in kinds
    if Kind.PERSON in kinds and (
        _NO_PERSON.search(text, max(0, name.start - _LONGEST_LEAD), name.start)
        or _POSSESSIVE.match(text, name.end)
    ):
        return False
    return not related_place(name.text)


def _fullest(name: Name, names: Sequence[Name]) -> str:
    """Give "Rudenko" as "Andrey Rudenko", where the text has given the whole name before."""
    last = name.text.split()[-1]
    forms = [other.text for other in names if other.text.split()[-1] == last]
    return max([name.text, *forms], key=len)

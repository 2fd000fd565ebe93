"""Words of a follow-up that point back, and what each is replaced with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.conversation.phrases import Parsed, Phrase
from bot.conversation.proposition import read_proposition
from bot.conversation.referents import Referents
from bot.conversation.words import (
    AUXILIARIES,
    BE,
    EVENT_NOUNS,
    FUNCTION_WORDS,
    HAVE,
    MODAL,
    PREPOSITIONS,
    Word,
    is_verb,
    singular,
)
from index.names import Kind, Name

_HE = frozenset("he him his himself".split())
_SHE = frozenset("she her hers herself".split())
_THEY = frozenset("they them their theirs themselves".split())
_IT = frozenset("it its itself".split())
_THIS = frozenset("this that these those".split())
_POSSESSIVE = frozenset("his its their".split())
# "Is it true that", "does it take", "did it rain": it stands for nothing.
_EMPTY_IT = re.compile(
    r"\bit\s+(?:(?:really|also|still)\s+)?(?:true|possible|likely|legal|safe\s+to|take[sn]?\b|rain|snow"
    r"|matter|seem|cost\s+to)|\bit['’]?s?\s+(?:been\s+)?(?:true|possible|likely)\b|\bit\s+(?:is|was)\s+that\b",
    re.IGNORECASE,
)
_SAYING = re.compile(r"\b(?:say|says|said|think|thinks|claims?|claimed|believes?)\b", re.IGNORECASE)
_CLAUSE_BREAK = re.compile(
    r"[,;:.?!]|\b(?:and|but|or|if|when|while|because|since|after|before|that|who|which|where|so|than"
    r")\b",
    re.IGNORECASE,
)
# Descriptions that say no more than of what kind a thing is.
_CATEGORY = {
    **dict.fromkeys(
        "company firm club team agency organisation organization union bank party".split(),
        Kind.ORGANIZATION,
    ),
    **dict.fromkeys("country city town island place region".split(), Kind.PLACE),
    **dict.fromkeys("man woman person".split(), Kind.PERSON),
}
_SHIPS = frozenset("ship ferry boat vessel".split())


class Edit(NamedTuple):
    """A span of the follow-up, and what stands for it in the question that stands alone."""

    start: int
    end: int
    text: str
    why: str


def find_edits(parsed: Parsed, referents: Referents) -> list[Edit]:
    """Replacements for the pronouns and short descriptions of a question, in reading order."""
    edits = [edit for word in parsed.words for edit in _edit_word(word, parsed, referents)]
    taken = [(edit.start, edit.end) for edit in edits]
    for phrase in parsed.phrases:
        for edit in _edit_phrase(phrase, parsed, referents):
            if not any(start < edit.end and edit.start < end for start, end in taken):
                edits.append(edit)
                taken.append((edit.start, edit.end))
    return _without_repeats(sorted(edits))


def _without_repeats(edits: list[Edit]) -> list[Edit]:
    """Two pronouns for one long description are read better if only the first is replaced."""
    seen: set[str] = set()
    kept = []
    for edit in edits:
        plain = edit.text.removesuffix("'s").removesuffix("'")
        if plain in seen and len(plain) > 30:
            continue
        seen.add(plain)
        kept.append(edit)
    return kept


def apply_edits(text: str, edits: list[Edit]) -> str:
    """The text with every replacement made."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _edit_word(word: Word, parsed: Parsed, referents: Referents) -> Iterator[Edit]:
    if any(name.start <= word.start < name.end for name in parsed.names):
        return
    referent = None
    if word.key in _HE | _SHE and not _has_person_before(word, parsed):
        referent = referents.person()
        if word.key in _SHE and (ship := referents.ship()):
            referent = ship
    elif word.key in _THEY and not _has_antecedent(word, parsed, plural=True):
        referent = referents.group()
    elif word.key in _IT and not _is_empty(word, parsed):
        if not _has_antecedent(word, parsed, plural=False):
            referent = referents.thing()
    elif word.key == "there" and _is_place_adverb(word, parsed):
        yield from _edit_there(word, referents)
    elif word.key in _THIS and _stands_alone(word, parsed):
        yield from _edit_this(word, referents)
    if referent:
        possessive = word.key in _POSSESSIVE or (word.key == "her" and _owns(word, parsed))
        yield Edit(word.start, word.end, _owned(referent) if possessive else referent, "pronoun")


def _owned(referent: str) -> str:
    return referent + ("'" if referent.endswith("s") and " " not in referent else "'s")


def _following(word: Word, parsed: Parsed) -> Word | None:
    return next((one for one in parsed.words if one.start > word.start), None)


def _before(word: Word, parsed: Parsed) -> Word | None:
    return next((one for one in reversed(parsed.words) if one.end <= word.start), None)


def _owns(word: Word, parsed: Parsed) -> bool:
    """Whether "her" is followed by what is hers."""
    following = _following(word, parsed)
    return following is not None and following.key not in FUNCTION_WORDS


def _has_person_before(word: Word, parsed: Parsed) -> bool:
    noun = read_proposition(parsed).noun
    return any(
        phrase.kind is Kind.PERSON and phrase.end <= word.start and phrase.text not in noun
        for phrase in parsed.phrases
    ) or any(
        name.end <= word.start and (name.kind is Kind.PERSON or _acts_before(name, word, parsed))
        for name in parsed.names
    )


def _acts_before(name: Name, word: Word, parsed: Parsed) -> bool:
    """Whether it can be a surname in a clause before the pronoun's: "Did Shoigu say that he"."""
    between = parsed.text[name.end : word.start]
    return name.kind is Kind.OTHER and name.text.isalpha() and bool(_CLAUSE_BREAK.search(between))


def _has_antecedent(word: Word, parsed: Parsed, *, plural: bool) -> bool:
    """Whether the question itself says what the pronoun stands for, in an earlier clause."""
    noun = read_proposition(parsed).noun
    for phrase in parsed.phrases:
        if phrase.end > word.start or phrase.text in noun or phrase.kind is Kind.PERSON:
            continue
        fits = phrase.is_plural if plural else not phrase.is_plural
        fits = fits or (plural and phrase.kind is Kind.ORGANIZATION)
        between = parsed.text[phrase.end : word.start]
        speaks = phrase.kind is Kind.ORGANIZATION and _SAYING.search(between)
        if fits and (speaks or _CLAUSE_BREAK.search(between)):
            return True
    return False


def _is_empty(word: Word, parsed: Parsed) -> bool:
    return _EMPTY_IT.match(parsed.text, word.start) is not None


def _is_place_adverb(word: Word, parsed: Parsed) -> bool:
    """Not the "there" of "were there any injuries"."""
    before, following = _before(word, parsed), _following(word, parsed)
    if before is not None and before.key in BE | HAVE | MODAL:
        return False
    return following is None or following.key not in BE | MODAL


def _edit_there(word: Word, referents: Referents) -> Iterator[Edit]:
    if place := referents.place():
        yield Edit(word.start, word.end, f"in {place}", "place")


def _stands_alone(word: Word, parsed: Parsed) -> bool:
    """Whether "that" is a pronoun: not a determiner, and no link to a clause."""
    before, following = _before(word, parsed), _following(word, parsed)
    if before is not None and before.key not in AUXILIARIES | PREPOSITIONS | {"and", "why", "how"}:
        return word.key in {"this", "these", "those"} and following is None
    if following is None:
        return True
    is_linked = following.key in AUXILIARIES | PREPOSITIONS | {"more", "less", "the", "a"}
    return is_linked or is_verb(following.key)


def _edit_this(word: Word, referents: Referents) -> Iterator[Edit]:
    last = referents.last
    if last is None:
        return
    what = last.proposition.quantity() or referents.event() or referents.thing()
    if what:
        yield Edit(word.start, word.end, what, "demonstrative")


def _edit_phrase(phrase: Phrase, parsed: Parsed, referents: Referents) -> Iterator[Edit]:
    """Replace a description whose full form was given before: "the delegation", "that match"."""
    before = parsed.text[: phrase.start].rstrip()
    word = before.rpartition(" ")[2].strip("\"'(")
    determiner = word.lower()
    if determiner not in _THIS | {"the"} or phrase.is_name or phrase.full_end > phrase.end:
        return
    # Lower-cased some texts grow longer: "İ" is two characters then.
    start = before.rindex(word)
    if longer := referents.longer(phrase):
        yield Edit(start, phrase.end, longer, "description")
        return
    if " " in phrase.text:
        return
    head = singular(phrase.head)
    referent = None
    if head in _SHIPS:
        referent = referents.ship()
    elif head in _CATEGORY:
        referent = referents.of_kind(_CATEGORY[head])
    elif determiner != "the" and head in EVENT_NOUNS:
        referent = referents.event()
    if referent:
        owned = parsed.text[phrase.end : phrase.end + 2] in {"'s", "’s"}
        end = phrase.end + 2 if owned else phrase.end
        yield Edit(start, end, _owned(referent) if owned else referent, "description")

"""Whether the names of a claim are those that the article has, in its sentence or just before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bot.verify.bearers import same_bearer
from bot.verify.lexicon import PRONOUNS, folded, root
from bot.verify.pairing import Pairing
from bot.verify.reading import Statement
from bot.verify.verdict import Fault, Finding
from bot.verify.words import Word
from index.names import Kind, Name
from index.names.gazetteer import COMMON_WORDS

# "The capital" may be called by its name, if the story was filed there.
_PLACE_ROOTS = frozenset(root(word) for word in ("capital", "city", "town"))
_OF_ITSELF = re.compile(
    r"\bthis\s+(?:news)?(?:paper|agency|site|website|outlet|magazine|publication)\b", re.IGNORECASE
)
_POINTERS = PRONOUNS - {"that", "who", "which", "this", "these", "those"}


def check_names(pairing: Pairing, implied: Name | None = None) -> Iterator[Finding]:
    """Every name must stand in the article's sentence, or be what its pronoun points to."""
    names = pairing.names if implied is None else (implied, *pairing.names)
    for name in names:
        if _stands_in(name, pairing.statement):
            if not _is_displaced(name, pairing, names):
                continue
        elif _is_plain_word(name, pairing) or _is_pointed_to(name, pairing, names):
            continue
        has = ", ".join(one.text for one in pairing.told.names) or "no name"
        why = f"The cited sentence names {has}; it does not say this of “{name.text}”."
        yield Finding(Fault.NAME, name.text, why)


def _stands_in(name: Name, statement: Statement) -> bool:
    told = statement.reading
    if any(same_bearer(name.text, one.text) for one in told.names):
        return True
    if not told.says(name.text):
        return False
    # "Rovers" is "Calder Bay Rovers", but the place "Marren" is not "Marren Athletic".
    wider = [one for one in told.names if name.text.casefold() in one.text.casefold()]
    return not wider or any(
        one.kind is name.kind or one.text.casefold().endswith(name.text.casefold()) for one in wider
    )


def _is_plain_word(name: Name, pairing: Pairing) -> bool:
    """Whether it only looked like a name: a word of the sentence with a capital."""
    words = name.text.split()
    if len(words) > 1 and name.certain:
        return False
    known = pairing.source.plain_roots
    return not name.certain and all(
        folded(word) in COMMON_WORDS or root(folded(word)) in known for word in words
    )


def _is_pointed_to(name: Name, pairing: Pairing, names: Sequence[Name]) -> bool:
    """Whether the article names it just before, and nothing else stands in its place here."""
    if _is_outlet_speaking(name, pairing) or _is_outlet_itself(name, pairing):
        return True
    if _is_replaced(name, pairing, names) or _has_namesake(name, pairing):
        return False
    if _has_office_here(name, pairing):
        return True
    if not _is_named_before(name, pairing):
        return False
    rivals = [one for one in _unused(pairing, names, name.kind) if one.kind is name.kind]
    points = any(word.key in _POINTERS for word in pairing.told.words)
    return points or not rivals


def _has_namesake(name: Name, pairing: Pairing) -> bool:
    """Whether the sentence is about another of the same surname: Helga, not Colm Brandt."""
    last = name.text.split()[-1]
    return any(
        one.text.split()[-1] == last and not same_bearer(one.text, name.text)
        for one in pairing.told.names
    )


def _is_outlet_speaking(name: Name, pairing: Pairing) -> bool:
    """Whether it is the passage's outlet or reporter, and is said to have said it."""
    passage = pairing.source.passage
    labels = [label for label in (passage.outlet, passage.byline) if label]
    speakers = {
        pairing.claim.words[place].start
        for frame in pairing.claim.frames
        for place in frame.speaker
    }
    speaks = any(name.start <= start < name.end for start in speakers)
    return speaks and any(same_bearer(name.text, label) for label in labels)


def _is_outlet_itself(name: Name, pairing: Pairing) -> bool:
    """Whether it is the outlet that calls itself "this newspaper" in the sentence."""
    outlet = pairing.source.passage.outlet
    if not outlet or not same_bearer(name.text, outlet):
        return False
    return bool(_OF_ITSELF.search(pairing.told.text))


def _is_named_before(name: Name, pairing: Pairing) -> bool:
    title = pairing.source.title
    if (
        name.kind is Kind.PERSON
        and pairing.told.words[:1]
        and (pairing.told.words[0].key in {"he", "she"})
    ):
        # The nearest sentence that names people says who "he" is.
        for statement in pairing.before:
            people = [one for one in statement.reading.names if one.kind is Kind.PERSON]
            if people:
                return any(same_bearer(name.text, one.text) for one in people)
    if any(_stands_in(name, statement) for statement in pairing.before):
        return True
    return title is not None and (
        title.says(name.text) or any(same_bearer(name.text, one.text) for one in title.names)
    )


def _unused(pairing: Pairing, names: Iterable[Name], kind: Kind) -> list[Name]:
    """Names of the kind that the article's sentence has and the claim leaves out."""
    return [
        one
        for one in pairing.told.names
        if (one.kind is kind or Kind.OTHER in (one.kind, kind))
        and not any(same_bearer(one.text, name.text) for name in names)
    ]


def _has_office_here(name: Name, pairing: Pairing) -> bool:
    """Whether the passage names the bearer by a title that this sentence uses alone: "Judge"."""
    if name.kind is Kind.PLACE and pairing.told.roots & _PLACE_ROOTS:
        dateline = pairing.source.passage.dateline or ""
        return dateline.casefold().startswith(name.text.casefold())
    wanted = {word.root for word in pairing.words if word.is_content} & pairing.told.roots
    people = [one for one in pairing.told.names if one.kind is Kind.PERSON]
    for statement in pairing.source.statements:
        for one in statement.reading.names:
            if same_bearer(one.text, name.text):
                titles = {
                    root for side, root in _beside(one, statement.reading.words) if side == "before"
                }
                if titles & wanted:
                    return True
                office = _office_before(one, statement.reading.words)
                if not people and len(office) > 1 and office <= pairing.told.roots:
                    return True
    return False


def _office_before(name: Name, words: Sequence[Word]) -> set[str]:
    """The two words of sense right before a name: "Culture Minister Olga Lyubimova"."""
    before = [word for word in words if word.end <= name.start][-2:]
    return {word.root for word in before if word.is_content and not word.after_break}


def _is_displaced(name: Name, pairing: Pairing, names: Sequence[Name]) -> bool:
    """Whether the article has the name, but another one where the claim has it."""
    if name not in pairing.names:
        return False
    mine = _touching(name, pairing.words)
    own = [one for one in pairing.told.names if same_bearer(name.text, one.text)]
    if any(mine & _touching(one, pairing.told.words) for one in own):
        return False
    rivals = _unused(pairing, names, name.kind)
    return any(mine & _touching(one, pairing.told.words) for one in rivals)


def _is_replaced(name: Name, pairing: Pairing, names: Sequence[Name]) -> bool:
    """Whether another name stands in the article where the claim has this one."""
    mine = _beside(name, pairing.words)
    for one in pairing.told.names:
        if one.kind is not name.kind and Kind.OTHER not in (one.kind, name.kind):
            continue
        place = mine & _beside(one, pairing.told.words)
        partners = [other for other in names if same_bearer(other.text, one.text)]
        if place and not any(place & _beside(other, pairing.words) for other in partners):
            return True
    return False


def _touching(name: Name, words: Sequence[Word]) -> set[tuple[str, str]]:
    """The words right before and after it, if they are words of sense and no comma parts them."""
    found = set()
    for word, following in pairwise(words):
        if following.after_break:
            continue
        if word.is_content and word.end <= name.start <= following.start < name.end:
            found.add(("before", word.root))
        elif following.is_content and name.start <= word.start < name.end <= following.start:
            found.add(("after", following.root))
    return found


def _beside(name: Name, words: Sequence[Word]) -> set[tuple[str, str]]:
    """The nearest word of sense on either side."""
    before = [word.root for word in words if word.end <= name.start and word.is_content]
    after = [word.root for word in words if word.start >= name.end and word.is_content]
    return {("before", one) for one in before[-1:]} | {("after", one) for one in after[:1]}

"""Whether a claim affirms, denies, compares and doubts as the article's sentence does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.verify.lexicon import DENYING_VERBS
from bot.verify.pairing import Pairing
from bot.verify.verdict import Fault, Finding
from bot.verify.words import Word, doubted_by, negated_by

_NEAR = 3
# Of two that one of these stands between, the other side tells the opposite: A is before B.
_TWO_SIDED = frozenset({"order", "contest", "side", "size", "place", "trade"})
# "May not" governs the whole clause, but the words right behind the cue are what it is about.
_HEAD = 3


def check_negation(pairing: Pairing) -> Iterator[Finding]:
    """What the article denies must be denied, and nothing else."""
    told, words = pairing.told.words, pairing.claim.words
    for cue in range(len(told)):
        if _is_used(told[cue], pairing.words):
            continue
        scope = [told[place] for place in negated_by(told, cue) if told[place].has_sense]
        if scope and _is_turned(scope, told, pairing.words):
            denial = _cut(pairing.told.text, [told[cue], *scope])
            what = _cut(pairing.claim.text, _counterparts(scope, pairing.words))
            yield Finding(Fault.NEGATION, what, f"The article denies this: “{denial}”.")
            return
    part = set(pairing.part)
    for cue in pairing.part:
        if _is_used(words[cue], told):
            continue
        places = [place for place in negated_by(words, cue) if place in part]
        scope = [words[place] for place in places if words[place].has_sense]
        if scope and (_is_turned(scope, pairing.words, told) or not _denies(pairing, scope)):
            what = _cut(pairing.claim.text, [words[cue], *scope])
            yield Finding(Fault.NEGATION, what, "The cited sentence does not deny this.")
            return


def _is_used(cue: Word, others: Sequence[Word]) -> bool:
    """Whether both have the same denying verb: "rejected a recount", "a recount was rejected"."""
    return cue.key in DENYING_VERBS and any(word.root == cue.root for word in others)


def _is_turned(scope: Sequence[Word], own: Sequence[Word], others: Sequence[Word]) -> bool:
    """Whether the other sentence uses the words that a negation governs in the other sense.

    A word that both use equally often must be denied equally often. Of other words one in the
    same sense is enough: a claim may take a part of a sentence only.
    """
    mine, theirs = _senses(own), _senses(others)
    shared = [word for word in scope if word.root in theirs]
    if any(word.is_content for word in scope):
        # A shared name alone does not make it the same matter.
        shared = [word for word in shared if word.is_content]
    elif len(shared) < len(scope):
        # "Not by Ruth Adeyemi" says nothing of Judith Adeyemi.
        return False
    for word in shared:
        one, other = mine[word.root], theirs[word.root]
        if word.is_content and len(one) == len(other) > 1 and sum(one) != sum(other):
            return True
    # What its own sentence says in both senses decides nothing.
    decisive = [word for word in shared if len(set(mine[word.root])) == 1]
    return bool(decisive) and all(word.is_negated not in theirs[word.root] for word in decisive)


def _senses(words: Sequence[Word]) -> dict[str, list[bool]]:
    """For each root, whether each word of it is denied."""
    senses: dict[str, list[bool]] = {}
    for word in words:
        if word.has_sense:
            senses.setdefault(word.root, []).append(word.is_negated)
    return senses


def _denies(pairing: Pairing, scope: Sequence[Word]) -> bool:
    """Whether anything in the article could bear out a denial: its own, or an opposite word."""
    told = pairing.told.words
    if any(len(negated_by(told, cue)) for cue in range(len(told))):
        return True
    axes = {(axis, side) for word in scope for axis, side in word.sides}
    return any(side in axes for word in told for side in word.sides)


def _counterparts(scope: Iterable[Word], words: Sequence[Word]) -> list[Word]:
    roots = {word.root for word in scope}
    return [word for word in words if word.root in roots]


def check_directions(pairing: Pairing) -> Iterator[Finding]:
    """No rise may become a fall, no "before" an "after"."""
    told = pairing.told.words
    for place, word in enumerate(pairing.words):
        if word.is_name:
            continue
        for axis, side in word.sides:
            rivals = [at for at, one in enumerate(told) if _lies_on(one, axis)]
            if rivals and not _agrees(pairing, place, axis, side, rivals):
                yield Finding(
                    Fault.COMPARISON,
                    word.key,
                    f"The article has “{told[rivals[0]].key}”, the opposite of “{word.key}”.",
                )
                return


def _lies_on(word: Word, axis: str) -> bool:
    return not word.is_name and any(one == axis for one, _ in word.sides)


def _agrees(pairing: Pairing, place: int, axis: str, side: int, rivals: Sequence[int]) -> bool:
    """Whether the article's word on this axis that stands among the same words says the same."""
    told = pairing.told.words
    if pairing.words[place].root in {told[at].root for at in rivals} and _same_polarity(
        pairing.words[place], [told[at] for at in rivals]
    ):
        return _nearest_agrees(pairing, place, axis, side, rivals) is not False
    return _nearest_agrees(pairing, place, axis, side, rivals) is True


def _same_polarity(word: Word, others: Iterable[Word]) -> bool:
    return any(one.root == word.root and one.is_negated == word.is_negated for one in others)


def _nearest_agrees(
    pairing: Pairing, place: int, axis: str, side: int, rivals: Sequence[int]
) -> bool | None:
    """None when the article has both directions, equally near."""
    told = pairing.told.words
    left, right = _around(pairing.words, place)
    best: list[tuple[int, bool]] = []
    for at in rivals:
        told_left, told_right = _around(told, at)
        straight = len(left & told_left) + len(right & told_right)
        crossed = len(left & told_right) + len(right & told_left)
        same = (axis, side) in told[at].sides
        # "A after B" is "B before A": told from the other side, an opposite is right.
        differs = told[at].root != pairing.words[place].root
        is_turned = (
            axis in _TWO_SIDED and differs and _is_crossed(pairing, place, at, crossed > straight)
        )
        best.append((max(straight, crossed), same != is_turned))
    top = max(score for score, _ in best)
    verdicts = {verdict for score, verdict in best if score == top}
    return verdicts.pop() if len(verdicts) == 1 else None


def _is_crossed(pairing: Pairing, place: int, at: int, by_words: bool) -> bool:
    """Whether what stands left of the word in the claim stands right of it in the article.

    Names decide, where both have one.
    """
    mine = _names_around(pairing.words, place)
    theirs = _names_around(pairing.told.words, at)
    straight = len(mine[0] & theirs[0]) + len(mine[1] & theirs[1])
    crossed = len(mine[0] & theirs[1]) + len(mine[1] & theirs[0])
    return crossed > straight if crossed != straight else by_words


def _names_around(words: Sequence[Word], place: int) -> tuple[set[str], set[str]]:
    before = {one.root for one in words[:place] if one.is_name}
    return before, {one.root for one in words[place + 1 :] if one.is_name}


def _around(words: Sequence[Word], place: int) -> tuple[set[str], set[str]]:
    before = [one.root for one in words[:place] if one.has_sense]
    after = [one.root for one in words[place + 1 :] if one.has_sense]
    return set(before[-_NEAR:]), set(after[:_NEAR])


def check_doubt(pairing: Pairing) -> Iterator[Finding]:
    """What the article calls possible or planned must not become more certain."""
    told = pairing.told.words
    for cue in range(len(told)):
        places, level = doubted_by(told, cue)
        content = [told[place] for place in places if told[place].has_sense][:_HEAD]
        if any(word.is_content for word in content):
            content = [word for word in content if word.is_content]
        surer = {word.root for word in told if word.doubt < level}
        content = [word for word in content if word.root not in surer]
        mine = _counterparts(content, pairing.words)
        if mine and all(_certainty_lost(pairing.words, word) < level for word in mine):
            yield Finding(
                Fault.HEDGE,
                _cut(pairing.claim.text, mine),
                f"The article only says “{_cut(pairing.told.text, [told[cue], *content])}”.",
            )
            return


def _certainty_lost(words: Sequence[Word], word: Word) -> int:
    """How doubtful a word is, counting a cue that comes later in its clause: "it may be"."""
    place = words.index(word)
    level = word.doubt
    for cue in range(place + 1, len(words)):
        if words[cue].after_break:
            break
        level = max(level, doubted_by(words, cue)[1])
    return level


def _cut(text: str, words: Sequence[Word]) -> str:
    """The stretch of the text from the first to the last of the words."""
    if not words:
        return text
    return text[min(word.start for word in words) : max(word.end for word in words)]

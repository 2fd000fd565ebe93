"""The ways to take a claim apart into clauses that may each have a source of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from bot.verify.reading import Reading
from bot.verify.words import Word

Part = tuple[int, ...]

_JOINTS = frozenset("and but while whereas although though who which where".split())
# A part that is only a name would be proved by every sentence that has the name.
_LEAST_WORDS = 2
# Verbs that open a clause whose subject stands in the one before; regular ones end in "ed".
_VERBS = frozenset(
    "is are was were has have had will would could may might can did does left won fell rose "
    "led met made took went came said told got gave held kept put ran sold bought paid sent "
    "set built began broke brought cut drew found flew grew hit lost lay read saw spoke spent "
    "stood struck wrote became beat wants says plans denies remains not never also then "
    "later".split()
)
# The more joints, the more ways: a hostile sentence of a thousand commas must end too.
_MOST_JOINTS = 8


def split_claim(claim: Reading, part: Part) -> Iterator[tuple[Part, Part]]:
    """Each way to cut a part in two.

    At a comma or a joining word, or by taking out what stands between two commas.
    """
    joints = [at for at in range(1, len(part)) if _is_joint(claim.words[part[at]])]
    # ", and" parts whole sentences more often than a bare comma or "and" does.
    joints.sort(key=lambda at: not _is_strong(claim.words[part[at]]))
    joints = joints[:_MOST_JOINTS]
    for at in joints:
        yield from _if_both_say_something(claim, part[:at], part[at:])
    commas = [at for at in sorted(joints) if claim.words[part[at]].after_break]
    for first, last in pairwise(commas):
        yield from _if_both_say_something(claim, part[:first] + part[last:], part[first:last])


def _is_joint(word: Word) -> bool:
    return word.after_break or (word.key in _JOINTS and not word.is_item)


def _is_strong(word: Word) -> bool:
    return word.after_break and word.key in _JOINTS


def _if_both_say_something(claim: Reading, one: Part, other: Part) -> Iterator[tuple[Part, Part]]:
    if all(_says_something(claim, part) for part in (one, other)):
        yield one, other


def _says_something(claim: Reading, part: Part) -> bool:
    words = [claim.words[place] for place in part]
    counted = any(word.is_item and not word.is_name for word in words)
    named = any(word.is_name for word in words)
    content = sum(word.is_content for word in words)
    return counted or content >= _LEAST_WORDS or (named and content > 0)


def has_own_subject(claim: Reading, part: Part) -> bool:
    """Whether a clause says itself who it is about, and not: "and left on Tuesday"."""
    for place in part:
        word = claim.words[place]
        if word.key in {"who", "which"}:
            return False
        if word.key not in _JOINTS:
            is_verb = word.key in _VERBS or word.key.endswith("ed")
            return word.is_item or not is_verb
    return False

"""Whether names, numbers and dates play in a claim the parts that they play in the article.

"A beat B" is not "B beat A", "from 3.1 to 4.2" not "from 4.2 to 3.1". Two things of one sort have
changed places when each stands, in the claim, among the words that the other has in the article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations

from bot.verify.bearers import same_bearer
from bot.verify.pairing import Item, Pairing
from bot.verify.places import is_same_number, is_same_time, surroundings
from bot.verify.verdict import Fault, Finding
from bot.verify.words import Word
from index.names import Name

# Verbs that both sides do alike.
_MUTUAL = frozenset({"meet", "sign", "join"})
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being"})
_PARTICIPLES = ("ed", "en", "won", "led", "made", "held", "built", "sold", "bought", "paid", "sent")
# A pair that changed places counts two at least: each of the two was recognised.
_LEAST_MARGIN = 2


def check_roles(pairing: Pairing) -> Iterator[Finding]:
    """No two names, numbers or times may have changed places."""
    told = pairing.told
    same_number = partial(is_same_number, pairing)
    yield from _check_pairs(pairing, _matched(pairing.names, told.names, _is_same_name))
    yield from _check_pairs(pairing, _matched(pairing.quantities, told.quantities, same_number))
    yield from _check_pairs(pairing, _matched(pairing.times, told.times, is_same_time))


def _is_same_name(one: Name, other: Name) -> bool:
    return same_bearer(one.text, other.text)


def _matched(
    stated: Sequence[Item], told: Sequence[Item], is_same: Callable[..., bool]
) -> list[tuple[Item, Item]]:
    """What stands once in the claim and once in the article, as pairs."""
    pairs = []
    for item in stated:
        partners = [one for one in told if is_same(item, one)]
        rivals = [
            one for one in stated if one is not item and partners and is_same(one, partners[0])
        ]
        if len(partners) == 1 and not rivals:
            pairs.append((item, partners[0]))
    return pairs


def _check_pairs(pairing: Pairing, pairs: list[tuple[Item, Item]]) -> Iterator[Finding]:
    for (one, told_one), (other, told_other) in combinations(pairs, 2):
        if told_one is told_other or _are_mutual(one, other, pairing):
            continue
        if _is_title_between(told_one, told_other, pairing):
            continue
        left_out = (one, other)
        told_out = (told_one, told_other)
        mine = [surroundings(item, pairing.words, left_out) for item in left_out]
        theirs = [surroundings(item, pairing.told.words, told_out) for item in told_out]
        straight = len(mine[0] & theirs[0]) + len(mine[1] & theirs[1])
        crossed = len(mine[0] & theirs[1]) + len(mine[1] & theirs[0])
        turned = isinstance(one, Name) and _is_turned(pairing, left_out, told_out)
        if (straight - crossed if turned else crossed - straight) >= _LEAST_MARGIN:
            yield Finding(
                Fault.COMPARISON,
                f"{one.text} … {other.text}",
                f"In the article “{one.text}” and “{other.text}” have each other's part.",
            )


def _are_mutual(one: Item, other: Item, pairing: Pairing) -> bool:
    """Whether the two stand side by side ("A and B"), or do something that both do alike."""
    first, last = sorted((one, other), key=lambda item: item.start)
    between = [word for word in pairing.words if first.end <= word.start < last.start]
    if isinstance(one, Name) and not any(word.has_sense for word in between):
        return bool({word.key for word in between} & {"and", "or"}) or not between
    return isinstance(one, Name) and any(word.root in _MUTUAL for word in between)


def _is_title_between(one: Item, other: Item, pairing: Pairing) -> bool:
    """Whether the article joins the two to one name: "FTC Chair Lina Khan"."""
    first, last = sorted((one, other), key=lambda item: item.start)
    between = pairing.told.text[first.end : last.start]
    return len(between) < 30 and between.istitle() and "," not in between


def _is_turned(pairing: Pairing, stated: tuple[Item, Item], told: tuple[Item, Item]) -> bool:
    """Whether the claim tells it from the other side: in the passive, or as a loss for a win."""
    shared = pairing.shared
    passive = _is_passive(pairing.words, stated, shared) != _is_passive(
        pairing.told.words, told, shared
    )
    return passive != _is_opposite_contest(pairing)


def _is_passive(words: Sequence[Word], items: tuple[Item, Item], shared: frozenset[str]) -> bool:
    """Whether "be" and a participle that both use stand between the two: "were beaten 2-1 by"."""
    first, last = sorted(items, key=lambda item: item.start)
    between = [word for word in words if first.end <= word.start < last.start]
    be = next((place for place, word in enumerate(between) if word.key in _BE), None)
    return be is not None and any(
        word.key.endswith(_PARTICIPLES) and word.root in shared for word in between[be + 1 : be + 4]
    )


def _is_opposite_contest(pairing: Pairing) -> bool:
    def side(words: Sequence[Word]) -> set[int]:
        return {sign for word in words for axis, sign in word.sides if axis == "contest"}

    mine, theirs = side(pairing.words), side(pairing.told.words)
    return len(mine) == len(theirs) == 1 and mine != theirs

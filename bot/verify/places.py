"""Whether a number, a date or a name stands in a claim where the article has another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from bot.verify.bearers import same_bearer
from bot.verify.numbers import bears_out
from bot.verify.pairing import Item, Pairing, places_of
from bot.verify.verdict import Fault, Finding
from bot.verify.words import Word
from index.dates import TimeMention
from index.quantities import Quantity

_LINKS = frozenset(
    "from to against than by for of in at over before after between with until since on".split()
)
_OBJECTS = frozenset({"him", "her", "them", "it"})
_NEAR = 2
_LEAST_MARGIN = 2


def check_places(pairing: Pairing) -> Iterator[Finding]:
    """No number or time may stand where the article has another one that the claim leaves out."""
    told = pairing.told
    same_number = partial(is_same_number, pairing)
    yield from _check_places(pairing, pairing.quantities, told.quantities, same_number)
    yield from _check_places(pairing, pairing.times, told.times, is_same_time)
    yield from _check_pronoun(pairing)


def is_same_number(pairing: Pairing, one: Quantity, other: Quantity) -> bool:
    """Whether the article's number can be the claim's."""
    return bears_out(one, other, pairing)


def is_same_time(one: TimeMention, other: TimeMention) -> bool:
    """Whether the article's time, the second, can be the claim's, which may be coarser."""
    if one.period is None or other.period is None:
        return one.text.casefold() == other.text.casefold()
    return one.period.start <= other.period.start and other.period.end <= one.period.end


def _check_places(
    pairing: Pairing,
    stated: Sequence[Item],
    told: Sequence[Item],
    is_same: Callable[..., bool],
) -> Iterator[Finding]:
    unused = [one for one in told if not any(is_same(item, one) for item in stated)]
    for item in stated if unused else ():
        own = [_nearness(pairing, item, one) for one in told if is_same(item, one)]
        for one in unused if own else ():
            other = _nearness(pairing, item, one) if _are_comparable(item, one) else 0
            if other >= max(own) + _LEAST_MARGIN or other > max(own) == 0:
                fault = Fault.DATE if isinstance(item, TimeMention) else Fault.NUMBER
                why = f"Where the claim has “{item.text}”, the article has “{one.text}”."
                yield Finding(fault, item.text, why)


def _are_comparable(item: Item, one: Item) -> bool:
    numbers = isinstance(item, Quantity) and isinstance(one, Quantity)
    return not numbers or getattr(item, "kind", None) is getattr(one, "kind", None)


def _nearness(pairing: Pairing, item: Item, one: Item) -> int:
    """How many words of sense the two have beside them, on the same side."""
    mine = surroundings(item, pairing.words, (item,))
    theirs = surroundings(one, pairing.told.words, (one,))
    return sum(side in {"before", "after"} for side, _ in mine & theirs)


def surroundings(
    item: Item, words: Sequence[Word], left_out: tuple[Item, ...]
) -> set[tuple[str, str]]:
    """What stands close by on either side, and the preposition before it."""
    own = places_of(item, words)
    if not own:
        return set()
    hidden = {place for one in left_out for place in places_of(one, words)}
    before = [
        words[place].root
        for place in range(own[0])
        if place not in hidden and words[place].has_sense
    ]
    after = [
        words[place].root
        for place in range(own[-1] + 1, len(words))
        if place not in hidden and words[place].has_sense
    ]
    found = {("before", one) for one in before[-_NEAR:]} | {("after", one) for one in after[:_NEAR]}
    if own[0] and words[own[0] - 1].key in _LINKS:
        found.add(("link", words[own[0] - 1].key))
    if own[-1] + 1 < len(words):
        found.add(("next", words[own[-1] + 1].key))
    return found


def _check_pronoun(pairing: Pairing) -> Iterator[Finding]:
    """What "A thanked her" says of A may not be said of her."""
    for verb in pairing.words:
        at = next((n for n, one in enumerate(pairing.told.words) if one.root == verb.root), None)
        if at is None or not verb.is_content:
            continue
        before = [one for one in pairing.names if one.end == verb.start - 1]
        after = [one for one in pairing.names if one.start == verb.end + 1]
        told, word = pairing.told, pairing.told.words[at]
        for name in after if before else ():
            is_subject = any(
                one.end == word.start - 1 and same_bearer(one.text, name.text) for one in told.names
            )
            follows = told.words[at + 1].key if at + 1 < len(told.words) else ""
            if is_subject and follows in _OBJECTS:
                yield Finding(
                    Fault.COMPARISON, name.text, f"In the article “{name.text}” does this."
                )

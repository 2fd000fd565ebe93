"""Which sentences of the cited passages speak of a claim, and how much of it they cover."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from heapq import nlargest

from bot.verify.pairing import Pairing
from bot.verify.reading import Reading, Source, Statement

# A word found only near the sentence, or only somewhere in the passage, proves less.
_NEAR_WORTH = 0.5
_FAR_WORTH = 0.2
_LENGTH_COST = 0.001
# A number or date that was checked, beside a word of sense.
_ITEM_WORTH = 0.5
# A sentence that shares much less than the best one is about something else.
_LEAST_OF_BEST = 0.8
_LEAST_WORTH = 0.5
# To find the sentence, what it says counts more than whom it is about.
_NAME_WORTH = 0.5
_NUMBER_WORTH = 0.5


def nearest_statements(
    claim: Reading, part: Sequence[int], sources: Sequence[Source], limit: int
) -> list[tuple[Source, Statement]]:
    """The sentences that share most with a part of the claim, the best first.

    Who says it does not count: the same speaker says much else.
    """
    speakers = speaker_places(claim)
    words = [claim.words[place] for place in part]
    said = [claim.words[place] for place in part if place not in speakers] or words
    roots = {word.root for word in said if word.is_content}
    names = {word.root for word in said if word.is_name}
    numbers = {word.root for word in words if word.is_item and not word.is_name}

    def worth(pair: tuple[Source, Statement]) -> float:
        told = pair[1].reading.roots
        items = _NAME_WORTH * len(names & told) + _NUMBER_WORTH * len(numbers & told)
        # Of two that share as much, the shorter says it more plainly.
        return len(roots & told) + items - _LENGTH_COST * len(told)

    pairs = [(source, one) for source in sources for one in source.statements]
    best = nlargest(limit, pairs, key=worth)
    # Where the best sentence speaks against the claim, one that merely shares a name must not
    # speak for it.
    least = worth(best[0]) * _LEAST_OF_BEST if best else 0.0
    return [pair for pair in best if worth(pair) >= max(least, _LEAST_WORTH)]


def speaker_places(claim: Reading) -> frozenset[int]:
    """The places of the words that name a speaker."""
    return frozenset(place for frame in claim.frames for place in frame.speaker)


def measure_coverage(pairing: Pairing) -> float:
    """How many of the part's words of sense the article's sentence has, 0 to 1.

    Numbers and times are checked by themselves: they count as found. Names do not count.
    """
    speakers = speaker_places(pairing.claim)
    words = [
        pairing.claim.words[place] for place in pairing.part if place not in speakers
    ] or pairing.words
    roots = {word.root for word in words if word.is_content}
    proven = _ITEM_WORTH * (len(pairing.quantities) + len(pairing.times))
    whole = len(roots) + proven
    return (_worth_of(roots, pairing) + proven) / whole if whole else 1.0


def _worth_of(roots: Collection[str], pairing: Pairing) -> float:
    """How much of the roots the article has: in the sentence, before it, or anywhere."""
    near = frozenset[str]().union(*(one.reading.roots for one in pairing.before))
    if pairing.source.title is not None:
        near |= pairing.source.title.roots
    # A word that the article has the opposite of was judged with the directions.
    axes = {axis for word in pairing.told.words for axis, _ in word.sides}
    judged = {word.root for word in pairing.words if any(axis in axes for axis, _ in word.sides)}
    places = (
        (1.0, pairing.told.roots | judged), (_NEAR_WORTH, near), (_FAR_WORTH, pairing.source.roots)
    )  # fmt: skip
    return sum(next((worth for worth, known in places if root in known), 0.0) for root in roots)

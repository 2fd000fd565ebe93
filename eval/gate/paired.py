"""Statistics of two runs over the same cases. Pure functions on numbers; none knows what they mean.

A drop is tested by flipping signs by story: if nothing changed for the worse, each story's summed
difference could as well have had the other sign. With one changed case a story this is McNemar's
exact test (McNemar 1947), one-sided; with several it stays valid although they change together.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_DRAWS = 10_000
_SEED = 1


@dataclass(frozen=True, slots=True)
class PairedScores:
    """One score of the same cases in two runs; greater is better."""

    before: tuple[float, ...]
    after: tuple[float, ...]
    stories: tuple[str, ...]
    """Parallel to both: cases of one story are not independent."""

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return len(self.before)

    @property
    def drops(self) -> list[float]:
        """Before minus after, one a case."""
        return [b - a for b, a in zip(self.before, self.after, strict=True)]

    @property
    def drop(self) -> float:
        """Mean before minus mean after; positive is worse."""
        return math.fsum(self.drops) / self.cases if self.cases else 0.0

    @property
    def is_yes_or_no(self) -> bool:
        """Whether every score is 0 or 1."""
        return all(value in (0.0, 1.0) for value in (*self.before, *self.after))

    @property
    def story_drops(self) -> list[float]:
        """The summed drop of each story, those that changed only."""
        sums: defaultdict[str, float] = defaultdict(float)
        for drop, story in zip(self.drops, self.stories, strict=True):
            sums[story] += drop
        return [drop for drop in sums.values() if abs(drop) > 1e-12]


def p_of_drop(pairs: PairedScores) -> float:
    """The chance of a drop so great, or greater, if signs were those of a coin for each story.

    Exact for scores of 0 and 1; else from 10,000 draws, the same each time.
    """
    sums = pairs.story_drops
    if not sums or math.fsum(sums) <= 0:
        return 1.0
    if pairs.is_yes_or_no:
        return _exact_p([round(one) for one in sums])
    return _drawn_p(np.array(sums))


def _exact_p(sums: Sequence[int]) -> float:
    """P(sum of ±|s| ≥ sum of s), by adding story after story to the distribution."""
    sizes = [abs(one) for one in sums]
    reach = sum(sizes)
    chances: Floats = np.zeros(2 * reach + 1)
    chances[reach] = 1.0
    for size in sizes:
        up, down = np.zeros_like(chances), np.zeros_like(chances)
        up[size:], down[:-size] = chances[:-size], chances[size:]
        chances = (up + down) / 2
    return min(1.0, float(chances[reach + sum(sums) :].sum()))


def _drawn_p(sums: Floats) -> float:
    signs = np.random.default_rng(_SEED).choice((-1.0, 1.0), size=(_DRAWS, len(sums)))
    drawn = signs @ np.abs(sums)
    # The observed run is one of the possible ones, so that p is never 0.
    return float((1 + np.count_nonzero(drawn >= sums.sum() - 1e-9)) / (_DRAWS + 1))


def interval_of_drop(pairs: PairedScores) -> tuple[float, float] | None:
    """95 % interval of the drop: the paired bootstrap that draws stories (Efron 1979).

    None with fewer than two stories.
    """
    place = {story: number for number, story in enumerate(dict.fromkeys(pairs.stories))}
    if len(place) < 2:
        return None
    sums, counts = np.zeros(len(place)), np.zeros(len(place))
    for drop, story in zip(pairs.drops, pairs.stories, strict=True):
        sums[place[story]] += drop
        counts[place[story]] += 1
    drawn = _draw(len(place))
    low, high = np.percentile((drawn @ sums) / (drawn @ counts), [2.5, 97.5])
    return float(low), float(high)


@lru_cache(maxsize=16)
def _draw(stories: int) -> Floats:
    """How often each story is drawn in each resample: (2000, stories)."""
    chances = np.full(stories, 1.0 / stories)
    drawn = np.random.default_rng(_SEED).multinomial(stories, chances, size=2_000)
    weights = drawn.astype(np.float64)
    weights.flags.writeable = False  # shared by every figure over as many stories
    return weights


def adjust_by_holm(p_values: Sequence[float]) -> list[float]:
    """p-values for a whole family: the chance of any false alarm stays below the level (Holm 1979).

    In the given order.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted = [1.0] * len(p_values)
    floor = 0.0
    for rank, place in enumerate(order):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = floor
    return adjusted

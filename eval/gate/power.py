"""What a set can detect: how often a true drop of a given size would be caught.

A set that cannot see a drop of ten points should say so before anybody trusts its silence.
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

STATED_POWER = 0.8
"""A drop counts as detectable if it is caught so often."""
_STEP = 0.005
# What is less likely than this changes no digit that is shown.
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True, slots=True)
class Bar:
    """When a drop counts as a regression."""

    level: float
    """The p-value must not exceed it."""
    least_drop: float
    """The smallest drop of the mean that matters at all, in parts of 1."""


def power_of(cases: int, drop: float, churn: float, bar: Bar) -> float:
    """How often McNemar's test catches a true drop.

    Args:
        cases: Independent cases; see `design_effect` for those that are not.
        drop: How many more cases turn wrong than right, in parts of all.
        churn: How many turn right, in parts of all; as many turn wrong beside the drop.
        bar: When a drop counts.
    """
    changing = min(1.0, 2 * churn + drop)
    if cases < 1 or changing <= 0:
        return 0.0
    likely = _binomial(cases, changing)
    worse_share = (churn + drop) / (2 * churn + drop)
    caught = 0.0
    for changed in np.flatnonzero(likely > _NEGLIGIBLE):
        least = _least_worse(int(changed), cases, bar)
        if least is not None:
            caught += likely[changed] * float(_binomial(int(changed), worse_share)[least:].sum())
    return float(caught)


@lru_cache(maxsize=4_096)
def _least_worse(changed: int, cases: int, bar: Bar) -> int | None:
    """The fewest cases that must have turned wrong, of so many that changed; None if all do not."""
    tails = np.cumsum(_binomial(changed, 0.5)[::-1])[::-1]
    enough = np.flatnonzero(tails <= bar.level)
    # As a drop of the mean: (worse - better) / cases.
    by_size = math.ceil((bar.least_drop * cases + changed) / 2 - 1e-9)
    least = max(int(enough[0]), by_size) if len(enough) else None
    return least if least is not None and least <= changed else None


@lru_cache(maxsize=4_096)
def _binomial(trials: int, chance: float) -> Floats:
    """P(k successes) for k from 0 to `trials`."""
    k = np.arange(trials + 1)
    if chance <= 0 or chance >= 1:
        certain: Floats = (k == (0 if chance <= 0 else trials)).astype(np.float64)
        return certain
    log_factorials = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, trials + 1)))))
    ways = log_factorials[trials] - log_factorials[k] - log_factorials[trials - k]
    likely: Floats = np.exp(ways + k * math.log(chance) + (trials - k) * math.log1p(-chance))
    return likely


def least_detectable(cases: int, churn: float, bar: Bar) -> float | None:
    """The smallest true drop that is caught with `STATED_POWER`; None if none is."""
    low, high = 0, round(1 / _STEP)
    if power_of(cases, 1.0 - 2 * churn, churn, bar) < STATED_POWER:
        return None
    while low + 1 < high:  # power grows with the drop
        middle = (low + high) // 2
        if power_of(cases, middle * _STEP, churn, bar) >= STATED_POWER:
            high = middle
        else:
            low = middle
    return high * _STEP


def design_effect(values: Sequence[float], stories: Sequence[str]) -> float:
    """How many times as large a mean's variance is for cases of one story being alike; 1 or more.

    Kish 1965: the variance of the story sums over that of as many independent cases. Cases divided
    by it are the independent ones that they are worth.
    """
    mean = math.fsum(values) / len(values) if values else 0.0
    sums: defaultdict[str, float] = defaultdict(float)
    for value, story in zip(values, stories, strict=True):
        sums[story] += value - mean
    alone = math.fsum((value - mean) ** 2 for value in values)
    return max(1.0, math.fsum(one**2 for one in sums.values()) / alone) if alone else 1.0

"""How far a figure could be off, given how few cases it rests on.

Questions about one story fail together, so stories are drawn, not questions: the clustered
bootstrap (Efron and Tibshirani 1993; Miller 2024, "Adding error bars to evals").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, and where its true value lies with 95 % confidence."""

    value: float
    cases: int
    """How many cases the value rests on."""
    low: float | None = None
    """Both bounds are None where fewer than two stories leave nothing to draw from."""
    high: float | None = None


def estimate_mean(
    values: Sequence[float], clusters: Sequence[str], *, resamples: int = 2_000, seed: int = 1
) -> Estimate | None:
    """Mean with its percentile interval; None without values.

    Args:
        values: One a case.
        clusters: The story of each case, parallel to `values`.
        resamples: How often stories are drawn anew, with replacement.
        seed: Equal seeds give equal intervals.

    Raises:
        ValueError: If the lengths differ.
    """
    return estimate_mean_of_means([values], [clusters], resamples=resamples, seed=seed)


def estimate_mean_of_means(
    groups: Sequence[Sequence[float]],
    clusters: Sequence[Sequence[str]],
    *,
    resamples: int = 2_000,
    seed: int = 1,
) -> Estimate | None:
    """Mean over groups of each group's mean, as balanced accuracy is; None if a group is empty.

    The interval draws the stories of all groups together: they may share some.

    Raises:
        ValueError: If the shapes of `groups` and `clusters` differ.
    """
    if [len(group) for group in groups] != [len(group) for group in clusters]:
        raise ValueError("each value needs the story that it belongs to")
    if not groups or not all(groups):
        return None
    value = sum(sum(group) / len(group) for group in groups) / len(groups)
    cases = sum(len(group) for group in groups)
    names = sorted({name for group in clusters for name in group})
    if len(names) < 2:
        return Estimate(value, cases)
    drawn = _draw(len(names), resamples, seed)
    place = {name: number for number, name in enumerate(names)}
    means = sum(
        _drawn_means(drawn, group, [place[name] for name in group_clusters])
        for group, group_clusters in zip(groups, clusters, strict=True)
    ) / len(groups)
    low, high = np.nanpercentile(means, [2.5, 97.5])
    return Estimate(value, cases, float(low), float(high))


@lru_cache(maxsize=16)
def _draw(stories: int, resamples: int, seed: int) -> Floats:
    """How often each story is drawn in each resample: (resamples, stories)."""
    chances = np.full(stories, 1.0 / stories)
    drawn = np.random.default_rng(seed).multinomial(stories, chances, size=resamples)
    weights = drawn.astype(np.float64)
    weights.flags.writeable = False  # it is shared by every figure over as many stories
    return weights


def _drawn_means(drawn: Floats, values: Sequence[float], places: Sequence[int]) -> Floats:
    """The mean of the values in each resample; not a number where none of them was drawn."""
    sums = np.bincount(places, weights=values, minlength=drawn.shape[1])
    counts = np.bincount(places, minlength=drawn.shape[1]).astype(np.float64)
    totals = drawn @ counts
    means: Floats = np.divide(
        drawn @ sums, totals, out=np.full_like(totals, np.nan), where=totals > 0
    )
    return means

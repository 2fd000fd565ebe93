"""Pairwise precision and recall of origins, as pairs of stories that were put together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from eval.origins.planted import Planted
from index.origins import OriginFinder
from index.store.entry import OriginCandidate


class _NothingStored:
    """A catalog that is still empty: the finder remembers what it has seen itself."""

    def origin_candidates(self, bands: Iterable[int]) -> list[OriginCandidate]:
        del bands
        return []


@dataclass(frozen=True, slots=True)
class OriginScore:
    """How the origins that were found agree with those that were planted."""

    stories: int
    origins: int
    """As they were planted."""
    right: int
    """Pairs that were put together and belong together."""
    wrong: int
    """Pairs that were put together and do not."""
    missed: int
    """Pairs that belong together and were not put together."""
    missed_by_kind: Mapping[str, tuple[int, int]]
    """By what was done to a copy: copies apart from their original, and copies."""
    wrong_by_kind: Mapping[str, int]
    """By kind of story: pairs that were wrongly put together; each counts for both its stories."""

    @property
    def precision(self) -> float:
        """Of the pairs that were put together, the share that belongs together."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs that belong together, the share that was put together."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def score_origins(planted: Sequence[Planted]) -> OriginScore:
    """Find the origins of `planted` in its order, as an ingest would, and compare."""
    finder = OriginFinder(_NothingStored())
    found = [finder.find(one.article).origin_id for one in planted]
    right = wrong = missed = 0
    wrong_by_kind = Counter[str]()
    pairs = combinations(zip(planted, found, strict=True), 2)
    for (one, its_origin), (other, other_origin) in pairs:
        belongs, together = one.origin == other.origin, its_origin == other_origin
        right += belongs and together
        missed += belongs and not together
        if together and not belongs:
            wrong += 1
            wrong_by_kind.update((one.kind, other.kind))
    return OriginScore(
        stories=len(planted),
        origins=len({one.origin for one in planted}),
        right=right,
        wrong=wrong,
        missed=missed,
        missed_by_kind=_missed_by_kind(planted, found),
        wrong_by_kind=dict(wrong_by_kind.most_common()),
    )


def _missed_by_kind(planted: Sequence[Planted], found: Sequence[str]) -> dict[str, tuple[int, int]]:
    origin_of = {
        one.origin: origin
        for one, origin in zip(planted, found, strict=True)
        if one.kind == "original"
    }
    counts = defaultdict[str, list[int]](lambda: [0, 0])
    for one, origin in zip(planted, found, strict=True):
        if one.kind != "original" and one.origin in origin_of:
            counts[one.kind][0] += origin != origin_of[one.origin]
            counts[one.kind][1] += 1
    return {kind: (missed, all_) for kind, (missed, all_) in sorted(counts.items())}

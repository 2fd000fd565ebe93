"""Passages that were found, what is thought of each, and which of them are given."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heapreplace

from index.article import Passage, Scores
from index.search.originals import prefer_originals


@dataclass(slots=True)
class Ranked:
    """Passages as they were found: lists of one length, so that few passages are made anew."""

    passages: Sequence[Passage]
    scores: list[float]
    told: Sequence[float | None]
    """How much of the question the best sentence of each holds, if that was measured."""
    legs: Callable[[str], Scores]
    """What each leg thought of a chunk."""

    def usable(self) -> list[int]:
        """Places of the passages whose stories stand."""
        return [at for at, one in enumerate(self.passages) if not one.is_retracted]

    def retracted(self) -> list[int]:
        """Places of what was taken back, best first."""
        places = [at for at, one in enumerate(self.passages) if one.is_retracted]
        return sorted(places, key=lambda at: -self.scores[at])

    def prefer_originals(self, places: Sequence[int]) -> None:
        """Change scores between the copies and originals among the passages at `places`."""
        before = [self.scores[at] for at in places]
        after = prefer_originals([self.passages[at] for at in places], before)
        for at, score in zip(places, after, strict=True):
            self.scores[at] = score

    def render(self, places: Iterable[int]) -> list[Passage]:
        """The passages at `places` with their scores."""
        return [
            replace(
                self.passages[at],
                score=self.scores[at],
                scores=replace(self.legs(self.passages[at].chunk_id), rerank=self.told[at]),
            )
            for at in places
        ]


def diversify(
    ranked: Ranked,
    places: Sequence[int],
    limit: int,
    *,
    same_article: float,
    copied_article: float,
) -> list[int]:
    """Take passages one by one, discounting articles and origins that were taken before.

    Args:
        ranked: All of them.
        places: Those that may be taken.
        limit: How many to take at most.
        same_article: Factor for each passage of the same article already taken.
        copied_article: Factor for each other article of the same origin already taken.

    Returns:
        Places, best first.
    """
    of_article: Counter[str] = Counter()
    articles_of_origin: defaultdict[str, set[str]] = defaultdict(set)

    def worth(at: int) -> float:
        passage = ranked.passages[at]
        copies = len(articles_of_origin[passage.origin_id] - {passage.article_id})
        discount = same_article ** of_article[passage.article_id]
        return ranked.scores[at] * discount * copied_article**copies

    # A passage that is still worth what it was when it was put down is worth most, since what
    # others are worth has only fallen.
    left = [(-worth(at), at) for at in places]
    heapify(left)
    taken: list[int] = []
    while left and len(taken) < limit:
        known, at = left[0]
        if (now := -worth(at)) != known:
            heapreplace(left, (now, at))
            continue
        heappop(left)
        taken.append(at)
        passage = ranked.passages[at]
        of_article[passage.article_id] += 1
        articles_of_origin[passage.origin_id].add(passage.article_id)
    return taken

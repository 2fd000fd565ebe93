"""Puts the original of a story in the place of its copies.

Which article is the original is told by credits first (a copy names the agency that it took the
story from, in its byline or dateline), by the time of publication next.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from index.article import Passage

# Chunks of copies are cut at other places; this much in common is the same part of the story.
_SAME_PART = 0.6
_WORD = re.compile(r"\w+")
# Names that say nothing of an outlet: "The Harbor Post" is credited as "Harbor Post".
_COMMON = frozenset({"the", "a", "news", "agency", "wire", "press", "and", "of", "staff"})


def choose_original(articles: Sequence[Passage]) -> str:
    """The id of the article that the others are copies of.

    Args:
        articles: One passage of each article of an origin; at least one.
    """

    def rank(one: Passage) -> tuple[int, int, float, int, str]:
        credited = sum(_credits(other, one) for other in articles if other is not one)
        is_copy = any(_credits(one, other) for other in articles if other is not one)
        dated = one.published is not None and not one.published.is_guess
        start = one.published.start.timestamp() if one.published and dated else float("inf")
        is_first = one.article_id == one.origin_id
        return (-credited, int(is_copy), start, int(not is_first), one.article_id)

    return min(articles, key=rank).article_id


def prefer_originals(passages: Sequence[Passage], scores: Sequence[float]) -> list[float]:
    """The passages' scores, where an original has the score of the best copy of its words.

    A copy that is ahead of the original's passage with the same words changes scores with it.
    """
    by_origin = defaultdict[str, dict[str, Passage]](dict)
    for passage in passages:
        by_origin[passage.origin_id].setdefault(passage.article_id, passage)
    original_of = {
        origin: choose_original(list(articles.values()))
        for origin, articles in by_origin.items()
        if len(articles) > 1
    }
    return _change_scores(passages, scores, original_of) if original_of else list(scores)


def _change_scores(
    passages: Sequence[Passage], scores: Sequence[float], original_of: Mapping[str, str]
) -> list[float]:
    changed = list(scores)
    for place in sorted(range(len(changed)), key=lambda at: -changed[at]):
        copy = passages[place]
        original = original_of.get(copy.origin_id)
        if original is None or copy.article_id == original:
            continue
        others = (
            at
            for at, one in enumerate(passages)
            if one.article_id == original
            and changed[at] < changed[place]
            and _is_same_part(copy, one)
        )
        best = max(others, key=lambda at: changed[at], default=None)
        if best is not None:
            changed[best], changed[place] = changed[place], changed[best]
    return changed


def _credits(one: Passage, other: Passage) -> bool:
    """Whether an article's byline or dateline names another's outlet."""
    names = _names(other.outlet)
    if not names or _names(one.outlet) == names:
        return False
    return names <= _names(one.byline) | _names(one.dateline)


def _names(text: str | None) -> frozenset[str]:
    return frozenset(_words(text or "")) - _COMMON


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(text.casefold())


def _is_same_part(one: Passage, other: Passage) -> bool:
    words, others = frozenset(_words(one.text)), frozenset(_words(other.text))
    shortest = min(len(words), len(others))
    return shortest > 0 and len(words & others) / shortest >= _SAME_PART

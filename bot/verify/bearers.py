"""When two written names can stand for one bearer, in a claim and in the article it cites."""

from __future__ import annotations

from functools import lru_cache

from bot.verify.lexicon import folded
from index.names import related_place, same_name

_HALVES = frozenset({"north", "south"})
_SHORTEST_STEM = 5
_ENDINGS = ("n", "an", "ian", "ese", "er", "ers", "ns", "ans", "ians", "ish", "s", "'s", "'")


@lru_cache(maxsize=20_000)
def same_bearer(one: str, other: str) -> bool:
    """Whether two names can stand for one bearer, a people for its place too."""
    if same_name(one, other):
        return True
    place, other_place = related_place(one), related_place(other)
    if place or other_place:
        return same_name(place or one, other_place or other)
    first, second = folded(one), folded(other)
    return _is_inflected(first, second) or _is_half_of(first, second) or _is_half_of(second, first)


def _is_half_of(short: str, long: str) -> bool:
    """Whether it is "the North" where the story is about North Korea."""
    return short.removesuffix("'s") in _HALVES and long.startswith(short.removesuffix("'s") + " ")


def _is_inflected(one: str, other: str) -> bool:
    """Whether it is "Kestria" and "Kestrian": of places that no list knows."""
    short, long = sorted((one, other), key=len)
    stem = short.removesuffix("a").removesuffix("e")
    return len(stem) >= _SHORTEST_STEM and any(
        long in (stem + ending, short + ending) for ending in _ENDINGS
    )

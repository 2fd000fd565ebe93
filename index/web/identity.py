"""Which article a page is: the one that was read there before, one that moved, a twin, or new."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from index.article import Article
from index.fetch.fetcher import Fetched
from index.origins import band_keys, is_copy, sign_article
from index.store.visits import Visited
from index.urls import canonical_url, claimed_address, full_twin

# Copies on one site are few; each costs a request.
_MOST_ASKED = 2


class KnownStories(Protocol):
    """The part of the library that tells which articles it holds."""

    def article_at(self, urls: Sequence[str]) -> str | None:
        """The URL of the article that lives at the first of `urls` where one does."""
        ...

    def signature(self, article_url: str) -> bytes | None:
        """The near-duplicate signature of an article that is held."""
        ...

    def alike(self, bands: Iterable[int]) -> Mapping[str, bytes]:
        """The articles that share one of `bands`: their signatures by URL."""
        ...


class Home(NamedTuple):
    """An article under the address that it is kept by."""

    article: Article
    aliases: tuple[str, ...] = ()
    """Its other addresses."""
    former: str | None = None
    """Its old address, where a page at the new one was read before the old one led to it."""


LeadsTo = Callable[[str], str | None]
"""Where an address leads for good; None where it leads nowhere else."""


def settle_identity(
    article: Article,
    fetched: Fetched,
    known: Visited | None,
    stories: KnownStories,
    leads_to: LeadsTo,
) -> Home:
    """Give an article that was fetched the address under which the library keeps it.

    An article that moved, or whose slug was edited, stays the article that it was, as long as it
    tells the same story.
    """
    told = article.url
    before = known.article_url if known else None
    kept = before if before and before != told and _is_same(before, article, stories) else None
    kept = kept or stories.article_at([told]) or _twin(told, stories)
    former = None if kept else _former(article, stories, leads_to)
    kept = kept or former or told
    lasting = {told, fetched.moved_to, full_twin(told) if kept == told else None}
    aliases = {canonical_url(one) for one in lasting if one} - {kept}
    return Home(dataclasses.replace(article, url=kept), tuple(sorted(aliases)), former)


def own_addresses(fetched: Fetched) -> frozenset[str]:
    """The addresses of a page that was fetched, whatever it claims."""
    every = (fetched.url, fetched.final_url, fetched.moved_to)
    return frozenset(canonical_url(one) for one in every if one)


def is_same_story(one: Article, other: Article) -> bool:
    """Whether two pages tell one story in, for the greater part, the same words."""
    return is_copy(sign_article(one), sign_article(other))


def _is_same(before: str, article: Article, stories: KnownStories) -> bool:
    signature = stories.signature(before)
    return signature is not None and is_copy(signature, sign_article(article))


def _twin(told: str, stories: KnownStories) -> str | None:
    """The article whose AMP, print or mobile page this seems to be."""
    twin = full_twin(told)
    return stories.article_at([twin]) if twin else None


def _former(article: Article, stories: KnownStories, leads_to: LeadsTo) -> str | None:
    """The article that moved here, where its old address was not visited since.

    A list names the new address as if it were a new story; the old one tells by its redirect.
    """
    signature = sign_article(article)
    alike = stories.alike(band_keys(signature))
    near = [
        url
        for url, other in sorted(alike.items())
        if url != article.url and claimed_address(article.url, url) and is_copy(signature, other)
    ]
    return next((url for url in near[:_MOST_ASKED] if leads_to(url) == article.url), None)

"""The bot under measurement: searched by each configuration, asked, and looked up for bodies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.answer import render_answer, render_passage
from bot.answerer import scope_of
from bot.wiring import Bot
from bot.writer.settings import LlmSettings
from eval.dataset import GoldQuestion
from eval.record import Case
from eval.retrieval import Search
from eval.runner import Ask
from index.article import Article, Passage
from index.models import NEWS_READER
from index.scope import Scope
from index.search.retrieve import RetrievalSettings, Retriever, Weights
from index.store.lexical import LexicalIndex
from index.store.library import Hit, Library
from index.urls import canonical_url, is_web_url

Floats = npt.NDArray[np.float32]


def _plain(weights: Weights) -> RetrievalSettings:
    """One ranking for every question, without scope reading and without diversity."""
    return RetrievalSettings(
        simple=weights,
        compound=weights,
        named=0.0,
        rerank=0.0,
        same_article=1.0,
        copied_article=1.0,
    )


CONFIGURATIONS: Mapping[str, RetrievalSettings] = MappingProxyType(
    {
        "dense": _plain(Weights(dense=1.0, bm25=0.0)),
        "bm25": _plain(Weights(dense=0.0, bm25=1.0)),
        "fused": _plain(Weights(dense=1.0, bm25=1.0)),
        "unranked": RetrievalSettings(rerank=0.0),
        "default": RetrievalSettings(),
    }
)
"""What `dateline eval retrieval` compares: each leg alone, both fused 1:1, what ships before its
rerank step, and what ships."""


def describe_bot(bot: Bot) -> dict[str, str]:
    """What of the bot's library could change a result."""
    card = bot.embedder.card
    # By content: where a library lies, and in which order it was filled, changes no answer.
    listings = sorted(bot.library.catalog.articles(), key=lambda listing: listing.version)
    articles = "\n".join(f"{listing.version} {listing.versions}" for listing in listings)
    chunks = "\n".join(f"{listing.version} {listing.chunks}" for listing in listings)
    return {
        "library revision": str(bot.library.revision),
        "library articles": f"{len(listings)} {_digest(articles)}",
        "library chunks": f"{sum(listing.chunks for listing in listings)} {_digest(chunks)}",
        "embedding model": f"{card.name} {card.digest}",
        "reading model": f"{NEWS_READER.name} sha256:{NEWS_READER.model_sha256}",
    }


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def search_by(bot: Bot, settings: RetrievalSettings) -> Search:
    """Search the bot's library under one configuration."""
    retriever = Retriever(bot.library, bot.embedder, settings)

    def search(question: GoldQuestion, limit: int) -> Sequence[Mapping[str, Any]]:
        scope = scope_of(question.to_question())
        found = retriever.search(question.text, scope, limit=limit)
        return [render_passage(passage) for passage in found.passages]

    return search


def ask_bot(
    bot: Bot, *, given: bool = False, passages: int = 15, llm: LlmSettings | None = None
) -> Ask:
    """Ask each question of the whole archive, but for the articles that it hides.

    Args:
        bot: Whom to ask.
        given: Whether a question that came with articles may use only those.
        passages: The most passages that an answer is made from.
        llm: The language model that writes, if any.
    """
    whole = bot.answerer(passage_limit=passages, llm=llm)

    def ask(case: Case) -> dict[str, Any]:
        question = case.question
        only = question.given if given else ()
        if not (only or question.without):
            return render_answer(whole.answer(question.to_question()))
        with _NarrowBot(bot, only, question.without) as narrow:
            answerer = narrow.answerer(passage_limit=passages, llm=llm)
            return render_answer(answerer.answer(question.to_question()))

    return ask


class LibraryBodies:
    """Looks up the bodies that quotes are checked against."""

    def __init__(self, library: Library) -> None:
        self._catalog = library.catalog

    def body(self, article_id: str, version: str) -> str | None:
        """The body of one version, or None if the library does not hold it."""
        stored = self._catalog.article(article_id, version)
        return stored.article.body if stored else None


class _NarrowBot(Bot):
    """A bot that finds passages of a few articles only, or of none of a few.

    The library stays another's.
    """

    def __init__(self, bot: Bot, only: Sequence[str], without: Sequence[str]) -> None:
        super().__init__(bot.library, bot.embedder, bot.parts)
        self._only = only
        self._without = without

    def retriever(self) -> Retriever:
        return self.retriever_of(_SomeArticles(self.library, self._only, self._without))

    def close(self) -> None:
        """Let go of the connections of its own."""
        self._connections.close()


class _SomeArticles:
    """A library of which some articles are seen.

    Scores are those of the whole library, so that what was calibrated on them still holds.
    """

    def __init__(self, library: Library, only: Iterable[str], without: Iterable[str]) -> None:
        self._library = library
        self._only, self._without = _chunk_prefixes(only), _chunk_prefixes(without)
        self._everything = max(1, library.catalog.stats().chunks)

    @property
    def terms(self) -> LexicalIndex:
        return self._library.terms

    def dense(self, vector: Floats, scope: Scope, limit: int) -> list[Hit]:
        return self._seen(self._library.dense(vector, scope, self._everything), limit)

    def lexical(self, weights: Mapping[str, float], scope: Scope, limit: int) -> list[Hit]:
        return self._seen(self._library.lexical(weights, scope, self._everything), limit)

    def passages(self, chunk_ids: Sequence[str], scope: Scope) -> list[Passage]:
        return self._library.passages(chunk_ids, scope)

    def outlets(self) -> Iterable[str]:
        return self._library.outlets()

    def _seen(self, hits: Iterable[Hit], limit: int) -> list[Hit]:
        return [hit for hit in hits if self._is_seen(hit.chunk_id)][:limit]

    def _is_seen(self, chunk_id: str) -> bool:
        is_chosen = not self._only or chunk_id.startswith(self._only)
        return is_chosen and not chunk_id.startswith(self._without)


def _chunk_prefixes(urls: Iterable[str]) -> tuple[str, ...]:
    """How the ids of the articles' chunks begin: with the article's own."""
    articles = (
        Article(url=canonical_url(url) if is_web_url(url) else url, body="") for url in urls
    )
    return tuple(f"{article.article_id}-" for article in articles)

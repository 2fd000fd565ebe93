"""Dateline itself, as the other systems are measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.answer import Question
from bot.wiring import Bot
from eval.bench.peers.models import Model
from eval.bench.peers.system import LIMIT, Filter
from index.embed import ModelCard, load_embedder
from index.scope import Scope, outlet_key
from index.sources import find_sources, read_articles
from index.store.library import Library


class DatelineSystem:
    """One library."""

    def __init__(self, store: Path, model: Model) -> None:
        shipped = load_embedder()
        embedder: Any = model if hasattr(model, "card") else _Carded(model, shipped)
        library = Library.open(store, embedder.card, create=True)
        self._bot = Bot(library, embedder)
        self._retriever = self._bot.retriever()
        self._answerer: Any = None

    def ingest(self, corpus: Path) -> None:
        """Store every article."""
        self._bot.ingester(read_articles).ingest(find_sources([str(corpus)]))

    def search(self, question: str, where: Filter | None = None) -> Sequence[str]:
        """URLs of the best passages."""
        found = self._retriever.search(question, _scope(where), limit=LIMIT)
        return [passage.url for passage in found.passages]

    def ask(self, question: str) -> str:
        """The status of a whole answer: found, read, quoted."""
        if self._answerer is None:
            self._answerer = self._bot.answerer()
        status: str = self._answerer.answer(Question(question)).status.value
        return status


class _Carded:
    """A stand-in for a model, with what a library asks of one."""

    def __init__(self, model: Model, shipped: Any) -> None:
        self.embed_query, self.embed_passages = model.embed_query, model.embed_passages
        self.count_tokens = shipped.count_tokens
        dimensions = shipped.card.dimensions
        self.card = ModelCard("made-up", f"sha256:{'0' * 64}", dimensions, 512)


def _scope(where: Filter | None) -> Scope:
    if where is None:
        return Scope()
    day = datetime.strptime(str(where.until), "%Y%m%d").replace(tzinfo=UTC)
    last = day + timedelta(days=1) - timedelta(seconds=1)
    return Scope(until=last, outlets=frozenset({outlet_key(where.outlet)}))

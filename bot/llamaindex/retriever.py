"""Dateline's retrieval as a LlamaIndex retriever."""

from __future__ import annotations

import asyncio

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.callbacks import CallbackManager
from llama_index.core.schema import NodeWithScore, QueryBundle

from bot.answerer import PassageFinder
from bot.llamaindex.nodes import render_node
from index.scope import Scope


class DatelineRetriever(BaseRetriever):
    """Finds passages by `retrieve` and `aretrieve`; both emit LlamaIndex's retrieval events.

    A bundle's own embedding and `custom_embedding_strs` are not used: a library is searched
    with the model that it was made with.
    """

    def __init__(
        self,
        finder: PassageFinder,
        *,
        scope: Scope | None = None,
        limit: int = 15,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        """Wrap `Bot.retriever()`.

        Args:
            finder: What searches.
            scope: Which part of the archive is seen; everything without one.
            limit: The most passages to find.
            callback_manager: For programs that still use LlamaIndex's older callbacks.
        """
        super().__init__(callback_manager=callback_manager)
        self._finder = finder
        self._scope = scope
        self._limit = limit

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._finder.search(query_bundle.query_str, self._scope, limit=self._limit)
        return [render_node(passage) for passage in found.passages]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        # The search computes and reads files: in a thread it does not hold up the event loop.
        return await asyncio.to_thread(self._retrieve, query_bundle)

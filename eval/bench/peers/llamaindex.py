"""LlamaIndex over Chroma, as the quickstart of its Chroma integration does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
from llama_index.core import Document, StorageContext, VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters
from llama_index.vector_stores.chroma import ChromaVectorStore

from eval.bench.peers.models import Model
from eval.bench.peers.system import LIMIT, Filter, read_corpus

# In tokens; its own default of 1,024 is longer than the model's window.
_CHUNK, _OVERLAP = 256, 20


class LlamaIndexSystem:
    """One collection, one index over it."""

    def __init__(self, store: Path, model: Model) -> None:
        client = chromadb.PersistentClient(path=str(store))
        self._vectors = ChromaVectorStore(
            chroma_collection=client.get_or_create_collection("quickstart")
        )
        self._model = _Embedding(model)
        self._index: VectorStoreIndex | None = None

    def ingest(self, corpus: Path) -> None:
        """Store every article."""
        documents = [
            Document(
                text=story.body,
                metadata={"url": story.url, "title": story.title, "outlet": story.outlet,
                          "day": story.day},
            )
            for story in read_corpus(corpus)
        ]  # fmt: skip
        splitter = SentenceSplitter(chunk_size=_CHUNK, chunk_overlap=_OVERLAP)
        storage = StorageContext.from_defaults(vector_store=self._vectors)
        index = VectorStoreIndex([], storage_context=storage, embed_model=self._model)
        nodes = splitter.get_nodes_from_documents(documents)
        # Its adapter sends more at a time than Chroma takes.
        for at in range(0, len(nodes), 4_000):
            index.insert_nodes(nodes[at : at + 4_000])

    def search(self, question: str, where: Filter | None = None) -> Sequence[str]:
        """URLs of the best passages."""
        if self._index is None:
            self._index = VectorStoreIndex.from_vector_store(self._vectors, embed_model=self._model)
        retriever = self._index.as_retriever(similarity_top_k=LIMIT, filters=_filters(where))
        return [found.node.metadata["url"] for found in retriever.retrieve(question)]


class _Embedding(BaseEmbedding):
    def __init__(self, model: Model) -> None:
        super().__init__(model_name="e5", embed_batch_size=64)
        object.__setattr__(self, "_shared", model)

    def _get_query_embedding(self, query: str) -> list[float]:
        shared: Any = getattr(self, "_shared")  # noqa: B009  pydantic hides what it does not know
        return shared.embed_query(query).tolist()  # type: ignore[no-any-return]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        shared: Any = getattr(self, "_shared")  # noqa: B009  as above
        return shared.embed_passages(texts).tolist()  # type: ignore[no-any-return]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def _filters(where: Filter | None) -> MetadataFilters | None:
    if where is None:
        return None
    return MetadataFilters(
        filters=[
            MetadataFilter(key="outlet", value=where.outlet, operator=FilterOperator.EQ),
            MetadataFilter(key="day", value=where.until, operator=FilterOperator.LTE),
        ]
    )

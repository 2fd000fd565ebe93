"""Haystack over Chroma: its indexing pipeline, and its retriever by embedding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from haystack import Document, Pipeline, component
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.writers import DocumentWriter
from haystack_integrations.components.retrievers.chroma import ChromaEmbeddingRetriever
from haystack_integrations.document_stores.chroma import ChromaDocumentStore

from eval.bench.peers.models import Model
from eval.bench.peers.system import LIMIT, Filter, read_corpus

# In words: about as long as the others' chunks.
_CHUNK, _OVERLAP = 160, 15


class HaystackSystem:
    """One document store."""

    def __init__(self, store: Path, model: Model) -> None:
        self._store = ChromaDocumentStore(
            collection_name="pipeline", persist_path=str(store), distance_function="cosine"
        )
        self._model = model
        self._retriever = ChromaEmbeddingRetriever(document_store=self._store, top_k=LIMIT)

    def ingest(self, corpus: Path) -> None:
        """Store every article."""
        pipeline = Pipeline()
        splitter = DocumentSplitter(split_by="word", split_length=_CHUNK, split_overlap=_OVERLAP)
        pipeline.add_component("split", splitter)
        pipeline.add_component("embed", _Embedder(self._model))
        pipeline.add_component("write", DocumentWriter(document_store=self._store))
        pipeline.connect("split", "embed")
        pipeline.connect("embed", "write")
        documents = [
            Document(
                content=story.body,
                meta={"url": story.url, "title": story.title, "outlet": story.outlet,
                      "day": story.day},
            )
            for story in read_corpus(corpus)
        ]  # fmt: skip
        # Chroma takes some 5,000 chunks at a time.
        for at in range(0, len(documents), 400):
            pipeline.run({"split": {"documents": documents[at : at + 400]}})

    def search(self, question: str, where: Filter | None = None) -> Sequence[str]:
        """URLs of the best passages."""
        vector = self._model.embed_query(question).tolist()
        found = self._retriever.run(query_embedding=vector, filters=_filters(where))
        return [document.meta["url"] for document in found["documents"]]


@component
class _Embedder:
    def __init__(self, model: Model) -> None:
        self._model = model

    @component.output_types(documents=list[Document])  # type: ignore[untyped-decorator]  # theirs
    def run(self, documents: list[Document]) -> dict[str, Any]:
        """The documents with their vectors."""
        vectors = self._model.embed_passages([one.content or "" for one in documents])
        for document, vector in zip(documents, vectors, strict=True):
            document.embedding = vector.tolist()
        return {"documents": documents}


def _filters(where: Filter | None) -> dict[str, Any] | None:
    if where is None:
        return None
    return {
        "operator": "AND",
        "conditions": [
            {"field": "meta.outlet", "operator": "==", "value": where.outlet},
            {"field": "meta.day", "operator": "<=", "value": where.until},
        ],
    }

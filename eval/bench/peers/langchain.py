"""LangChain over Chroma, as the documentation of its Chroma integration does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from eval.bench.peers.models import Model
from eval.bench.peers.system import LIMIT, Filter, read_corpus

# In characters, as its guides have it.
_CHUNK, _OVERLAP = 1_000, 100


class LangChainSystem:
    """One vector store."""

    def __init__(self, store: Path, model: Model) -> None:
        self._store = Chroma(
            collection_name="guide",
            embedding_function=_Embeddings(model),
            persist_directory=str(store),
        )

    def ingest(self, corpus: Path) -> None:
        """Store every article."""
        documents = [
            Document(
                page_content=story.body,
                metadata={"url": story.url, "title": story.title, "outlet": story.outlet,
                          "day": story.day},
            )
            for story in read_corpus(corpus)
        ]  # fmt: skip
        splitter = RecursiveCharacterTextSplitter(chunk_size=_CHUNK, chunk_overlap=_OVERLAP)
        cut = splitter.split_documents(documents)
        # Chroma takes some 5,000 at a time.
        for at in range(0, len(cut), 4_000):
            self._store.add_documents(cut[at : at + 4_000])

    def search(self, question: str, where: Filter | None = None) -> Sequence[str]:
        """URLs of the best passages."""
        rules = where and {"$and": [{"outlet": where.outlet}, {"day": {"$lte": where.until}}]}
        found = self._store.similarity_search(question, k=LIMIT, filter=rules)
        return [document.metadata["url"] for document in found]


class _Embeddings(Embeddings):  # type: ignore[misc,unused-ignore]  # only the peers have it
    def __init__(self, model: Model) -> None:
        self._model = model

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._model.embed_passages(texts).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        return self._model.embed_query(text).tolist()  # type: ignore[no-any-return]

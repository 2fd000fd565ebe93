"""What it costs to store articles, beside what the embedding model alone takes of that."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Sequence
from functools import partial
from itertools import islice
from operator import truediv
from pathlib import Path

import numpy as np

from bot.settings import BotSettings
from bot.wiring import Bot
from eval.bench.figures import Figure, Section
from eval.bench.stage import Stage, folder_bytes, milliseconds, read_json
from eval.bench.variants import make_variants, write_variants
from index.embed import Embedder, Floats, load_embedder
from index.ingest import Ingester
from index.scope import Scope
from index.sources import find_sources, read_articles
from index.sources.source import Source
from index.store.library import Library


class TextTap:
    """An embedder that keeps the texts that it should embed, and embeds none."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.card = embedder.card
        self.texts: list[str] = []

    def embed_query(self, text: str) -> Floats:
        """Any unit vector."""
        return self.embed_passages([text])[0]  # type: ignore[no-any-return]

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Any unit vectors: shape (texts, dimensions)."""
        self.texts += texts
        rows = np.zeros((len(texts), self.card.dimensions), np.float32)
        rows[:, 0] = 1
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """As the model counts."""
        return self._embedder.count_tokens(texts)


def measure_ingest(stage: Stage) -> Section:
    """`dateline ingest`, by turns with the bare model on the very same texts.

    A tenth of the articles is ingested too: the difference shows what each further chunk costs.
    """
    articles, tenth = stage.folder / "articles", stage.folder / "tenth"
    write_variants(articles, chunks=stage.effort.chunks)
    write_variants(tenth, chunks=stage.effort.chunks // 10)
    embedder = load_embedder()
    texts = _texts_of(articles, stage.folder / "tapped", embedder)
    embedder.embed_passages(texts[:2])  # loads the model
    whole, further, bare = list[float](), list[float](), list[float]()
    for number in range(stage.effort.rounds):
        stage.say(f"ingesting {len(texts)} chunks, round {number + 1} of {stage.effort.rounds}")
        few, least = _ingest(stage, tenth)
        chunks, seconds = _ingest(stage, articles)
        if chunks != len(texts):
            raise RuntimeError(f"{chunks} chunks were stored, {len(texts)} expected")
        whole.append(chunks / seconds)
        further.append((chunks - few) / (seconds - least))
        bare.append(len(texts) / _cpu_seconds(embedder, texts))
    return Section(
        f"Ingesting {len(texts):,} chunks, by turns with the bare embedding model on their texts",
        (
            Figure("bare model, chunks per CPU s", "", tuple(bare)),
            Figure("dateline ingest, chunks per CPU s", "", tuple(whole)),
            Figure("ingest to bare model", "", tuple(map(truediv, whole, bare)), floor=0.85),
            Figure("further chunks to bare model", "", tuple(map(truediv, further, bare))),
            *_after(stage, articles, len(texts)),
        ),
        (
            "Start, imports and first build of the indexes count for dateline ingest only;",
            'they are left out of "further chunks": what a large archive comes to.',
        ),
    )


def measure_updates(stage: Stage) -> Section:
    """One more article, and a reader that has had the library open all along."""
    folder = stage.folder / "library"
    settings = BotSettings.from_env({"DATELINE_LIBRARY": str(folder)})
    ingests, refreshes = list[float](), list[float]()
    stage.say(f"storing {stage.effort.updates} single articles under an open reader")
    with Bot.open(settings) as writer, Bot.open(settings) as reader:
        ingester, retriever = writer.ingester(read_articles), reader.retriever()
        retriever.search("a first question")
        for article in islice(make_variants(seed=2), stage.effort.updates + 1):
            path = stage.folder / f"update-{article.article_id}.txt"
            path.write_text(f"{article.title}\n\n{article.body}", encoding="utf-8")
            sources = list[Source](find_sources([str(path)]))
            ingests.append(milliseconds(partial(ingester.ingest, sources)))
            refreshes.append(milliseconds(reader.library.refresh))
            vector = reader.embedder.embed_query(article.body[:400])
            (hit, *_) = reader.library.dense(vector, Scope(), 1)
            (passage,) = reader.library.passages([hit.chunk_id], Scope())
            if passage.url != path.as_uri():
                raise RuntimeError(f"{path} was stored and is not found")
    # The first one loads the model.
    return Section(
        "One more article while a reader has the library open",
        (
            Figure("storing it", "ms", tuple(ingests[1:])),
            Figure("seeing it, once stored", "ms", tuple(refreshes[1:])),
        ),
    )


def _texts_of(articles: Path, library: Path, embedder: Embedder) -> list[str]:
    """What an ingest of the articles embeds."""
    tap = TextTap(embedder)
    with Library.open(library, tap.card, create=True) as opened:
        Ingester(opened, tap).ingest(find_sources([str(articles)]))
    shutil.rmtree(library)
    return tap.texts


def _ingest(stage: Stage, articles: Path) -> tuple[int, float]:
    """Ingest into a new library; how many chunks it has, and the CPU seconds that it took."""
    shutil.rmtree(stage.folder / "library", ignore_errors=True)
    done = stage.dateline(*_command(stage, articles))
    return read_json(done)["chunks"], done.cpu_seconds


def _command(stage: Stage, articles: Path) -> tuple[str, ...]:
    return ("ingest", str(articles), "--library", str(stage.folder / "library"), "--json")


def _cpu_seconds(embedder: Embedder, texts: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF)
    embedder.embed_passages(texts)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _after(stage: Stage, articles: Path, chunks: int) -> list[Figure]:
    """What an ingest leaves behind, and what a second one costs."""
    kilobytes = folder_bytes(stage.folder / "library") / chunks / 1000
    again = [stage.dateline(*_command(stage, articles)) for _ in range(stage.effort.rounds)]
    embedded = sum(read_json(done)["chunks"] for done in again)
    return [
        Figure("second run, nothing changed", "s", tuple(done.wall_seconds for done in again)),
        Figure("second run, nothing changed", "CPU s", tuple(done.cpu_seconds for done in again)),
        Figure("second run, chunks embedded", "", (embedded,), ceiling=0),
        Figure("the library's size a chunk", "kB", (kilobytes,)),
    ]

"""What search and answers cost in a large library of made-up chunks.

Vectors are drawn around a few thousand centres instead of being embedded; texts, dates and outlets
are those of `eval.bench.variants`, so that words are found and sentences are read as in news.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice

import numpy as np

from bot.answer import Question
from bot.settings import BotSettings
from bot.wiring import Bot
from eval.bench.figures import Figure, Section
from eval.bench.searching import time_each
from eval.bench.stage import Stage, folder_bytes, milliseconds
from eval.bench.variants import make_variants
from index.article import Article, Chunk
from index.dates import parse_date
from index.embed import Floats
from index.origins import band_keys, sign_article
from index.scope import Scope, outlet_key
from index.store.entry import Embeddings, Entry
from index.store.library import Library

_SEED = 3
_CENTRES = 2_000
# Cosine of about .8 between a row and its centre.
_SPREAD = 0.75
_DEPTH = 50
"""How deep each leg of a search goes."""
_RARE = "The Rare Bulletin"
_RARE_EVERY = 100


def measure_scale(stage: Stage, chunks: int) -> Section:
    """A library of about so many chunks: made, opened, searched, asked and updated."""
    folder = stage.folder / f"scale-{chunks}"
    settings = BotSettings.from_env({"DATELINE_LIBRARY": str(folder)})
    vectors = _Vectors(384)
    stage.say(f"making {chunks:,} chunks")
    entries = list(_entries(chunks, vectors))
    with Bot.open(settings, create=True) as writer:
        stage.say("storing them")
        began = time.perf_counter()
        # At once: the dense index is then built once, not anew at each quarter more.
        stored = writer.library.write(entries, now=datetime.now(UTC)).chunks
        writer.library.finish()
        seconds = time.perf_counter() - began
        size = folder_bytes(folder) / stored / 1000
        del entries
        stage.say("searching it")
        with Bot.open(settings) as reader:
            figures = (
                Figure("storing, both indexes built", "s", (seconds,)),
                Figure("the library's size a chunk", "kB", (size,)),
                *_search(reader, stage, vectors),
                *_update(reader, writer.library, stage, vectors),
            )
    shutil.rmtree(folder)
    return Section(f"A library of {stored:,} made-up chunks", figures)


class _Vectors:
    """Unit vectors around centres, the same at every run."""

    def __init__(self, dimensions: int) -> None:
        self._random = np.random.default_rng(_SEED)
        self._centres = _unit(self._random.standard_normal((_CENTRES, dimensions), np.float32))

    def draw(self, count: int) -> Embeddings:
        """Shape (count, dimensions)."""
        centres = self._centres[self._random.integers(0, _CENTRES, count)]
        noise = self._random.standard_normal(centres.shape, np.float32)
        return _unit(centres + noise * np.float32(_SPREAD / centres.shape[1] ** 0.5))


def _unit(rows: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / lengths


def _entries(chunks: int, vectors: _Vectors) -> Iterator[Entry]:
    left = chunks
    for number, article in enumerate(make_variants(_SEED)):
        outlet = _RARE if number % _RARE_EVERY == 0 else article.outlet
        entry = _entry(article, outlet, vectors)
        left -= len(entry.chunks)
        yield entry
        if left <= 0:
            return


def _entry(article: Article, outlet: str | None, vectors: _Vectors) -> Entry:
    """The article with a chunk for every two paragraphs."""
    article = Article(
        url=article.url, body=article.body, title=article.title, outlet=outlet,
        published=article.published,
    )  # fmt: skip
    article_id, version = article.article_id, article.version
    cut, start = list[Chunk](), 0
    paragraphs = article.body.split("\n\n")
    for at in range(0, len(paragraphs), 2):
        text = "\n\n".join(paragraphs[at : at + 2])
        cut.append(Chunk(article_id, version, len(cut), start, text))
        start += len(text) + 2
    signature = sign_article(article)
    rows = vectors.draw(len(cut))
    return Entry(article, tuple(cut), rows, article_id, signature, band_keys(signature))


def _search(bot: Bot, stage: Stage, vectors: _Vectors) -> Iterator[Figure]:
    library, rows = bot.library, list(vectors.draw(200))
    opening = milliseconds(lambda: library.dense(rows[0], Scope(), _DEPTH))
    yield Figure("opening it, to the first dense hit", "ms", (opening,))
    retriever, answerer = bot.retriever(), bot.answerer()
    texts = [one.text for one in stage.questions()]
    terms = [retriever.read(text).whole.weights for text in texts]
    for name, scope in _scopes().items():
        dense = time_each(rows, partial(library.dense, scope=scope, limit=_DEPTH))
        yield Figure(f"dense, {name}", "ms", dense)
        lexical = time_each(terms, partial(library.lexical, scope=scope, limit=_DEPTH))
        yield Figure(f"lexical, {name}", "ms", lexical)
        found = time_each(texts, partial(retriever.search, scope=scope))
        yield Figure(f"both and fused, {name}", "ms", found)
    yield Figure("ask", "ms", time_each([Question(text) for text in texts], answerer.answer))


def _scopes() -> dict[str, Scope]:
    middle = parse_date("2024-03-31")
    early = parse_date("2023-01-10")
    assert middle is not None
    assert early is not None
    common = next(make_variants(_SEED)).outlet or ""
    return {
        "no filter": Scope(),
        "common outlet": Scope(outlets=frozenset({outlet_key(common)})),
        "rare outlet (1 %)": Scope(outlets=frozenset({outlet_key(_RARE)})),
        "as-of (middle)": Scope(as_of=middle.end),
        "as-of (first 1 %)": Scope(as_of=early.end),
    }


def _update(bot: Bot, writer: Library, stage: Stage, vectors: _Vectors) -> Iterator[Figure]:
    written, seen, found = list[float](), list[float](), list[float]()
    for article in islice(make_variants(_SEED + 1), stage.effort.updates):
        entry = _entry(article, article.outlet, vectors)
        written.append(milliseconds(partial(writer.write, [entry], now=datetime.now(UTC))))
        seen.append(milliseconds(bot.library.refresh))
        search = partial(bot.library.dense, entry.embeddings[0], Scope(), 1)
        found.append(milliseconds(search))
        if search()[0].chunk_id != entry.chunks[0].chunk_id:
            raise RuntimeError(f"{article.url} was stored and is not found")
    yield Figure("storing one article, embedded before", "ms", tuple(written))
    yield Figure("seeing it, once stored", "ms", tuple(seen))
    yield Figure("the dense search after that", "ms", tuple(found))

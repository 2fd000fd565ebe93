"""Fakes and libraries that several test modules need."""

from __future__ import annotations

import hashlib
import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.samples import sample_folder
from bot.wiring import Bot
from index.article import Article, Chunk
from index.embed import ModelCard, load_embedder
from index.moment import Moment
from index.sources import find_sources, read_articles
from index.sources.source import Source
from index.store.address import CatalogUrl, Servers
from index.store.entry import Embeddings, Entry
from index.store.library import Library

# A developer's own settings must not have a test call a model, or open their library.
for _name in [name for name in os.environ if name.startswith(("DATELINE_", "OPENAI_"))]:
    del os.environ[_name]

# A job in the background ignores SIGINT, and would hand that down to the programs under test.
signal.signal(signal.SIGINT, signal.default_int_handler)

_POSTGRES = run_path(str(Path(__file__).with_name("postgres_server.py")))

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


class FakeEmbedder:
    """Texts that share words get near vectors: each word is hashed to a direction of its own."""

    def __init__(self, name: str = "hashing", dimensions: int = 32) -> None:
        self.card = ModelCard(name, f"sha256:{name:0<64}", dimensions, 256)

    def embed_query(self, text: str) -> Embeddings:
        vector: Embeddings = self.embed_passages([text])[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Embeddings:
        vectors = np.empty((len(texts), self.card.dimensions), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._embed(text)
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_words(text)) for text in texts]

    def _embed(self, text: str) -> NDArray[np.float64]:
        vector = np.zeros(self.card.dimensions)
        for word in _words(text) or [""]:
            vector += self._direction(word)
        return vector / np.linalg.norm(vector)

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
        return np.random.default_rng(seed).standard_normal(self.card.dimensions)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def build_article(
    name: str = "a",
    body: str = "Kozlov led the delegation.\nIt arrived in Pyongyang on Tuesday.",
    *,
    title: str | None = "A visit",
    outlet: str | None = "The Harbour Post",
    published: str | None = "2023-11-16",
    modified: str | None = None,
) -> Article:
    """An article of `https://news.example/<name>`."""
    return Article(
        url=f"https://news.example/{name}",
        body=body,
        title=title,
        outlet=outlet,
        published=Moment.parse(published) if published else None,
        modified=Moment.parse(modified) if modified else None,
    )


def build_entry(article: Article, embedder: FakeEmbedder, *, origin_id: str = "") -> Entry:
    """The article with one chunk a line, and one band for equal bodies."""
    article_id, version = article.article_id, article.version
    chunks: list[Chunk] = []
    start = 0
    for line in article.body.splitlines(keepends=True):
        text = line.rstrip("\n")
        if text.strip():
            chunks.append(Chunk(article_id, version, len(chunks), start, text))
        start += len(line)
    embeddings = embedder.embed_passages([f"{article.title}\n{chunk.text}" for chunk in chunks])
    signature = hashlib.sha256(article.body.encode()).digest()
    band = int.from_bytes(signature[:7], "little")
    return Entry(article, tuple(chunks), embeddings, origin_id or article_id, signature, (band,))


@pytest.fixture(scope="session")
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture(scope="session")
def make_article() -> Callable[..., Article]:
    return build_article


@pytest.fixture(scope="session")
def make_entry(embedder: FakeEmbedder) -> Callable[..., Entry]:
    def make(article: Article, **options: str) -> Entry:
        return build_entry(article, embedder, **options)

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `library` is, or will be."""
    return tmp_path / "library"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A real PostgreSQL server, running; each library gets a schema of its own."""
    programs = _POSTGRES["find_programs"]()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    server = _POSTGRES["PostgresServer"](programs)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> Servers:
    """Where a test's library keeps its catalog: in a file, or, as a parameter, on a server."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return Servers()
    address = request.getfixturevalue("postgres").new_database()
    return Servers(CatalogUrl.parse(address, named="address"))


@pytest.fixture
def open_library(
    folder: Path, embedder: FakeEmbedder, servers: Servers
) -> Iterator[Callable[..., Library]]:
    """Opens the library in `folder`, as often as a test wants; all are closed at its end."""
    opened: list[Library] = []

    def open_one(
        *, create: bool = False, exact_rows: int = 16_384, place: Path = folder
    ) -> Library:
        library = Library.open(
            place, embedder.card, create=create, exact_rows=exact_rows, servers=servers
        )
        opened.append(library)
        return library

    yield open_one
    for library in opened:
        library.close()


@pytest.fixture
def library(open_library: Callable[..., Library]) -> Library:
    """A new and empty library."""
    return open_library(create=True)


@pytest.fixture(scope="session")
def store(make_entry: Callable[..., Entry]) -> Callable[..., int]:
    """Stores articles in a library as one batch; gives the revision."""

    def store_all(library: Library, *articles: Article, now: datetime = NOON) -> int:
        entries = [make_entry(article) for article in articles]
        return library.write(entries, now=now).revision

    return store_all


@pytest.fixture(scope="session")
def make_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Bot]]:
    """Ingests articles as a user would, with the model that ships; one library a call."""
    embedder, made = load_embedder(), list[Bot]()

    def make(*articles: Article) -> Bot:
        folder = tmp_path_factory.mktemp("bot") / "library"
        bot = Bot(Library.open(folder, embedder.card, create=True), embedder)
        made.append(bot)
        bot.ingester(lambda _: iter(articles)).ingest([Source("articles", None, None)])
        return bot

    yield make
    for bot in made:
        bot.close()


@pytest.fixture(scope="session")
def sample_bot(make_bot: Callable[..., Bot]) -> Bot:
    """A bot over the articles that ship; tests only read it."""
    articles = [
        article
        for source in find_sources([str(sample_folder())])
        for article in read_articles(source)
        if isinstance(article, Article)
    ]
    return make_bot(*articles)

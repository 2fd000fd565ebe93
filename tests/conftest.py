"""Libraries and servers that several test modules need."""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from runpy import run_path
from typing import Any

import certifi
import hypothesis
import pytest

from bot.wiring import Bot
from index.article import Article
from index.embed import load_embedder
from index.sources.source import Source
from index.store.address import CatalogUrl, Servers
from index.store.entry import Entry
from index.store.library import Library
from tests.fakes import NOON, FakeEmbedder, RememberingEmbedder, build_article, build_entry

# A developer's own settings must not have a test call a model, or open their library.
for _name in [name for name in os.environ if name.startswith(("DATELINE_", "OPENAI_"))]:
    del os.environ[_name]


def _trust_one_authority() -> None:
    """Have clients of HTTP read one authority instead of all: 1 ms instead of 30 for each client.

    No test leaves this machine, so none needs any; processes under test inherit it.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        return  # it has its parent's
    whole = certifi.contents()
    end = "-----END CERTIFICATE-----\n"
    with tempfile.NamedTemporaryFile("w", prefix="authority-", suffix=".pem", delete=False) as file:
        file.write(whole[: whole.index(end) + len(end)])
    os.environ["SSL_CERT_FILE"] = file.name
    atexit.register(os.unlink, file.name)


# A job in the background ignores SIGINT, and would hand that down to the programs under test.
signal.signal(signal.SIGINT, signal.default_int_handler)
_trust_one_authority()

# A test's own clock must not fail it on a busy machine; what has to be quick says so by a timeout.
hypothesis.settings.register_profile("dateline", deadline=None)
hypothesis.settings.load_profile("dateline")

_POSTGRES = run_path(str(Path(__file__).with_name("postgres_server.py")))


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
def shipped_embedder() -> RememberingEmbedder:
    """The model that ships, for bots that many tests ask."""
    return RememberingEmbedder(load_embedder())


@pytest.fixture(scope="session")
def make_bot(
    tmp_path_factory: pytest.TempPathFactory, shipped_embedder: RememberingEmbedder
) -> Iterator[Callable[..., Bot]]:
    """Ingests articles as a user would, with the model that ships; one library a call."""
    made = list[Bot]()

    def make(*articles: Article) -> Bot:
        folder = tmp_path_factory.mktemp("bot") / "library"
        library = Library.open(folder, shipped_embedder.card, create=True)
        bot = Bot(library, shipped_embedder)
        made.append(bot)
        bot.ingester(lambda _: iter(articles)).ingest([Source("articles", None, None)])
        return bot

    yield make
    for bot in made:
        bot.close()


@dataclass(frozen=True, slots=True)
class SampleLibrary:
    """The library of the articles that ship, made by `dateline ask --sample`; only to be copied."""

    folder: Path
    question: str
    code: int
    out: str
    err: str

    def copy(self, folder: Path) -> Path:
        """A library of the test's own, as it was left by the command."""
        shutil.copytree(self.folder, folder)
        return folder


@pytest.fixture(scope="session")
def sample_library(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> SampleLibrary:
    """Made once, whichever worker comes first: to embed the samples takes seven seconds."""
    shared = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        shared = shared.parent
    told = shared / "samples.json"
    with (shared / "samples.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            made = asdict(_make_sample_library(shared / "samples"))
            told.write_text(json.dumps(made, default=str), encoding="utf-8")
    fields = json.loads(told.read_text(encoding="utf-8"))
    return SampleLibrary(Path(fields.pop("folder")), **fields)


def _make_sample_library(folder: Path) -> SampleLibrary:
    question = "Who led the Russian delegation?"
    command = [sys.executable, "-m", "bot", "ask", "--sample", "--json", "--library", str(folder)]
    done = subprocess.run(
        [*command, "--", question], check=False, capture_output=True, encoding="utf-8"
    )
    return SampleLibrary(folder, question, done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def sample_bot(
    sample_library: SampleLibrary,
    tmp_path_factory: pytest.TempPathFactory,
    shipped_embedder: RememberingEmbedder,
) -> Iterator[Bot]:
    """A bot over the articles that ship; tests only read it."""
    folder = sample_library.copy(tmp_path_factory.mktemp("sample") / "library")
    with Bot(Library.open(folder, shipped_embedder.card), shipped_embedder) as bot:
        yield bot

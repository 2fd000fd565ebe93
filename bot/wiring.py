"""Builds the whole from its parts. Only this module and the entry points know concrete classes."""

from __future__ import annotations

from contextlib import ExitStack, closing
from functools import cached_property
from typing import TYPE_CHECKING, Self

from bot.answerer import Answerer, PassageReader
from bot.confidence import load_calibrations
from bot.conversation import FollowUpAnswerer
from bot.gauge import GaugedFinder, GaugedReader
from bot.parts import Parts
from bot.reader import Reader
from bot.reading import OnnxReader, PassageModel
from bot.relevance import Judge
from bot.settings import BotSettings
from bot.verify import Verifier
from bot.weighing import SideFinder, Weigher
from index.embed import Embedder, load_embedder
from index.errors import LibraryMissing
from index.search.retrieve import Retriever, SearchableLibrary
from index.settings import IndexSettings
from index.store.catalog import Catalog
from index.store.library import Library
from index.store.servers import catalog_place, find_servers

if TYPE_CHECKING:
    from bot.writer.answerer import WritingAnswerer
    from bot.writer.chat import ChatModel
    from bot.writer.settings import LlmSettings
    from index.fetch.clock import Clock
    from index.fetch.fetcher import Limits
    from index.fetch.settings import FetchSettings
    from index.ingest import Ingester
    from index.intake import ReadArticles
    from index.store.doctor import Finding
    from index.store.watch import WatchBook
    from index.watch.config import WatchPlan
    from index.watch.watcher import Watcher
    from index.web.reader import WebReader


class Bot:
    """Everything that works on one library, open until it is closed.

    The embedding model is loaded when it is first needed: looking at the library never does.
    """

    def __init__(self, library: Library, embedder: Embedder, parts: Parts | None = None) -> None:
        self.library = library
        self.embedder = embedder
        self.parts = parts or Parts()
        self._connections = ExitStack()

    @classmethod
    def open(
        cls, settings: BotSettings, parts: Parts | None = None, *, create: bool = False
    ) -> Self:
        """Open the library that the settings name; with `create`, make it where there is none.

        Raises:
            LibraryMissing: If there is none.
            LibraryError: If it cannot be used.
        """
        embedder = open_embedder(settings.index, parts)
        servers = settings.index.servers
        library = Library.open(settings.library, embedder.card, create=create, servers=servers)
        return cls(library, embedder, parts)

    @classmethod
    def open_filled(cls, settings: BotSettings, parts: Parts | None = None) -> Self:
        """Open a library to ask it something.

        Raises:
            LibraryMissing: If there is none, or no article in it.
            LibraryError: If it cannot be used.
        """
        bot = cls.open(settings, parts)
        if not bot.library.catalog.articles(limit=1):
            bot.close()
            raise LibraryMissing(
                f"The library at {settings.library} holds no articles. "
                f"Run: dateline ingest ARTICLES --library {settings.library}"
            )
        return bot

    def retriever(self) -> Retriever:
        """Finds passages."""
        return self.retriever_of(self.library)

    def retriever_of(self, library: SearchableLibrary) -> Retriever:
        """Finds passages of `library`, which may be a part of the bot's own."""
        parts = self.parts
        return Retriever(
            library, self.embedder, parts.retrieval, clock=parts.clock, tracer=parts.tracer
        )

    def answerer(
        self, *, passage_limit: int = 15, llm: LlmSettings | None = None
    ) -> FollowUpAnswerer:
        """Answers from up to `passage_limit` passages, follow-ups too.

        Args:
            passage_limit: The most passages to find.
            llm: The language model that writes; without one answers are quotes.

        Raises:
            UsageError: If there is no way to talk to the model.
        """
        offline = self._offline_answerer(passage_limit)
        if llm is None:
            return FollowUpAnswerer(offline)
        from bot.writer.wiring import build_rewriter  # noqa: PLC0415  offline it is not needed

        chat = self._chat(llm)
        rewriter = build_rewriter(chat, llm, self.parts)
        return FollowUpAnswerer(self._with_model(offline, chat, llm), rewrite=rewriter)

    def streaming_answerer(self, llm: LlmSettings, *, passage_limit: int = 15) -> WritingAnswerer:
        """Answers questions that stand alone, sentence by sentence as the model writes them.

        `answerer` streams too, follow-ups as well.

        Raises:
            UsageError: If there is no way to talk to the model.
        """
        return self._with_model(self._offline_answerer(passage_limit), self._chat(llm), llm)

    def _offline_answerer(self, passage_limit: int) -> Answerer:
        calibrations = load_calibrations()
        judge = Judge(self.library.terms, self.passage_model, calibrations.sentence)
        reader: PassageReader = Reader(self.library.terms, judge, calibrations)
        retriever = self.retriever()
        sides: SideFinder = retriever
        if self._local_embedder is not self.embedder:
            reader = GaugedReader(reader, self._local_embedder)
            sides = GaugedFinder(retriever, self._local_embedder)
        weigher = Weigher(sides, judge, self.library.terms, calibrations.simple)
        return Answerer(
            retriever, reader, weigher, passage_limit=passage_limit, tracer=self.parts.tracer
        )

    @cached_property
    def passage_model(self) -> PassageModel:
        """The model that reads passages; its file is read when it is first needed."""
        return OnnxReader()

    @cached_property
    def _local_embedder(self) -> Embedder:
        """The model that the reader and the checker were fitted on."""
        local = load_embedder()
        return self.embedder if self.embedder.card.digest == local.card.digest else local

    def _chat(self, llm: LlmSettings) -> ChatModel:
        # Not before it is asked for: a model's libraries cost 1.8 s of CPU.
        from bot.writer.llm import load_chat_model  # noqa: PLC0415

        return self._connections.enter_context(closing(load_chat_model(llm, self.parts.transport)))

    def _with_model(self, offline: Answerer, chat: ChatModel, llm: LlmSettings) -> WritingAnswerer:
        from bot.writer.wiring import build_writing_answerer  # noqa: PLC0415

        return build_writing_answerer(
            offline, self.retriever(), chat, self.passage_model, llm, self.parts
        )

    def verifier(self) -> Verifier:
        """Checks sentences against passages."""
        return Verifier(self.passage_model)

    def ingester(self, read: ReadArticles) -> Ingester:
        """Stores what is new in sources, which `read` turns into articles."""
        from index.ingest import Ingester  # noqa: PLC0415  an answer need not load it

        return Ingester(
            self.library, self.embedder, read=read, chunk_tokens=self.parts.chunk_tokens
        )

    def web_reader(
        self, fetch: FetchSettings, *, clock: Clock | None = None, limits: Limits | None = None
    ) -> WebReader:
        """Reads addresses, by this library's book of visits.

        Args:
            fetch: The operator's settings.
            clock: The machine's without one.
            limits: What one fetch may cost; the usual without.
        """
        from index.fetch.clock import SystemClock  # noqa: PLC0415  an answer need not load it
        from index.fetch.fetcher import Fetcher  # noqa: PLC0415
        from index.store.visits import VisitBook  # noqa: PLC0415
        from index.web.reader import WebReader  # noqa: PLC0415

        clock = clock or SystemClock()
        fetcher = self._connections.enter_context(Fetcher(fetch, clock=clock, limits=limits))
        return WebReader(fetcher, VisitBook(self.library.catalog.database), clock)

    def watcher(self, plan: WatchPlan, reader: WebReader, clock: Clock | None = None) -> Watcher:
        """Keeps the sources of `plan` current."""
        from bot.retention import apply_retention  # noqa: PLC0415
        from index.fetch.clock import SystemClock  # noqa: PLC0415
        from index.watch.watcher import Watcher  # noqa: PLC0415

        return Watcher(
            plan,
            self.watch_book(),
            reader,
            self.ingester,
            clock or SystemClock(),
            tidy=lambda: apply_retention(self.library),
        )

    def watch_book(self) -> WatchBook:
        """What is watched, and how it does."""
        from index.store.watch import WatchBook  # noqa: PLC0415

        return WatchBook(self.library.catalog.database)

    def close(self) -> None:
        """Let go of every file and connection."""
        self._connections.close()
        # A model behind a server holds connections, one that ships does not.
        if close := getattr(self.embedder, "close", None):
            close()
        self.library.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_embedder(settings: IndexSettings, parts: Parts | None = None) -> Embedder:
    """The embedding model that was set; nothing is read or sent yet."""
    if settings.embedding_server is None:
        return load_embedder(settings.embedding_model)
    from index.remote.embedding import RemoteEmbedder  # noqa: PLC0415  few have one

    transport = parts.transport if parts else None
    return RemoteEmbedder(settings.embedding_server, load_embedder(), transport=transport)


def examine_library(settings: BotSettings) -> list[Finding]:
    """Check every promise of the library that the settings name; see `index.store.doctor`."""
    from index.store.doctor import examine  # noqa: PLC0415  an answer need not load it

    card = open_embedder(settings.index).card
    return examine(settings.library, card, settings.index.servers)


def open_catalog(settings: BotSettings) -> Catalog:
    """The catalog of the library that the settings name, whatever model it was made with.

    Raises:
        LibraryMissing: If there is none.
        LibraryError: If it cannot be used.
    """
    servers = find_servers(settings.library, settings.index.servers)
    return Catalog.open(catalog_place(settings.library, servers))

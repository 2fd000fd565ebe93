"""Builds the bot in Slack from its parts, and runs it until it is told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from bot.answer import Question
from bot.given import FeedbackBook, GivenAnswers
from bot.slack.answering import FollowUpAnswerer, ThreadAnswerer
from bot.slack.app import build_app
from bot.slack.claims import ClaimChecker
from bot.slack.clerk import Clerk
from bot.slack.corrections import Corrector
from bot.slack.desk import Desk
from bot.slack.endpoint import Endpoint
from bot.slack.gate import Gate
from bot.slack.manifest import INSTALL_PATH, REDIRECT_PATH
from bot.slack.metrics import Metrics
from bot.slack.people import Directory
from bot.slack.policy import Policy
from bot.slack.pool import WorkerPool
from bot.slack.reception import Errands, Reception
from bot.slack.rounds import Round, Rounds
from bot.slack.routes import COMMAND, bot_scopes
from bot.slack.settings import Mode, SlackSettings
from bot.slack.showcase import Showcase
from bot.slack.state import LedgerLimits, QuestionLedger
from bot.slack.tracing import TracedHandler
from bot.slack.view import ClaimsCheck
from bot.slack.waiting import QueueTeller
from bot.slack.workspace import SlackRefused, SlackUnreachable, WorkspaceFinder, build_client
from bot.slack.workspaces import InstalledWorkspaces, SingleWorkspace
from bot.telemetry.metrics import AnswerMeter, LibraryCollector, MeteredAnswerer
from bot.telemetry.survey import survey_library
from bot.telling import Telling
from index.errors import LibraryError, SlackError
from index.scope import Slice
from index.tracing import Tracer

if TYPE_CHECKING:
    from slack_bolt import App
    from slack_bolt.oauth.oauth_settings import OAuthSettings

    from bot.wiring import Bot
    from bot.writer.settings import LlmSettings
    from index.store.database import Database
    from index.store.library import Library

_CORRECTIONS_SECONDS = 30.0
_HOUSEKEEPING_SECONDS = 3_600.0
_STOP_SECONDS = 25.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Store:
    """What is kept in the catalog's database."""

    ledger: QuestionLedger
    given: GivenAnswers
    book: FeedbackBook


class Transport(Protocol):
    """How requests arrive."""

    @property
    def port(self) -> int | None:
        """Where it listens, if it does."""
        ...

    def start(self) -> None:
        """Let requests in."""
        ...

    def stop(self) -> None:
        """Let no more in, and finish those that are."""
        ...

    def complaints(self) -> list[str]:
        """Why none arrive now; empty when they do."""
        ...


class SlackBot:
    """The bot in Slack over one library."""

    def __init__(
        self,
        bot: Bot,
        settings: SlackSettings,
        llm: LlmSettings | None,
        answerer: FollowUpAnswerer | None = None,
    ) -> None:
        """Build everything; nothing runs and nothing is called yet.

        Args:
            bot: Over the library that is asked.
            settings: The operator's.
            llm: The language model that writes; without one answers are quotes.
            answerer: In place of the bot's own.

        Raises:
            UsageError: If the policy or a setting cannot be used.
        """
        settings.require()
        policy = Policy.load(settings.policy)
        catalog = bot.library.catalog
        database = catalog.database
        self._settings = settings
        self._store = _open_store(database, settings)
        self.metrics = Metrics()
        oauth = _oauth(database, settings) if settings.oauth else None
        self._find_workspace = _workspaces(settings, oauth)
        gate = Gate(policy, Directory())
        tracer = bot.parts.tracer
        metered = MeteredAnswerer(
            _Refreshing(bot.library, answerer or bot.answerer(llm=llm)),
            AnswerMeter(self.metrics.registry),
        )
        self.metrics.registry.register(LibraryCollector(lambda: survey_library(catalog)))
        self._pool = self._build_pool(metered, gate, tracer, streams=llm is not None)
        self._desk = self._build_desk(bot, gate)
        self._errands = Errands()
        reception = Reception(
            self._store.ledger,
            self._store.book,
            self._pool,
            self._desk,
            self._errands,
            self.metrics,
            tracer=tracer,
        )
        self.app = build_app(
            reception,
            self._find_workspace,
            self.metrics,
            api_url=settings.api_url,
            signing_secret=settings.signing_secret,
            oauth=oauth,
        )
        self._rounds = Rounds(self._list_rounds(bot, policy))
        self._transport = _build_transport(self.app, settings, self.metrics, self._complaints)
        self.metrics.watch("busy_workers", "Workers that hold a question", lambda: self._pool.busy)
        self.metrics.watch(
            "open_questions",
            "Questions that are not done with, over all processes",
            self._store.ledger.count_waiting,
        )

    def _build_pool(
        self, answerer: FollowUpAnswerer, gate: Gate, tracer: Tracer, *, streams: bool
    ) -> WorkerPool:
        ledger, given = self._store.ledger, self._store.given
        clerk = Clerk(
            self._find_workspace,
            ledger,
            given,
            ThreadAnswerer(answerer, given, ledger),
            gate,
            self.metrics,
            streams=streams,
        )
        teller = QueueTeller(self._find_workspace, ledger)
        return WorkerPool(
            ledger, TracedHandler(clerk, tracer), teller, workers=self._settings.workers
        )

    def _build_desk(self, bot: Bot, gate: Gate) -> Desk:
        library = bot.library
        showcase = Showcase(
            library.catalog.database,
            lambda: library.catalog.revision,
            bot.answerer(),
            command=COMMAND,
        )
        checker = _RefreshingChecker(
            library, ClaimChecker(bot.retriever(), bot.verifier(), library.terms)
        )
        store = self._store
        return Desk(
            self._find_workspace, store.ledger, store.given, library.catalog, gate, showcase,
            checker,
        )  # fmt: skip

    def _list_rounds(self, bot: Bot, policy: Policy) -> tuple[Round, ...]:
        store, catalog = self._store, bot.library.catalog
        age = timedelta(days=self._settings.keep_days)
        rounds = (
            Round("questions", _HOUSEKEEPING_SECONDS, lambda: _forget(store, age)),
            Round("library", _HOUSEKEEPING_SECONDS, lambda: _tend(bot.library)),
            Round("removed", _CORRECTIONS_SECONDS, store.given.erase_removed),
        )
        if not policy.correcting_channels:
            return rounds
        corrector = Corrector(catalog, store.given, store.ledger, policy, self._find_workspace)
        # Before what was removed is erased: of that only its name is left to tell.
        return (Round("corrections", _CORRECTIONS_SECONDS, corrector.catch_up), *rounds)

    def start(self) -> None:
        """Begin to work, and return.

        Raises:
            SlackError: If Slack does not let the bot in.
        """
        if self._settings.oauth is None:
            _try(lambda: self._find_workspace("", None))
        self._pool.start()
        self._rounds.start()
        _try(self._transport.start)

    def stop(self) -> None:
        """Take nothing more, finish what is in hand, and return within half a minute."""
        self._transport.stop()
        self._errands.stop()
        self._pool.stop(seconds=_STOP_SECONDS)
        self._rounds.stop(seconds=5.0)
        self._desk.stop()

    def run(self, stop: threading.Event, *, on_ready: Callable[[], None]) -> None:
        """Work until `stop` is set; `on_ready` is called once it can be asked."""
        self.start()
        on_ready()
        logger.info("ready mode=%s workers=%d", self._settings.mode.value, self._settings.workers)
        try:
            stop.wait()
        finally:
            self.stop()

    @property
    def port(self) -> int | None:
        """Where it listens, if it does."""
        return self._transport.port

    def _complaints(self) -> list[str]:
        """Why the bot cannot work now, in our own words; empty when it can."""
        wrong = list(self._transport.complaints())
        try:
            self._store.ledger.count_waiting()
        except LibraryError:
            logger.warning("not ready: the catalog", exc_info=True)
            wrong.append("the catalog cannot be read")
        return wrong


class _Refreshing:
    """Sees what was ingested since, before each answer."""

    def __init__(self, library: Library, answerer: FollowUpAnswerer) -> None:
        self._library = library
        self._answerer = answerer

    def stream(self, question: Question) -> Telling:
        self._library.refresh()
        return (yield from self._answerer.stream(question))


class _RefreshingChecker:
    """Sees what was ingested since, before each check."""

    def __init__(self, library: Library, checker: ClaimChecker) -> None:
        self._library = library
        self._checker = checker

    def check(self, text: str, slices: tuple[Slice, ...]) -> ClaimsCheck:
        self._library.refresh()
        return self._checker.check(text, slices)


def _open_store(database: Database, settings: SlackSettings) -> _Store:
    limits = LedgerLimits(settings.most_waiting, settings.lease_seconds)
    return _Store(QuestionLedger(database, limits), GivenAnswers(database), FeedbackBook(database))


def _tend(library: Library) -> None:
    """On a machine where nobody ingests, the bot keeps what is derived in good order."""
    if library.catalog.database.is_shared:
        library.tend()


def _forget(store: _Store, age: timedelta) -> None:
    questions = store.ledger.forget_before(age.total_seconds())
    answers = store.given.forget_before(age)
    if questions or answers:
        logger.info("forgot questions=%d answers=%d", questions, answers)


def _workspaces(settings: SlackSettings, oauth: OAuthSettings | None) -> WorkspaceFinder:
    if oauth is not None:
        return InstalledWorkspaces(oauth.installation_store, settings.api_url)
    assert settings.bot_token is not None
    return SingleWorkspace(settings.bot_token, settings.api_url)


def _oauth(database: Database, settings: SlackSettings) -> OAuthSettings:
    # Several workspaces are rare, and the SDK's stores are not quick to load.
    from slack_bolt.oauth.oauth_settings import OAuthSettings  # noqa: PLC0415
    from slack_sdk.oauth.installation_store.sqlalchemy import (  # noqa: PLC0415
        SQLAlchemyInstallationStore,
    )
    from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore  # noqa: PLC0415

    assert settings.oauth is not None
    installations = SQLAlchemyInstallationStore(settings.oauth.client_id, database.engine)
    states = SQLAlchemyOAuthStateStore(600, database.engine)
    for store in (installations, states):
        database.ensure(store.metadata)
    return OAuthSettings(
        client_id=settings.oauth.client_id,
        client_secret=settings.oauth.client_secret,
        scopes=list(bot_scopes()),
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        installation_store=installations,
        state_store=states,
    )


def _build_transport(
    app: App, settings: SlackSettings, metrics: Metrics, complaints: Callable[[], list[str]]
) -> Transport:
    from bot.slack.transport import HttpTransport, SocketTransport  # noqa: PLC0415

    is_http = settings.mode is Mode.HTTP
    endpoint = Endpoint(app if is_http else None, metrics, complaints)
    server = None
    if settings.port is not None:
        server = HttpTransport(endpoint, settings.host, settings.port)
    if is_http:
        assert server is not None
        return server
    assert settings.app_token is not None
    return SocketTransport(app, settings.app_token, build_client(None, settings.api_url), server)


def _try(work: Callable[[], object]) -> None:
    try:
        work()
    except SlackRefused as error:
        raise SlackError(f"Slack refuses the bot ({error}). Run: dateline slack check") from error
    except SlackUnreachable as error:
        raise SlackError(f"Slack cannot be reached ({error}). Try again later.") from error

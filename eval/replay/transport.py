"""Stands between a client library and the network: gives recorded replies, records new ones.

It sits below LlamaIndex and the `openai` client alike, so whatever goes through them is recorded
as it was sent. Only what replays loads this module.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from bot.settings import BotSettings
from bot.writer.settings import LlmSettings
from eval.record import REPLAYED, Case, CaseKey
from eval.replay.miss import explain_miss
from eval.replay.mode import ReplayMode
from eval.replay.recordings import Manifest, Recording, RecordingKey, Recordings
from eval.replay.reply import IncompleteReply, read_reply, write_reply
from eval.replay.request import CanonicalRequest, KeyNames, read_request
from eval.runner import Ask
from index.errors import DatelineError, UsageError
from index.remote.address import OPENAI_URL

logger = logging.getLogger(__name__)

# Never looked up: what stands for a server that is only recorded.
_NOWHERE = "http://recorded.invalid/v1"
_LONGEST_REPORT = 1_500


class ReplayMiss(DatelineError):
    """A request was sent that is not recorded."""


@dataclass(slots=True)
class _Log:
    """What one case has sent so far."""

    key: CaseKey = field(default_factory=lambda: CaseKey(""))
    sent: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    """Files of the recordings that were given back or made."""


@contextmanager
def open_recorder(folder: Path, mode: ReplayMode, settings: BotSettings) -> Iterator[Recorder]:
    """A recorder on a folder, closed at the end.

    Raises:
        UsageError: If the recordings cannot be used.
    """
    recorder = Recorder(Recordings(folder), mode, settings)
    try:
        yield recorder
    finally:
        recorder.transport.close()


class Recorder:
    """Gives back what is recorded; records what is not, or says that it is missing."""

    def __init__(self, recordings: Recordings, mode: ReplayMode, settings: BotSettings) -> None:
        """Keep what is needed.

        Raises:
            UsageError: If it is to be strict, and nothing is recorded.
        """
        if mode is ReplayMode.STRICT and recordings.manifest() is None:
            raise UsageError(
                f"Nothing is recorded in {recordings.folder}. Record it: "
                "dateline eval run … --replay record"
            )
        self._recordings = recordings
        self._mode = mode
        server = settings.index.embedding_server
        self._secrets = [
            key for key in (settings.llm and settings.llm.key, server and server.key) if key
        ]
        self._log: ContextVar[_Log] = ContextVar("replayed_case")
        self._idle = _Log()
        self.transport = ReplayTransport(self)

    @property
    def is_strict(self) -> bool:
        """Whether the network must not be touched."""
        return self._mode is ReplayMode.STRICT

    def fill(self, settings: BotSettings, *, model: str | None = None) -> BotSettings:
        """The settings under which the recordings were made, where nothing may be sent.

        Args:
            settings: The operator's; what they say of a language model counts for nothing then.
            model: Another model than the recorded one, if the run itself names it.
        """
        manifest = self._recordings.manifest()
        if not self.is_strict or manifest is None:
            return settings
        llm = LlmSettings(
            model=model or manifest.model,
            base_url=OPENAI_URL if manifest.is_openai else _NOWHERE,
            completion_tokens=manifest.completion_tokens,
            context_tokens=manifest.context_tokens,
            # Nothing is waited for, however busy the machine is; a request sent twice would miss.
            timeout_seconds=600,
            deadline_seconds=3_600,
        )
        return replace(settings, llm=llm)

    def watching(self, ask: Ask) -> Ask:
        """`ask`, with what it sends counted for its case; a miss fails the case."""

        def watched(case: Case) -> dict[str, Any]:
            log = _Log(case.key)
            token = self._log.set(log)
            try:
                answer = ask(case)
            except Exception as error:
                raise (ReplayMiss(log.misses[0]) if log.misses else error) from error
            finally:
                self._log.reset(token)
            if log.misses:
                # The bot took it for a failing server, and may have answered without the model.
                raise ReplayMiss(log.misses[0])
            return {**answer, REPLAYED: log.used}

        return watched

    def find(self, path: str, body: bytes) -> tuple[Exchange, tuple[str, bytes] | None]:
        """What was sent, and the recorded reply to it as content type and body."""
        request, names = read_request(path, body)
        log = self._log.get(self._idle)
        exchange = Exchange(request, names, self._key(request, log), log.key.id)
        recording = self._recordings.find(exchange.key)
        if recording is None:
            return exchange, None
        log.used.append(recording.path.name if recording.path else "")
        return exchange, write_reply(recording.reply, names)

    def _key(self, request: CanonicalRequest, log: _Log) -> RecordingKey:
        if request.kind == "embeddings":  # one text has one vector, whoever asks
            return RecordingKey(request.digest)
        occurrence = log.sent[request.digest]
        log.sent[request.digest] += 1
        return RecordingKey(request.digest, log.key.repeat, occurrence)

    def miss(self, exchange: Exchange) -> str:
        """Note that a request is not recorded; gives the report."""
        wanted = exchange.case_id or "a request outside any case"
        wanted += f", repeat {exchange.key.repeat}" if exchange.key.repeat else ""
        near = self._recordings.near(exchange.request, exchange.case_id)
        report = explain_miss(exchange.request, near, wanted)[:_LONGEST_REPORT]
        self._log.get(self._idle).misses.append(report)
        logger.info("replay miss case=%s digest=%s", exchange.case_id, exchange.key.digest[:12])
        return report

    def forget(self, exchange: Exchange) -> None:
        """Count a request that failed as never sent: the one that is tried again takes its place.

        A strict run gets its reply at the first try, and would look for the first occurrence.
        """
        sent = self._log.get(self._idle).sent
        if sent[exchange.key.digest]:
            sent[exchange.key.digest] -= 1

    def keep(self, exchange: Exchange, content_type: str, body: bytes) -> None:
        """Record a reply, if it is whole."""
        try:
            reply = read_reply(content_type, body, exchange.names)
        except IncompleteReply as error:
            logger.warning("not recorded case=%s why=%s", exchange.case_id, error)
            self.forget(exchange)
            return
        if any(secret in repr((exchange.request, reply)) for secret in self._secrets):
            logger.warning("not recorded case=%s why=it holds the key", exchange.case_id)
            return
        recording = Recording(exchange.key, exchange.case_id, exchange.request, reply)
        self._log.get(self._idle).used.append(self._recordings.save(recording).name)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request on its way."""

    request: CanonicalRequest
    names: KeyNames
    key: RecordingKey
    case_id: str


class ReplayTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """What httpx hands requests to, from a plain client or an asynchronous one."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        # Opened only where something may be sent.
        self._network = None if recorder.is_strict else httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The recorded reply, or the server's, or the report of a miss as a server's refusal."""
        exchange, recorded = self._recorder.find(request.url.path, request.read())
        if recorded:
            return _respond(200, *recorded)
        if self._network is None:
            # 404 is what nobody tries again.
            report = self._recorder.miss(exchange)
            return httpx.Response(404, json={"error": {"message": report, "type": "replay"}})
        try:
            response = self._network.handle_request(request)
            try:
                body = response.read()
            finally:
                response.close()
            kind = response.headers.get("content-type", "")
            if response.status_code == 200:
                self._recorder.keep(exchange, kind, body)
            else:
                self._recorder.forget(exchange)
        except Exception:
            # Whatever it was, the client may try again.
            self._recorder.forget(exchange)
            raise
        return _respond(response.status_code, kind, body, response.headers.get("retry-after"))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same; requests are recorded one at a time."""
        await request.aread()
        return self.handle_request(request)

    def close(self) -> None:
        """Let go of the connections."""
        if self._network:
            self._network.close()

    async def aclose(self) -> None:
        """The same."""
        self.close()


def _respond(
    status: int, content_type: str, body: bytes, retry_after: str | None = None
) -> httpx.Response:
    headers = {"content-type": content_type}
    if retry_after:
        headers["retry-after"] = retry_after
    return httpx.Response(status, headers=headers, content=body)


def write_manifest(
    recordings: Recordings, settings: BotSettings, *, label: str | None, now: str | None
) -> None:
    """Say what a run is about to record, if nothing says so yet.

    Raises:
        UsageError: If no model is set, or what is recorded is of another.
    """
    llm = settings.llm
    if llm is None:
        raise UsageError(
            "There is no model to record. Set OPENAI_API_KEY, or DATELINE_LLM_BASE_URL and "
            "DATELINE_LLM_MODEL."
        )
    wanted = Manifest(
        label=label or llm.model,
        model=llm.model,
        is_openai=llm.is_openai,
        completion_tokens=llm.completion_tokens,
        context_tokens=llm.context_tokens,
        now=now,
    )
    kept = recordings.manifest()
    if kept is None:
        recordings.write_manifest(wanted)
    elif replace(kept, label=wanted.label) != wanted:
        raise UsageError(
            f"{recordings.folder} holds recordings made otherwise (server.yaml says: {kept}). "
            "Name another folder with --recordings."
        )

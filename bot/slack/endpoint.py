"""The bot over HTTP: Slack's requests, and what watches over the bot. An ASGI app."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from slack_bolt import App
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse

from bot.slack.manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
from bot.slack.metrics import Metrics

# Slack's largest payloads, views with all their state, stay far below it.
_MOST_BYTES = 2_000_000
# Each waits for the catalog at most; Slack sends in bursts.
_THREADS = 32

Handler = Callable[[BoltRequest], BoltResponse]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-type", b"text/plain; charset=utf-8"),)

    @classmethod
    def of(cls, response: BoltResponse) -> _Reply:
        headers = tuple(
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        )
        return cls(response.status, (response.body or "").encode(), headers)


class Endpoint:
    """Serves one bot."""

    def __init__(
        self, app: App | None, metrics: Metrics, complaints: Callable[[], list[str]]
    ) -> None:
        """Serve `app`, or with None only what watches; `complaints` is empty when all is well."""
        self._handlers = _slack_handlers(app) if app else {}
        self._metrics = metrics
        self._complaints = complaints
        self._watching: dict[tuple[str, str], Callable[[], _Reply]] = {
            ("GET", "/healthz"): lambda: _Reply(200, b"ok\n"),
            ("GET", "/readyz"): self._tell_readiness,
            ("GET", "/metrics"): self._tell_metrics,
        }
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="slack-http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        reply = await self._reply(scope, receive)
        await send(
            {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        )
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, scope: Scope, receive: Receive) -> _Reply:
        asked = scope["method"], scope["path"]
        if handle := self._handlers.get(asked):
            return await self._dispatch(handle, scope, receive)
        if watch := self._watching.get(asked):
            return await self._run(watch)
        return _Reply(404, b"not found\n")

    def _tell_readiness(self) -> _Reply:
        wrong = self._complaints()
        return _Reply(503 if wrong else 200, ("\n".join(wrong) or "ready").encode() + b"\n")

    def _tell_metrics(self) -> _Reply:
        kind = self._metrics.content_type.encode()
        return _Reply(200, self._metrics.render(), ((b"content-type", kind),))

    async def _dispatch(self, handle: Handler, scope: Scope, receive: Receive) -> _Reply:
        body = await _read_body(receive)
        if body is None:
            return _Reply(413, b"too large\n")
        headers: dict[str, str | list[str]] = {}
        for name, value in scope["headers"]:
            headers[name.decode("latin-1")] = value.decode("latin-1")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return _Reply(400, b"not UTF-8\n")
        query = scope["query_string"].decode("latin-1")
        request = BoltRequest(body=text, query=query, headers=headers)  # type: ignore[arg-type]  # a dict of str or list is what Bolt reads
        return await self._run(lambda: _Reply.of(handle(request)))

    async def _run(self, work: Callable[[], _Reply]) -> _Reply:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Finish what was begun."""
        self._threads.shutdown(wait=True)


def _slack_handlers(app: App) -> dict[tuple[str, str], Handler]:
    handlers: dict[tuple[str, str], Handler] = {("POST", EVENTS_PATH): app.dispatch}
    if app.oauth_flow is not None:
        handlers["GET", INSTALL_PATH] = app.oauth_flow.handle_installation
        handlers["GET", REDIRECT_PATH] = app.oauth_flow.handle_callback
    return handlers


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body; None if it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > _MOST_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)

"""Hands events, presses and commands to the app: over HTTP with signatures, or over a websocket.

As Slack does, what is not acknowledged within three seconds is handed over again, and a parcel may
come twice, late, or after a later one.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

ACK_SECONDS = 3.0


@dataclass(frozen=True)
class Parcel:
    """Something for the app."""

    kind: str
    """`events_api`, `interactive` or `slash_commands`."""
    payload: dict[str, Any]
    accepts_reply: bool = False


@dataclass
class Attempt:
    """One try to hand a parcel over."""

    kind: str
    name: str
    """The event's type, the action, the command."""
    parcel: str
    """Of an event its id, which every attempt and duplicate shares."""
    retry: int
    seconds: float
    """Until it was acknowledged, or given up."""
    is_acked: bool
    status: int | None = None
    """Of HTTP; None over a websocket, or without an answer."""


@dataclass
class Disorder:
    """What the network does on the way."""

    duplicate: float = 0.0
    """Share of parcels that come twice."""
    delay_seconds: float = 0.0
    """Each parcel waits for up to so long, so that later ones overtake it."""
    random: random.Random = field(default_factory=lambda: random.Random(1))


class Courier:
    """Delivers parcels by the way that is set, in the background."""

    def __init__(self, signing_secret: str) -> None:
        self.signing_secret = signing_secret
        self.attempts: list[Attempt] = []
        self.disorder = Disorder()
        self.retry_delays: Sequence[float] = (0.0, 60.0, 300.0)
        """Seconds before the second, third and fourth attempt."""
        self.ack_seconds = ACK_SECONDS
        self.http_urls: list[str] = []
        """Where HTTP deliveries go, in turn, as behind a load balancer; none means websockets."""
        self.sockets = SocketServer(self)
        self._pool = ThreadPoolExecutor(64, thread_name_prefix="courier")
        self._lock = threading.Lock()
        self._turn = 0
        self._closing = threading.Event()
        self._open = 0
        self._idle = threading.Condition(self._lock)

    def send(self, parcel: Parcel) -> None:
        """Deliver in the background, with retries."""
        copies = 1 + (self.disorder.random.random() < self.disorder.duplicate)
        for _ in range(copies):
            wait = self.disorder.random.random() * self.disorder.delay_seconds
            with self._lock:
                self._open += 1
            try:
                self._pool.submit(self._deliver, parcel, wait)
            except RuntimeError:
                self._finish()

    def send_and_wait(self, parcel: Parcel) -> dict[str, Any] | None:
        """Deliver once, while a person waits; the app's reply, None without one."""
        return self._attempt(parcel, 0)

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether every parcel was handed over, or given up, within so many seconds."""
        with self._idle:
            return self._idle.wait_for(lambda: self._open == 0, seconds)

    def given_up(self) -> set[str]:
        """Ids of events that no attempt got through, as they stand now."""
        with self._lock:
            events = [one for one in self.attempts if one.kind == "events_api"]
        return {one.parcel for one in events} - {one.parcel for one in events if one.is_acked}

    def close(self) -> None:
        self._closing.set()
        self.sockets.close()
        self._pool.shutdown(cancel_futures=True)

    def _deliver(self, parcel: Parcel, wait: float) -> None:
        try:
            self._closing.wait(wait)
            for retry, delay in enumerate((0.0, *self.retry_delays)):
                if self._closing.wait(delay) or self._attempt(parcel, retry) is not None:
                    return
        finally:
            self._finish()

    def _finish(self) -> None:
        with self._idle:
            self._open -= 1
            self._idle.notify_all()

    def _attempt(self, parcel: Parcel, retry: int) -> dict[str, Any] | None:
        start = time.monotonic()
        status: int | None = None
        if self.http_urls:
            status, reply = self._post(parcel, retry)
        else:
            reply = self.sockets.hand_over(parcel, retry, self.ack_seconds)
        seconds = time.monotonic() - start
        attempt = Attempt(
            parcel.kind,
            _name(parcel),
            str(parcel.payload.get("event_id", "")),
            retry,
            seconds,
            reply is not None,
            status,
        )
        with self._lock:
            self.attempts.append(attempt)
        return reply

    def _post(self, parcel: Parcel, retry: int) -> tuple[int | None, dict[str, Any] | None]:
        with self._lock:
            url = self.http_urls[self._turn % len(self.http_urls)]
            self._turn += 1
        body, kind = _encode(parcel)
        headers = {"content-type": kind, **self.sign(body)}
        if retry:
            headers |= {"x-slack-retry-num": str(retry), "x-slack-retry-reason": "http_timeout"}
        place = urlsplit(url)
        connection = http.client.HTTPConnection(
            place.hostname or "", place.port, timeout=self.ack_seconds
        )
        try:
            connection.request("POST", place.path, body, headers)
            response = connection.getresponse()
            content = response.read()
            if not 200 <= response.status < 300:
                return response.status, None
            return response.status, _reply(content)
        except (OSError, http.client.HTTPException):
            return None, None
        finally:
            connection.close()

    def sign(self, body: bytes, *, at: float | None = None) -> dict[str, str]:
        """The headers by which the app knows that a request comes from Slack."""
        stamp = str(int(time.time() if at is None else at))
        base = b"v0:" + stamp.encode() + b":" + body
        digest = hmac.new(self.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}


def _encode(parcel: Parcel) -> tuple[bytes, str]:
    if parcel.kind == "events_api":
        return json.dumps(parcel.payload).encode(), "application/json"
    form = parcel.payload if parcel.kind == "slash_commands" else None
    fields = form or {"payload": json.dumps(parcel.payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _reply(content: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        parsed = json.loads(content)
        if isinstance(parsed, dict):
            return parsed
    return {"text": content.decode(errors="replace")} if content else {}


def _name(parcel: Parcel) -> str:
    payload = parcel.payload
    if parcel.kind == "events_api":
        return str(payload["event"]["type"])
    return str(payload.get("command") or payload.get("type"))


class SocketServer:
    """Socket Mode: any number of connections; each parcel goes to one of them."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._lock = threading.Condition()
        self._connections: list[ServerConnection] = []
        self._acks: dict[str, dict[str, Any]] = {}
        self._is_closed = False
        self._turn = 0
        self.tickets: set[str] = set()
        self.opened = 0
        """Connections so far."""
        self._server: Server = serve(self._serve, "127.0.0.1", 0, ping_interval=None)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def count(self) -> int:
        """Open connections."""
        with self._lock:
            return len(self._connections)

    def open_url(self) -> str:
        """An address for one connection, as `apps.connections.open` gives it."""
        ticket = uuid.uuid4().hex
        self.tickets.add(ticket)
        port = self._server.socket.getsockname()[1]
        return f"ws://127.0.0.1:{port}/link?ticket={ticket}"

    def wait_for(self, count: int, seconds: float) -> bool:
        """Whether so many connections are open before the time is over."""
        with self._lock:
            return self._lock.wait_for(lambda: len(self._connections) >= count, seconds)

    def hand_over(self, parcel: Parcel, retry: int, seconds: float) -> dict[str, Any] | None:
        """Send to the next connection; what it acknowledges with, or None."""
        envelope_id = str(uuid.uuid4())
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "type": parcel.kind,
            "accepts_response_payload": parcel.accepts_reply,
            "payload": parcel.payload,
        }
        if parcel.kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        until = time.monotonic() + seconds
        with self._lock:
            self._lock.wait_for(lambda: self._connections or self._is_closed, seconds)
            if not self._connections:
                return None
            connection = self._connections[self._turn % len(self._connections)]
            self._turn += 1
        try:
            connection.send(json.dumps(envelope))
        except (ConnectionClosed, OSError):
            return None
        with self._lock:
            left = max(0.0, until - time.monotonic())
            self._lock.wait_for(lambda: envelope_id in self._acks or self._is_closed, left)
            return self._acks.pop(envelope_id, None)

    def refresh(self) -> None:
        """Ask every connection to reconnect, as Slack does every few hours, and close it."""
        with self._lock:
            connections = list(self._connections)
        for one in connections:
            with contextlib.suppress(ConnectionClosed, OSError):
                one.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
                one.close()

    @contextlib.contextmanager
    def greeting(self) -> Iterator[None]:
        """Greet every connection again and again.

        For those who disconnect: the SDK looks up when something comes, or after three seconds.
        """
        is_over = threading.Event()
        thread = threading.Thread(target=self._greet_until, args=(is_over,))
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def _greet_until(self, is_over: threading.Event) -> None:
        while not is_over.wait(0.03):
            with self._lock:
                connections = list(self._connections)
            for one in connections:
                with contextlib.suppress(ConnectionClosed, OSError):
                    one.send(json.dumps({"type": "hello"}))

    def sever(self) -> None:
        """Cut every connection without a word."""
        with self._lock:
            connections = list(self._connections)
        for one in connections:
            with contextlib.suppress(OSError):
                one.socket.shutdown(2)

    def close(self) -> None:
        self._server.shutdown()
        with self._lock:
            self._is_closed = True
            self._lock.notify_all()
            connections = list(self._connections)
        for one in connections:
            with contextlib.suppress(OSError):
                one.close()
        self._thread.join()

    def _serve(self, connection: ServerConnection) -> None:
        request = connection.request
        ticket = request.path.rpartition("ticket=")[2] if request else ""
        if ticket not in self.tickets:
            connection.close(4001, "bad ticket")
            return
        self.tickets.discard(ticket)
        hello = {
            "type": "hello",
            "num_connections": self.count + 1,
            "debug_info": {"host": "loopback", "approximate_connection_time": 18_060},
            "connection_info": {"app_id": "A0DATELINE"},
        }
        try:
            connection.send(json.dumps(hello))
            with self._lock:
                self._connections.append(connection)
                self.opened += 1
                self._lock.notify_all()
            for message in connection:
                self._take(message)
        except (ConnectionClosed, OSError):
            pass
        finally:
            with self._lock:
                if connection in self._connections:
                    self._connections.remove(connection)

    def _take(self, message: str | bytes) -> None:
        with contextlib.suppress(ValueError):
            parsed = json.loads(message)
            if isinstance(parsed, dict) and "envelope_id" in parsed:
                with self._lock:
                    self._acks[parsed["envelope_id"]] = parsed.get("payload") or {}
                    self._lock.notify_all()

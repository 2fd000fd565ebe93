"""The HTTP face of the loopback Slack: `/api/METHOD`, response URLs and OAuth's two pages."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.slack.methods import Caller, Refused, WebApi, as_json

# Tokens may not be kept, or told in a failing test's output.
_SECRET = ("token", "client_secret", "code", "refresh_token")


@dataclass(frozen=True)
class Call:
    """One call of the Web API, as it was answered."""

    method: str
    arguments: dict[str, Any]
    """Without tokens."""
    at: float
    """Monotonic seconds."""
    status: int
    error: str | None


@dataclass
class Planned:
    """A failure to come."""

    method: str
    times: int
    error: str = ""
    status: int = 200
    retry_after: int = 1
    delay_seconds: float = 0.0
    skip: int = 0
    """Calls that are let through first."""


@dataclass
class Traffic:
    """Calls so far, failures to come, and how many calls are let through."""

    calls: list[Call] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    limits: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Calls in so many seconds, by method; by channel for those that post."""
    recent: dict[tuple[str, str], deque[float]] = field(default_factory=lambda: defaultdict(deque))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def plan_for(self, method: str) -> Planned | None:
        """The failure that meets this call, if one is due."""
        with self.lock:
            for one in self.planned:
                if one.method != method or one.times <= 0:
                    continue
                if one.skip > 0:
                    one.skip -= 1
                    return None
                one.times -= 1
                return one
        return None

    def is_over(self, method: str, channel: str) -> int | None:
        """Seconds to wait, if the caller has called too often."""
        if method not in self.limits:
            return None
        count, seconds = self.limits[method]
        key = (method, channel if method.startswith("chat.") else "")
        now = time.monotonic()
        with self.lock:
            recent = self.recent[key]
            while recent and now - recent[0] >= seconds:
                recent.popleft()
            if len(recent) >= count:
                return max(1, round(seconds - (now - recent[0])))
            recent.append(now)
        return None

    def note(self, call: Call) -> None:
        """Remember a call."""
        with self.lock:
            self.calls.append(call)


class WebServer:
    """Listens on a free port of the loopback interface until it is closed."""

    def __init__(self, api: WebApi, open_socket: Callable[[], str], port: int = 0) -> None:
        self.api = api
        self.traffic = Traffic()
        self.open_socket = open_socket
        self.codes: dict[str, str] = {}
        """OAuth codes to come, with their workspaces."""
        self.on_respond: Callable[[str, dict[str, Any]], None] = lambda *_: None
        self._server = _Listener(("127.0.0.1", port), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    # The default of five refuses the sixth of many clients that come at once.
    request_queue_size = 128


def _handler_of(owner: WebServer) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"owner": owner})


class _Handler(BaseHTTPRequestHandler):
    owner: WebServer
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        path = urlsplit(self.path).path
        if path.startswith("/api/"):
            self._answer_api(path.removeprefix("/api/"), body)
        elif path.startswith("/respond/"):
            self._answer_response_url(path, body)
        else:
            self._send(404, {"ok": False, "error": "not_found"})

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path.startswith("/api/"):
            self._answer_api(path.path.removeprefix("/api/"), path.query.encode())
        elif path.path == "/oauth/v2/authorize":
            self._authorize(dict(parse_qsl(path.query)))
        else:
            self._send(404, {"ok": False, "error": "not_found"})

    # The Web API.

    def _answer_api(self, method: str, body: bytes) -> None:
        traffic = self.owner.traffic
        arguments = self._arguments(body)
        planned = traffic.plan_for(method)
        if planned and planned.delay_seconds:
            time.sleep(planned.delay_seconds)
        headers: dict[str, str] = {}
        status = 200
        if planned and planned.status == 429:
            status, headers = 429, {"retry-after": str(planned.retry_after)}
            reply: dict[str, Any] = {"ok": False, "error": "ratelimited"}
        elif planned and (planned.status != 200 or planned.error):
            status = planned.status
            reply = {"ok": False, "error": planned.error or "internal_error"}
        elif wait := traffic.is_over(method, str(arguments.get("channel") or "")):
            status, headers = 429, {"retry-after": str(wait)}
            reply = {"ok": False, "error": "ratelimited"}
        else:
            reply, headers = self._carry_out(method, arguments)
        shown = {name: value for name, value in arguments.items() if name not in _SECRET}
        error = None if reply.get("ok") else str(reply.get("error"))
        traffic.note(Call(method, shown, time.monotonic(), status, error))
        self._send(status, reply, headers)

    def _carry_out(
        self, method: str, arguments: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        try:
            if method == "oauth.v2.access":
                return self._exchange(arguments), {}
            token = self._token(arguments)
            if method == "apps.connections.open":
                return self._open_connection(token), {}
            caller = self._caller(token)
            scopes = {"x-oauth-scopes": ",".join(caller.install.scopes)}
            arguments.pop("token", None)
            return self.owner.api.call(method, caller, arguments), scopes
        except Refused as error:
            return error.as_json(), {}

    def _arguments(self, body: bytes) -> dict[str, Any]:
        kind = self.headers.get("content-type") or ""
        if kind.startswith("application/json"):
            parsed = json.loads(body or b"{}")
            return parsed if isinstance(parsed, dict) else {}
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    def _token(self, arguments: dict[str, Any]) -> str:
        header = self.headers.get("authorization") or ""
        token = header.removeprefix("Bearer ") or str(arguments.get("token") or "")
        if not token:
            raise Refused("not_authed")
        return token

    def _caller(self, token: str) -> Caller:
        state = self.owner.api.state
        for install in state.installations.values():
            if install.token == token:
                if install.is_revoked:
                    raise Refused("token_revoked")
                return Caller(install, state.users[install.bot_user])
        raise Refused("not_allowed_token_type" if token.startswith("xapp-") else "invalid_auth")

    def _open_connection(self, token: str) -> dict[str, Any]:
        app = self.owner.api.state.app
        if not token.startswith("xapp-"):
            raise Refused("not_allowed_token_type")
        if token != app.app_token:
            raise Refused("invalid_auth")
        if "connections:write" not in app.app_token_scopes:
            raise Refused("missing_scope", needed="connections:write", provided="")
        return {"ok": True, "url": self.owner.open_socket()}

    # OAuth.

    def _authorize(self, query: dict[str, str]) -> None:
        """Whoever opens the page agrees at once, for the first workspace without the app."""
        state = self.owner.api.state
        if query.get("client_id") != state.app.client_id or "redirect_uri" not in query:
            self._send(400, {"ok": False, "error": "bad_client_id_or_redirect"})
            return
        code = state.new_id("code-")
        self.owner.codes[code] = query.get("team") or f"T{code[-8:]}"
        joint = "&" if "?" in query["redirect_uri"] else "?"
        place = f"{query['redirect_uri']}{joint}code={code}&state={query.get('state', '')}"
        self._send(302, {}, {"location": place})

    def _exchange(self, arguments: dict[str, Any]) -> dict[str, Any]:
        api = self.owner.api
        given = (arguments.get("client_id"), arguments.get("client_secret"))
        if basic := self.headers.get("authorization", "").partition("Basic ")[2]:
            given = tuple(base64.b64decode(basic).decode().split(":", 1))  # type: ignore[assignment]  # a pair
        if given != (api.state.app.client_id, api.state.app.client_secret):
            raise Refused("bad_client_secret")
        team = self.owner.codes.pop(str(arguments.get("code")), None)
        if team is None:
            raise Refused("invalid_code")
        install = api.install(team)
        return {
            "ok": True,
            "app_id": api.state.app.id,
            "authed_user": {"id": next(iter(api.people(team)), "U0INSTALLER")},
            "scope": ",".join(install.scopes),
            "token_type": "bot",
            "access_token": install.token,
            "bot_user_id": install.bot_user,
            "team": {"id": team, "name": team.lower()},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    # Response URLs.

    def _answer_response_url(self, path: str, body: bytes) -> None:
        sent = json.loads(body or b"{}")
        try:
            if as_json(sent.get("blocks")) or sent.get("text"):
                self.owner.api.content(sent)
        except Refused as error:
            self._send(200, error.as_json())
            return
        with self.owner.api.state.lock:
            url = self.owner.api.state.response_urls.get(path)
            if url is None or url["uses"] >= 5:
                self._send(404, {"ok": False, "error": "used_url" if url else "expired_url"})
                return
            url["uses"] += 1
        self.owner.on_respond(path, sent)
        self._send(200, {"ok": True})

    def _send(
        self, status: int, reply: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        body = json.dumps(reply).encode()
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            # A client that was killed waits for no answer.
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing: what was called is in `traffic.calls`."""

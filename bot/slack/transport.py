"""How Slack's requests arrive: over a connection of the bot's own, or at its address."""

from __future__ import annotations

import logging
import socket
import threading
import time

import uvicorn
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.endpoint import Endpoint
from bot.slack.workspace import SlackRefused, SlackUnreachable
from index.errors import UsageError

_START_SECONDS = 10.0
_STOP_SECONDS = 10
_BACKLOG = 2_048

logger = logging.getLogger(__name__)
# What the SDK tells of its connection.
_connection = logging.getLogger(f"{__name__}.connection")


def _drop(_: logging.LogRecord) -> bool:
    """While it is being closed, that it is closed is no news."""
    return False


class HttpTransport:
    """Listens at an address."""

    def __init__(self, endpoint: Endpoint, host: str, port: int) -> None:
        self._endpoint = endpoint
        self._host = host
        self._wanted_port = port
        self.port: int | None = None
        """The port that it listens on, once it does."""
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen.

        Raises:
            UsageError: If the address is taken or not ours.
        """
        listening = self._listen()
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            self._endpoint,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        self._server = uvicorn.Server(config)
        # Outside the main thread it leaves signals alone, which are ours to mind.
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="slack-http-server"
        )
        self._thread.start()
        end = time.monotonic() + _START_SECONDS
        while not self._server.started and time.monotonic() < end:
            time.sleep(0.01)

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((self._host, self._wanted_port))
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            raise UsageError(
                f"Cannot listen at {self._host} port {self._wanted_port} ({error.strerror}). "
                "Set DATELINE_SLACK_HOST and DATELINE_SLACK_PORT to a free address."
            ) from error
        return listening

    def stop(self) -> None:
        """Finish the requests that have arrived, and listen no more."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._endpoint.close()

    def complaints(self) -> list[str]:
        """Nothing: whoever asks has reached it."""
        return []


class SocketTransport:
    """Opens a connection to Slack, and again whenever it breaks."""

    def __init__(
        self, app: App, app_token: str, client: WebClient, server: HttpTransport | None
    ) -> None:
        """Serve `app`; `server` tells those who watch how it goes."""
        self._handler = SocketModeHandler(app, app_token, logger=_connection, web_client=client)
        self._server = server

    @property
    def port(self) -> int | None:
        """Where those who watch find it, if anywhere."""
        return self._server.port if self._server else None

    def start(self) -> None:
        """Connect.

        Raises:
            SlackRefused: If the app-level token is not valid.
            SlackUnreachable: If Slack does not answer.
        """
        if self._server:
            self._server.start()
        try:
            self._handler.connect()  # type: ignore[no-untyped-call]  # Bolt leaves it bare
        except SlackApiError as error:
            code = str(error.response.get("error") or "unknown")
            raise SlackRefused("apps.connections.open", code) from error
        except (SlackClientError, OSError) as error:
            name = type(error).__name__
            raise SlackUnreachable(f"apps.connections.open: {name}") from error

    def stop(self) -> None:
        """Disconnect. What arrives just then is not acknowledged, and comes again elsewhere."""
        _connection.addFilter(_drop)
        self._handler.close()  # type: ignore[no-untyped-call]  # Bolt leaves it bare
        _connection.removeFilter(_drop)
        if self._server:
            self._server.stop()

    def complaints(self) -> list[str]:
        """Whether the connection is down."""
        return [] if self._handler.client.is_connected() else ["not connected to Slack"]

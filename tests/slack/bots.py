"""Bots in processes of their own, as an operator runs them: `dateline slack run`."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO

from bot.samples import sample_folder
from tests.slack.server import LoopbackSlack

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 240.0


class BotProcess:
    """One `dateline slack run`, which can be killed and started again."""

    def __init__(
        self, slack: LoopbackSlack, library: Path, log: Path, *, http: bool = False, **more: str
    ) -> None:
        """`more` are further settings, named as in the environment."""
        self.slack = slack
        self.log = log
        self.port = free_port() if http else None
        self._process: subprocess.Popen[bytes] | None = None
        self._file: IO[bytes] | None = None
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATELINE_", "SLACK_"))}
        mode = {"DATELINE_SLACK_MODE": "http", "DATELINE_SLACK_PORT": str(self.port)}
        self._environ = {
            **kept,
            "DATELINE_LIBRARY": str(library),
            "DATELINE_SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            **(mode if http else {}),
            **more,
        }

    @property
    def url(self) -> str:
        """Where it takes events over HTTP."""
        return f"http://127.0.0.1:{self.port}/slack/events"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; `wait_until_ready` tells when it answers."""
        self._file = self.log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "slack", "run"],
            env=self._environ,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
        )

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until it takes events.

        Raises:
            TimeoutError: If it does not in time, or has ended.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.is_running:
            if self._is_ready():
                return
            time.sleep(0.05)
        raise TimeoutError(f"the bot is not ready: {self.log.read_text(errors='replace')[-2_000:]}")

    def _is_ready(self) -> bool:
        if self.port is None:
            return self.slack.courier.sockets.count > 0
        with contextlib.suppress(OSError, urllib.error.URLError):
            address = f"http://127.0.0.1:{self.port}/readyz"
            with urllib.request.urlopen(address, timeout=1) as reply:
                return bool(reply.status == 200)
        return False

    def kill(self) -> None:
        """End it at once, wherever it is."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end, as an operator does; its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            code = process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if self._file:
            self._file.close()
        return code

    def __enter__(self) -> BotProcess:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()


def free_port() -> int:
    """A port that nobody listens at just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_sample_library(folder: Path) -> None:
    """Ingest the sample articles, with the model that ships."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")}
    command = [sys.executable, "-m", "bot", "ingest", str(sample_folder())]
    subprocess.run(
        [*command, "--library", str(folder)], check=True, cwd=ROOT, env=environ, capture_output=True
    )

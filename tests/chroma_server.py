"""A real `chroma run` of the tests' own, on a free loopback port."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


class ChromaProcess:
    """One server; `kill` and `start` it at will."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="dateline-chroma-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and return when it listens."""
        chroma = Path(sys.executable).with_name("chroma")
        command = [str(chroma), "run", "--path", str(self._folder / "data")]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        deadline = time.monotonic() + 150
        while True:
            # It does not take over the address of one that was killed (SO_REUSEADDR): for as long
            # as the system remembers that one's connections, it ends at once.
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder
                )
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def kill(self) -> None:
        """Kill it as a failing machine would."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def pause(self, *, on: bool) -> None:
        """Let it hang, or go on."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def forget(self) -> None:
        """Lose all that it kept, while it is down."""
        shutil.rmtree(self._folder / "data", ignore_errors=True)

    def stop(self) -> None:
        """End it for good and remove its files."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _free_port() -> int:
    """A port below those that the system gives to clients.

    While the server is down a client that tries one of those may be given the very port that it
    calls, be connected to itself, and keep the server from coming back.
    """
    while True:
        with socket.socket() as free, contextlib.suppress(OSError):
            port = random.randrange(15_000, 32_000)
            free.bind(("127.0.0.1", port))
            return port

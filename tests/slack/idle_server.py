"""A server that does nothing but answer: what it takes to answer is the machine's doing.

Run beside a trial, it tells how much of a wait is the bot's, and how much everything else's.
"""

from __future__ import annotations

import contextlib
import http.client
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_EVERY_SECONDS = 0.1


class IdleServer:
    """The server in a process of its own, asked ten times a second until it is left."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        """How long each answer took."""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> IdleServer:
        command = [sys.executable, "-m", "tests.slack.idle_server"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _ask(self) -> None:
        while not self._done.wait(_EVERY_SECONDS):
            start = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("POST", "/", b"{}")
                connection.getresponse().read()
            connection.close()
            self.seconds.append(time.monotonic() - start)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Print the port, and answer until killed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()

"""A real PostgreSQL server of the tests' own, on a free loopback port, with a password.

Debian keeps the programs out of PATH; as root they refuse to run, so another user runs them.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

PASSWORD = "canary-" + "Zx9!kqw"
"""Must never be seen in any output."""


def find_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, of the newest release that is installed."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class PostgresServer:
    """One server; `kill` and `start` it at will."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="dateline-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self._user = _unprivileged() if os.geteuid() == 0 else None
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if self._user:
            for path in (self._folder, secret):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        self._run(
            "initdb", "-D", str(self.data), "-U", "news", "-A", "scram-sha-256",
            f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip

    @property
    def data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start it, and return when it answers."""
        options = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "",
            "max_connections": 60, "shared_buffers": "32MB", "fsync": "off",
        }  # fmt: skip
        command = [str(self._programs / "postgres"), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, user=self._user and self._user.pw_name, cwd="/"
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """Kill it as a failing machine would: at once, every connection with it."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        # Its children notice by themselves; only then can it be started again.
        pid = self.data / "postmaster.pid"
        time.sleep(0.3)
        pid.unlink(missing_ok=True)

    def stop(self) -> None:
        """End it for good and remove its files."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """The address of an empty schema, a place for one library."""
        name = f"t{secrets.token_hex(6)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.url('postgres')}?options=-csearch_path%3D{name}"

    def url(self, database: str) -> str:
        return f"postgresql://news:{PASSWORD.replace('!', '%21')}@127.0.0.1:{self.port}/{database}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True, capture_output=True, user=self._user and self._user.pw_name, cwd="/",
        )  # fmt: skip


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and there is no other user")


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

"""Runs commands in processes of their own and tells what they cost; knows nothing of Dateline."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# A child begins with the peak memory of whoever starts it, so a small process starts it: this one.
# It reports on the pipe whose number it is given.
_STARTER = """
import os, sys, time
os.set_inheritable(int(sys.argv[1]), False)
began = time.monotonic()
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
figures = (os.waitstatus_to_exitcode(status), time.monotonic() - began,
           usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
os.write(int(sys.argv[1]), " ".join(map(str, figures)).encode())
"""
_BYTES_OF_PEAK = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that has ended."""

    code: int
    """Its exit status; minus the signal's number if one ended it."""
    wall_seconds: float
    cpu_seconds: float
    """In user and system mode, its own children included."""
    peak_mb: float
    """The most memory that it held at once."""
    stdout: str
    stderr: str


def run_process(
    command: Sequence[str | os.PathLike[str]],
    *,
    environ: Mapping[str, str],
    stdin: bytes = b"",
    folder: Path | None = None,
    timeout_seconds: float = 600.0,
) -> Finished:
    """Run a command to its end and tell what it cost.

    Args:
        command: The program by its path, and its arguments.
        environ: The whole environment that it gets.
        stdin: What it reads on standard input.
        folder: Where it runs; here if None.
        timeout_seconds: After so long it is killed.

    Raises:
        TimeoutError: If it had to be.
    """
    figures, report = os.pipe()
    with os.fdopen(figures, "rb") as stream:
        try:
            # Isolated and without site-packages, the starter takes 10 MB.
            process = subprocess.Popen(  # noqa: S603  the caller's own command
                [sys.executable, "-I", "-S", "-c", _STARTER, str(report), *command],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environ, cwd=folder, pass_fds=[report], start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(report)
        stdout, stderr = _wait(process, stdin, timeout_seconds)
        told = stream.read().split()
    if len(told) != 4:
        raise RuntimeError(f"{command[0]} could not be started: {stderr.decode(errors='replace')}")
    return Finished(
        code=int(told[0]),
        wall_seconds=float(told[1]),
        cpu_seconds=float(told[2]),
        peak_mb=int(told[3]) * _BYTES_OF_PEAK / 1e6,
        stdout=stdout.decode(errors="replace"),
        stderr=stderr.decode(errors="replace"),
    )


def _wait(
    process: subprocess.Popen[bytes], stdin: bytes, timeout_seconds: float
) -> tuple[bytes, bytes]:
    try:
        return process.communicate(stdin, timeout=timeout_seconds)
    except BaseException as error:
        # The starter's own child too: both are in the session that was made for them.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise TimeoutError(f"killed after {timeout_seconds:.0f} s") from error
        raise

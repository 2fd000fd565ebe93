"""The peers' own Python environment: made from a hashed lock when it is first needed, then kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_path


class PeersMissing(Exception):
    """The peers could not be installed, as where no package index can be reached."""


def peers_python(say: Callable[[str], None]) -> Path:
    """The Python that has the peers, which is made if need be: about a minute and 1 GB.

    Raises:
        PeersMissing: If that fails.
    """
    lock = Path(str(files("eval.bench.peers") / "requirements.txt"))
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = user_cache_path("dateline", appauthor=False) / f"bench-peers-{digest}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    ready = folder / ".ready"
    if not ready.exists():
        say(f"installing what Dateline is measured against into {folder}")
        venv.create(folder, with_pip=True, clear=True)
        _install(python, lock)
        ready.touch()
    return python


def _install(python: Path, lock: Path) -> None:
    options = ("--quiet", "--disable-pip-version-check", "--require-hashes", "-r")
    done = subprocess.run(  # noqa: S603  our own interpreter and lock
        [python, "-m", "pip", "install", *options, lock],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise PeersMissing(f"The peers could not be installed: {why}")

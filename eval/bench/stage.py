"""What every measurement works with: a folder that is thrown away, and the program itself."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.samples import sample_folder
from eval.bench.process import Finished, run_process
from eval.dataset import GoldQuestion, load_questions

# Searching the way to a program takes a variable; everything else would be the user's own.
_KEPT = ("PATH", "LANG", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: more takes longer and says more."""

    starts: int = 5
    """Processes for each figure of a start."""
    questions: int = 290
    """At most so many of the sample questions."""
    chunks: int = 1_000
    """About so many are ingested; of few, the start of the program would rule."""
    rounds: int = 3
    """Ingests, each beside the bare embedding model."""
    updates: int = 10
    cold: int = 3
    """Cold answers of each system that is compared."""

    @classmethod
    def quick(cls) -> Effort:
        """Half a minute: shows that everything runs, and orders of magnitude."""
        return cls(starts=2, questions=25, chunks=60, rounds=1, updates=2)


@dataclass(frozen=True, slots=True)
class Stage:
    """One run's folder, and Dateline started in it as a user would."""

    folder: Path
    effort: Effort
    say: Callable[[str], None] = field(repr=False)
    """Told what is measured next."""
    archive: Path = field(default_factory=sample_folder)
    """The articles of `samples`."""

    @property
    def samples(self) -> Path:
        """A library of the sample archive; see `fill_samples`."""
        return self.folder / "samples"

    def fill_samples(self) -> None:
        """Make the library of samples, if it is not there."""
        if not self.samples.exists():
            self.say("ingesting the sample archive")
            self.dateline("ingest", str(self.archive), "--library", str(self.samples))

    def dateline(
        self, *arguments: str, stdin: bytes = b"", codes: Iterable[int] = (0,)
    ) -> Finished:
        """Run `dateline` to its end.

        Raises:
            RuntimeError: If its exit code is none of `codes`.
        """
        return self.python("-m", "bot", *arguments, stdin=stdin, codes=codes)

    def python(self, *arguments: str, stdin: bytes = b"", codes: Iterable[int] = (0,)) -> Finished:
        """Run this Python to its end, with a home of its own and none of the user's settings."""
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        done = run_process(
            [sys.executable, *arguments],
            environ=environ | {"HOME": str(self.folder)},
            stdin=stdin,
            timeout_seconds=3600,
        )
        if done.code not in tuple(codes):
            raise RuntimeError(f"{arguments} ended with {done.code}: {done.stderr[-2000:]}")
        return done

    def questions(self) -> list[GoldQuestion]:
        """Sample questions, spread evenly over the set."""
        every = load_questions(Path(str(files("eval") / "sets" / "samples.jsonl")))
        step = max(1, len(every) // self.effort.questions)
        return every[::step][: self.effort.questions]


def read_json(done: Finished) -> dict[str, Any]:
    """The one object that a command with `--json` has printed."""
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def milliseconds(work: Callable[[], object]) -> float:
    """How long `work` takes on the clock."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def folder_bytes(folder: Path) -> int:
    """What the files below a folder take, without what their blocks leave empty."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

"""One run from its specification to its file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.batch import BatchBackend
from eval.dataset import GoldQuestion, digest_questions
from eval.provenance import describe_moment, describe_program
from eval.record import CaseRecord, Outcome
from eval.run_file import Run, RunFile, read_run
from eval.runner import Backend, Tally, ThreadedBackend, plan_cases, run_cases
from eval.running.subject import Specification, Subject, open_subject
from eval.running.workers import WorkerBackend
from eval.subject import LibraryBodies
from eval.summary import scores_by
from index.store.address import Servers


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How cases are asked; it changes how long a run takes, not what comes of it."""

    workers: int = 1
    """Cases under way at a time."""
    timeout_seconds: float = 120.0
    batch: bool = False
    """Through `dateline ask --batch`: the whole program as it is installed."""
    in_process: bool = False
    """By threads of this process: for models behind a network, which wait most of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is to be run."""

    set_name: str
    questions: Sequence[GoldQuestion]
    specification: Specification
    repeats: int = 1
    manner: Manner = Manner()
    cost_of: Callable[[Outcome], float | None] = lambda _: None
    """What an outcome cost, in US dollars."""

    def run(
        self,
        path: Path,
        *,
        fresh: bool = False,
        on_begin: Callable[[int, int], None] = lambda _total, _kept: None,
        on_record: Callable[[CaseRecord], None] = lambda _: None,
    ) -> tuple[Run, Tally]:
        """Ask what the file does not hold yet, and give the whole run.

        Args:
            path: The run's file.
            fresh: Begin anew instead of going on.
            on_begin: Told how many cases there are and how many are kept.
            on_record: Called after each case.

        Raises:
            DatelineError: If the bot cannot be opened, or the file cannot be used.
        """
        cases = plan_cases(self.questions, self.repeats)
        with open_subject(self.specification, os.environ) as subject:
            config = self._describe(subject)
            with RunFile(path, config, describe_moment(), fresh=fresh) as run_file:
                on_begin(len(cases), sum(run_file.answered(*case.key) for case in cases))
                tally = run_cases(
                    cases,
                    self._backend(subject),
                    run_file,
                    scores_by(LibraryBodies(subject.bot.library)),
                    cost_of=self.cost_of,
                    on_record=on_record,
                )
                # Also where nothing was asked: a kill may have cost the run its last line only.
                if not run_file.ended:
                    run_file.end(_notes(tally))
        return read_run(path), tally

    def _describe(self, subject: Subject) -> dict[str, str]:
        return {
            "set": self.set_name,
            "questions": digest_questions(self.questions),
            "repeats": str(self.repeats),
            "asked through": "dateline ask --batch" if self.manner.batch else "workers",
            "timeout": f"{self.manner.timeout_seconds:g} s",
            **self.specification.describe(),
            **subject.described,
            **describe_program(self.specification.configuration.prompts),
        }

    def _backend(self, subject: Subject) -> Backend:
        manner = self.manner
        if manner.batch:
            return BatchBackend(
                self._batch_command(),
                timeout_seconds=manner.timeout_seconds,
                environ=self._batch_environ(),
            )
        if manner.in_process:
            return ThreadedBackend(
                subject.ask, workers=manner.workers, timeout_seconds=manner.timeout_seconds
            )
        return WorkerBackend(
            self.specification.to_json(),
            workers=manner.workers,
            timeout_seconds=manner.timeout_seconds,
        )

    def _batch_command(self) -> list[str]:
        specification = self.specification
        command = [sys.executable, "-m", "bot", "ask", "--batch", "-"]
        command += ["--library", str(specification.library)]
        return command + (["--offline"] if specification.offline else [])

    def _batch_environ(self) -> dict[str, str]:
        hidden = Servers.NAMES if self.specification.made else frozenset()
        return {name: value for name, value in os.environ.items() if name not in hidden}


def _notes(tally: Tally) -> Mapping[str, Any]:
    return {"at": describe_moment()["started"], "failed": tally.failed}

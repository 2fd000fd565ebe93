"""Asks through `dateline ask --batch`: the whole program as it is installed, started once."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import IO, Any

from eval.dataset import GoldQuestion, render_question
from eval.record import Case, Outcome
from eval.runner import time_out
from index.errors import DatelineError

_ASKED = ("id", "question", "as_of", "since", "until", "outlet", "history")


class BatchError(DatelineError):
    """The program under measurement ended before it answered anything."""


class BatchBackend:
    """Runs a command that reads one question a line and writes one answer a line, in order."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        timeout_seconds: float | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what is needed.

        Args:
            command: Program and arguments; it reads questions from its standard input.
            timeout_seconds: Longest wait for one line. Then the program is killed, its case has
                failed, and it is started again for the rest.
            environ: The program's environment; this process's if None.
        """
        self._command = list(command)
        self._environ = environ
        self._timeout_seconds = timeout_seconds

    def answer_all(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """One outcome a case, in their order.

        Raises:
            BatchError: If the program ends at its first start without any answer.
        """
        left = list(cases)
        first_start = True
        while left:
            answered = 0
            with _Program(self._command, left, self._environ) as program:
                for case in left:
                    outcome = program.next_outcome(case, self._timeout_seconds)
                    if first_start and program.gave_up:
                        raise BatchError(
                            f"`{' '.join(self._command)}` answered nothing: {outcome.error}. "
                            "Run it by hand to see why."
                        )
                    first_start = False
                    answered += 1
                    yield outcome
                    if program.is_over:
                        break
            left = left[answered:]


class _Program:
    """One start of the program."""

    def __init__(
        self, command: list[str], cases: Sequence[Case], environ: Mapping[str, str] | None
    ) -> None:
        self._command = command
        self._environ = environ
        self._cases = cases
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self.is_over = False
        """True once no further line will come."""
        self.gave_up = False
        """True if it ended by itself, with lines still to come."""

    def __enter__(self) -> _Program:
        # A file, not a pipe: a program that reads late, or not at all, blocks nobody.
        self._stderr = tempfile.TemporaryFile()
        with tempfile.TemporaryFile() as stdin:
            stdin.writelines(_render_line(case.question) for case in self._cases)
            stdin.seek(0)
            try:
                self._process = subprocess.Popen(  # noqa: S603  the caller's own command
                    self._command,
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=self._stderr,
                    env=self._environ,
                )
            except OSError as error:
                self._stderr.close()
                raise BatchError(
                    f"Cannot start {self._command[0]}: {error.strerror or error}. "
                    "Is Dateline installed in this environment?"
                ) from error
        assert self._process.stdout is not None
        self._reader = threading.Thread(
            target=_pump, args=(self._process.stdout, self._lines), daemon=True
        )
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()
        self._stderr.close()

    def next_outcome(self, case: Case, timeout_seconds: float | None) -> Outcome:
        """Wait for the next line and hold it against the case."""
        started = time.perf_counter()
        try:
            line = self._lines.get(timeout=timeout_seconds)
        except Empty:
            self._process.kill()
            self.is_over = True
            return time_out(case, timeout_seconds or 0.0)
        if line is None:
            self.is_over = self.gave_up = True
            return _fail(case, self._describe_end(), _since(started))
        return _read_line(line, case, _since(started))

    def _describe_end(self) -> str:
        code = self._process.wait()
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(said) if line.strip()), "it said nothing")
        return f"ended with exit code {code}: {last[:300]}"


def _pump(stream: IO[bytes], lines: SimpleQueue[bytes | None]) -> None:
    """Hand over line by line, then None; a line that is cut short by a kill is not handed over."""
    for line in stream:
        if line.endswith(b"\n"):
            lines.put(line)
    lines.put(None)


def _render_line(question: GoldQuestion) -> bytes:
    fields = render_question(question)
    asked = {name: fields[name] for name in _ASKED if name in fields}
    return json.dumps(asked).encode() + b"\n"


def _read_line(line: bytes, case: Case, seconds: float) -> Outcome:
    try:
        answer: Any = json.loads(line)
    except (ValueError, RecursionError):
        return _fail(case, f"not JSON: {line[:80]!r}", seconds)
    if not isinstance(answer, dict) or answer.get("id") != case.question.id:
        return _fail(case, f"not this question's answer: {line[:80]!r}", seconds)
    if "status" not in answer:
        reason = answer.get("error") or answer.get("reason") or "no status"
        return _fail(case, str(reason)[:300], seconds)
    return Outcome(case.question.id, answer, None, seconds, case.repeat)


def _fail(case: Case, error: str, seconds: float) -> Outcome:
    return Outcome(case.question.id, None, error, seconds, case.repeat)


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 4)

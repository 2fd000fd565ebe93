"""Asks through worker processes: as many cases at a time as there are workers.

Answering offline is work for the processor, which threads of one process would share; and only a
process can be killed when a case hangs.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from eval.dataset import render_question
from eval.record import Case, Outcome, take_answer
from eval.runner import time_out
from index.errors import DatelineError, LibraryError

# A worker loads its models before it is ready; under load that takes a while.
_SECONDS_TO_START = 600.0
# A case at which workers keep dying must not be tried for ever.
_MOST_STARTS_A_CASE = 2


class WorkerError(DatelineError):
    """No worker could be started."""


@dataclass(slots=True)
class _Board:
    """What the threads of one run share."""

    waiting: queue.SimpleQueue[Case] = field(default_factory=queue.SimpleQueue)
    ended: queue.SimpleQueue[Outcome | DatelineError] = field(default_factory=queue.SimpleQueue)
    stopped: threading.Event = field(default_factory=threading.Event)


class WorkerBackend:
    """Runs `command` in several processes, each of which answers one case at a time."""

    def __init__(
        self, specification: str, *, workers: int, timeout_seconds: float, module: str | None = None
    ) -> None:
        """Keep what is needed.

        Args:
            specification: What each worker is told, see `eval.running.subject`.
            workers: Processes, and so cases under way at a time.
            timeout_seconds: After that a case has failed; its worker is killed, and another is
                started for the rest.
            module: What a worker runs.

        Raises:
            ValueError: If there is no worker, or the time is not positive.
        """
        if workers < 1 or timeout_seconds <= 0:
            raise ValueError(f"workers={workers}, timeout_seconds={timeout_seconds}")
        self._command = [sys.executable, "-m", module or "eval.running.worker", specification]
        self._workers = workers
        self._timeout_seconds = timeout_seconds

    def answer_all(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """One outcome a case, in the order in which they end.

        Raises:
            DatelineError: If no worker can do its work: the library, a setting, a recording.
        """
        board = _Board()
        for case in cases:
            board.waiting.put(case)
        threads = [
            threading.Thread(target=self._drive, args=(board,), daemon=True)
            for _ in range(min(self._workers, len(cases)))
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in cases:
                outcome = board.ended.get()
                if isinstance(outcome, DatelineError):
                    raise outcome
                yield outcome
        finally:
            board.stopped.set()
            for thread in threads:
                thread.join(timeout=10)

    def _drive(self, board: _Board) -> None:
        """Keep one worker busy until nothing waits."""
        worker: _Worker | None = None
        try:
            while not board.stopped.is_set():
                try:
                    case = board.waiting.get_nowait()
                except queue.Empty:
                    return
                worker = self._answer(case, worker, board)
        except DatelineError as error:
            board.ended.put(error)
        except Exception as error:  # a thread's own failure would leave the run waiting for ever
            board.ended.put(WorkerError(f"A worker could not be driven: {error!r}."))
        finally:
            if worker:
                worker.kill()

    def _answer(self, case: Case, worker: _Worker | None, board: _Board) -> _Worker | None:
        """Have one case answered; gives the worker if it may go on."""
        started = time.perf_counter()
        for _ in range(_MOST_STARTS_A_CASE):
            worker = worker or _Worker(self._command)
            started = time.perf_counter()
            worker.send(case)
            reply = worker.receive(self._timeout_seconds, board.stopped)
            if reply is not None and not worker.is_over:
                board.ended.put(_read(reply, case, time.perf_counter() - started))
                return worker
            how = worker.describe_end() if worker.is_over else None
            worker.kill()
            worker = None
            if how is None:
                board.ended.put(time_out(case, self._timeout_seconds))
                return None
        seconds = round(time.perf_counter() - started, 4)
        board.ended.put(Outcome(case.question.id, None, how, seconds, case.repeat))
        return None


class _Worker:
    """One process."""

    def __init__(self, command: Sequence[str]) -> None:
        # A file, not a pipe: nobody reads it while the worker runs.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the worker
        self._process = subprocess.Popen(  # noqa: S603  our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr
        )
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.is_over = False
        """True once the process ended by itself."""
        assert self._process.stdout is not None
        self._reader = threading.Thread(
            target=_pump, args=(self._process.stdout, self._lines), daemon=True
        )
        self._reader.start()
        try:
            if self.receive(_SECONDS_TO_START) is None:
                what = self.describe_end() if self.is_over else "it did not get ready"
                raise WorkerError(f"A worker could not be started: {what}.")
        except BaseException:
            self.kill()
            raise

    def send(self, case: Case) -> None:
        """Hand over one case."""
        assert self._process.stdin is not None
        line = json.dumps({"question": render_question(case.question), "repeat": case.repeat})
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except OSError:  # it has ended, which `receive` will see
            self.is_over = True

    def receive(
        self, timeout_seconds: float, stopped: threading.Event | None = None
    ) -> dict[str, Any] | None:
        """The next reply; None if none came in time, or the process ended.

        Raises:
            DatelineError: What ended the worker, if a user can mend it.
        """
        end = time.monotonic() + timeout_seconds
        while True:
            try:
                line = self._lines.get(timeout=min(0.2, max(0.0, end - time.monotonic())))
                break
            except queue.Empty:
                if time.monotonic() >= end or (stopped and stopped.is_set()):
                    return None
        if line is None:
            self.is_over = True
            return None
        reply: dict[str, Any] = json.loads(line)
        if "fatal" in reply:
            raise _translate(reply)
        return reply

    def describe_end(self) -> str:
        """How it ended, with the last line that it said."""
        code = self._process.wait()
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(said) if line.strip()), "it said nothing")
        return f"the worker ended with exit code {code}: {last[:300]}"

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._stderr.close()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                try:
                    stream.close()
                except OSError:  # what was not flushed has no reader any more
                    continue


def _pump(stream: IO[bytes], lines: queue.SimpleQueue[bytes | None]) -> None:
    """Hand over line by line, then None."""
    for line in stream:
        if line.endswith(b"\n"):
            lines.put(line)
    lines.put(None)


def _translate(reply: dict[str, Any]) -> DatelineError:
    kinds = {kind.__name__: kind for kind in _kinds(DatelineError)}
    kind = kinds.get(str(reply.get("kind")), LibraryError)
    return kind(str(reply["fatal"]))


def _kinds(kind: type[DatelineError]) -> Iterator[type[DatelineError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _kinds(one)


def _read(reply: dict[str, Any], case: Case, seconds: float) -> Outcome:
    answer, error = reply.get("answer"), reply.get("error")
    if error is None and isinstance(answer, dict):
        return take_answer(case, answer, round(seconds, 4))
    return Outcome(case.question.id, None, str(error), round(seconds, 4), case.repeat)

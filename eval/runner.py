"""Puts the questions of a set to the bot. It knows neither what is right nor how the bot works."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from eval.dataset import GoldQuestion
from eval.record import Case, CaseRecord, Outcome, take_answer
from eval.run_file import RunFile
from index.errors import DatelineError, LibraryError

logger = logging.getLogger(__name__)


class Ask(Protocol):
    """Answers one question with the contract's JSON object."""

    def __call__(self, case: Case) -> dict[str, Any]:
        """May raise anything: then the case has failed, and the run goes on."""
        ...


class Backend(Protocol):
    """A way to put many questions to the bot."""

    def answer_all(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """One outcome a case, as they come in; a case that fails is an outcome too."""
        ...


class Score(Protocol):
    """Holds an outcome against what is right."""

    def __call__(self, question: GoldQuestion, outcome: Outcome) -> Mapping[str, float]:
        """Scores by the names in `eval.summary.FIGURES`, without those that do not apply."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How a run went."""

    asked: int
    kept: int
    """Cases that an earlier, interrupted run had answered already."""
    failed: int


def plan_cases(questions: Sequence[GoldQuestion], repeats: int = 1) -> list[Case]:
    """Every question `repeats` times; the set is gone through once before any comes again.

    Raises:
        ValueError: If `repeats` is not positive.
    """
    if repeats < 1:
        raise ValueError(f"repeats={repeats}")
    return [Case(question, repeat) for repeat in range(repeats) for question in questions]


def run_cases(
    cases: Sequence[Case],
    backend: Backend,
    run_file: RunFile,
    score: Score,
    *,
    cost_of: Callable[[Outcome], float | None] = lambda _: None,
    on_record: Callable[[CaseRecord], None] = lambda _: None,
) -> Tally:
    """Ask what the run file does not hold yet, and write each case as it comes in.

    Args:
        cases: All that the run is to hold.
        backend: How to ask.
        run_file: The run to begin or to go on with.
        score: Scores each outcome at once, while what it is held against is at hand.
        cost_of: What an outcome cost, in US dollars.
        on_record: Called after each case is on disk, in this thread.
    """
    due = [case for case in cases if not run_file.answered(*case.key)]
    question_by_id = {case.question.id: case.question for case in due}
    failed = 0
    for outcome in backend.answer_all(due):
        question = question_by_id[outcome.id]
        record = CaseRecord(question, outcome, score(question, outcome), cost_of(outcome))
        run_file.append(record)
        failed += record.failed
        on_record(record)
    logger.info("ran set asked=%d kept=%d failed=%d", len(due), len(cases) - len(due), failed)
    return Tally(asked=len(due), kept=len(cases) - len(due), failed=failed)


class ThreadedBackend:
    """Asks through a function, several questions at a time."""

    def __init__(self, ask: Ask, *, workers: int = 1, timeout_seconds: float | None = None) -> None:
        """Keep what is needed.

        Args:
            ask: Called from several threads if `workers` is more than one.
            workers: Questions under way at a time.
            timeout_seconds: After that a case has failed. Its thread cannot be stopped and goes
                on unheeded; it ends with the process.

        Raises:
            ValueError: If there is no worker, or the time is not positive.
        """
        if workers < 1 or (timeout_seconds is not None and timeout_seconds <= 0):
            raise ValueError(f"workers={workers}, timeout_seconds={timeout_seconds}")
        self._ask = ask
        self._workers = workers
        self._timeout_seconds = timeout_seconds

    def answer_all(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """One outcome a case, in the order in which they end.

        Raises:
            LibraryError: If the library cannot be used; every other case would fail too.
        """
        waiting: SimpleQueue[Case] = SimpleQueue()
        ended: SimpleQueue[Outcome | LibraryError] = SimpleQueue()
        for case in cases:
            waiting.put(case)
        stopped = threading.Event()
        for _ in range(min(self._workers, len(cases))):
            # Daemons: a case that hangs must not keep the process from ending.
            threading.Thread(target=self._work, args=(waiting, ended, stopped), daemon=True).start()
        try:
            for _ in cases:
                outcome = ended.get()
                if isinstance(outcome, LibraryError):
                    raise outcome
                yield outcome
        finally:
            stopped.set()

    def _work(
        self,
        waiting: SimpleQueue[Case],
        ended: SimpleQueue[Outcome | LibraryError],
        stopped: threading.Event,
    ) -> None:
        while not stopped.is_set():
            try:
                case = waiting.get_nowait()
            except Empty:
                return
            ended.put(self._outcome_in_time(case))

    def _outcome_in_time(self, case: Case) -> Outcome | LibraryError:
        limit = self._timeout_seconds
        if limit is None:
            return self._outcome(case)
        box: SimpleQueue[Outcome | LibraryError] = SimpleQueue()
        threading.Thread(target=lambda: box.put(self._outcome(case)), daemon=True).start()
        try:
            return box.get(timeout=limit)
        except Empty:
            return time_out(case, limit)

    def _outcome(self, case: Case) -> Outcome | LibraryError:
        started = time.perf_counter()
        name, repeat = case.key
        try:
            answer = self._ask(case)
        except LibraryError as error:
            return error
        except Exception as error:  # a case may fail in any way; the run goes on and says so
            is_ours = isinstance(error, DatelineError)
            logger.warning("case failed id=%s", name, exc_info=not is_ours)
            return Outcome(name, None, describe_error(error), _since(started), repeat)
        return take_answer(case, answer, _since(started))


def time_out(case: Case, seconds: float) -> Outcome:
    """The outcome of a case of which nothing came for so long."""
    name, repeat = case.key
    return Outcome(name, None, f"no answer within {seconds:g} s", seconds, repeat, timed_out=True)


def describe_error(error: BaseException) -> str:
    """One line for a run file: the kind of error and the start of its message."""
    # What a user can mend says how, and is given whole.
    limit = 1_500 if isinstance(error, DatelineError) else 300
    message = " ".join(str(error).split())[:limit]
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 4)

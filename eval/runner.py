"""Puts the questions of a set to the bot. It knows neither what is right nor how the bot works."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from bot.answer import Answer, Question, render_answer
from eval.dataset import GoldQuestion
from eval.run_file import Outcome, RunFile
from index.errors import LibraryError

logger = logging.getLogger(__name__)


class Ask(Protocol):
    """Answers one question with the contract's JSON object."""

    def __call__(self, question: GoldQuestion) -> dict[str, Any]:
        """May raise anything: then the case has failed, and the run goes on."""
        ...


class Backend(Protocol):
    """A way to put many questions to the bot."""

    def answer_all(self, questions: Sequence[GoldQuestion]) -> Iterator[Outcome]:
        """One outcome a question, as they come in; a case that fails is an outcome too."""
        ...


class Answerer(Protocol):
    """The bot inside this process."""

    def answer(self, question: Question) -> Answer:
        """The answer to one question."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How a run went."""

    asked: int
    kept: int
    """Cases that an earlier, interrupted run had answered already."""
    failed: int


def run_questions(
    questions: Sequence[GoldQuestion],
    backend: Backend,
    run_file: RunFile,
    *,
    on_outcome: Callable[[Outcome], None] = lambda _: None,
) -> Tally:
    """Ask what the run file does not hold yet, and write each outcome as it comes in.

    Args:
        questions: The whole set.
        backend: How to ask.
        run_file: The run to begin or to go on with.
        on_outcome: Called after each outcome is on disk, in this thread.
    """
    due = [question for question in questions if not run_file.answered(question.id)]
    failed = 0
    for outcome in backend.answer_all(due):
        run_file.append(outcome)
        failed += outcome.error is not None
        on_outcome(outcome)
    logger.info("ran set asked=%d kept=%d failed=%d", len(due), len(questions) - len(due), failed)
    return Tally(asked=len(due), kept=len(questions) - len(due), failed=failed)


def ask_within(answerer: Answerer) -> Ask:
    """Ask a bot that lives in this process."""

    def ask(question: GoldQuestion) -> dict[str, Any]:
        return render_answer(answerer.answer(question.to_question()))

    return ask


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

    def answer_all(self, questions: Sequence[GoldQuestion]) -> Iterator[Outcome]:
        """One outcome a question, in the order in which they end.

        Raises:
            LibraryError: If the library cannot be used; every other case would fail too.
        """
        waiting: SimpleQueue[GoldQuestion] = SimpleQueue()
        ended: SimpleQueue[Outcome | LibraryError] = SimpleQueue()
        for question in questions:
            waiting.put(question)
        stopped = threading.Event()
        for _ in range(min(self._workers, len(questions))):
            # Daemons: a case that hangs must not keep the process from ending.
            threading.Thread(target=self._work, args=(waiting, ended, stopped), daemon=True).start()
        try:
            for _ in questions:
                outcome = ended.get()
                if isinstance(outcome, LibraryError):
                    raise outcome
                yield outcome
        finally:
            stopped.set()

    def _work(
        self,
        waiting: SimpleQueue[GoldQuestion],
        ended: SimpleQueue[Outcome | LibraryError],
        stopped: threading.Event,
    ) -> None:
        while not stopped.is_set():
            try:
                question = waiting.get_nowait()
            except Empty:
                return
            ended.put(self._outcome_in_time(question))

    def _outcome_in_time(self, question: GoldQuestion) -> Outcome | LibraryError:
        limit = self._timeout_seconds
        if limit is None:
            return self._outcome(question)
        box: SimpleQueue[Outcome | LibraryError] = SimpleQueue()
        threading.Thread(target=lambda: box.put(self._outcome(question)), daemon=True).start()
        try:
            return box.get(timeout=limit)
        except Empty:
            return Outcome(question.id, None, f"no answer within {limit:g} s", limit)

    def _outcome(self, question: GoldQuestion) -> Outcome | LibraryError:
        started = time.perf_counter()
        try:
            answer = self._ask(question)
        except LibraryError as error:
            return error
        except Exception as error:  # a case may fail in any way; the run goes on and says so
            logger.warning("case failed id=%s", question.id, exc_info=True)
            return Outcome(question.id, None, describe_error(error), _since(started))
        return Outcome(question.id, answer, None, _since(started))


def describe_error(error: BaseException) -> str:
    """One line for a run file: the kind of error and the start of its message."""
    message = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 4)

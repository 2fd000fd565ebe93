"""A worker of a run: one case a line in, one answer a line out.

    python -m eval.running.worker SPECIFICATION

`eval.running.workers` starts it and kills it; standard output is the answers' alone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any, TextIO

from eval.dataset import parse_question
from eval.record import Case
from eval.runner import Ask, describe_error
from eval.running.subject import Specification, open_subject
from index.errors import DatelineError, LibraryError


def main() -> int:
    """Answer until standard input ends."""
    # Ctrl-C reaches the whole group; the one who started this worker ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = _claim_stdout()
    try:
        with open_subject(Specification.from_json(sys.argv[1]), os.environ) as subject:
            _write(answers, {"ready": True})
            for line in sys.stdin:
                _write(answers, _answer(subject.ask, line))
    except DatelineError as error:
        _write(answers, {"fatal": str(error), "kind": type(error).__name__})
        return 1
    return 0


def _answer(ask: Ask, line: str) -> dict[str, Any]:
    fields = json.loads(line)
    question = parse_question(fields["question"], place="the worker's input")
    try:
        return {"answer": ask(Case(question, fields["repeat"]))}
    except LibraryError:
        raise
    except Exception as error:  # a case may fail in any way; the run goes on and says so
        return {"error": describe_error(error)}


def _claim_stdout() -> TextIO:
    """The real standard output; what else prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _write(answers: TextIO, fields: dict[str, Any]) -> None:
    answers.write(json.dumps(fields) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())

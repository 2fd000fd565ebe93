"""The outermost layer: runs one command, and turns whatever happens into a line and an exit code.

0  it worked, or the question was answered     3  abstained
1  the bot failed                              4  ambiguous or conflicting
2  wrong use                                   5  partly done
130  stopped by the user (128 + SIGINT)
141  whoever read the output went away (128 + SIGPIPE)
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bot.cli.console import write_json, write_note
from index.errors import DatelineError, LibraryMissing, SourceError, UsageError

if TYPE_CHECKING:
    from typer.exceptions import TyperException

OK, FAILED, WRONG_USE, ABSTAINED, UNSETTLED, PARTLY_DONE = range(6)
INTERRUPTED = 130
BROKEN_PIPE = 141

logger = logging.getLogger(__name__)


def run(arguments: Sequence[str]) -> int:
    """Run `dateline` with `arguments` and give its exit code; nothing is raised.

    What went wrong is one line on standard error; with `--json` it is also an object
    `{"error": {"message", "type"}}` on standard output.
    """
    _speak_utf8()
    try:
        code = _guarded(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return BROKEN_PIPE
    except OSError as error:  # a full disk, met when the last of the output is written
        _forget_stdout()
        write_note(f"error: The output cannot be written: {error.strerror or error}.")
        return FAILED
    if code == INTERRUPTED:
        write_note("Stopped.")
    return code


def _guarded(arguments: Sequence[str]) -> int:
    as_json = "--json" in _before_dashes(arguments)
    try:
        return _invoke(arguments)
    except BrokenPipeError:
        raise
    except DatelineError as error:
        logger.debug("failed", exc_info=True)
        _report(str(error), type(error).__name__, as_json=as_json)
        return _code_of(error)
    except Exception as error:  # the edge: nothing may reach the user as a traceback
        logger.debug("failed", exc_info=True)
        _report(_describe_bug(error), "InternalError", as_json=as_json)
        return FAILED


def _invoke(arguments: Sequence[str]) -> int:
    from typer.exceptions import Abort, TyperException
    from typer.main import get_command

    from bot.cli.app import app

    command = get_command(app)
    try:
        code = command.main(args=list(arguments), prog_name="dateline", standalone_mode=False)
    except TyperException as error:
        if not error.format_message():  # a group without a command: typer has shown its help
            return WRONG_USE
        raise UsageError(_describe_misuse(error)) from error
    except Abort:
        return INTERRUPTED
    except SystemExit as error:  # shell completion ends this way
        code = error.code
    return code if isinstance(code, int) else OK


def quieten_pipes(work: Callable[[], int | None]) -> int | None:
    """Do `work`; a broken pipe ends it with `BROKEN_PIPE` before anyone makes a failure of it."""
    try:
        return work()
    except BrokenPipeError:
        _forget_stdout()
        return BROKEN_PIPE


def _report(message: str, kind: str, *, as_json: bool) -> None:
    line = " ".join(message.split())
    write_note(f"error: {line}")
    if as_json:
        write_json({"error": {"message": line, "type": kind}})


def _code_of(error: DatelineError) -> int:
    # To ask before anything was ingested is a wrong use; a broken library is a failure.
    misused = isinstance(error, UsageError | SourceError | LibraryMissing)
    return WRONG_USE if misused else FAILED


def _describe_misuse(error: TyperException) -> str:
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "dateline"
    return f"{message}. See: {path} --help"


def _describe_bug(error: Exception) -> str:
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return (
        f"Dateline failed unexpectedly ({what}). Run the same command with -v to see where, "
        "and check the library with: dateline doctor"
    )


def _before_dashes(arguments: Sequence[str]) -> Sequence[str]:
    return arguments[: list(arguments).index("--")] if "--" in arguments else arguments


def _speak_utf8() -> None:
    """Write UTF-8 whatever the locale says, with escapes for what is no text at all.

    A stream that the caller closed is replaced by one that leads nowhere.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  for good
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _forget_stdout() -> None:
    """Point standard output at nothing, so that the interpreter's last flush stays quiet."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # a stream without a descriptor has nothing to flush
        logger.debug("standard output has no descriptor", exc_info=True)

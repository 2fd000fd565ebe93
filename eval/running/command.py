"""`dateline eval run` and `dateline eval matrix`: put a set to the bot."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import OK, PARTLY_DONE
from bot.cli.options import takes
from eval.running.options import MatrixOptions, RunOptions
from eval.show import open_progress, show_run

if TYPE_CHECKING:
    from eval.run_file import Run
    from eval.runner import Tally
    from eval.running.session import Session


@takes(RunOptions)
def run(options: RunOptions) -> int:
    """Ask every question of a set and score the answers; a run that was stopped goes on."""
    from eval.running.configuration import read_choices
    from eval.running.plan import plan_session
    from eval.running.subject import open_library
    from eval.subject import LibraryBodies

    configuration = read_choices(options.choices or ())
    session = plan_session(options, configuration)
    path = options.run or Path(f"{options.set_file.stem}.run.jsonl")
    kept, tally = _run(session, path, fresh=options.fresh, name="asking")
    with open_library(session.specification, os.environ) as bot:
        show_run(options, kept, session.questions, LibraryBodies(bot.library))
    _tell_failures(kept, path)
    return PARTLY_DONE if tally.failed else OK


@takes(MatrixOptions)
def matrix(options: MatrixOptions) -> int:
    """Run a set under every configuration of a matrix, and show them side by side."""
    from eval.running.configuration import load_matrix
    from eval.running.plan import plan_session
    from eval.running.table import render_matrix, summarise_matrix

    configurations = load_matrix(options.matrix)
    runs: dict[str, Run] = {}
    failed = 0
    for name, configuration in configurations.items():
        session = plan_session(options, configuration)
        path = options.out / f"{name}.run.jsonl"
        runs[name], tally = _run(session, path, fresh=options.fresh, name=name)
        failed += tally.failed
        _tell_failures(runs[name], path)
    if options.as_json:
        write_json(summarise_matrix(runs))
    else:
        open_console(sys.stdout).print(render_matrix(runs))
    return PARTLY_DONE if failed else OK


def _run(session: Session, path: Path, *, fresh: bool, name: str) -> tuple[Run, Tally]:
    with open_progress() as progress:
        task = progress.add_task(name, total=None)

        def begin(total: int, kept: int) -> None:
            progress.update(task, total=total, completed=kept)

        return session.run(
            path,
            fresh=fresh,
            on_begin=begin,
            on_record=lambda _: progress.advance(task),
        )


def _tell_failures(kept: Run, path: Path) -> None:
    failed = [record for record in kept.records if record.failed]
    for record in failed[:3]:
        write_note(f"{record.outcome.id}: {record.outcome.error}")
    if len(failed) > 3:
        write_note(f"{len(failed) - 3} more cases failed; {path} says why.")

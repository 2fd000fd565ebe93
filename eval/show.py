"""Shows runs on a terminal, and progress while they are made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.cli.console import open_console, write_json
from bot.cli.options import CommonOptions

if TYPE_CHECKING:
    from rich.progress import Progress

    from eval.dataset import GoldQuestion
    from eval.run_file import Run
    from eval.scoring import Bodies


def show_run(
    options: CommonOptions, kept: Run, questions: Sequence[GoldQuestion], bodies: Bodies | None
) -> None:
    """Tables of a run, or with `--json` one object."""
    from eval.report import render_figures_table, render_notes, render_run, render_tags_table
    from eval.scoring import score_case
    from eval.summary import summarise

    scores = [
        score_case(question, kept.outcome_by_id.get(question.id), bodies) for question in questions
    ]
    summary = summarise(scores)
    if options.as_json:
        write_json(render_run(kept.config, summary, scores))
        return
    console = open_console(sys.stdout)
    console.print(render_figures_table(summary))
    console.print(render_tags_table(summary))
    for note in render_notes(summary, scores):
        console.print(note, soft_wrap=True)


def open_progress() -> Progress:
    """A bar on standard error."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = open_console(sys.stderr)
    # On a terminal only: a log needs no bar.
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )

"""`dateline eval report`: a run as a page, a comment, a CI system's test results."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.options import CommonOptions, takes
from index.errors import UsageError

if TYPE_CHECKING:
    from eval.reports.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions(CommonOptions):
    """Which run, beside what, written as what."""

    run_file: Annotated[
        Path, typer.Argument(metavar="RUN", help="The file that `dateline eval run` wrote.")
    ]
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="RUN", help="Compare with this run.")
    ] = None
    history: Annotated[
        list[Path] | None,
        typer.Option("--history", metavar="RUN", help="An earlier run for the plot; repeatable."),
    ] = None
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page.")
    ] = None
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML.")
    ] = None
    markdown: Annotated[
        Path | None,
        typer.Option("--markdown", metavar="FILE", help="Write Markdown for a pull request."),
    ] = None
    note: Annotated[
        list[str] | None,
        typer.Option("--note", metavar="TEXT", help="A sentence to stand on top; repeatable."),
    ] = None


@takes(ReportOptions)
def report(options: ReportOptions) -> None:
    """Report a run; with --library whole articles are in the page, every quote marked."""
    from eval.reports.data import render_data

    built = _build(options)
    _write(options, built)
    if options.as_json:
        write_json(render_data(built))
    elif not (options.html or options.junit or options.markdown):
        _show(built)


def _build(options: ReportOptions) -> Report:
    from bot.wiring import Bot
    from eval.reports.report import build_report, read_past
    from eval.run_file import read_run
    from eval.subject import LibraryBodies

    run = read_run(options.run_file)
    if not run.record_by_key:
        raise UsageError(f"{options.run_file} holds no case. Run: dateline eval run SET")
    baseline = read_run(options.baseline) if options.baseline else None
    past = [read_past(path.name, read_run(path)) for path in options.history or ()]
    notes = options.note or ()
    if options.library is None:
        return build_report(run, baseline, past=past, notes=notes)
    with Bot.open_filled(options.read_settings()) as bot:
        bodies = LibraryBodies(bot.library)
        return build_report(run, baseline, past=past, notes=notes, bodies=bodies)


def _write(options: ReportOptions, built: Report) -> None:
    from eval.reports.html import render_html
    from eval.reports.junit import render_junit
    from eval.reports.markdown import render_markdown

    for path, render in (
        (options.html, render_html),
        (options.junit, render_junit),
        (options.markdown, render_markdown),
    ):
        if path:
            # A lone surrogate in an answer must not cost the report.
            text = render(built).encode("utf-8", "replace")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text)
            except OSError as error:
                raise UsageError(
                    f"Cannot write {path}: {error.strerror or error}. "
                    "Name a file that you may write to."
                ) from error
            write_note(f"Wrote {path} ({len(text) / 1e6:,.1f} MB).")


def _show(built: Report) -> None:
    from eval.reports.terminal import render_scorecard, render_tags

    console = open_console(sys.stdout)
    console.print(render_scorecard(built))
    console.print(render_tags(built))

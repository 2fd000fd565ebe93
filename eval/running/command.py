"""`dateline eval run` and `dateline eval matrix`: put a set to the bot."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import OK, PARTLY_DONE
from bot.cli.options import CommonOptions, takes
from eval.show import open_progress, show_run
from index.errors import UsageError

if TYPE_CHECKING:
    from eval.replay.mode import ReplayMode
    from eval.replay.recordings import Recordings
    from eval.run_file import Run
    from eval.runner import Tally
    from eval.running.configuration import Configuration
    from eval.running.session import Session
    from index.moment import Moment

_ASKING = "How to ask"
_BOT = "The bot under measurement"
_REPLAY = "Recorded models"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingOptions(CommonOptions):
    """How a set is put to the bot."""

    set_file: Annotated[
        Path, typer.Argument(metavar="SET", help="The questions: .jsonl, .json or .yaml.")
    ]
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew instead of going on with the run.")
    ] = False
    sample: Annotated[
        bool,
        typer.Option("--sample", help="Ask the sample articles.", rich_help_panel=_BOT),
    ] = False
    articles: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE",
            help="Ask these articles, read anew; repeatable.",
            rich_help_panel=_BOT,
        ),
    ] = None
    offline: Annotated[
        bool,
        typer.Option(
            "--offline", help="Use no network and no language model.", rich_help_panel=_BOT
        ),
    ] = False
    given: Annotated[
        bool,
        typer.Option(
            "--given", help="Ask each question of its own articles only.", rich_help_panel=_BOT
        ),
    ] = False
    now: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="The moment of asking, for questions without as_of; else the clock.",
            rich_help_panel=_BOT,
        ),
    ] = None
    repeats: Annotated[
        int,
        typer.Option(
            min=1, metavar="N", help="How often to ask each question.", rich_help_panel=_ASKING
        ),
    ] = 1
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Questions at a time; else one a processor.",
            rich_help_panel=_ASKING,
        ),
    ] = None
    timeout: Annotated[
        float,
        typer.Option(
            min=0.1,
            metavar="SECONDS",
            help="Longest wait for one answer.",
            rich_help_panel=_ASKING,
        ),
    ] = 120.0
    in_process: Annotated[
        bool,
        typer.Option(
            "--in-process",
            help="By threads, not processes: best for a model behind a network.",
            rich_help_panel=_ASKING,
        ),
    ] = False
    batch: Annotated[
        bool,
        typer.Option(
            "--batch",
            help="Through `dateline ask --batch`, as it is installed.",
            rich_help_panel=_ASKING,
        ),
    ] = False
    prices: Annotated[
        str | None,
        typer.Option(
            metavar="IN,OUT",
            help="Dollars for a million prompt and completion tokens.",
            rich_help_panel=_ASKING,
        ),
    ] = None
    replay: Annotated[
        str,
        typer.Option(
            metavar="MODE",
            help="strict: recorded replies only; record: record what is missing; off.",
            rich_help_panel=_REPLAY,
        ),
    ] = "off"
    recordings: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where recordings are kept.", rich_help_panel=_REPLAY),
    ] = None
    label: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="Where new recordings are from.", rich_help_panel=_REPLAY
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions(AskingOptions):
    """One run."""

    run: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the run is kept; else SET.run.jsonl here."),
    ] = None
    choices: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="NAME=VALUE",
            help="Measure another configuration: rerank=false, legs=bm25, verify=false, "
            "chunk_tokens=50, passages=5, model=NAME, prompts=DIR; repeatable.",
            rich_help_panel=_BOT,
        ),
    ] = None


@takes(RunOptions)
def run(options: RunOptions) -> int:
    """Ask every question of a set and score the answers; a run that was stopped goes on."""
    from eval.running.configuration import read_choices
    from eval.running.subject import open_library
    from eval.subject import LibraryBodies

    configuration = read_choices(options.choices or ())
    session = _plan(options, configuration)
    path = options.run or Path(f"{options.set_file.stem}.run.jsonl")
    kept, tally = _run(session, path, fresh=options.fresh, name="asking")
    with open_library(session.specification, os.environ) as bot:
        show_run(options, kept, session.questions, LibraryBodies(bot.library))
    _tell_failures(kept, path)
    return PARTLY_DONE if tally.failed else OK


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixOptions(AskingOptions):
    """Several runs."""

    matrix: Annotated[
        Path, typer.Argument(metavar="MATRIX", help="The configurations: a table each, in TOML.")
    ]
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the runs are kept.")]


@takes(MatrixOptions)
def matrix(options: MatrixOptions) -> int:
    """Run a set under every configuration of a matrix, and show them side by side."""
    from eval.running.configuration import load_matrix
    from eval.running.table import render_matrix, summarise_matrix

    configurations = load_matrix(options.matrix)
    runs: dict[str, Run] = {}
    failed = 0
    for name, configuration in configurations.items():
        session = _plan(options, configuration)
        path = options.out / f"{name}.run.jsonl"
        runs[name], tally = _run(session, path, fresh=options.fresh, name=name)
        failed += tally.failed
        _tell_failures(runs[name], path)
    if options.as_json:
        write_json(summarise_matrix(runs))
    else:
        open_console(sys.stdout).print(render_matrix(runs))
    return PARTLY_DONE if failed else OK


def _plan(options: AskingOptions, configuration: Configuration) -> Session:
    from eval.dataset import load_questions
    from eval.replay.mode import ReplayMode
    from eval.running.cost import Prices
    from eval.running.session import Manner, Session
    from eval.running.subject import Specification

    _refuse_contradictions(options)
    mode = ReplayMode(options.replay)
    questions = load_questions(options.set_file)
    if options.batch and any(question.without for question in questions):
        raise UsageError("Some questions hide articles, which `dateline ask` cannot. Omit --batch.")
    recordings = _open_recordings(options, mode)
    prices = Prices.parse(options.prices) if options.prices else None
    return Session(
        set_name=options.set_file.name,
        questions=questions,
        specification=Specification(
            library=_library(options, configuration, recordings, mode),
            configuration=configuration,
            offline=options.offline,
            given=options.given,
            now=_read_now(options, recordings),
            replay=mode,
            recordings=recordings.folder if recordings else None,
        ),
        repeats=options.repeats,
        manner=Manner(
            workers=options.workers or os.cpu_count() or 1,
            timeout_seconds=options.timeout,
            batch=options.batch,
            in_process=options.in_process,
        ),
        cost_of=prices.cost_of if prices else lambda _: None,
    )


def _refuse_contradictions(options: AskingOptions) -> None:
    from eval.replay.mode import ReplayMode

    if options.replay not in set(ReplayMode):
        raise UsageError(f"--replay {options.replay!r}: choose off, record or strict.")
    replays = options.replay != ReplayMode.OFF
    chosen = bool(getattr(options, "choices", None)) or isinstance(options, MatrixOptions)
    for together, why in (
        (options.sample and options.articles, "--sample or --articles"),
        (options.library and (options.sample or options.articles), "--library or articles"),
        (options.offline and replays, "--offline or --replay"),
        (options.batch and options.in_process, "--batch or --in-process"),
        (options.batch and (replays or chosen or options.now or options.given), "--batch alone"),
    ):
        if together:
            raise UsageError(f"Give {why}, not both: `dateline ask` knows of nothing else.")


def _library(
    options: AskingOptions,
    configuration: Configuration,
    recordings: Recordings | None,
    mode: ReplayMode,
) -> Path:
    from eval.running.library import make_library, sample_sources

    sources = sample_sources() if options.sample else options.articles
    if sources and recordings is None:
        return make_library(sources, configuration, os.environ)
    if sources and recordings:
        from eval.replay.transport import open_recorder

        with open_recorder(recordings.folder, mode, options.read_settings()) as recorder:
            transport = recorder.transport
            return make_library(sources, configuration, os.environ, transport=transport)
    if "chunk_tokens" in configuration.model_fields_set:
        raise UsageError(
            "chunk_tokens changes how articles are cut. Give the articles, with --sample or "
            "--articles, and they are read into a library of their own."
        )
    return options.read_settings().library


def _open_recordings(options: AskingOptions, mode: ReplayMode) -> Recordings | None:
    from eval.replay.mode import ReplayMode
    from eval.replay.recordings import Recordings

    if mode is ReplayMode.OFF:
        return None
    recordings = Recordings(options.recordings or Path("eval/recordings") / options.set_file.stem)
    if mode is ReplayMode.RECORD:
        from eval.replay.transport import write_manifest

        write_manifest(recordings, options.read_settings(), label=options.label, now=options.now)
    return recordings


def _read_now(options: AskingOptions, recordings: Recordings | None) -> Moment | None:
    from index.moment import Moment

    manifest = recordings.manifest() if recordings else None
    text = options.now or (manifest.now if manifest else None)
    if text is None:
        return None
    try:
        return Moment.parse(text)
    except ValueError as error:
        raise UsageError(f"--now {text!r}: {error}.") from error


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

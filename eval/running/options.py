"""What `dateline eval run` and `dateline eval matrix` can be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import CommonOptions

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


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixOptions(AskingOptions):
    """Several runs."""

    matrix: Annotated[
        Path, typer.Argument(metavar="MATRIX", help="The configurations: a table each, in TOML.")
    ]
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the runs are kept.")]

"""Measure search and answers against question sets.

`dateline eval …`, mounted by the entry points `dateline.commands`. A command imports what it uses
itself, so that its `--help` stays fast.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.options import CommonOptions, takes
from eval.contrast.command import contrast
from eval.gate.command import bless, compare, gate, simulate
from eval.inbox.commands import inbox_app
from eval.judging.command import judge
from eval.origins.command import origins
from eval.published.command import readme
from eval.replay.command import app as recordings
from eval.report_commands import report
from eval.running.command import matrix, run
from eval.set_commands import check, generate, import_
from eval.show import open_progress, show_run
from eval.talk_commands import conversations, follow_ups, transcript
from index.errors import UsageError

if TYPE_CHECKING:
    from eval.dataset import GoldQuestion

app = typer.Typer(
    name="eval", help="Measure search and answers against question sets.", no_args_is_help=True
)

app.add_typer(recordings)
app.command("import", epilog="Example: dateline eval import clapnq ~/clapnq --out sets/clapnq")(
    import_
)
app.command(epilog="Example: dateline eval check eval/sets/samples.jsonl --library ~/news")(check)
app.command(epilog="Example: dateline eval generate --library ~/news --out generated.jsonl")(
    generate
)
app.command(epilog="Example: dateline eval run eval/sets/samples.jsonl --sample --offline")(run)
app.command(epilog="Example: dateline eval matrix SET eval/matrices/ablations.toml --out runs")(
    matrix
)
app.command(epilog="Example: dateline eval report questions.run.jsonl --html report.html")(report)
app.command(epilog="Example: dateline eval gate samples.run.jsonl")(gate)
app.command(epilog="Example: dateline eval compare before.run.jsonl after.run.jsonl")(compare)
app.command(epilog="Example: dateline eval bless samples.run.jsonl --reason 'better dates'")(bless)
app.command(epilog="Example: dateline eval simulate --pairs 1000 --cases 200")(simulate)
app.command(epilog="Example: dateline eval readme samples=samples.run.jsonl")(readme)
app.command(epilog="Example: dateline eval judge q.run.jsonl --model gpt-4.1-2025-04-14")(judge)
app.add_typer(inbox_app, name="inbox")
app.command("follow-ups", epilog="Example: dateline eval follow-ups q.jsonl rewrites.jsonl")(
    follow_ups
)
app.command(epilog="Example: dateline eval contrast --misses")(contrast)
app.command(epilog="Example: dateline eval transcript --out docs/transcript.md")(transcript)
app.command(epilog="Example: dateline eval origins --copies 8")(origins)
app.command(epilog="Example: dateline eval conversations eval/sets/conversations.jsonl")(
    conversations
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOptions(CommonOptions):
    """Which questions."""

    set_file: Annotated[
        Path, typer.Argument(metavar="SET", help="The questions: .jsonl, .json or .yaml.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreOptions(SetOptions):
    """Which run."""

    run_file: Annotated[
        Path, typer.Argument(metavar="RUN", help="The file that `dateline eval run` wrote.")
    ]
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the run with the new scores, to compare it."),
    ] = None


@app.command(epilog="Example: dateline eval score questions.jsonl questions.run.jsonl")
@takes(ScoreOptions)
def score(options: ScoreOptions) -> None:
    """Score a run again without asking; quotes are checked if `--library` is named."""
    from bot.wiring import Bot
    from eval.dataset import digest_questions, load_questions
    from eval.rescoring import save_rescored
    from eval.run_file import read_run
    from eval.subject import LibraryBodies
    from eval.summary import scores_by

    questions, kept = load_questions(options.set_file), read_run(options.run_file)
    if kept.config.get("questions") != digest_questions(questions):
        write_note(f"{options.set_file} is not as it was when {options.run_file} was made.")
    if any("passages" not in one.answer for one in kept.outcome_by_id.values() if one.answer):
        write_note(f"{options.run_file} keeps no passages: what was found is not scored.")
    with ExitStack() as stack:
        bodies = None
        if options.library:
            bot = stack.enter_context(Bot.open_filled(options.read_settings()))
            bodies = LibraryBodies(bot.library)
        if options.save:
            save_rescored(kept, questions, scores_by(bodies), options.save)
        show_run(options, kept, questions, bodies)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalOptions(SetOptions):
    """How to search."""

    legs: Annotated[
        list[str] | None,
        typer.Option("--leg", metavar="NAME", help="dense, bm25, fused or default; repeatable."),
    ] = None
    limit: Annotated[
        int, typer.Option(min=10, metavar="N", help="Passages to ask for; 20 fill 2,000 words.")
    ] = 40


@app.command(epilog="Example: dateline eval retrieval questions.jsonl --leg bm25 --leg default")
@takes(RetrievalOptions)
def retrieval(options: RetrievalOptions) -> None:
    """Measure search alone: are the gold facts and documents among the passages found?"""
    from bot.wiring import Bot
    from eval.dataset import load_questions
    from eval.report import render_estimates, render_retrieval_table
    from eval.retrieval import measure_search, summarise_retrieval
    from eval.subject import CONFIGURATIONS, describe_bot, search_by

    questions = load_questions(options.set_file)
    names = options.legs or list(CONFIGURATIONS)
    if unknown := [name for name in names if name not in CONFIGURATIONS]:
        known = ", ".join(CONFIGURATIONS)
        raise UsageError(f"There is no leg {unknown[0]!r}. Choose from: {known}.")
    estimates = {}
    with Bot.open_filled(options.read_settings()) as bot, open_progress() as progress:
        task = progress.add_task("searching", total=len(names) * len(questions))
        for name in names:
            scores = measure_search(
                questions,
                search_by(bot, CONFIGURATIONS[name]),
                limit=options.limit,
                on_question=lambda _: progress.advance(task),
            )
            estimates[name] = summarise_retrieval(scores)
        config = _describe(options, questions) | describe_bot(bot)
    if options.as_json:
        figures = {name: render_estimates(found) for name, found in estimates.items()}
        write_json({"config": config, "limit": options.limit, "figures": figures})
    else:
        open_console(sys.stdout).print(render_retrieval_table(estimates))


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateOptions(CommonOptions):
    """What to learn from, and where to keep it."""

    pairs: Annotated[
        list[str],
        typer.Argument(metavar="SET=LIBRARY…", help="Question sets, each with its library."),
    ]
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the weights; else only report."),
    ] = None


@app.command(epilog="Example: dateline eval calibrate eval/sets/samples.jsonl=~/news")
@takes(CalibrateOptions)
def calibrate(options: CalibrateOptions) -> None:
    """Fit the reader's weights on half of the stories, and report on the other half."""
    import json
    from dataclasses import replace

    from bot.wiring import Bot
    from eval.calibrate import Case, collect_cases
    from eval.calibrate import calibrate as fit
    from eval.dataset import load_questions
    from eval.report import render_halves_table

    cases: list[Case] = []
    for pair in options.pairs:
        set_file, equals, library = pair.rpartition("=")
        if not equals:
            raise UsageError(f"{pair!r} names no library. Write: QUESTIONS.jsonl=LIBRARY")
        questions = load_questions(Path(set_file))
        settings = replace(options.read_settings(), library=Path(library).expanduser())
        with Bot.open_filled(settings) as bot, open_progress() as progress:
            steps = progress.track(questions, description=Path(set_file).name)
            cases += collect_cases(bot, steps, Path(set_file).name)
    model, figures = fit(cases)
    if options.out:
        text = json.dumps(model, indent=1) + "\n"
        options.out.write_text(text, encoding="utf-8")
    if options.as_json:
        write_json({"cases": len(cases), "figures": figures, "model": model})
    else:
        open_console(sys.stdout).print(render_halves_table(figures))


def _describe(options: SetOptions, questions: list[GoldQuestion]) -> dict[str, str]:
    from eval.dataset import digest_questions
    from eval.provenance import describe_program

    named = {"set": options.set_file.name, "questions": digest_questions(questions)}
    return named | describe_program()

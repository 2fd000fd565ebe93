"""`dateline eval follow-ups`, `conversations`, `transcript`: what talking to the bot is like."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import open_console, write_json
from bot.cli.options import CommonOptions, takes

if TYPE_CHECKING:
    from rich.table import Table

    from eval.conversations import TurnScore
    from eval.follow_ups import Row

_HEADINGS = {
    "name_recall": "names",
    "recall": "words",
    "precision": "precision",
    "added_recall": "added\nwords",
    "added_precision": "added\nprecision",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpOptions(CommonOptions):
    """Two files of one domain."""

    questions: Annotated[
        Path, typer.Argument(metavar="QUESTIONS", help="Conversations up to each question.")
    ]
    rewrites: Annotated[
        Path, typer.Argument(metavar="REWRITES", help="The same questions, rewritten by people.")
    ]
    examples: Annotated[
        int, typer.Option(metavar="N", min=0, help="Also show N rewrites of the first half.")
    ] = 0


@takes(FollowUpOptions)
def follow_ups(options: FollowUpOptions) -> None:
    """Compare rewritten follow-ups with those that people wrote; nothing is searched."""
    from eval.follow_ups import load_follow_ups, measure_follow_ups, rewrite

    loaded = load_follow_ups(options.questions, options.rewrites)
    rows = measure_follow_ups(loaded)
    if options.as_json:
        write_json({"questions": len(loaded), "rows": [asdict(row) for row in rows]})
        return
    console = open_console(sys.stdout)
    console.print(_rows_table(rows))
    for one in loaded[: options.examples]:
        console.print(f"{one.question}\n  → {rewrite(one)}\n  = {one.human}", soft_wrap=True)


def _rows_table(rows: Sequence[Row]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("questions", "", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("n", *_HEADINGS.values()):
        table.add_column(heading, justify="right")
    for row in rows:
        means = (row.means[name] for name in _HEADINGS)
        shown = ("" if mean is None else f"{mean:.3f}" for mean in means)
        table.add_row(row.group, row.way, str(row.questions), *shown)
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationOptions(CommonOptions):
    """Which conversations."""

    set_file: Annotated[
        Path, typer.Argument(metavar="SET", help="Conversations, one JSON object a line.")
    ]
    show: Annotated[
        bool, typer.Option("--show", help="Show how each wrong turn was looked up and answered.")
    ] = False


@takes(ConversationOptions)
def conversations(options: ConversationOptions) -> None:
    """Hold every conversation of a set, once with memory and once without."""
    from bot.wiring import Bot
    from eval.conversations import ask_alone, ask_in_conversation, load_conversations

    loaded = load_conversations(options.set_file)
    with Bot.open_filled(options.read_settings()) as bot:
        answerer = bot.answerer()
        scores_by_way = {
            "alone": list(ask_alone(loaded, answerer)),
            "in conversation": list(ask_in_conversation(loaded, answerer)),
        }
    if options.as_json:
        write_json({way: [asdict(one) for one in scores] for way, scores in scores_by_way.items()})
        return
    console = open_console(sys.stdout)
    for way, scores in scores_by_way.items():
        console.print(_describe(way, scores), soft_wrap=True)
    for one in scores_by_way["in conversation"] if options.show else ():
        if not one.is_right:
            console.print(f"{one.id}  {one.looked_up}\n  {one.answer}", soft_wrap=True)


def _describe(way: str, scores: Sequence[TurnScore]) -> str:
    later = [one for one in scores if one.number > 1]
    opening = [one for one in scores if one.number == 1]
    strictly = sum(one.is_right and one.cites_gold_only is not False for one in later)
    return (
        f"{way}: {sum(one.is_right for one in later)} of {len(later)} later turns right, "
        f"{strictly} of them citing nothing but the gold article; "
        f"{sum(one.is_right for one in opening)} of {len(opening)} opening turns right."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptOptions(CommonOptions):
    """Where the page goes."""

    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write; else standard output.")
    ] = None


@takes(TranscriptOptions)
def transcript(options: TranscriptOptions) -> None:
    """Ask ten questions of the sample archive, and write the answers as Markdown."""
    from bot.cli.sample import prepare_sample
    from bot.settings import BotSettings
    from bot.wiring import Bot
    from eval.transcript import load_askings, write_transcript

    settings = BotSettings.from_env({})
    settings = replace(settings, library=options.library or settings.sample_library)
    prepare_sample(settings)
    with Bot.open_filled(settings) as bot:
        page = write_transcript(bot.answerer(), load_askings())
    if options.out:
        options.out.write_text(page, encoding="utf-8")
    else:
        sys.stdout.write(page)

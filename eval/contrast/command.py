"""`dateline eval contrast`: what the sentence checker catches, and what it drops for nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.options import CommonOptions, takes

if TYPE_CHECKING:
    from eval.contrast.run import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastOptions(CommonOptions):
    """Which checker, and what to show."""

    build: Annotated[
        bool, typer.Option("--build", help="Make the set anew from the sample articles first.")
    ] = False
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Let the rules alone decide, not the reading model.")
    ] = False
    misses: Annotated[
        bool, typer.Option("--misses", help="List what went wrong in the open half.")
    ] = False


@takes(ContrastOptions)
def contrast(options: ContrastOptions) -> None:
    """Check faithful and corrupted sentences about the sample articles, by kind and half."""
    from bot.reading import OnnxReader
    from bot.samples import sample_folder
    from bot.verify import Verifier
    from eval.contrast.build import CONTRAST_SET, build_pairs
    from eval.contrast.pair import write_pairs
    from eval.contrast.run import count_by_kind, render_contrast_table, run_contrast

    if options.build:
        pairs = build_pairs(sample_folder())
        write_pairs(pairs, CONTRAST_SET)
        write_note(f"{len(pairs):,} pairs are in {CONTRAST_SET}.")
    verifier = Verifier(None if options.no_model else OnnxReader())
    outcomes = run_contrast(verifier, sample_folder())
    figures = count_by_kind(outcomes)
    if options.as_json:
        write_json({"figures": [asdict(one) | {"share": round(one.share, 4)} for one in figures]})
        return
    open_console(sys.stdout).print(render_contrast_table(figures))
    if options.misses:
        _show_misses(outcomes)


def _show_misses(outcomes: Sequence[Outcome]) -> None:
    """The open half's only: the other one measures nothing once its misses have been read."""
    from eval.contrast.pair import Half

    console = open_console(sys.stdout)
    for outcome in outcomes:
        if outcome.pair.half is Half.OPEN and not outcome.is_right:
            faults = ", ".join(one.fault for one in outcome.verdict.faults) or "let through"
            console.print(f"{outcome.pair.kind}: {outcome.pair.sentence} ({faults})", markup=False)

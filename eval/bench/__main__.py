"""Measures Dateline on this machine and prints one table a subject.

    python -m eval.bench              # some minutes
    python -m eval.bench --quick      # half a minute; only orders of magnitude
    python -m eval.bench --scale 20000 --scale 200000
    python -m eval.bench --peers      # only beside LlamaIndex, LangChain and Haystack
    python -m eval.bench --grow 2000 --grow 20000     # the same with made-up vectors
    python -m eval.bench --grow 200000 --without haystack     # which would take hours

With `--write FILE` the tables are written as Markdown as well.
Everything happens in a folder that is removed at the end; progress goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from bot.cli.console import open_console, write_json, write_note
from eval.bench.figures import Section, render_json, render_section
from eval.bench.ingesting import measure_ingest, measure_updates
from eval.bench.machine import describe_machine
from eval.bench.page import render_page
from eval.bench.peers.contest import (
    NAMES,
    OURS,
    Contest,
    Contestants,
    measure_contest,
    render_contest,
)
from eval.bench.peers.environment import PeersMissing
from eval.bench.scale import measure_scale
from eval.bench.searching import measure_searches
from eval.bench.stage import Effort, Stage
from eval.bench.starts import measure_batch, measure_starts


def main() -> int:
    """Measure and print; 1 if an aim was missed."""
    options = _parse_options()
    effort = Effort.quick() if options.quick else Effort()
    effort = replace(effort, rounds=options.rounds or effort.rounds)
    # Described first: the load is that of the others, not our own.
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder:
        stage = Stage(Path(folder), effort, write_note)
        sections = [] if options.peers or options.grow else list(_measure(stage, options.scale))
        systems = [name for name in NAMES if name not in options.without]
        contests = [] if options.scale else list(_compare(stage, systems, options.grow))
    if options.write:
        options.write.write_text(render_page(machine, sections, contests), encoding="utf-8")
    if options.json:
        write_json(render_json(machine, sections) | {"contests": [*map(asdict, contests)]})
    else:
        console = open_console(sys.stdout)
        for name, value in machine.items():
            console.print(f"{name:<27} {value}", soft_wrap=True)
        for section in sections:
            console.print()
            console.print(render_section(section))
        for contest in contests:
            console.print()
            console.print(render_contest(contest))
    return int(any(figure.is_met is False for one in sections for figure in one.figures))


def _measure(stage: Stage, scale: list[int]) -> Iterator[Section]:
    if scale:
        for chunks in scale:
            yield measure_scale(stage, chunks)
        return
    for measure in (
        measure_starts, measure_batch, measure_searches, measure_ingest, measure_updates,
    ):  # fmt: skip
        yield measure(stage)


def _compare(stage: Stage, systems: list[str], grow: list[int]) -> Iterator[Contest]:
    try:
        contestants = Contestants(stage, systems)
    except PeersMissing as error:
        write_note(f"SKIPPED: the comparison with others. {error}")
        return
    for chunks in grow:
        yield measure_contest(stage, contestants, chunks=chunks, model="made-up")
    if not grow:
        yield measure_contest(
            stage, contestants, chunks=stage.effort.chunks, rounds=stage.effort.rounds
        )


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m eval.bench", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="measure little")
    parser.add_argument(
        "--peers", action="store_true", help="measure only beside what others would build with"
    )
    parser.add_argument(
        "--grow",
        type=int,
        action="append",
        default=[],
        metavar="CHUNKS",
        help="measure beside others with so many chunks of made-up vectors; may be repeated",
    )
    parser.add_argument(
        "--without",
        choices=sorted({*NAMES} - {OURS}),
        action="append",
        default=[],
        help="leave one of the others out; may be repeated",
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="ingests of each; else three")
    parser.add_argument("--write", type=Path, metavar="FILE", help="a Markdown page to write")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--scale",
        type=int,
        action="append",
        default=[],
        metavar="CHUNKS",
        help="measure a library of so many made-up chunks instead; may be repeated",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

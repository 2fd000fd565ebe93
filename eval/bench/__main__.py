"""Measures Dateline on this machine and prints one table a subject.

    python -m eval.bench              # some minutes
    python -m eval.bench --quick      # half a minute; only orders of magnitude
    python -m eval.bench --scale 20000 --scale 200000

Everything happens in a folder that is removed at the end; progress goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.cli.console import open_console, write_json, write_note
from eval.bench.figures import Section, render_json, render_section
from eval.bench.ingesting import measure_ingest, measure_updates
from eval.bench.machine import describe_machine
from eval.bench.scale import measure_scale
from eval.bench.searching import measure_searches
from eval.bench.stage import Effort, Stage
from eval.bench.starts import measure_batch, measure_starts


def main() -> int:
    """Measure and print; 1 if an aim was missed."""
    options = _parse_options()
    effort = Effort.quick() if options.quick else Effort()
    # Described first: the load is that of the others, not our own.
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder:
        stage = Stage(Path(folder), effort, write_note)
        sections = list(_measure(stage, options.scale))
    if options.json:
        write_json(render_json(machine, sections))
    else:
        console = open_console(sys.stdout)
        for name, value in machine.items():
            console.print(f"{name:<27} {value}", soft_wrap=True)
        for section in sections:
            console.print()
            console.print(render_section(section))
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


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m eval.bench", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="measure little")
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

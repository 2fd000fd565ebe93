"""`dateline eval readme`: puts measured figures where people read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import write_json, write_note
from bot.cli.options import CommonOptions, takes
from index.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadmeOptions(CommonOptions):
    """Which runs are shown, and where."""

    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=RUN]…", help="Runs, each under its set's name."),
    ] = None
    retrieval: Annotated[
        list[str] | None,
        typer.Option(
            "--retrieval",
            metavar="NAME=FILE",
            help="What `dateline eval retrieval SET --json` wrote; repeatable.",
        ),
    ] = None
    root: Annotated[
        Path, typer.Option("--root", metavar="DIR", help="The checkout to write into.")
    ] = Path()


@takes(ReadmeOptions)
def readme(options: ReadmeOptions) -> None:
    """Keep figures of runs in eval/figures.json, and write the tables of README and docs anew."""
    from eval.published.figures import (
        Published,
        describe_retrieval,
        describe_run,
        load_published,
        save_published,
    )
    from eval.published.tables import render_details, render_readme, write_between_marks
    from eval.run_file import read_run

    kept_at = options.root / "eval" / "figures.json"
    kept = load_published(kept_at)
    sets, retrieval = dict(kept.sets), dict(kept.retrieval)
    for name, path in _pairs(options.runs or ()):
        sets[name] = describe_run(read_run(path))
    for name, path in _pairs(options.retrieval or ()):
        retrieval[name] = describe_retrieval(path)
    published = Published(sets, retrieval)
    write_between_marks(options.root / "README.md", render_readme(published))
    write_between_marks(options.root / "docs" / "evaluation.md", render_details(published))
    save_published(published, kept_at)
    if options.as_json:
        write_json({"sets": list(sets), "retrieval": list(retrieval)})
    else:
        write_note(f"README.md and docs/evaluation.md show {', '.join(sets) or 'nothing'}.")


def _pairs(texts: Sequence[str]) -> list[tuple[str, Path]]:
    pairs = []
    for text in texts:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise UsageError(f"{text!r} names no file. Write: NAME=FILE")
        pairs.append((name, Path(path).expanduser()))
    return pairs

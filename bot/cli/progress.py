"""How long work shows that it goes on: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bot.cli.console import open_console, write_note
from index.ingest import IngestState, Progress

_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_BETWEEN_COPIES = 2.0


@contextmanager
def show_progress(sources: int | None = None) -> Iterator[Progress]:
    """Show on standard error how an ingest goes on.

    Args:
        sources: How many sources there are, if it is known.
    """
    if sys.stderr.isatty():
        with _bar(sources) as progress:
            yield progress
    else:
        yield _Lines()


class CopyLines:
    """A line now and then while a catalog is copied."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _SECONDS_BETWEEN_COPIES

    def __call__(self, table: str, done: int, total: int) -> None:
        """Told after each run of rows."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _SECONDS_BETWEEN_COPIES
            write_note(f"{done / max(total, 1):.0%} of {total:,} rows copied, now {table}")


class _Lines:
    """A line at most every ten seconds, so that a log of a night stays short."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _SECONDS_BETWEEN_LINES

    def __call__(self, state: IngestState) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _SECONDS_BETWEEN_LINES
            write_note(_describe(state))


@contextmanager
def _bar(sources: int | None) -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    # One file of many articles says nothing by how many sources are done: its bar just moves.
    total = sources if sources and sources > 1 else None
    console = open_console(sys.stderr)
    with RichProgress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("reading", total=total)

        def show(state: IngestState) -> None:
            bar.update(task, completed=state.sources, description=_describe(state))

        yield show


def _describe(state: IngestState) -> str:
    failed = f", {state.failures:,} failed" if state.failures else ""
    return (
        f"{state.articles:,} articles, {state.chunks:,} chunks "
        f"({state.chunks_per_second:.0f}/s){failed}"
    )

"""`dateline library`: where a library is kept, how long, and how tightly."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import OK
from bot.cli.options import CommonOptions, takes
from index.errors import UsageError

library_app = typer.Typer(
    help="Move the library, say how long it keeps articles, and compact it.", no_args_is_help=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionOptions(CommonOptions):
    """How long to keep articles."""

    age: Annotated[
        str | None,
        typer.Argument(metavar="[AGE]", help="30d, 8w, 6m or 2y; or off. Shows it without one."),
    ] = None


@library_app.command("retention", epilog="Example: dateline library retention 2y")
@takes(RetentionOptions)
def retention(options: RetentionOptions) -> int:
    """Show or set how long articles are kept.

    What is older is removed for good after an ingest, at most once a day, and by a watcher.
    """
    from bot.retention import retention_days, set_retention
    from bot.wiring import Bot

    with Bot.open(options.read_settings()) as bot:
        catalog = bot.library.catalog
        if options.age is not None:
            set_retention(catalog, _read_days(options.age))
        days = retention_days(catalog)
    if options.as_json:
        write_json({"retention_days": days})
    else:
        open_console(sys.stdout).print(f"{days} days" if days else "for ever")
    return OK


def _read_days(age: str) -> int | None:
    from datetime import UTC, datetime

    from bot.cli.questions import read_age

    if age.strip().lower() == "off":
        return None
    now = datetime.now(UTC)
    days = (now - read_age("AGE", age, now)).days
    if days < 1 or age.strip()[-1:].lower() not in "dwmy":
        raise UsageError(f"AGE: {age[:40]!r} is no age. Write it as 30d, 8w, 6m or 2y, or off.")
    return days


@library_app.command("compact", epilog="Example: dateline library compact --library ~/news")
@takes(CommonOptions)
def compact(options: CommonOptions) -> int:
    """Write the catalog anew without what was removed; a server's tables are locked meanwhile."""
    from bot.wiring import Bot

    with Bot.open(options.read_settings()) as bot:
        database = bot.library.catalog.database
        before = database.size()
        database.compact()
        bot.library.purge()
        after = database.size()
    if options.as_json:
        write_json({"bytes_before": before, "bytes_after": after})
    else:
        write_note(f"{before / 1e6:.1f} MB before, {after / 1e6:.1f} MB now.")
    return OK


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOptions(CommonOptions):
    """Where to."""

    to: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="A folder, or postgresql://USER@HOST/DATABASE; else DATELINE_CATALOG.",
        ),
    ] = None


@library_app.command("move", epilog="Example: dateline library move --to postgresql://news@db/news")
@takes(MoveOptions)
def move(options: MoveOptions) -> int:
    """Move the catalog to another database, without embedding anything again.

    Readers go on meanwhile, and writers wait. Whatever had the library open must be started again.
    """
    from bot.cli.progress import CopyLines
    from bot.moving import Destination, move_library

    settings = options.read_settings()
    destination = Destination.choose(settings, options.to)
    moved = move_library(settings, destination, CopyLines())
    if options.as_json:
        write_json({"rows": moved.rows, "to": moved.place, "note": moved.note})
    else:
        write_note(f"Moved {moved.rows:,} rows to {moved.place}.")
        if moved.note:
            write_note(moved.note)
    return OK

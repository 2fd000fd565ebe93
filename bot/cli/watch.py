"""`dateline watch`: feeds and sitemaps kept up, as one process or from cron."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from typer.core import TyperGroup

from bot.answer import render_instant
from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import OK, PARTLY_DONE
from bot.cli.options import CommonOptions, takes

if TYPE_CHECKING:
    from index.store.visits import Visited
    from index.store.watch import SourceState
    from index.watch.watcher import WatchTally

_SHOWN = 20


class _RunByDefault(TyperGroup):
    """`watch CONFIG` is `watch run CONFIG`: what is no command's name is a file's."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `run` before what begins with no command."""
        is_named = args and (args[0] in self.commands or args[0] in {"--help", "-h"})
        rest = args if is_named or not args else ["run", *args]
        return list(super().parse_args(ctx, rest))


watch_app = typer.Typer(
    cls=_RunByDefault,
    help="Keep feeds and sitemaps up: dateline watch CONFIG [--once].",
    no_args_is_help=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions(CommonOptions):
    """What to watch, and for how long."""

    runs_on: ClassVar[bool] = True
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="A YAML file of sources; see docs/sources.md.")
    ]
    once: Annotated[
        bool, typer.Option("--once", metavar="", help="Do what is due and stop, for cron.")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryOptions(CommonOptions):
    """Which dead letters to try again."""

    urls: Annotated[
        list[str] | None, typer.Argument(metavar="[URL]…", help="Addresses; all without one.")
    ] = None


@watch_app.command("run", epilog="Example: dateline watch sources.yaml --once")
@takes(WatchOptions)
def watch(options: WatchOptions) -> int:
    """Look at each source when its time comes, and read what is new, edited or withdrawn.

    Ctrl-C or SIGTERM ends it after the batch at hand; a killed one goes on where it was.
    """
    from bot.wiring import Bot
    from index.watch.config import load_plan

    plan = load_plan(options.config)
    settings = options.read_settings()
    with Bot.open(settings, create=True) as bot:
        watcher = bot.watcher(plan, bot.web_reader(settings.index.fetch))
        if not options.once:
            write_note(f"Watching {len(plan.sources)} sources. Ctrl-C ends it.")
        tally = watcher.run(once=options.once)
        states = bot.watch_book().sources()
    if options.as_json:
        write_json(_render_tally(tally))
    else:
        write_note(
            f"{tally.polls:,} looks at sources; {tally.added:,} stories added, "
            f"{tally.updated:,} updated, {tally.unchanged:,} unchanged, {tally.failed:,} failed."
        )
    # A watcher that was told to end has done its work, as those who keep services see it.
    is_well = not tally.failed and not any(state.tries for state in states)
    return OK if is_well or tally.is_interrupted else PARTLY_DONE


@watch_app.command("status", epilog="Example: dateline watch status --json")
@takes(CommonOptions)
def status(options: CommonOptions) -> int:
    """Show how fresh each source is, what waits, and what was given up."""
    from bot.wiring import Bot

    with Bot.open(options.read_settings()) as bot:
        book = bot.watch_book()
        states, dead = book.sources(), book.dead_letters()
    if options.as_json:
        rows = [_render_state(one) for one in states]
        write_json({"sources": rows, "dead_letters": [_render_dead(one) for one in dead]})
    else:
        _show(states, dead)
    return OK


@watch_app.command("retry", epilog="Example: dateline watch retry https://harbour.example/story")
@takes(RetryOptions)
def retry(options: RetryOptions) -> int:
    """Put dead letters back into the queue; the watcher tries them at once."""
    from bot.wiring import Bot
    from index.sources import canonical_url

    urls = [canonical_url(url) for url in options.urls] if options.urls else None
    with Bot.open(options.read_settings()) as bot:
        count = bot.watch_book().retry(urls, datetime.now(UTC))
    if options.as_json:
        write_json({"retried": count})
    else:
        write_note(f"{count:,} addresses are due again.")
    return OK


def _render_tally(tally: WatchTally) -> dict[str, Any]:
    return {
        "polls": tally.polls,
        "added": tally.added,
        "updated": tally.updated,
        "unchanged": tally.unchanged,
        "failed": tally.failed,
    }


def _render_state(state: SourceState) -> dict[str, Any]:
    lag = state.lag_seconds
    return {
        "url": state.key,
        "due_at": render_instant(state.due_at),
        "looked_at": render_instant(state.at),
        "ok_at": render_instant(state.ok_at),
        "failures_in_a_row": state.tries,
        "reason": state.reason,
        "newest_published": render_instant(state.newest_at),
        "listed": state.listed,
        "waiting": state.waiting,
        "dead": state.dead,
        "lag_seconds": round(lag, 1) if lag is not None else None,
    }


def _render_dead(visited: Visited) -> dict[str, Any]:
    return {
        "url": visited.url,
        "source": visited.source,
        "reason": visited.reason,
        "tries": visited.tries,
        "at": render_instant(visited.at),
    }


def _show(states: list[SourceState], dead: list[Visited]) -> None:
    from bot.cli.page import Page

    page = Page(open_console(sys.stdout))
    now = datetime.now(UTC)
    if not states:
        page.line("Nothing is watched. Run: dateline watch CONFIG")
    for state in states:
        page.line((state.key, "bold"))
        fresh = f"read {_ago(state.ok_at, now)}" if state.ok_at else "never read"
        newest = f"newest story {_ago(state.newest_at, now)}" if state.newest_at else "no dates"
        lag = f", stories read {_span(state.lag_seconds)} after publication" if (
            state.lag_seconds is not None
        ) else ""  # fmt: skip
        page.line(f"{fresh}, {newest}{lag}", indent=2)
        page.line(f"{state.listed} listed, {state.waiting} waiting, {state.dead} dead", indent=2)
        if state.tries:
            page.line((f"failed {state.tries} times: {state.reason}", "red"), indent=2)
    if dead:
        page.line(("Dead letters", "bold"))
    for one in dead[:_SHOWN]:
        page.line((one.url, "bold"), f": {one.reason}", indent=2)
    if len(dead) > _SHOWN:
        page.line(f"and {len(dead) - _SHOWN:,} more: dateline watch status --json", indent=2)


def _ago(when: datetime | None, now: datetime) -> str:
    return f"{_span((now - when).total_seconds())} ago" if when else "never"


def _span(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"

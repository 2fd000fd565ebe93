"""The tree of commands. Importing it loads none of the libraries that do the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from bot.cli.articles import articles_app
from bot.cli.ask import ask
from bot.cli.backup import backup, restore
from bot.cli.chat import chat
from bot.cli.history import history
from bot.cli.ingest import ingest
from bot.cli.keeping import library_app
from bot.cli.library import doctor, reindex
from bot.cli.options import CommonOptions, takes
from bot.cli.plugins import MountedGroup
from bot.cli.search import search
from bot.cli.slack import slack_app
from bot.cli.stats import stats
from bot.cli.watch import watch_app


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dateline {version('dateline')}")
        raise typer.Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class RootOptions(CommonOptions):
    """What may stand before a command's name."""

    version: Annotated[
        bool,
        typer.Option(
            "--version",
            metavar="",
            callback=_show_version,
            is_eager=True,
            help="Print the version and stop.",
        ),
    ] = False


app = typer.Typer(cls=MountedGroup, no_args_is_help=True, rich_markup_mode="rich")


@app.callback()
@takes(RootOptions)
def dateline(_options: RootOptions) -> None:
    """Ask a news archive: every sentence of an answer is cited to a quote in a dated article.

    Start with: dateline ingest ARTICLES, then: dateline ask "who led the delegation?"
    """


app.command(epilog="Example: dateline ingest news/ dump.jsonl 'archive/**/*.html'")(ingest)
app.command(epilog='Example: dateline ask "who led the Russian delegation?" --as-of 2023-11-20')(
    ask
)
app.command(epilog='Example: dateline search "ferry strike" --outlet "Harbor Post" --limit 5')(
    search
)
app.command(epilog="Example: dateline chat --outlet 'Harbor Post'")(chat)
articles_app.command(epilog="Example: dateline articles history 1601b6672dcae9be --diff")(history)
app.add_typer(articles_app, name="articles")
app.add_typer(slack_app, name="slack")
app.add_typer(library_app, name="library")
app.add_typer(watch_app, name="watch")
app.command(epilog="Example: dateline stats --json")(stats)
app.command(epilog="Example: dateline doctor --library ~/news")(doctor)
app.command(epilog="Example: dateline reindex")(reindex)
app.command(epilog="Example: dateline backup ~/backups/news-2024-05-01.zip")(backup)
app.command(epilog="Example: dateline restore news-2024-05-01.zip --library ~/news")(restore)

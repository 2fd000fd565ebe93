"""`dateline articles`: what the library holds, one by one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import INTERRUPTED, OK
from bot.cli.options import CommonOptions, takes
from bot.cli.questions import check_outlet, read_age, read_instant
from bot.plain import plain_line
from index.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.wiring import Bot
    from index.store.entry import Listing, StoredArticle

articles_app = typer.Typer(help="List, show and remove articles.", no_args_is_help=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions(CommonOptions):
    """Which articles to list."""

    outlet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what this outlet published.")
    ] = None
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only what was published on this day or later."),
    ] = None
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only what was published on this day or earlier."),
    ] = None
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="The most to list.")] = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOptions(CommonOptions):
    """Which article to show."""

    article: Annotated[
        str, typer.Argument(metavar="ID", help="The article's id, or its address (URL).")
    ]
    version: Annotated[
        str | None,
        typer.Option(metavar="VERSION", help="An earlier version; the current one without it."),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOptions(CommonOptions):
    """Which articles to remove."""

    articles: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="The articles' ids.")
    ] = None
    outlet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Everything of this outlet.")
    ] = None
    older_than: Annotated[
        str | None,
        typer.Option(
            metavar="AGE",
            help="What was published longer ago than 30d, 8w, 6m or 2y, or before a DATE; with "
            "--outlet only that outlet's.",
        ),
    ] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Only say what would be removed.")
    ] = False
    yes: Annotated[
        bool, typer.Option("--yes", "-y", metavar="", help="Do not ask whether it is meant.")
    ] = False


@articles_app.command("list", epilog="Example: dateline articles list --since 2023-11 --limit 20")
@takes(ListOptions)
def list_articles(options: ListOptions) -> int:
    """List articles, the newest first and the undated last."""
    from bot.cli.article_view import render_listing, show_listings
    from bot.wiring import Bot

    since = read_instant("since", options.since, "first")
    until = read_instant("until", options.until, "last")
    with Bot.open(options.read_settings()) as bot:
        check_outlet(options.outlet, bot.library.catalog.outlets())
        all_of_them = bot.library.catalog.articles(outlet=options.outlet)
    listings = [one for one in all_of_them if _is_within(one, since, until)]
    shown = listings[: options.limit]
    if options.as_json:
        rows = [render_listing(one) for one in shown]
        write_json({"articles": rows, "total": len(listings)})
    else:
        show_listings(shown, open_console(sys.stdout))
        if len(listings) > len(shown):
            write_note(f"{len(shown)} of {len(listings):,} articles; --limit shows more.")
    return OK


def _is_within(listing: Listing, since: datetime | None, until: datetime | None) -> bool:
    if since is None and until is None:
        return True
    published = listing.published
    return (
        published is not None
        and (since is None or published.start >= since)
        and (until is None or published.end <= until)
    )


@articles_app.command("show", epilog="Example: dateline articles show 1601b6672dcae9be --json")
@takes(ShowOptions)
def show_article(options: ShowOptions) -> int:
    """Show one article: its fields, its versions and its text."""
    from bot.cli.article_view import render_article, show_stored_article
    from bot.wiring import Bot

    with Bot.open(options.read_settings()) as bot:
        kept = find_versions(bot, options.article)
    wanted = _choose_version(kept, options.version)
    if options.as_json:
        write_json(render_article(wanted, kept))
    else:
        show_stored_article(wanted, kept, open_console(sys.stdout))
    return OK


def find_versions(bot: Bot, article: str) -> list[StoredArticle]:
    """Every version of an article that was named by its id or its URL.

    Raises:
        UsageError: If the library does not hold it.
    """
    kept = bot.library.catalog.versions(_article_id(article))
    if not kept:
        raise UsageError(
            f"The library at {bot.library.folder} holds no article {article[:120]!r}. "
            "See: dateline articles list"
        )
    return kept


def _article_id(article: str) -> str:
    from index.article import Article
    from index.sources import canonical_url

    if "://" not in article:
        return article
    return Article(url=canonical_url(article) or article, body="").article_id


def _choose_version(kept: Sequence[StoredArticle], version: str | None) -> StoredArticle:
    if version is None:
        return next(one for one in kept if one.is_current)
    # Twelve digits stand in every chunk's id, and a number is easier to type.
    matching = [
        one
        for one in kept
        if version in {one.version, str(one.number)}
        or (len(version) >= 8 and one.version.removeprefix("sha256:").startswith(version))
    ]
    if len(matching) != 1:
        known = ", ".join(f"{one.number} ({one.version[:19]})" for one in kept)
        raise UsageError(f"There is no version {version[:80]!r} of this article. It has {known}.")
    return matching[0]


@articles_app.command(
    "remove", epilog="Example: dateline articles remove --older-than 2y --outlet 'Harbor Post'"
)
@takes(RemoveOptions)
def remove_articles(options: RemoveOptions) -> int:
    """Delete articles for good: all their versions, and the answers kept that cite them.

    Nothing of their text is left in the library's files. Backups and recordings of evaluations are
    yours to delete.
    """
    from bot.retention import remove_for_good
    from bot.wiring import Bot

    if bool(options.articles) == bool(options.outlet or options.older_than):
        raise UsageError(
            "Name articles by their ids, or say which with --outlet, --older-than or both."
        )
    with Bot.open(options.read_settings()) as bot:
        chosen = _choose(bot, options)
        if options.dry_run:
            return _show_chosen(bot, chosen, options)
        if not options.yes and not _is_meant(len(chosen)):
            return INTERRUPTED
        removed = remove_for_good(bot.library, chosen)
    if options.as_json:
        write_json({"removed": removed})
    else:
        write_note(f"Removed {removed:,} articles.")
    return OK


def _choose(bot: Bot, options: RemoveOptions) -> list[str]:
    catalog = bot.library.catalog
    if options.outlet is not None:
        check_outlet(options.outlet, catalog.outlets())
    if options.older_than is not None:
        before = read_age("older-than", options.older_than)
        return catalog.older_than(before, outlet=options.outlet)
    if options.outlet is not None:
        return [listing.article_id for listing in catalog.articles(outlet=options.outlet)]
    named = options.articles or []
    return [find_versions(bot, article)[0].article_id for article in named]


def _show_chosen(bot: Bot, chosen: Sequence[str], options: RemoveOptions) -> int:
    from bot.cli.article_view import render_listing, show_listings

    wanted = set(chosen)
    listings = [one for one in bot.library.catalog.articles() if one.article_id in wanted]
    if options.as_json:
        write_json({"would_remove": [render_listing(one) for one in listings]})
    else:
        show_listings(listings, open_console(sys.stdout))
        write_note(f"{len(listings):,} articles would be removed; nothing was.")
    return OK


def _is_meant(count: int) -> bool:
    """Ask whether so many articles shall go.

    Raises:
        UsageError: If there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise UsageError(f"This removes {count:,} articles for good. Add --yes to confirm it.")
    return typer.confirm(plain_line(f"Remove {count:,} articles for good?"), err=True)

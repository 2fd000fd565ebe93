"""`dateline articles history`: the versions of an article, and what each edit changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.answer import render_instant
from bot.cli.articles import find_versions
from bot.cli.console import open_console, write_json
from bot.cli.edge import OK
from bot.cli.options import CommonOptions, takes

if TYPE_CHECKING:
    from bot.cli.page import Page
    from index.differences import Difference
    from index.store.entry import StoredArticle


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOptions(CommonOptions):
    """Which article."""

    article: Annotated[
        str, typer.Argument(metavar="ID", help="The article's id, or its address (URL).")
    ]
    diff: Annotated[
        bool, typer.Option("--diff", metavar="", help="Show what each edit changed.")
    ] = False


@takes(HistoryOptions)
def history(options: HistoryOptions) -> int:
    """Show an article's versions, the oldest first: when each was seen, and what became of it."""
    from bot.wiring import Bot

    with Bot.open(options.read_settings()) as bot:
        kept = find_versions(bot, options.article)
    if options.as_json:
        write_json(_render(kept, with_changes=options.diff))
    else:
        _show(kept, with_changes=options.diff)
    return OK


def _render(kept: Sequence[StoredArticle], *, with_changes: bool) -> dict[str, Any]:
    from bot.cli.article_view import render_version

    changes = [None, *(_compare(one, other) for one, other in pairwise(kept))]
    rows = []
    for stored, found in zip(kept, changes, strict=True):
        row = render_version(stored) | {"title": stored.article.title}
        if with_changes and found is not None:
            row["changes"] = [
                {"field": one.field, "before": one.before, "after": one.after} for one in found
            ]
        rows.append(row)
    return {"article_id": kept[0].article_id, "url": kept[0].article.url, "versions": rows}


def _compare(before: StoredArticle, after: StoredArticle) -> list[Difference]:
    from index.differences import compare_versions

    return compare_versions(before.article, after.article)


def _show(kept: Sequence[StoredArticle], *, with_changes: bool) -> None:
    from bot.cli.page import Page

    page = Page(open_console(sys.stdout))
    before: StoredArticle | None = None
    for stored in kept:
        seen = render_instant(stored.visible_from) or "undated"
        mark = " (current)" if stored.is_current else ""
        page.line((f"Version {stored.number}{mark}", "bold"), f" · {stored.version[:19]}")
        page.line(f"from {seen}, read {render_instant(stored.ingested_at)}", indent=2)
        page.line(stored.article.title or "untitled", indent=2)
        if stored.notice:
            line = f"{stored.notice.kind.value}: {stored.notice.text}"
            page.line((line, "yellow"), indent=2)
        if before is not None:
            found = _compare(before, stored)
            page.line(_count(found), indent=2)
            for difference in found if with_changes else ():
                _show_difference(difference, page)
        before = stored


def _count(found: Sequence[Difference]) -> str:
    new = sum(one.before is None for one in found)
    gone = sum(one.after is None for one in found)
    return f"{len(found) - new - gone} changed, {new} new, {gone} gone"


def _show_difference(difference: Difference, page: Page) -> None:
    from index.differences import Part

    # Marks beside the colours, for pipes and for people who do not see them.
    dress = {
        Part.KEPT: ("", "", ""), Part.GONE: ("[-", "-]", "red"), Part.NEW: ("{+", "+}", "green"),
    }  # fmt: skip
    sign = "+" if difference.before is None else "-" if difference.after is None else "~"
    pieces: list[str | tuple[str, str]] = [f"{difference.field}: "] if difference.field else []
    for part, words in difference.words():
        before, after, style = dress[part]
        pieces.append((f"{before}{words}{after}", style) if style else words)
    page.line(*pieces, indent=4, first=f"  {sign}")

"""Articles as the library keeps them: as JSON objects, as a table, and to be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.answer import render_instant
from bot.cli.answer_view import show_date
from bot.cli.page import Page
from bot.plain import plain_line, plain_text
from index.moment import Moment
from index.store.entry import Listing, StoredArticle

if TYPE_CHECKING:
    from rich.console import Console


def render_listing(listing: Listing) -> dict[str, Any]:
    """One line of `dateline articles list --json`."""
    return {
        "article_id": listing.article_id,
        "version": listing.version,
        "versions": listing.versions,
        "url": listing.url,
        "title": listing.title,
        "outlet": listing.outlet,
        "published": _iso(listing.published),
        "chunks": listing.chunks,
        "origin_id": listing.origin_id,
    }


def render_article(stored: StoredArticle, kept: Sequence[StoredArticle]) -> dict[str, Any]:
    """One version with its body, and what other versions there are, oldest first."""
    article = stored.article
    return {
        **render_version(stored),
        "article_id": stored.article_id,
        "origin_id": stored.origin_id,
        "url": article.url,
        "title": article.title,
        "outlet": article.outlet,
        "author": article.byline,
        "dateline": article.dateline,
        "section": article.section,
        "language": article.language,
        "published": _iso(article.published),
        "published_is_guess": bool(article.published and article.published.is_guess),
        "modified": _iso(article.modified),
        "source": article.source,
        "versions": [render_version(one) for one in kept],
        "body": article.body,
    }


def show_listings(listings: Sequence[Listing], console: Console) -> None:
    """A table on a terminal; elsewhere lines of tab-separated values, uncut."""
    rows = [
        [plain_line(cell) for cell in (
            one.article_id, show_date(one.published), one.outlet or "", one.title or "untitled",
            str(one.versions),
        )]
        for one in listings
    ]  # fmt: skip
    if not console.is_terminal:
        # Past rich, which would turn the tabs into spaces.
        console.file.writelines("\t".join(row) + "\n" for row in rows)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("id", no_wrap=True, min_width=16)
    table.add_column("published", no_wrap=True, min_width=10)
    table.add_column("outlet", no_wrap=True, min_width=14, max_width=20)
    table.add_column("title", no_wrap=True, ratio=1)
    for article_id, published, outlet, title, _versions in rows:
        table.add_row(*map(Text, (article_id, published, outlet, title)))
    console.print(table)


def show_stored_article(
    stored: StoredArticle, kept: Sequence[StoredArticle], console: Console
) -> None:
    """The article's fields, then its text."""
    page, article = Page(console), stored.article
    page.line((article.title or "untitled", "bold"))
    fields = {
        "outlet": article.outlet,
        "author": article.byline,
        "dateline": article.dateline,
        "published": show_date(article.published),
        "modified": _iso(article.modified),
        "section": article.section,
        "url": article.url,
        "id": stored.article_id,
        "version": f"{stored.number} of {len(kept)}, {stored.version}",
        "read from": article.source,
        "notice": f"{stored.notice.kind.value}: {stored.notice.text}" if stored.notice else None,
    }
    for name, value in fields.items():
        if value:
            page.line(value, indent=11, first=name)
    for paragraph in plain_text(article.body).split("\n"):
        if paragraph.strip():
            page.blank()
            page.line(paragraph)


def render_version(stored: StoredArticle) -> dict[str, Any]:
    """One version without its body."""
    return {
        "version": stored.version,
        "number": stored.number,
        "is_current": stored.is_current,
        "ingested_at": render_instant(stored.ingested_at),
        "visible_from": render_instant(stored.visible_from),
        "visible_until": render_instant(stored.visible_until),
        **(
            {"notice": {"kind": stored.notice.kind.value, "text": stored.notice.text}}
            if stored.notice
            else {}
        ),
    }


def _iso(moment: Moment | None) -> str | None:
    return moment.isoformat() if moment else None

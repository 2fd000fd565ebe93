"""The catalog's tables of the web: what was fetched, what is watched, what was taken back.

Times are seconds since 1970 UTC.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, Float, ForeignKey, Integer, Table, Text

from index.store.schema import metadata

notices = Table(
    "notices",
    metadata,
    Column("article_id", Text, ForeignKey("articles.article_id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("text", Text, nullable=False),
    # From when on readers may know it; null: always.
    Column("at", BigInteger),
    Column("noticed_at", BigInteger, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    Column("url", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    # What each feed or sitemap said of it when it was last read, as a JSON object.
    Column("hints", Text),
    Column("article_url", Text, index=True),
    Column("articles", Integer, nullable=False),
    Column("reason", Text),
    # Failures in a row.
    Column("tries", Integer, nullable=False),
    # The watched source that named it, and what that said of it, as JSON; null for `ingest URL`.
    Column("source", Text, index=True),
    Column("link", Text),
    # When a watcher fetches it next; null: never again by itself.
    Column("due_at", BigInteger, index=True),
    # The watcher that has it at hand, and until when nobody else may take it.
    Column("claimed_by", Text),
    Column("claimed_until", BigInteger),
)

watched = Table(
    "watched",
    metadata,
    Column("key", Text, primary_key=True),
    Column("due_at", BigInteger, nullable=False),
    Column("at", BigInteger),
    Column("ok_at", BigInteger),
    Column("tries", Integer, nullable=False),
    Column("reason", Text),
    # The publication time of the newest story that it ever listed.
    Column("newest_at", BigInteger),
    Column("listed", Integer, nullable=False),
    # Smoothed seconds between publication and reading, of stories that were new.
    Column("lag_seconds", Float),
    Column("claimed_by", Text),
    Column("claimed_until", BigInteger),
)

aliases = Table(
    "aliases",
    metadata,
    # Another address of the article: where it moved to, its twin, its canonical spelling.
    Column("url", Text, primary_key=True),
    Column("article_url", Text, nullable=False, index=True),
)


def add_web_tables(connection: Connection) -> None:
    """Step 2 of the schema."""
    for table in (notices, visits, watched, aliases):
        table.create(connection, checkfirst=True)

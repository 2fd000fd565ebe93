"""The catalog's tables, in portable SQLAlchemy Core.

Keys (`version_key`, `chunk_key`) come from `counters`, grow with every write and are never used
twice: the two indexes name rows by them. Times are seconds since 1970 UTC.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import overload

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)

FIRST_SCHEMA = 1
SCHEMA_VERSION = 2
"""Raised by one with every change of the tables; `index.store.migrations` has a step for each."""

metadata = MetaData()

# Ordered by bytes on every database: PostgreSQL's own order depends on where it was installed.
Words = Text().with_variant(Text(collation="C"), "postgresql")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("article_id", Words, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    # No foreign key: articles and versions would refer to each other. The doctor checks it.
    Column("current_key", BigInteger, nullable=False),
    Column("origin_id", Words, nullable=False, index=True),
    Column("signature", LargeBinary, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("version_key", BigInteger, primary_key=True, autoincrement=False),
    Column("article_id", Words, ForeignKey("articles.article_id"), nullable=False),
    Column("version", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", Text),
    Column("outlet", Words),
    Column("outlet_key", Words, nullable=False),
    Column("byline", Text),
    Column("dateline", Text),
    Column("section", Text),
    Column("language", Text),
    Column("source", Text, nullable=False),
    Column("published", Text),
    Column("published_is_guess", Boolean, nullable=False),
    Column("published_start", BigInteger),
    Column("published_end", BigInteger),
    Column("modified", Text),
    Column("modified_is_guess", Boolean, nullable=False),
    Column("ingested_at", BigInteger, nullable=False),
    Column("visible_from", BigInteger),
    Column("visible_until", BigInteger),
    Column("is_current", Boolean, nullable=False),
    # The last revision that wrote this row, its superseding included.
    Column("revision", BigInteger, nullable=False, index=True),
    UniqueConstraint("article_id", "version"),
)

# Bodies stand apart so that readers can scan all versions without paging through their text.
bodies = Table(
    "bodies",
    metadata,
    Column(
        "version_key",
        BigInteger,
        ForeignKey("versions.version_key"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("body", Text, nullable=False),
)

chunks = Table(
    "chunks",
    metadata,
    Column("chunk_key", BigInteger, primary_key=True, autoincrement=False),
    Column("chunk_id", Words, nullable=False, unique=True),
    Column(
        "version_key", BigInteger, ForeignKey("versions.version_key"), nullable=False, index=True
    ),
    Column("ordinal", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    # float32, little endian, as many as the model has dimensions, of length 1.
    Column("embedding", LargeBinary, nullable=False),
)

origin_bands = Table(
    "origin_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column("article_id", Words, ForeignKey("articles.article_id"), primary_key=True),
    Index("ix_origin_bands_article_id", "article_id"),
)

changes = Table(
    "changes",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    # added, updated (by this version) or removed: one row for each version that went.
    Column("kind", Text, nullable=False),
    Column("article_id", Words, nullable=False),
    Column("version", Text, nullable=False),
    Column("version_key", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)

failures = Table(
    "failures",
    metadata,
    Column("key", Text, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)


def epoch(when: datetime) -> int:
    """Whole seconds since 1970 UTC, as the tables hold times. `when` must be aware."""
    return math.floor(when.timestamp())


@overload
def instant(seconds: int) -> datetime: ...
@overload
def instant(seconds: int | None) -> datetime | None: ...
def instant(seconds: int | None) -> datetime | None:
    """The inverse of `epoch`."""
    return None if seconds is None else _EPOCH + timedelta(seconds=seconds)


def last_revision(connection: Connection) -> int:
    """The newest revision in the change log; 0 in a new catalog."""
    return connection.scalar(select(func.max(changes.c.revision))) or 0


def keep_setting(connection: Connection, name: str, value: str) -> None:
    """Keep `value` under `name` in `meta`, in place of what was there."""
    connection.execute(meta.delete().where(meta.c.name == name))
    connection.execute(meta.insert().values(name=name, value=value))

"""What a catalog promises of its own rows; each promise yields how it is broken.

Each function runs in a reader's transaction and is told the model's dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sqlalchemy import Connection, func, or_, select

from index.store.database import batches
from index.store.feed import stream_rows
from index.store.records import read_articles, read_bodies
from index.store.schema import articles, changes, chunks, counters, last_revision, versions

_NAMED = 5
"""Of a run of broken rows, so many are named."""


def version_hashes(connection: Connection, _: int) -> Iterator[str]:
    """Each version is the text that its hash says, under its own URL."""
    keys = connection.scalars(select(versions.c.version_key)).all()
    found = 0
    for some in batches(keys):
        for kept in read_articles(connection, versions.c.version_key.in_(some)):
            found += 1
            if kept.article.article_id != kept.article_id:
                yield f"article {kept.article_id} has another article's URL"
            if kept.article.version != kept.version:
                yield f"article {kept.article_id}: version {kept.number} does not match its hash"
    if found != len(keys):
        yield f"{len(keys) - found} versions have no body or no article"


def current_versions(connection: Connection, _: int) -> Iterator[str]:
    """Each article has one current version, the one it points at."""
    query = (
        select(articles.c.article_id)
        .outerjoin(versions, versions.c.version_key == articles.c.current_key)
        .where(
            or_(
                versions.c.version_key.is_(None),
                versions.c.article_id != articles.c.article_id,
                versions.c.is_current.is_(False),
            )
        )
    )
    for article_id in connection.scalars(query):
        yield f"article {article_id} has no current version"
    current = func.count(versions.c.version_key).filter(versions.c.is_current)
    several = select(versions.c.article_id).group_by(versions.c.article_id).having(current != 1)
    for article_id in connection.scalars(several):
        yield f"article {article_id} has not just one current version"


def visibility(connection: Connection, _: int) -> Iterator[str]:
    """No two versions of an article are visible at one instant, and none too early."""
    columns = versions.c
    query = select(
        columns.article_id, columns.visible_from, columns.visible_until, columns.published_end,
        columns.is_current,
    ).order_by(columns.article_id, columns.visible_from, columns.number)  # fmt: skip
    last: tuple[str, float] = ("", 0)
    for article_id, begin, end, published, is_current in connection.execute(query):
        if is_current != (end is None):
            yield f"article {article_id}: a version is both current and replaced, or neither"
        if begin is None:
            continue
        if end is not None and end < begin:
            yield f"article {article_id}: a version is replaced before it is visible"
        if published is None or begin < published:
            yield f"article {article_id}: a version is visible before it is published"
        if last[0] == article_id and begin < last[1]:
            yield f"article {article_id}: two versions are visible at once"
        last = (article_id, float("inf") if end is None else end)


def chunk_texts(connection: Connection, _: int) -> Iterator[str]:
    """Each chunk is a part of its version's body that holds more than white space."""
    query = select(chunks.c.version_key, chunks.c.chunk_id, chunks.c.start, chunks.c.end)
    keys = connection.scalars(select(versions.c.version_key)).all()
    for some in batches(keys):
        body = read_bodies(connection, some)
        for key, chunk_id, start, end in connection.execute(
            query.where(chunks.c.version_key.in_(some))
        ):
            text = body.get(key, "")
            if not (0 <= start < end <= len(text) and text[start:end].strip()):
                yield f"chunk {chunk_id} is no part of its article's text"


def embeddings(connection: Connection, dimensions: int) -> Iterator[str]:
    """Each embedding is of the model's size, finite, and of length 1."""
    misfit = func.length(chunks.c.embedding) != 4 * dimensions
    if wrong := connection.scalars(select(chunks.c.chunk_id).where(misfit)).all():
        yield from (f"chunk {chunk_id} has an embedding of another size" for chunk_id in wrong)
        return
    for rows in stream_rows(connection, dimensions):
        lengths = np.linalg.norm(rows.embeddings.astype(np.float64), axis=1)
        # NaN fails the comparison too.
        bad = rows.chunk_keys[~(np.abs(lengths - 1.0) < 1e-3)].tolist()
        names = select(chunks.c.chunk_id).where(chunks.c.chunk_key.in_(bad[:_NAMED]))
        for chunk_id in connection.scalars(names) if bad else ():
            yield f"chunk {chunk_id} has an embedding that is not of length 1"


def change_log(connection: Connection, _: int) -> Iterator[str]:
    """Every row is in a revision, no revision is missing, and no key can be given twice."""
    revision = last_revision(connection)
    steps = connection.scalar(select(func.count(changes.c.revision.distinct())))
    if steps != revision:
        yield f"{revision - (steps or 0)} of {revision} revisions are missing"
    logged = select(changes.c.version_key).where(changes.c.kind != "removed")
    for table in (versions, chunks):
        ahead = select(table.c.version_key).where(
            or_(table.c.revision > revision, table.c.version_key.not_in(logged))
        )
        for key in connection.scalars(ahead):
            yield f"a row of {table.name} (version key {key}) is in no revision"
    used = {"version_key": versions.c.version_key, "chunk_key": chunks.c.chunk_key}
    for name, column in used.items():
        last = connection.scalar(select(counters.c.last).where(counters.c.name == name))
        if last is None or last < (connection.scalar(select(func.max(column))) or 0):
            yield f"the counter {name} is behind its table"


def origins(connection: Connection, _: int) -> Iterator[str]:
    """Each origin is named by an article that was stored at some time."""
    founders = select(changes.c.article_id)
    lost = select(articles.c.article_id).where(articles.c.origin_id.not_in(founders))
    for article_id in connection.scalars(lost):
        yield f"article {article_id} belongs to an origin that never was"

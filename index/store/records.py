"""The catalog's rows, read into our types. Every function runs inside a reader's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, true

from index.article import Article, Passage
from index.corrections import find_notice
from index.moment import Moment
from index.notice import Notice, graver
from index.scope import Scope, outlet_key
from index.store.database import batches
from index.store.entry import Change, Listing, Stats, StoredArticle
from index.store.notices import read_notices, was_known
from index.store.schema import (
    articles,
    bodies,
    changes,
    chunks,
    failures,
    instant,
    last_revision,
    sources,
    versions,
)
from index.store.visible import visible_rows

_PASSAGE = (
    select(
        chunks.c.chunk_id, chunks.c.version_key, chunks.c.start, chunks.c.end,
        versions.c.article_id, versions.c.version, versions.c.title, versions.c.outlet,
        versions.c.byline, versions.c.dateline, versions.c.published,
        versions.c.published_is_guess, articles.c.url, articles.c.origin_id,
    )
    .join(versions, versions.c.version_key == chunks.c.version_key)
    .join(articles, articles.c.article_id == versions.c.article_id)
)  # fmt: skip
_ARTICLE = (
    select(versions, bodies.c.body, articles.c.url, articles.c.origin_id)
    .join(bodies, bodies.c.version_key == versions.c.version_key)
    .join(articles, articles.c.article_id == versions.c.article_id)
    .order_by(versions.c.number)
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A passage as the catalog has it, whoever may see it."""

    passage: Passage
    """With the notice that its own text tells."""
    version_key: int
    noted: tuple[Notice, ...]
    """Notices of its article from outside its text."""

    def seen_in(self, scope: Scope | None) -> Passage:
        """The passage with what `scope` may know of corrections."""
        if not self.noted:
            return self.passage
        as_of = scope.as_of if scope else None
        known = (one for one in self.noted if was_known(one, as_of))
        return replace(self.passage, notice=reduce(graver, known, self.passage.notice))


def read_passages(
    connection: Connection, chunk_ids: Sequence[str], scope: Scope | None
) -> dict[str, Passage]:
    """Passages by chunk id, in the order asked, without those that are gone or unseen."""
    found = read_kept(connection, chunk_ids, *(visible_rows(scope) if scope else ()))
    return {chunk_id: found[chunk_id].seen_in(scope) for chunk_id in chunk_ids if chunk_id in found}


def read_kept(
    connection: Connection, chunk_ids: Sequence[str], *rules: ColumnElement[bool]
) -> dict[str, Kept]:
    """Passages of versions that fulfil `rules` by chunk id, in no order."""
    query = _PASSAGE.where(*rules)
    found: dict[str, Kept] = {}
    for some in batches(chunk_ids):
        rows = connection.execute(query.where(chunks.c.chunk_id.in_(some))).all()
        body = read_bodies(connection, {row.version_key for row in rows})
        noted = read_notices(connection, {row.article_id for row in rows})
        told = {
            row.version_key: find_notice(row.title, body[row.version_key])
            for row in {row.version_key: row for row in rows}.values()
            if row.version_key in body
        }
        for row in rows:
            # Without its body, which only damage explains, a chunk is as good as gone.
            if row.version_key in body:
                passage = _passage(row, body[row.version_key], told[row.version_key])
                known = tuple(noted.get(row.article_id, ()))
                found[row.chunk_id] = Kept(passage, row.version_key, known)
    return found


def read_bodies(connection: Connection, version_keys: Iterable[int]) -> dict[int, str]:
    """Bodies by version key."""
    query = select(bodies.c.version_key, bodies.c.body)
    return {
        row.version_key: row.body
        for some in batches(list(version_keys))
        for row in connection.execute(query.where(bodies.c.version_key.in_(some)))
    }


def read_changes(connection: Connection, after: int) -> list[Change]:
    """The change log's lines after a revision, oldest first."""
    query = (
        select(*(changes.c[name] for name in Change._fields))
        .where(changes.c.revision > after)
        .order_by(changes.c.revision, changes.c.place)
    )
    return [Change(*row) for row in connection.execute(query)]


def read_articles(connection: Connection, *rules: ColumnElement[bool]) -> list[StoredArticle]:
    """The versions that fulfil `rules`, oldest first."""
    rows = connection.execute(_ARTICLE.where(*rules)).all()
    noted = read_notices(connection, {row.article_id for row in rows})
    return [
        _stored_article(row, reduce(graver, noted.get(row.article_id, ()), None)) for row in rows
    ]


def read_listings(
    connection: Connection, outlet: str | None, limit: int | None, offset: int
) -> list[Listing]:
    """Current versions, the newest first and the undated last."""
    every = versions.alias()
    kept = select(func.count(every.c.version_key)).where(
        every.c.article_id == articles.c.article_id
    )
    cut = select(func.count(chunks.c.chunk_key)).where(
        chunks.c.version_key == articles.c.current_key
    )
    query = (
        select(
            articles.c.article_id, articles.c.url, articles.c.origin_id, versions.c.title,
            versions.c.outlet, versions.c.version, versions.c.published,
            versions.c.published_is_guess, kept.scalar_subquery().label("versions"),
            cut.scalar_subquery().label("chunks"),
        )
        .join(versions, versions.c.version_key == articles.c.current_key)
        .order_by(versions.c.published_start.desc().nulls_last(), articles.c.article_id)
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    if outlet is not None:
        query = query.where(versions.c.outlet_key == outlet_key(outlet))
    return [_listing(row) for row in connection.execute(query)]


def read_outlets(connection: Connection) -> dict[str, int]:
    """Outlets by name with the number of their articles, the largest first.

    An outlet spelled in several ways is named as most of its articles name it.
    """
    count = func.count().label("articles")
    query = (
        select(versions.c.outlet_key, versions.c.outlet, count)
        .where(versions.c.is_current == true(), versions.c.outlet.is_not(None))
        .group_by(versions.c.outlet_key, versions.c.outlet)
        .order_by(count.desc(), versions.c.outlet)
    )
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for key, name, size in connection.execute(query):
        names.setdefault(key, name)
        sizes[key] = sizes.get(key, 0) + size
    largest = sorted(sizes, key=lambda key: (-sizes[key], names[key]))
    return {names[key]: sizes[key] for key in largest}


def read_stats(connection: Connection) -> Stats:
    """The library's size."""

    def count(column: ColumnElement[Any], *rules: ColumnElement[bool]) -> int:
        return connection.scalar(select(func.count(column)).where(*rules)) or 0

    current = versions.c.is_current == true()
    return Stats(
        articles=count(articles.c.article_id),
        versions=count(versions.c.version_key),
        chunks=count(chunks.c.chunk_key),
        origins=count(articles.c.origin_id.distinct()),
        outlets=count(versions.c.outlet_key.distinct(), current, versions.c.outlet.is_not(None)),
        undated=count(versions.c.version_key, current, versions.c.published.is_(None)),
        sources=count(sources.c.key),
        failures=count(failures.c.key),
        oldest=_bound(connection, versions.c.published_start.asc()),
        newest=_bound(connection, versions.c.published_end.desc()),
        revision=last_revision(connection),
    )


def read_moment(text: str | None, is_guess: bool) -> Moment | None:
    """A moment as two columns keep it."""
    if text is None:
        return None
    moment = Moment.parse(text)
    return Moment(moment.start, moment.precision, is_guess)


def _bound(connection: Connection, order: ColumnElement[Any]) -> Moment | None:
    query = select(versions.c.published, versions.c.published_is_guess)
    dated = query.where(versions.c.is_current == true(), versions.c.published.is_not(None))
    row = connection.execute(dated.order_by(order).limit(1)).first()
    return read_moment(*row) if row else None


def _passage(row: Any, body: str, notice: Notice | None) -> Passage:
    return Passage(
        chunk_id=row.chunk_id,
        article_id=row.article_id,
        version=row.version,
        origin_id=row.origin_id,
        url=row.url,
        title=row.title,
        outlet=row.outlet,
        byline=row.byline,
        dateline=row.dateline,
        published=read_moment(row.published, row.published_is_guess),
        start=row.start,
        end=row.end,
        text=body[row.start : row.end],
        notice=notice,
    )


def _stored_article(row: Any, noted: Notice | None) -> StoredArticle:
    return StoredArticle(
        article=Article(
            url=row.url,
            body=row.body,
            title=row.title,
            outlet=row.outlet,
            byline=row.byline,
            dateline=row.dateline,
            section=row.section,
            language=row.language,
            published=read_moment(row.published, row.published_is_guess),
            modified=read_moment(row.modified, row.modified_is_guess),
            source=row.source,
        ),
        article_id=row.article_id,
        version=row.version,
        number=row.number,
        origin_id=row.origin_id,
        ingested_at=instant(row.ingested_at),
        visible_from=instant(row.visible_from),
        visible_until=instant(row.visible_until),
        is_current=row.is_current,
        # What was noted outside the text holds for the article as it stands.
        notice=graver(find_notice(row.title, row.body), noted if row.is_current else None),
    )


def _listing(row: Any) -> Listing:
    return Listing(
        article_id=row.article_id,
        url=row.url,
        title=row.title,
        outlet=row.outlet,
        published=read_moment(row.published, row.published_is_guess),
        version=row.version,
        versions=row.versions,
        chunks=row.chunks,
        origin_id=row.origin_id,
    )

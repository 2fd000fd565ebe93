"""What a scope sees of the library, counted: by outlet, and the newest stories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from index.moment import Moment
from index.scope import Scope
from index.store.database import Database
from index.store.records import read_moment
from index.store.schema import instant, versions
from index.store.visible import visible_rows


@dataclass(frozen=True, slots=True)
class OutletShare:
    """What a scope sees of one outlet."""

    outlet: str
    """As most of its articles name it."""
    articles: int
    oldest: Moment | None
    newest: Moment | None


@dataclass(frozen=True, slots=True)
class Story:
    """The current version of one article, without its text."""

    article_id: str
    title: str
    outlet: str | None
    published: Moment | None


def read_shares(database: Database, scope: Scope) -> list[OutletShare]:
    """The outlets that `scope` sees, the largest first. Articles without an outlet are one."""
    columns = versions.c
    count = func.count().label("articles")
    query = (
        select(
            columns.outlet_key, columns.outlet, count,
            func.min(columns.published_start).label("first"),
            func.max(columns.published_start).label("last"),
        )
        .where(*visible_rows(scope))
        .group_by(columns.outlet_key, columns.outlet)
        .order_by(count.desc(), columns.outlet)
    )  # fmt: skip
    groups: dict[str, list[Any]] = {}
    with database.reading() as connection:
        for row in connection.execute(query):
            groups.setdefault(row.outlet_key, []).append(row)
    return sorted(map(_share, groups.values()), key=lambda one: (-one.articles, one.outlet))


def read_newest(database: Database, scope: Scope, limit: int) -> list[Story]:
    """The newest dated and titled stories that `scope` sees, the newest first."""
    columns = versions.c
    query = (
        select(
            columns.article_id, columns.title, columns.outlet, columns.published,
            columns.published_is_guess,
        )
        .where(
            *visible_rows(scope), columns.published_start.is_not(None), columns.title.is_not(None)
        )
        .order_by(columns.published_start.desc(), columns.article_id)
        .limit(limit)
    )  # fmt: skip
    with database.reading() as connection:
        return [
            Story(row.article_id, row.title, row.outlet, read_moment(*row[3:]))
            for row in connection.execute(query)
        ]


def _share(rows: list[Any]) -> OutletShare:
    firsts = [row.first for row in rows if row.first is not None]
    lasts = [row.last for row in rows if row.last is not None]
    return OutletShare(
        outlet=rows[0].outlet or "",
        articles=sum(row.articles for row in rows),
        oldest=_day(min(firsts, default=None)),
        newest=_day(max(lasts, default=None)),
    )


def _day(seconds: int | None) -> Moment | None:
    when = instant(seconds)
    return None if when is None else Moment.day(when.year, when.month, when.day)

"""The catalog's notices: articles that were corrected or taken back outside their own text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, or_, select

from index.article import Article
from index.items import Remark
from index.notice import Notice, NoticeKind, graver
from index.store.database import batches
from index.store.schema import articles, epoch, instant
from index.store.web_schema import notices


def keep_remarks(connection: Connection, remarks: Sequence[Remark], now: datetime) -> int:
    """Keep the notices of articles that the catalog holds; returns how many were new."""
    new = 0
    for remark in remarks:
        article_id = Article(url=remark.url, body="").article_id
        held = select(articles.c.article_id).where(articles.c.article_id == article_id)
        if connection.scalar(held) is None:
            continue
        kind = remark.notice.kind.value
        mine = (notices.c.article_id == article_id) & (notices.c.kind == kind)
        if connection.scalar(select(notices.c.kind).where(mine)) is not None:
            continue
        at = remark.notice.at
        connection.execute(
            notices.insert().values(
                article_id=article_id,
                kind=kind,
                text=remark.notice.text,
                at=epoch(at) if at else None,
                noticed_at=epoch(now),
            )
        )
        new += 1
    return new


def read_notices(
    connection: Connection, article_ids: Iterable[str], as_of: datetime | None = None
) -> dict[str, Notice]:
    """The gravest notice of each article that was known at `as_of`, by article id."""
    found: dict[str, Notice] = {}
    for some in batches(list(article_ids)):
        query = select(notices).where(notices.c.article_id.in_(some))
        if as_of is not None:
            query = query.where(or_(notices.c.at.is_(None), notices.c.at <= epoch(as_of)))
        for row in connection.execute(query):
            notice = Notice(NoticeKind(row.kind), row.text, instant(row.at))
            counts = graver(found.get(row.article_id), notice)
            assert counts is not None
            found[row.article_id] = counts
    return found

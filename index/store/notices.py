"""The catalog's notices: articles that were corrected or taken back outside their own text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, true

from index.article import Article
from index.items import Remark
from index.notice import Notice, NoticeKind, graver
from index.store.database import batches
from index.store.schema import changes, epoch, instant, last_revision, versions
from index.store.web_schema import notices


def keep_remarks(connection: Connection, remarks: Sequence[Remark], now: datetime) -> int:
    """Keep the notices of articles that the catalog holds; returns how many were new.

    They are one revision of the change log, so that whoever follows it hears of them.
    """
    revision, log = last_revision(connection) + 1, list[dict[str, Any]]()
    for remark in remarks:
        article_id = Article(url=remark.url, body="").article_id
        kind, at = remark.notice.kind.value, remark.notice.at
        current = _current(connection, article_id)
        mine = (notices.c.article_id == article_id) & (notices.c.kind == kind)
        if current is None or connection.scalar(select(notices.c.kind).where(mine)) is not None:
            continue
        connection.execute(
            notices.insert().values(
                article_id=article_id, kind=kind, text=remark.notice.text,
                at=epoch(at) if at else None, noticed_at=epoch(now),
            )
        )  # fmt: skip
        log.append({
            "revision": revision, "place": len(log), "kind": "noticed", "article_id": article_id,
            "version": current.version, "version_key": current.version_key, "at": epoch(now),
        })  # fmt: skip
    if log:
        connection.execute(changes.insert(), log)
    return len(log)


def _current(connection: Connection, article_id: str) -> Any | None:
    query = select(versions.c.version, versions.c.version_key)
    mine = (versions.c.article_id == article_id) & (versions.c.is_current == true())
    return connection.execute(query.where(mine)).first()


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

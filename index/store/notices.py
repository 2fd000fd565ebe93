"""The catalog's notices: articles that were corrected or taken back outside their own text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, true

from index.article import Article
from index.items import Remark
from index.notice import WITHDRAWN, Notice, NoticeKind
from index.store.database import batches
from index.store.schema import changes, epoch, instant, last_revision, versions
from index.store.web_schema import notices


def keep_remarks(connection: Connection, remarks: Sequence[Remark], now: datetime) -> int:
    """Keep the notices of articles that the catalog holds; returns how many were new.

    They are one revision of the change log, so that whoever follows it hears of them.
    """
    noticed = list[str]()
    for remark in remarks:
        article_id = Article(url=remark.url, body="").article_id
        kind, at = remark.notice.kind.value, remark.notice.at
        mine = (notices.c.article_id == article_id) & (notices.c.kind == kind)
        is_held = _current(connection, article_id) is not None
        if not is_held or connection.scalar(select(notices.c.kind).where(mine)) is not None:
            continue
        connection.execute(
            notices.insert().values(
                article_id=article_id, kind=kind, text=remark.notice.text,
                at=epoch(at) if at else None, noticed_at=epoch(now),
            )
        )  # fmt: skip
        noticed.append(article_id)
    _log(connection, noticed, now)
    return len(noticed)


def lift_withdrawal(connection: Connection, article_id: str, now: datetime) -> None:
    """Forget that an article's page was gone: it came back. A revision too, if it was."""
    came_back = (notices.c.article_id == article_id) & (notices.c.text == WITHDRAWN)
    if connection.scalar(select(notices.c.kind).where(came_back)) is None:
        return
    connection.execute(notices.delete().where(came_back))
    _log(connection, [article_id], now)


def _log(connection: Connection, article_ids: Iterable[str], now: datetime) -> None:
    """One revision that tells that these articles are to be seen otherwise."""
    revision = last_revision(connection) + 1
    current = [(one, _current(connection, one)) for one in article_ids]
    log = [
        {
            "revision": revision, "place": place, "kind": "noticed", "article_id": article_id,
            "version": row.version, "version_key": row.version_key, "at": epoch(now),
        }
        for place, (article_id, row) in enumerate(current)
        if row is not None
    ]  # fmt: skip
    if log:
        connection.execute(changes.insert(), log)


def _current(connection: Connection, article_id: str) -> Any | None:
    query = select(versions.c.version, versions.c.version_key)
    mine = (versions.c.article_id == article_id) & (versions.c.is_current == true())
    return connection.execute(query.where(mine)).first()


def read_notices(connection: Connection, article_ids: Iterable[str]) -> dict[str, list[Notice]]:
    """The notices of each article that has any, by article id."""
    found = defaultdict[str, list[Notice]](list)
    for some in batches(list(article_ids)):
        for row in connection.execute(select(notices).where(notices.c.article_id.in_(some))):
            notice = Notice(NoticeKind(row.kind), row.text, instant(row.at))
            found[row.article_id].append(notice)
    return dict(found)


def was_known(notice: Notice, as_of: datetime | None) -> bool:
    """Whether a notice was known at `as_of`; every one is now."""
    return as_of is None or notice.at is None or epoch(notice.at) <= epoch(as_of)

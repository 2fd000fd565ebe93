"""The catalog's queue of the web: which sources and which stories are due, and who has them.

Several watchers may share it. What one has at hand is claimed until a moment; a claim of a process
that died on this machine, or that has run out, counts for nothing.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from index.items import Outcome, Visit
from index.moment import Moment
from index.sources.links import Link
from index.store.database import Database, batches
from index.store.schema import epoch, instant
from index.store.visits import Visited, note_hint, read_hints, record_visit, visited_of
from index.store.web_schema import visits, watched

_CLAIM = timedelta(minutes=10)
_LAG_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Due:
    """A story's address whose turn it is."""

    visited: Visited
    link: Link | None
    """What the list that named it said."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a watched source does."""

    key: str
    due_at: datetime
    at: datetime | None
    """When it was last looked at."""
    ok_at: datetime | None
    """When it was last looked at with success."""
    tries: int
    """Failures in a row."""
    reason: str | None
    newest_at: datetime | None
    """The publication time of the newest story that it listed."""
    listed: int
    """Stories that it listed when it last changed."""
    waiting: int
    """Its stories that wait to be fetched, failed ones included."""
    dead: int
    """Its stories that are not tried again unasked."""
    lag_seconds: float | None
    """Smoothed time between a story's publication and its reading."""


class WatchBook:
    """The queue. Safe to use from many threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._me = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"

    def sync(self, keys: Sequence[str], now: datetime) -> None:
        """Watch exactly `keys`: new ones are due at once, stories of others are left alone."""
        with self._database.writing() as connection:
            held = set(connection.execute(select(watched.c.key)).scalars())
            for key in held - set(keys):
                connection.execute(watched.delete().where(watched.c.key == key))
                connection.execute(
                    visits.update().where(visits.c.source == key).values(due_at=None)
                )
            fresh = [
                {"key": key, "due_at": epoch(now), "tries": 0, "listed": 0}
                for key in keys
                if key not in held
            ]
            if fresh:
                connection.execute(watched.insert(), fresh)

    def claim_source(self, now: datetime) -> str | None:
        """Take the source whose turn it is, if there is one."""
        with self._database.writing() as connection:
            due = watched.c.due_at <= epoch(now)
            query = select(watched).where(due).order_by(watched.c.due_at, watched.c.key)
            row = next((one for one in connection.execute(query) if _is_free(one, now)), None)
            if row is None:
                return None
            self._claim(connection, watched, watched.c.key == row.key, now)
            return str(row.key)

    def claim_stories(self, now: datetime, limit: int) -> list[Due]:
        """Take up to `limit` stories whose turn it is, the longest waiting first."""
        with self._database.writing() as connection:
            due = visits.c.due_at <= epoch(now)
            query = select(visits).where(due).order_by(visits.c.due_at, visits.c.url)
            rows = connection.execute(query.limit(4 * limit)).all()
            free = [row for row in rows if _is_free(row, now)][:limit]
            for row in free:
                self._claim(connection, visits, visits.c.url == row.url, now)
            return [Due(visited_of(row), _read_link(row.url, row.link)) for row in free]

    def polled(
        self, key: str, found: Sequence[Visit], links: Sequence[Link] | None, due_at: datetime
    ) -> int:
        """Keep what a look at a source came to; returns how many stories it put into the queue.

        All in one transaction: a list counts as seen only with its stories in the queue.

        Args:
            key: The source.
            found: What the fetch of the list came to, then those of the lists that it names.
            links: The stories that are to be read; None where the list did not change.
            due_at: When the source is looked at next.
        """
        visit = found[0]
        is_ok = visit.outcome in {Outcome.READ, Outcome.UNCHANGED}
        at = epoch(visit.at)
        with self._database.writing() as connection:
            queued = _enqueue(connection, key, links or (), at)
            for one in found:
                record_visit(connection, one)
            before = connection.execute(select(watched).where(watched.c.key == key)).first()
            row: dict[str, Any] = {
                "at": at, "due_at": epoch(due_at), "claimed_by": None, "claimed_until": None,
                "reason": None if is_ok else visit.reason,
                "tries": 0 if is_ok or before is None else before.tries + 1,
            }  # fmt: skip
            if is_ok:
                row["ok_at"] = at
            if links is not None:
                newest = [epoch(link.published.start) for link in links if link.published]
                newest += [before.newest_at] if before and before.newest_at else []
                row |= {"listed": len(links), "newest_at": max(newest, default=None)}
            connection.execute(watched.update().where(watched.c.key == key).values(row))
        return queued

    def note_lag(self, key: str, seconds: float) -> None:
        """Note how long after its publication a new story of a source was read."""
        with self._database.writing() as connection:
            mine = watched.c.key == key
            before = connection.scalar(select(watched.c.lag_seconds).where(mine))
            lag = seconds if before is None else before + _LAG_WEIGHT * (seconds - before)
            connection.execute(watched.update().where(mine).values(lag_seconds=lag))

    def tries_of(self, key: str) -> int:
        """How often a source has failed in a row."""
        with self._database.reading() as connection:
            return connection.scalar(select(watched.c.tries).where(watched.c.key == key)) or 0

    def next_due(self) -> datetime | None:
        """When the next source or story is due; None where nothing will ever be."""
        with self._database.reading() as connection:
            source = connection.scalar(select(func.min(watched.c.due_at)))
            story = connection.scalar(select(func.min(visits.c.due_at)))
        return instant(min((one for one in (source, story) if one is not None), default=None))

    def release(self) -> None:
        """Give back what this process claimed and did not finish."""
        with self._database.writing() as connection:
            for table in (visits, watched):
                mine = table.update().where(table.c.claimed_by == self._me)
                connection.execute(mine.values(claimed_by=None, claimed_until=None))

    def sources(self) -> list[SourceState]:
        """Every watched source, in the order of their addresses."""
        with self._database.reading() as connection:
            waiting = _count(connection, visits.c.due_at.is_not(None) & _UNREAD)
            dead = _count(connection, visits.c.due_at.is_(None) & _LOST)
            rows = connection.execute(select(watched).order_by(watched.c.key))
            return [_source_state(row, waiting, dead) for row in rows]

    def dead_letters(self) -> list[Visited]:
        """Addresses that are not tried again unasked, the latest first."""
        query = select(visits).where(visits.c.due_at.is_(None) & _LOST)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(visits.c.at.desc(), visits.c.url))
            return [visited_of(row) for row in rows]

    def retry(self, urls: Sequence[str] | None, now: datetime) -> int:
        """Make dead letters due: those of `urls`, or all; returns how many there were."""
        with self._database.writing() as connection:
            lost = visits.c.due_at.is_(None) & _LOST
            found = list(connection.execute(select(visits.c.url).where(lost)).scalars())
            chosen = [url for url in found if urls is None or url in urls]
            for some in batches(chosen):
                again = visits.update().where(visits.c.url.in_(some))
                connection.execute(again.values(due_at=epoch(now), tries=0))
            return len(chosen)

    def _claim(
        self, connection: Connection, table: Table, rule: ColumnElement[bool], now: datetime
    ) -> None:
        until = epoch(now + _CLAIM)
        connection.execute(
            table.update().where(rule).values(claimed_by=self._me, claimed_until=until)
        )


_UNREAD = visits.c.outcome.in_([Outcome.WAITING.value, Outcome.FAILED.value])
_LOST = visits.c.source.is_not(None) & visits.c.outcome.in_(
    [Outcome.FAILED.value, Outcome.REFUSED.value]
)


def _enqueue(connection: Connection, key: str, links: Sequence[Link], at: int) -> int:
    known: dict[str, Any] = {}
    for some in batches([link.url for link in links]):
        rows = connection.execute(select(visits).where(visits.c.url.in_(some)))
        known |= {row.url: row for row in rows}
    queued = 0
    for link in links:
        before = known.get(link.url)
        if before is None:
            connection.execute(
                visits.insert().values(
                    url=link.url, outcome=Outcome.WAITING.value, at=at, first_at=at, articles=0,
                    tries=0, source=key, link=_render_link(link), due_at=at,
                )
            )  # fmt: skip
            queued += 1
        elif _is_news(before, link):
            values = {"link": _render_link(link), "source": key, "due_at": at}
            connection.execute(visits.update().where(visits.c.url == link.url).values(values))
            queued += 1
        elif link.listed_by not in read_hints(before):
            # So that this list's next word is seen to be another one.
            values = {"hints": note_hint(before, link.listed_by, link.hint)}
            connection.execute(visits.update().where(visits.c.url == link.url).values(values))
    return queued


def _is_news(before: Any, link: Link) -> bool:
    """Whether a list says something new of an address that is known."""
    known = visited_of(before)
    match known.outcome:
        case Outcome.READ | Outcome.UNCHANGED | Outcome.REFUSED | Outcome.GONE:
            is_first_word = link.listed_by not in known.hints and link.updated is None
            return known.is_told_anew(link) and not is_first_word
        case _:
            # It waits, or waits to be tried again; or its article was removed.
            return False


def _is_free(row: Any, now: datetime) -> bool:
    if row.claimed_by is None or row.claimed_until <= epoch(now):
        return True
    host, number, _ = row.claimed_by.rsplit(":", 2)
    return host == socket.gethostname() and not _runs(int(number))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _count(connection: Connection, rule: ColumnElement[bool]) -> dict[str, int]:
    query = select(visits.c.source, func.count()).where(rule).group_by(visits.c.source)
    return {source: count for source, count in connection.execute(query) if source}


def _source_state(row: Any, waiting: Mapping[str, int], dead: Mapping[str, int]) -> SourceState:
    return SourceState(
        key=row.key,
        due_at=instant(row.due_at),
        at=instant(row.at),
        ok_at=instant(row.ok_at),
        tries=row.tries,
        reason=row.reason,
        newest_at=instant(row.newest_at),
        listed=row.listed,
        waiting=waiting.get(row.key, 0),
        dead=dead.get(row.key, 0),
        lag_seconds=row.lag_seconds,
    )


def _render_link(link: Link) -> str:
    told = {
        "title": link.title, "outlet": link.outlet, "byline": link.byline,
        "language": link.language, "content": link.content, "hint": link.hint,
        "listed_by": link.listed_by,
        "published": link.published.isoformat() if link.published else None,
        "updated": link.updated.isoformat() if link.updated else None,
    }  # fmt: skip
    return json.dumps({name: value for name, value in told.items() if value is not None})


def _read_link(url: str, text: str | None) -> Link | None:
    if text is None:
        return None
    told: dict[str, Any] = json.loads(text)
    for name in ("published", "updated"):
        if name in told:
            told[name] = Moment.parse(told[name])
    return Link(url, **told)

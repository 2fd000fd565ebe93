"""The catalog's book of sources: which were read to their end, and what in them could not be read.

Sources are looked up and recorded many at a time, because archives are often a file an article.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from index.failure import Failure
from index.store.database import Database, batches
from index.store.entry import SourceRecord
from index.store.schema import epoch, failures, sources


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one source to its end."""

    key: str
    """`Source.key`."""
    fingerprint: str | None
    """None for a source that must be read again in any case."""
    articles: int
    failed: tuple[Failure, ...]


class SourceLedger:
    """Keeps what became of each source. Safe to use from many threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, keys: Iterable[str]) -> dict[str, SourceRecord]:
        """What each of `keys` looked like when it was last read without a failure."""
        query = select(sources.c.key, sources.c.fingerprint, sources.c.articles)
        with self._database.reading() as connection:
            return {
                row.key: SourceRecord(row.fingerprint, row.articles)
                for some in batches(list(keys))
                for row in connection.execute(query.where(sources.c.key.in_(some)))
            }

    def record(self, readings: Sequence[Reading], *, now: datetime) -> None:
        """Keep what came of reading, in place of what was known of the same sources.

        A source with failures counts as unread: next time their cause may be gone.
        """
        if not readings:
            return
        at = epoch(now)
        last = list({reading.key: reading for reading in readings}.values())
        keys = [{"of": reading.key} for reading in last]
        read = [
            {"key": one.key, "fingerprint": one.fingerprint, "articles": one.articles, "at": at}
            for one in last
            if one.fingerprint is not None and not one.failed
        ]
        failed = [
            {"key": one.key, "place": place, "source": it.source, "reason": it.reason, "at": at}
            for one in last
            for place, it in enumerate(one.failed)
        ]

        def replace(connection: Connection) -> None:
            for table, rows in ((sources, read), (failures, failed)):
                connection.execute(table.delete().where(table.c.key == bindparam("of")), keys)
                if rows:
                    connection.execute(table.insert(), rows)

        self._database.write(replace)

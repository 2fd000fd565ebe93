"""How many answers were given, without reading any."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, inspect, select

from bot.given.schema import answers
from index.store.database import Database


def count_given(database: Database, since: datetime) -> dict[str, int]:
    """Answers given from `since` (aware) on, by status, the most frequent first.

    Makes no tables: a library of which nobody ever asked in Slack has none of them.
    """
    count = func.count().label("answers")
    query = (
        select(answers.c.status, count)
        .where(answers.c.given_at >= since.timestamp())
        .group_by(answers.c.status)
        .order_by(count.desc(), answers.c.status)
    )
    with database.reading() as connection:
        if not inspect(connection).has_table(answers.name):
            return {}
        return {row.status: row.answers for row in connection.execute(query)}

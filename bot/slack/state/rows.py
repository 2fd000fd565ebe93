"""Rows of `slack_questions`: which they are, and what they say."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from bot.slack.state.question import Asked, Kind, Task
from bot.slack.state.schedule import Waiting
from bot.slack.state.schema import questions

# Who was served before that is not remembered when users take turns.
_TURN_SECONDS = 900.0


def is_message(channel: str, ts: str) -> ColumnElement[bool]:
    """The row of one message."""
    return and_(questions.c.channel == channel, questions.c.ts == ts)


def is_open() -> ColumnElement[bool]:
    """What is not settled."""
    return questions.c.is_settled != true()


def is_free(now: float) -> ColumnElement[bool]:
    """What is not settled, and nobody holds."""
    return and_(is_open(), or_(questions.c.lease_until.is_(None), questions.c.lease_until < now))


def count_open(connection: Connection) -> int:
    """How many questions are not settled."""
    return connection.scalar(select(func.count()).select_from(questions).where(is_open())) or 0


def read_open(connection: Connection, now: float) -> list[Waiting]:
    """The questions that are not settled, as the schedule sees them."""
    columns = questions.c
    query = select(
        columns.channel, columns.ts, columns.thread, columns.asker, columns.received_at,
        columns.lease_until,
    ).where(is_open())  # fmt: skip
    return [
        Waiting(*row[:5], is_held=row.lease_until is not None and row.lease_until >= now)
        for row in connection.execute(query)
    ]


def read_served(connection: Connection, now: float) -> dict[str, float]:
    """When a question of each user was last begun, of those that still count."""
    query = (
        select(questions.c.asker, func.max(questions.c.started_at))
        .where(questions.c.started_at > now - _TURN_SECONDS)
        .group_by(questions.c.asker)
    )
    return {asker: float(at) for asker, at in connection.execute(query)}


def new_row(asked: Asked, now: float) -> dict[str, Any]:
    """A question as it arrives."""
    return {
        "channel": asked.channel,
        "ts": asked.ts,
        "team": asked.team,
        "enterprise": asked.enterprise,
        "thread": asked.thread,
        "asker": asked.asker,
        "asker_team": asked.asker_team,
        "kind": asked.kind.value,
        "text": asked.text,
        "is_shared": asked.is_shared,
        "response_url": asked.response_url,
        "wanted": asked.version,
        "shown": None,
        "is_settled": False,
        "received_at": now,
        "attempts": 0,
        "is_posting": False,
    }


def read_asked(row: Any) -> Asked:
    """A row as a question."""
    return Asked(
        channel=row.channel,
        ts=row.ts,
        team=row.team,
        thread=row.thread,
        asker=row.asker,
        kind=Kind(row.kind),
        text=row.text,
        version=row.wanted,
        enterprise=row.enterprise,
        asker_team=row.asker_team,
        is_shared=row.is_shared,
        response_url=row.response_url,
    )


def read_task(row: Any) -> Task:
    """A row as the task of whoever holds it."""
    return Task(
        asked=read_asked(row),
        lease=row.lease,
        attempts=row.attempts,
        is_posting=row.is_posting,
        message=row.message,
        answer_id=row.answer_id,
        received_at=row.received_at,
    )

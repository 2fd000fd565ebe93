"""The ledger of questions asked in Slack: each is answered once, by whichever process lives.

Slack delivers an event again when it is not acknowledged in time, through several connections, and
as two kinds of event; processes are killed. So every question is written down before it is
acknowledged, a worker holds it under a lease that must be renewed, and a lease that runs out lets
another worker finish. Only who holds the lease may note what was done.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select, true, update

from bot.slack.state import schema
from bot.slack.state.commits import GroupCommit
from bot.slack.state.question import WITHDRAWN, Asked, Kind, Receipt, Task
from bot.slack.state.rows import (
    count_open,
    is_free,
    is_message,
    new_row,
    read_asked,
    read_open,
    read_served,
    read_task,
)
from bot.slack.state.schedule import Waiting, order_waiting
from bot.slack.state.schema import deeds, questions
from index.store.database import Database, insert_new


@dataclass(frozen=True, slots=True)
class LedgerLimits:
    """How much may wait, and how long a worker may be silent."""

    most_waiting: int = 500
    """Questions that arrive beyond it are turned away."""
    lease_seconds: float = 60.0
    """After so long without a sign of life from its worker, a question is given to another."""


class QuestionLedger:
    """Keeps questions. Safe to use from many threads and processes."""

    def __init__(
        self,
        database: Database,
        limits: LedgerLimits | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        database.ensure(schema.metadata)
        self._database = database
        self._limits = limits or LedgerLimits()
        self._clock = clock
        self._commits = GroupCommit(database)

    @property
    def lease_seconds(self) -> float:
        """How long a lease lasts without being renewed."""
        return self._limits.lease_seconds

    # What arrives.

    def take(self, asked: Asked) -> Receipt:
        """Write a question down, unless it is there already or too many wait."""
        # Half of what arrives is here already: a mention is also a message. Looking needs no lock.
        if self.find(asked.channel, asked.ts) is not None:
            return Receipt.KNOWN
        now = self._clock()
        row = new_row(asked, now)

        def work(connection: Connection) -> Receipt:
            if count_open(connection) >= self._limits.most_waiting:
                turned_away = {**row, "shown": asked.version, "is_settled": True}
                is_new = insert_new(connection, questions, turned_away)
                return Receipt.FULL if is_new else Receipt.KNOWN
            return Receipt.TAKEN if insert_new(connection, questions, row) else Receipt.KNOWN

        return self._commits.write(work)

    def change(self, channel: str, ts: str, text: str, version: str) -> bool:
        """Want an answer to an edited question in place of the earlier one.

        Returns:
            Whether there is such a question, and this is a newer wording of it.
        """

        def work(connection: Connection) -> bool:
            change = (
                update(questions)
                .where(
                    is_message(channel, ts),
                    questions.c.wanted != WITHDRAWN,
                    questions.c.wanted < version,
                    questions.c.text != text,
                )
                .values(text=text, wanted=version, is_settled=False, attempts=0)
            )
            return connection.execute(change).rowcount == 1

        return self._commits.write(work)

    def withdraw(self, asked: Asked) -> bool:
        """Want the answer to a deleted question taken back, even if it arrives only later.

        Returns:
            Whether the question was known, so that there may be something to take back.
        """
        row = new_row(asked, self._clock()) | {
            "text": "", "wanted": WITHDRAWN, "shown": WITHDRAWN, "is_settled": True,
        }  # fmt: skip

        def work(connection: Connection) -> bool:
            if insert_new(connection, questions, row):
                return False
            change = (
                update(questions)
                .where(is_message(asked.channel, asked.ts), questions.c.wanted != WITHDRAWN)
                .values(text="", wanted=WITHDRAWN, is_settled=False, attempts=0)
            )
            return connection.execute(change).rowcount == 1

        return self._commits.write(work)

    def find(self, channel: str, ts: str) -> Asked | None:
        """The question that a message asks, if it is one."""
        with self._database.reading() as connection:
            row = connection.execute(select(questions).where(is_message(channel, ts))).first()
        return read_asked(row) if row else None

    def count_waiting(self) -> int:
        """How many questions are not settled, those in hand among them."""
        with self._database.reading() as connection:
            return count_open(connection)

    def is_addressed(self, channel: str, thread: str) -> bool:
        """Whether the bot was addressed in a thread."""
        query = select(questions.c.ts).where(
            questions.c.channel == channel,
            questions.c.thread == thread,
            questions.c.kind.in_([Kind.MENTION.value, Kind.DIRECT.value]),
        )
        with self._database.reading() as connection:
            return connection.scalar(query.limit(1)) is not None

    def enterprise_of(self, team: str) -> str | None:
        """The Enterprise Grid organisation of a workspace, as far as its questions tell."""
        query = select(questions.c.enterprise).where(
            questions.c.team == team, questions.c.enterprise.is_not(None)
        )
        newest = query.order_by(questions.c.received_at.desc()).limit(1)
        with self._database.reading() as connection:
            found: str | None = connection.scalar(newest)
        return found

    # What workers do.

    def claim(self) -> Task | None:
        """Hold the next question that nobody holds; None if none waits."""
        # Idle workers ask every second: that must not keep those who write waiting.
        if not self._is_any_free():
            return None

        def work(connection: Connection) -> Task | None:
            now = self._clock()
            for one in self._order(connection, now):
                lease = secrets.token_hex(8)
                change = (
                    update(questions)
                    .where(is_message(one.channel, one.ts), is_free(now))
                    .values(
                        lease=lease,
                        lease_until=now + self._limits.lease_seconds,
                        started_at=now,
                        attempts=questions.c.attempts + 1,
                    )
                )
                # Another process may have been faster.
                if connection.execute(change).rowcount == 1:
                    query = select(questions).where(is_message(one.channel, one.ts))
                    return read_task(connection.execute(query).one())
            return None

        return self._commits.write(work)

    def _is_any_free(self) -> bool:
        query = select(questions.c.ts).where(is_free(self._clock())).limit(1)
        with self._database.reading() as connection:
            return connection.scalar(query) is not None

    def _order(self, connection: Connection, now: float) -> list[Waiting]:
        return order_waiting(read_open(connection, now), read_served(connection, now))

    def waiting(self) -> list[Waiting]:
        """The questions that wait, in the order in which they will be served."""
        now = self._clock()
        with self._database.reading() as connection:
            return self._order(connection, now)

    def renew(self, leases: Collection[str]) -> set[str]:
        """Hold on to questions; returns the leases that still hold."""
        if not leases:
            return set()
        held = questions.c.lease.in_(sorted(leases))
        until = self._clock() + self._limits.lease_seconds

        def work(connection: Connection) -> set[str]:
            connection.execute(update(questions).where(held).values(lease_until=until))
            return set(connection.scalars(select(questions.c.lease).where(held)))

        return self._commits.write(work)

    def is_current(self, task: Task) -> bool:
        """Whether a worker still holds a question, and it is still to be answered as it was."""
        query = select(questions.c.wanted).where(questions.c.lease == task.lease)
        with self._database.reading() as connection:
            return connection.scalar(query) == task.asked.version

    def reread(self, task: Task) -> Task | None:
        """A task with what was noted since it was claimed; None if the lease is lost."""
        with self._database.reading() as connection:
            row = connection.execute(select(questions).where(questions.c.lease == task.lease))
            found = row.first()
        return read_task(found) if found else None

    def note_posting(self, task: Task) -> bool:
        """Note that a new message is about to be posted; False if the lease is lost."""
        return self._note(task, is_posting=True)

    def note_message(self, task: Task, message: str) -> bool:
        """Note the message that was posted; False if the lease is lost."""
        return self._note(task, is_posting=False, message=message)

    def settle(self, task: Task, *, answer_id: str | None = None) -> bool:
        """Note that a question's version is done with; False if the lease is lost.

        If the question was edited meanwhile it waits again.
        """
        return self._note(
            task,
            shown=task.asked.version,
            is_settled=questions.c.wanted == task.asked.version,
            is_posting=False,
            answer_id=answer_id,
            # Nothing more is said there, and whoever has it could write to the asker.
            response_url=None,
            lease=None,
            lease_until=None,
        )

    def release(self, task: Task) -> bool:
        """Give a question back, to be tried again, without counting this try."""
        return self._note(task, lease=None, lease_until=None, attempts=questions.c.attempts - 1)

    def retry_later(self, task: Task, seconds: float) -> bool:
        """Give a question back after a failure, to be tried again in a while."""
        return self._note(task, lease_until=self._clock() + seconds)

    def _note(self, task: Task, **values: Any) -> bool:
        change = update(questions).where(questions.c.lease == task.lease).values(**values)

        def work(connection: Connection) -> bool:
            return connection.execute(change).rowcount == 1

        return self._commits.write(work)

    def messages(self, channel: str, thread: str) -> set[str]:
        """Names of the bot's messages in a thread, as far as they were noted."""
        query = select(questions.c.message).where(
            questions.c.channel == channel, questions.c.thread == thread
        )
        with self._database.reading() as connection:
            return {message for message in connection.scalars(query) if message}

    def earlier_answers(self, asked: Asked, limit: int) -> list[str]:
        """Ids of the answers to the last `limit` questions before this one in its thread."""
        query = (
            select(questions.c.answer_id)
            .where(
                questions.c.channel == asked.channel,
                questions.c.thread == asked.thread,
                questions.c.ts < asked.ts,
                questions.c.answer_id.is_not(None),
            )
            .order_by(questions.c.ts.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [str(one) for one in connection.scalars(query)][::-1]

    # What happens once.

    def do_once(self, deed: str) -> bool:
        """Whether `deed` is to be done now; never again afterwards, by any process."""

        def work(connection: Connection) -> bool:
            return insert_new(connection, deeds, {"deed": deed, "at": self._clock()})

        return self._commits.write(work)

    def undo(self, deed: str) -> None:
        """Let `deed` be done after all: it could not be."""

        def work(connection: Connection) -> None:
            connection.execute(deeds.delete().where(deeds.c.deed == deed))

        self._commits.write(work)

    def forget_before(self, seconds: float) -> int:
        """Delete what was settled longer ago than `seconds`; returns how many questions."""
        limit = self._clock() - seconds

        def work(connection: Connection) -> int:
            connection.execute(deeds.delete().where(deeds.c.at < limit))
            old = and_(questions.c.received_at < limit, questions.c.is_settled == true())
            return connection.execute(questions.delete().where(old)).rowcount

        return self._commits.write(work)

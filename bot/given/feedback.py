"""What readers thought of the answers they were given: one opinion a user and answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, select, update

from bot.given import schema
from bot.given.answers import GivenAnswer, read_given
from bot.given.schema import answers, feedback
from index.store.database import Database, insert_new


class Opinion(StrEnum):
    """Thumbs up or down."""

    GOOD = "good"
    BAD = "bad"


class Complaint(StrEnum):
    """What was the matter with an answer."""

    WRONG = "wrong"
    OUT_OF_DATE = "out_of_date"
    BAD_SOURCE = "bad_source"
    SHOULD_HAVE_DECLINED = "should_have_declined"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One user's opinion of one answer, with the answer as it was shown."""

    given: GivenAnswer
    user: str
    opinion: Opinion
    complaint: Complaint | None
    """None with a good opinion, and while no reason was chosen."""
    comment: str | None
    """In the user's words: untrusted."""
    at: datetime
    reviewed_at: datetime | None


class FeedbackBook:
    """Keeps feedback; the last opinion of a user on an answer is the one that counts."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] | None = None) -> None:
        database.ensure(schema.metadata)
        self._database = database
        self._clock = clock or _now

    def record(
        self,
        answer_id: str,
        user: str,
        opinion: Opinion,
        complaint: Complaint | None = None,
        comment: str | None = None,
    ) -> bool:
        """Keep an opinion in place of the user's earlier one, to be reviewed again.

        Returns:
            False if no such answer was given.
        """
        values = {
            "opinion": opinion.value,
            "complaint": complaint.value if complaint else None,
            "comment": comment or None,
            "at": int(self._clock().timestamp()),
            "reviewed_at": None,
        }
        key = {"answer_id": answer_id, "user": user}
        with self._database.writing() as connection:
            known = select(answers.c.answer_id).where(answers.c.answer_id == answer_id)
            if connection.scalar(known) is None:
                return False
            if not insert_new(connection, feedback, {**key, **values}):
                connection.execute(update(feedback).where(_is(answer_id, user)).values(**values))
        return True

    def list_feedback(self, *, unreviewed: bool = True) -> list[Feedback]:
        """Opinions, the oldest first; all of them, or only those that nobody has reviewed."""
        query = (
            select(
                answers,
                feedback.c.user, feedback.c.opinion, feedback.c.complaint, feedback.c.comment,
                feedback.c.at, feedback.c.reviewed_at,
            )
            .join(feedback, feedback.c.answer_id == answers.c.answer_id)
            .order_by(feedback.c.at, answers.c.answer_id, feedback.c.user)
        )  # fmt: skip
        if unreviewed:
            query = query.where(feedback.c.reviewed_at.is_(None))
        with self._database.reading() as connection:
            return [
                Feedback(
                    given=read_given(row),
                    user=row.user,
                    opinion=Opinion(row.opinion),
                    complaint=Complaint(row.complaint) if row.complaint else None,
                    comment=row.comment,
                    at=_instant(row.at),
                    reviewed_at=_instant(row.reviewed_at) if row.reviewed_at else None,
                )
                for row in connection.execute(query)
            ]

    def mark_reviewed(self, answer_id: str, user: str) -> bool:
        """Take an opinion off the list of those to review; False if there is none such."""
        seconds = int(self._clock().timestamp())
        with self._database.writing() as connection:
            change = update(feedback).where(_is(answer_id, user)).values(reviewed_at=seconds)
            return connection.execute(change).rowcount == 1


def _is(answer_id: str, user: str) -> ColumnElement[bool]:
    return and_(feedback.c.answer_id == answer_id, feedback.c.user == user)


def _now() -> datetime:
    return datetime.now(UTC)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

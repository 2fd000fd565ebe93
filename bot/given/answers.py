"""The answers given: what was shown to whom and where, kept in the catalog's database.

An answer never changes once it is kept. A removed article takes the answers that rest on it with
it: nothing of its text stays here.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from bot.answer import Answer
from bot.given import schema
from bot.given.frozen import drop_passages, freeze_answer, thaw_answer
from bot.given.schema import answers, sources
from index.store.database import Database, batches
from index.store.schema import versions

_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer was shown."""

    team: str
    """The workspace; empty on the command line."""
    channel: str
    thread: str
    """Slack's `thread_ts`."""
    message: str | None = None
    """Slack's `ts` of the answer; None where only one user saw it."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One answer as it was shown."""

    answer_id: str
    """Cannot be guessed: whoever has it was shown the answer."""
    given_at: datetime
    """Also the moment that the question's "now" meant."""
    place: Place
    asker: str
    question: str
    """As it was asked."""
    as_of: datetime | None
    answer: Answer | None
    """None once an article that it cited was removed."""
    withdrawn_at: datetime | None = None


class GivenAnswers:
    """Keeps answers. Safe to use from many threads and processes."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] | None = None) -> None:
        database.ensure(schema.metadata)
        self._database = database
        self._clock = clock or _now

    def keep(self, answer: Answer, place: Place, asker: str) -> str:
        """Keep what is about to be shown; returns its id."""
        answer_id = secrets.token_urlsafe(_ID_BYTES)
        as_of = answer.question.as_of
        row = {
            "answer_id": answer_id,
            "given_at": _seconds(self._clock()),
            "team": place.team,
            "channel": place.channel,
            "thread": place.thread,
            "message": place.message,
            "asker": asker,
            "question": answer.question.text,
            "as_of": _seconds(as_of) if as_of else None,
            "status": answer.status.value,
            "answer": freeze_answer(answer),
        }
        with self._database.writing() as connection:
            connection.execute(answers.insert(), row)
            if held := _source_rows(answer_id, answer):
                connection.execute(sources.insert(), held)
        return answer_id

    def set_message(self, answer_id: str, message: str, *, thread: str | None = None) -> None:
        """Remember under which name an answer was posted, and in which thread if it moved."""
        self._set(answer_id, message=message, **({"thread": thread} if thread else {}))

    def withdraw(self, answer_id: str) -> None:
        """Remember that an answer is no longer shown."""
        self._set(answer_id, withdrawn_at=_seconds(self._clock()))

    def _set(self, answer_id: str, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(
                update(answers).where(answers.c.answer_id == answer_id).values(**values)
            )

    def find(self, answer_id: str) -> GivenAnswer | None:
        """The answer of that id, withdrawn or not."""
        found = self._select(answers.c.answer_id == answer_id)
        return found[0] if found else None

    def in_thread(self, team: str, channel: str, thread: str) -> list[GivenAnswer]:
        """What was answered in a thread and stands there still, oldest first."""
        return self._select(
            answers.c.team == team,
            answers.c.channel == channel,
            answers.c.thread == thread,
            answers.c.withdrawn_at.is_(None),
        )

    def citing(self, article_id: str, version: str | None = None) -> list[GivenAnswer]:
        """The answers that stand and cite an article, in any version unless one is named."""
        rules = [sources.c.article_id == article_id, sources.c.is_cited]
        if version is not None:
            rules.append(sources.c.version == version)
        cited = select(sources.c.answer_id).where(*rules)
        return self._select(answers.c.answer_id.in_(cited), answers.c.withdrawn_at.is_(None))

    def cited_articles(self) -> set[str]:
        """Ids of the articles that answers which stand cite."""
        query = (
            select(sources.c.article_id)
            .distinct()
            .join(answers, answers.c.answer_id == sources.c.answer_id)
            .where(sources.c.is_cited, answers.c.withdrawn_at.is_(None))
        )
        with self._database.reading() as connection:
            return set(connection.scalars(query))

    def erase_removed(self) -> int:
        """Erase all text of versions that the catalog no longer holds.

        An answer that cited one is erased and only its question kept; from the others their
        passages are taken. Returns how many answers were changed.
        """
        with self._database.writing() as connection:
            gone: dict[str, dict[tuple[str, str], bool]] = defaultdict(dict)
            for row in connection.execute(_GONE):
                spans = gone[row.answer_id]
                pair = (row.article_id, row.version)
                spans[pair] = spans.get(pair, False) or row.is_cited
            for answer_id, spans in gone.items():
                _erase(connection, answer_id, spans)
            for some in batches(list(gone)):
                # Where it was cited stays known, without a word of it: readers can be told.
                rules = (sources.c.answer_id.in_(some), _IS_GONE, ~sources.c.is_cited)
                connection.execute(sources.delete().where(*rules))
        return len(gone)

    def forget_before(self, age: timedelta) -> int:
        """Delete answers, with their feedback, that are older than `age`; returns how many."""
        limit = _seconds(self._clock() - age)
        old = select(answers.c.answer_id).where(answers.c.given_at < limit)
        with self._database.writing() as connection:
            for table in (sources, schema.feedback):
                connection.execute(table.delete().where(table.c.answer_id.in_(old)))
            return connection.execute(answers.delete().where(answers.c.given_at < limit)).rowcount

    def _select(self, *rules: ColumnElement[bool]) -> list[GivenAnswer]:
        query = select(answers).where(*rules).order_by(answers.c.given_at, answers.c.answer_id)
        with self._database.reading() as connection:
            return [read_given(row) for row in connection.execute(query)]


_IS_GONE = ~(
    select(versions.c.version_key)
    .where(versions.c.article_id == sources.c.article_id, versions.c.version == sources.c.version)
    .exists()
)
_GONE = (
    select(sources)
    .join(answers, answers.c.answer_id == sources.c.answer_id)
    .where(answers.c.answer.is_not(None), _IS_GONE)
)


def read_given(row: Any) -> GivenAnswer:
    """One row of `given_answers` as our type."""
    return GivenAnswer(
        answer_id=row.answer_id,
        given_at=_instant(row.given_at),
        place=Place(row.team, row.channel, row.thread, row.message),
        asker=row.asker,
        question=row.question,
        as_of=_instant(row.as_of) if row.as_of is not None else None,
        answer=thaw_answer(row.answer) if row.answer is not None else None,
        withdrawn_at=_instant(row.withdrawn_at) if row.withdrawn_at is not None else None,
    )


def _erase(connection: Connection, answer_id: str, spans: dict[tuple[str, str], bool]) -> None:
    """Erase an answer; `spans` tells of each version that is gone whether it was cited."""
    rule = answers.c.answer_id == answer_id
    text = connection.scalar(select(answers.c.answer).where(rule))
    if text is None:
        return
    left = None if any(spans.values()) else drop_passages(text, set(spans))
    connection.execute(update(answers).where(rule).values(answer=left))


def _source_rows(answer_id: str, answer: Answer) -> list[dict[str, Any]]:
    held: Iterable[tuple[Any, bool]] = [
        *((citation, True) for citation in answer.citations),
        *((passage, False) for passage in answer.passages),
    ]
    return [
        {
            "answer_id": answer_id,
            "place": place,
            "article_id": one.article_id,
            "version": one.version,
            "start": one.start,
            "end": one.end,
            "is_cited": is_cited,
        }
        for place, (one, is_cited) in enumerate(held)
    ]


def _now() -> datetime:
    return datetime.now(UTC)


def _seconds(when: datetime) -> int:
    return int(when.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

"""The catalog's book of addresses: what each fetch came to, and which article lives where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from index.article import Article
from index.items import Outcome, Visit
from index.sources.links import Link
from index.store.database import Database, batches
from index.store.notices import lift_withdrawal
from index.store.schema import articles, epoch, instant, origin_bands
from index.store.web_schema import aliases, visits


@dataclass(frozen=True, slots=True)
class Visited:
    """What is known of an address that was fetched or is waiting to be."""

    url: str
    outcome: Outcome
    at: datetime
    first_at: datetime
    """When it was first heard of."""
    etag: str | None
    last_modified: str | None
    hints: Mapping[str, str]
    """What each list said of it when it was last read; see `Link.hint`."""
    article_url: str | None
    articles: int
    reason: str | None
    tries: int
    """Failures in a row."""
    source: str | None
    due_at: datetime | None

    @property
    def was_read(self) -> bool:
        """Whether it was read to its end when it was last fetched."""
        return self.outcome in {Outcome.READ, Outcome.UNCHANGED}

    def is_told_anew(self, link: Link) -> bool:
        """Whether a list says something of the story that it did not say when it was read."""
        if link.hint is None or self.hints.get(link.listed_by or "") == link.hint:
            return False
        # Several lists tell of one edit; the first of them had it fetched.
        return link.updated is None or link.updated.end > self.at


class VisitBook:
    """Keeps what became of each address. Safe to use from many threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, urls: Iterable[str]) -> dict[str, Visited]:
        """What is known of each of `urls`."""
        found: dict[str, Visited] = {}
        with self._database.reading() as connection:
            for some in batches(list(urls)):
                rows = connection.execute(select(visits).where(visits.c.url.in_(some)))
                found |= {row.url: visited_of(row) for row in rows}
        return found

    def article_at(self, urls: Sequence[str]) -> str | None:
        """The URL of the article that lives at the first of `urls` where one does."""
        query = select(aliases.c.url, aliases.c.article_url).where(aliases.c.url.in_(urls))
        with self._database.reading() as connection:
            known = select(articles.c.url).where(articles.c.url.in_(urls))
            found = {row.url: row.url for row in connection.execute(known)}
            held = select(articles.c.url)
            for row in connection.execute(query):
                moved = connection.scalar(held.where(articles.c.url == row.article_url))
                if moved is not None:
                    found.setdefault(row.url, moved)
        return next((found[url] for url in urls if url in found), None)

    def signature(self, article_url: str) -> bytes | None:
        """The near-duplicate signature of an article that the catalog holds."""
        query = select(articles.c.signature).where(articles.c.url == article_url)
        with self._database.reading() as connection:
            return connection.scalar(query)

    def alike(self, bands: Iterable[int]) -> dict[str, bytes]:
        """The articles that share one of `bands`: their signatures by URL."""
        found: dict[str, bytes] = {}
        query = select(articles.c.url, articles.c.signature).join(
            origin_bands, origin_bands.c.article_id == articles.c.article_id
        )
        with self._database.reading() as connection:
            for some in batches(list(bands)):
                rows = connection.execute(query.where(origin_bands.c.band.in_(some)))
                found |= {row.url: row.signature for row in rows}
        return found

    def record(self, new: Sequence[Visit]) -> None:
        """Keep what fetches came to; what they said nothing of stays as it was."""
        if not new:
            return
        with self._database.writing() as connection:
            for visit in new:
                record_visit(connection, visit)


def visited_of(row: Any) -> Visited:
    """A row of `visits` as our type."""
    return Visited(
        url=row.url,
        outcome=Outcome(row.outcome),
        at=instant(row.at),
        first_at=instant(row.first_at),
        etag=row.etag,
        last_modified=row.last_modified,
        hints=read_hints(row),
        article_url=row.article_url,
        articles=row.articles,
        reason=row.reason,
        tries=row.tries,
        source=row.source,
        due_at=instant(row.due_at),
    )


def read_hints(row: Any) -> dict[str, str]:
    """The hints of a row of `visits`."""
    hints: dict[str, str] = json.loads(row.hints) if row.hints else {}
    return hints


def note_hint(row: Any, listed_by: str | None, hint: str | None) -> str | None:
    """The column `hints` of a row, with one more noted; None for a row that is not there yet."""
    hints = read_hints(row) if row is not None else {}
    if listed_by and hint:
        hints[listed_by] = hint
    return json.dumps(hints) if hints else None


def record_visit(connection: Connection, visit: Visit) -> None:
    """Keep what one fetch came to, inside a writing transaction."""
    before = connection.execute(select(visits).where(visits.c.url == visit.url)).first()
    at = epoch(visit.at)
    row: dict[str, Any] = {
        "outcome": visit.outcome.value,
        "at": at,
        "reason": visit.reason,
        "tries": 0,
        "due_at": epoch(visit.due_at) if visit.due_at else None,
        "claimed_by": None,
        "claimed_until": None,
    }
    if visit.outcome is not Outcome.FAILED:
        row["link"] = None  # what the list said has been used
    match visit.outcome:
        case Outcome.READ:
            row |= {
                "etag": visit.etag,
                "last_modified": visit.last_modified,
                "hints": note_hint(before, visit.listed_by, visit.hint),
                "article_url": visit.article_url,
                "articles": visit.articles,
            }
        case Outcome.UNCHANGED:
            told = {"etag": visit.etag, "last_modified": visit.last_modified}
            row |= {name: value for name, value in told.items() if value is not None}
            row["hints"] = note_hint(before, visit.listed_by, visit.hint)
        case Outcome.FAILED:
            # Validators stay: what the library holds is still what they stand for.
            row["tries"] = (before.tries if before else 0) + 1
        case _:
            row["tries"] = (before.tries if before else 0) + 1
            row["hints"] = note_hint(before, visit.listed_by, visit.hint)
            row |= {"etag": None, "last_modified": None}
    if before is None:
        fresh = {"url": visit.url, "first_at": at, "articles": 0}
        connection.execute(visits.insert().values(fresh | row))
    else:
        connection.execute(visits.update().where(visits.c.url == visit.url).values(row))
    if visit.outcome is Outcome.READ and visit.article_url:
        # A page that came back was not withdrawn after all.
        lift_withdrawal(connection, Article(url=visit.article_url, body="").article_id, visit.at)
    for url in visit.aliases:
        if visit.article_url and url != visit.article_url:
            connection.execute(aliases.delete().where(aliases.c.url == url))
            connection.execute(aliases.insert().values(url=url, article_url=visit.article_url))

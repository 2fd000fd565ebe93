"""How an article's versions follow each other: what is new, what it replaces, who sees it when.

`Accession` turns a batch of entries into rows of one revision. It runs inside the catalog's
writing transaction, so what it reads cannot change under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update

from index.article import Article
from index.items import Outcome
from index.moment import Moment
from index.scope import outlet_key
from index.store.database import batches
from index.store.entry import Entry, Stored
from index.store.schema import (
    articles,
    bodies,
    changes,
    chunks,
    counters,
    epoch,
    keep_setting,
    last_revision,
    origin_bands,
    versions,
)
from index.store.web_schema import aliases, notices, visits

Row = dict[str, Any]


@dataclass(slots=True)
class _Story:
    """What is known of one article while a batch is stored."""

    keys: dict[str, int] = field(default_factory=dict)
    """Version to version key."""
    current: str = ""
    number: int = 0
    """Of the newest version."""
    floor: int | None = None
    """The latest instant at which any version begins or ends: the next cannot begin before it."""

    def learn(self, row: Row) -> None:
        self.keys[row["version"]] = row["version_key"]
        self.number = max(self.number, row["number"])
        if row["is_current"]:
            self.current = row["version"]
        bounds = [row["visible_from"], row["visible_until"], self.floor]
        self.floor = max((bound for bound in bounds if bound is not None), default=None)


class Accession:
    """The storing of one batch: gathers rows, then writes them table by table."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = epoch(now)
        self._revision = last_revision(connection) + 1
        lasts = connection.execute(select(counters.c.name, counters.c.last))
        self._last: dict[str, int] = {name: last for name, last in lasts}  # noqa: C416
        self._stories: dict[str, _Story] = {}
        self._new: dict[Table, list[Row]] = {table: [] for table in _ORDER}
        self._new_versions: dict[int, Row] = {}
        self._changed_versions: dict[int, Row] = {}
        self._articles: dict[str, Row] = {}
        self._bands: dict[str, frozenset[int]] = {}
        self._fresh: set[str] = set()

    def store(self, entries: Sequence[Entry]) -> Stored:
        """Write what is new in `entries`, in their order, as one revision."""
        self._read_stories([entry.article.article_id for entry in entries])
        kinds = [self._take(entry) for entry in entries]
        chunk_count = len(self._new[chunks])
        if not self._new[changes]:
            return Stored(unchanged=len(kinds), revision=self._revision - 1)
        self._write()
        return Stored(
            kinds.count("added"),
            kinds.count("updated"),
            kinds.count("unchanged"),
            chunk_count,
            self._revision,
        )

    def _read_stories(self, article_ids: Sequence[str]) -> None:
        columns = (
            versions.c.article_id, versions.c.version, versions.c.version_key, versions.c.number,
            versions.c.is_current, versions.c.visible_from, versions.c.visible_until,
        )  # fmt: skip
        for some in batches(article_ids):
            query = select(*columns).where(versions.c.article_id.in_(some))
            for row in self._connection.execute(query).mappings():
                self._stories.setdefault(row["article_id"], _Story()).learn(dict(row))

    def _take(self, entry: Entry) -> str:
        article = entry.article
        article_id, version = article.article_id, article.version
        story = self._stories.get(article_id)
        if story is None:
            story = self._stories[article_id] = _Story()
            self._fresh.add(article_id)
            self._add_version(entry, article_id, version, story)
            return "added"
        if version == story.current:
            return "unchanged"
        if version not in story.keys:
            self._supersede(story, article)
            self._add_version(entry, article_id, version, story)
            return "updated"
        return self._meet_again(entry, article_id, version, story)

    def _meet_again(self, entry: Entry, article_id: str, version: str, story: _Story) -> str:
        """A superseded version came back: an old copy, unless the site put it back."""
        modified = _known(entry.article.modified)
        is_newer = modified is not None and (
            story.floor is None or epoch(modified.end) > story.floor
        )
        if not (entry.is_put_back or is_newer):
            return "unchanged"
        begin = self._supersede(story, entry.article)
        key = story.keys[version]
        story.number += 1
        self._change_version(
            key,
            number=story.number,
            visible_from=begin if entry.article.published else None,
            visible_until=None,
            is_current=True,
            # What this source shows next is again what follows.
            source=entry.article.source,
        )
        story.current, story.floor = version, begin
        self._settle(entry, article_id, key)
        self._log("updated", article_id, version, key)
        return "updated"

    def _supersede(self, story: _Story, article: Article) -> int:
        """End the current version where `article` begins, and return that instant."""
        modified = _known(article.modified)
        begin = epoch(modified.end) if modified else self._now
        bounds = [story.floor, epoch(article.published.end) if article.published else None]
        begin = max([begin, *(bound for bound in bounds if bound is not None)])
        self._change_version(story.keys[story.current], visible_until=begin, is_current=False)
        story.floor = begin
        return begin

    def _change_version(self, key: int, **values: object) -> None:
        if key in self._new_versions:
            self._new_versions[key].update(values)
            return
        row = self._changed_versions.setdefault(key, {})
        row.update(values)

    def _add_version(self, entry: Entry, article_id: str, version: str, story: _Story) -> None:
        article = entry.article
        key = self._next("version_key")
        begin = epoch(article.published.end) if article.published else None
        if begin is not None and story.current:
            begin = story.floor
        row = _version_row(article, article_id, version) | {
            "version_key": key,
            "number": story.number + 1,
            "ingested_at": self._now,
            "visible_from": begin,
            "visible_until": None,
            "is_current": True,
            "revision": self._revision,
        }
        kind = "updated" if story.current else "added"
        self._new_versions[key] = row
        story.learn(row)
        self._new[bodies].append({"version_key": key, "body": article.body})
        self._add_chunks(entry, key)
        self._settle(entry, article_id, key)
        self._log(kind, article_id, version, key)

    def _add_chunks(self, entry: Entry, version_key: int) -> None:
        for chunk, embedding in zip(entry.chunks, entry.embeddings, strict=True):
            row = {
                "chunk_key": self._next("chunk_key"),
                "chunk_id": chunk.chunk_id,
                "version_key": version_key,
                "ordinal": chunk.ordinal,
                "start": chunk.start,
                "end": chunk.end,
                "revision": self._revision,
                "embedding": embedding.astype("<f4").tobytes(),
            }
            self._new[chunks].append(row)

    def _settle(self, entry: Entry, article_id: str, version_key: int) -> None:
        """The article now stands at this version, in the entry's origin."""
        self._articles[article_id] = {
            "article_id": article_id,
            "url": entry.article.url,
            "current_key": version_key,
            "origin_id": entry.origin_id,
            "signature": entry.signature,
        }
        self._bands[article_id] = frozenset(entry.bands)

    def _log(self, kind: str, article_id: str, version: str, key: int) -> None:
        log = self._new[changes]
        log.append({
            "revision": self._revision, "place": len(log), "kind": kind, "article_id": article_id,
            "version": version, "version_key": key, "at": self._now,
        })  # fmt: skip

    def _next(self, counter: str) -> int:
        self._last[counter] += 1
        return self._last[counter]

    def _write(self) -> None:
        rows = self._articles.values()
        self._new[articles] = [row for row in rows if row["article_id"] in self._fresh]
        settled = [row for row in rows if row["article_id"] not in self._fresh]
        self._new[versions] = list(self._new_versions.values())
        self._new[origin_bands] = [
            {"band": band, "article_id": article_id}
            for article_id, bands in self._bands.items()
            for band in bands
        ]
        self._update(articles, "article_id", settled)
        if settled:
            old = [{"key": row["article_id"]} for row in settled]
            stale = origin_bands.delete().where(origin_bands.c.article_id == bindparam("key"))
            self._connection.execute(stale, old)
        for key, values in self._changed_versions.items():
            changed = values | {"version_key": key, "revision": self._revision}
            self._update(versions, "version_key", [changed])
        for table, new in self._new.items():
            if new:
                self._connection.execute(table.insert(), new)
        lasts = [{"name": name, "last": last} for name, last in self._last.items()]
        self._update(counters, "name", lasts)

    def _update(self, table: Table, key: str, rows: Sequence[Row]) -> None:
        if not rows:
            return
        values: Row = {name: bindparam(f"new_{name}") for name in rows[0] if name != key}
        statement = update(table).where(table.c[key] == bindparam("key")).values(values)
        bound = [
            {"key": row[key], **{f"new_{name}": row[name] for name in row if name != key}}
            for row in rows
        ]
        self._connection.execute(statement, bound)


_ORDER = (articles, versions, bodies, chunks, origin_bands, changes)
"""Parents before children, as foreign keys ask."""


REMOVED = "removed.revision"
"""The setting that keeps the revision of the last removal."""


def remove_articles(connection: Connection, article_ids: Sequence[str], now: datetime) -> int:
    """Delete articles with all that hangs on them; returns how many there were.

    The change log keeps a line for each version, by which the indexes forget it.
    """
    gone = [
        row
        for some in batches(article_ids)
        for row in connection.execute(
            select(versions.c.article_id, versions.c.version, versions.c.version_key)
            .where(versions.c.article_id.in_(some))
            .order_by(versions.c.version_key)
        )
    ]
    if not gone:
        return 0
    at, revision = epoch(now), last_revision(connection) + 1
    log = [
        {"revision": revision, "place": place, "kind": "removed", "at": at, **row._mapping}
        for place, row in enumerate(gone)
    ]
    for some in batches([row.version_key for row in gone]):
        for table in (chunks, bodies, versions):
            connection.execute(table.delete().where(table.c.version_key.in_(some)))
    found = sorted({row.article_id for row in gone})
    forget_web(connection, found)
    for some in batches(found):
        for table in (origin_bands, articles):
            connection.execute(table.delete().where(table.c.article_id.in_(some)))
    connection.execute(changes.insert(), log)
    # By which an index knows whether it was made before the text was removed.
    keep_setting(connection, REMOVED, str(revision))
    return len(found)


def forget_web(connection: Connection, article_ids: Sequence[str]) -> None:
    """Forget what was said of articles that go, and let no watcher fetch them again."""
    for some in batches(article_ids):
        urls = select(articles.c.url).where(articles.c.article_id.in_(some)).scalar_subquery()
        connection.execute(notices.delete().where(notices.c.article_id.in_(some)))
        connection.execute(aliases.delete().where(aliases.c.article_url.in_(urls)))
        connection.execute(
            visits.update()
            .where(visits.c.article_url.in_(urls))
            .values(outcome=Outcome.REMOVED.value, due_at=None, link=None)
        )


def _version_row(article: Article, article_id: str, version: str) -> Row:
    published, modified = article.published, article.modified
    return {
        "article_id": article_id,
        "version": version,
        "title": article.title,
        "outlet": article.outlet,
        "outlet_key": outlet_key(article.outlet or ""),
        "byline": article.byline,
        "dateline": article.dateline,
        "section": article.section,
        "language": article.language,
        "source": article.source,
        "published": published.isoformat() if published else None,
        "published_is_guess": bool(published and published.is_guess),
        "published_start": epoch(published.start) if published else None,
        "published_end": epoch(published.end) if published else None,
        "modified": modified.isoformat() if modified else None,
        "modified_is_guess": bool(modified and modified.is_guess),
    }


def _known(moment: Moment | None) -> Moment | None:
    """The moment, unless it was only guessed: a copied file's time tells nothing of the story."""
    return None if moment is None or moment.is_guess else moment

"""The catalog: the store of record for articles, their versions, chunks and embeddings.

It knows nothing of the two indexes, which are derived from it. What is stored, and how versions
follow each other, is decided in `index.store.versions`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, inspect, select, true

from index.article import Passage
from index.errors import LibraryError, LibraryMissing
from index.failure import Failure
from index.items import Remark
from index.scope import Scope, outlet_key
from index.store.address import CatalogUrl
from index.store.database import Database, batches
from index.store.entry import (
    Change,
    Entry,
    Listing,
    OriginCandidate,
    Stats,
    Stored,
    StoredArticle,
)
from index.store.migrations import migrate
from index.store.notices import keep_remarks
from index.store.records import (
    read_articles,
    read_changes,
    read_listings,
    read_outlets,
    read_passages,
    read_stats,
)
from index.store.schema import (
    SCHEMA_VERSION,
    articles,
    chunks,
    counters,
    epoch,
    failures,
    instant,
    keep_setting,
    last_revision,
    meta,
    metadata,
    origin_bands,
    versions,
)
from index.store.versions import REMOVED, Accession, remove_articles

if TYPE_CHECKING:
    from index.embed import ModelCard


@dataclass(frozen=True, slots=True)
class Identity:
    """What a library was made as, and stays."""

    library: str
    """Random: tells a library's indexes from those of another."""
    model_name: str
    model_digest: str
    dimensions: int


class Catalog:
    """One catalog. Safe to use from many threads, and beside other processes.

    Every method raises LibraryError when its database cannot be used, LibraryBusy among them.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def create(cls, where: Path | CatalogUrl, model: ModelCard) -> Catalog:
        """Make an empty catalog for `model`'s embeddings, or open the one that is there since.

        A file must have no tables yet, and the caller keeps other processes away from it.
        """
        database = Database(where)
        database.prepare_new()
        with database.writing() as connection:
            is_new = not inspect(connection).has_table(meta.name)
            if is_new:
                metadata.create_all(connection)
                _describe(connection, model)
        if not is_new:
            migrate(database)
        return cls(database)

    @classmethod
    def open(cls, where: Path | CatalogUrl) -> Catalog:
        """Open the catalog in a file, or in a server's database.

        Raises:
            LibraryMissing: If there is none.
            LibraryError: If it is no catalog, damaged, or made by a newer Dateline.
        """
        catalog = cls(Database(where))
        try:
            catalog._check_schema(_made_by(where))
        except BaseException:
            catalog.close()
            raise
        return catalog

    def _check_schema(self, remedy: str) -> None:
        place = self.database.place
        if not self.database.found():
            raise LibraryMissing(f"No library at {_library_of(place)}. {remedy}")
        with self.database.reading() as connection:
            tables = inspect(connection).get_table_names()
        if not tables:
            raise LibraryMissing(
                f"The library at {_library_of(place)} was never finished. {remedy}"
            )
        if meta.name not in tables:
            raise LibraryError(f"{place} is not a Dateline catalog. Name another place.")
        migrate(self.database)

    def close(self) -> None:
        """Close the connections; the catalog is of no use afterwards."""
        self.database.close()

    # What the catalog knows of itself.

    @cached_property
    def identity(self) -> Identity:
        """What the library was made as."""
        kept = self.settings()
        try:
            return Identity(
                kept["library"],
                kept["model.name"],
                kept["model.digest"],
                int(kept["model.dimensions"]),
            )
        except (KeyError, ValueError) as error:
            raise LibraryError(
                f"{self.database.place} does not say what it was made as ({error}). Restore it "
                "from a copy, or ingest again: dateline ingest ARTICLES --library NEW"
            ) from error

    @property
    def revision(self) -> int:
        """Grows with every batch that changed something; 0 when nothing was ever stored.

        Raises:
            LibraryError: If the library was moved away, which a running bot learns here.
        """
        with self.database.reading() as connection:
            self.database.refuse_moved(connection)
            return last_revision(connection)

    @property
    def removed_at(self) -> int:
        """The revision of the last removal; 0 where nothing was ever removed."""
        return int(self.settings().get(REMOVED, 0))

    def settings(self) -> dict[str, str]:
        """All that is kept under a name: schema, library, model and the rest."""
        with self.database.reading() as connection:
            rows = connection.execute(select(meta.c.name, meta.c.value))
            return {row.name: row.value for row in rows}

    def set_setting(self, name: str, value: str) -> None:
        """Keep `value` under `name`, in place of what was there."""
        self.database.write(lambda connection: keep_setting(connection, name, value))

    def stats(self) -> Stats:
        """The library's size."""
        with self.database.reading() as connection:
            return read_stats(connection)

    def changes_since(self, revision: int) -> list[Change]:
        """The change log's lines after `revision`, oldest first."""
        with self.database.reading() as connection:
            return read_changes(connection, revision)

    # What ingest asks and tells.

    def known_versions(self, urls: Iterable[str]) -> dict[str, str]:
        """The current version of each of `urls` that the catalog holds."""
        query = select(articles.c.url, versions.c.version).join(
            versions, versions.c.version_key == articles.c.current_key
        )
        with self.database.reading() as connection:
            return {
                row.url: row.version
                for some in batches(list(urls))
                for row in connection.execute(query.where(articles.c.url.in_(some)))
            }

    def origin_candidates(self, bands: Iterable[int]) -> list[OriginCandidate]:
        """Articles that share at least one of `bands`, in the order of their ids."""
        query = select(
            articles.c.article_id,
            articles.c.origin_id,
            articles.c.signature,
            versions.c.published_start,
        ).join(versions, versions.c.version_key == articles.c.current_key)
        found: dict[str, OriginCandidate] = {}
        with self.database.reading() as connection:
            for some in batches(list(bands)):
                sharing = select(origin_bands.c.article_id).where(origin_bands.c.band.in_(some))
                for row in connection.execute(query.where(articles.c.article_id.in_(sharing))):
                    start = instant(row.published_start)
                    found[row.article_id] = OriginCandidate(*row[:3], start)
        return [found[article_id] for article_id in sorted(found)]

    def store(self, entries: Sequence[Entry], *, now: datetime) -> Stored:
        """Store what is new in `entries`, all of it or nothing; `now` is aware.

        An entry whose version is already known is counted as unchanged, so that two ingests of
        one source, or a second try, store it once.

        Raises:
            ValueError: If an entry's embeddings do not fit its chunks or the catalog's model.
        """
        for entry in entries:
            entry.check(self.identity.dimensions)
        return self.database.write(lambda connection: Accession(connection, now).store(entries))

    def remove(self, article_ids: Iterable[str], *, now: datetime | None = None) -> int:
        """Delete articles with all their versions; returns how many there were."""
        chosen, when = sorted(set(article_ids)), _or_now(now)
        return self.database.write(lambda connection: remove_articles(connection, chosen, when))

    def keep_remarks(self, remarks: Sequence[Remark], *, now: datetime) -> int:
        """Keep the notices of articles that are held; returns how many were new."""
        if not remarks:
            return 0
        with self.database.writing() as connection:
            return keep_remarks(connection, remarks, now)

    def failures(self) -> list[Failure]:
        """What could not be read when its source was last tried."""
        query = select(failures.c.source, failures.c.reason).order_by(
            failures.c.key, failures.c.place
        )
        with self.database.reading() as connection:
            return [Failure(*row) for row in connection.execute(query)]

    # What readers ask.

    def passages(self, chunk_ids: Iterable[str], scope: Scope | None = None) -> dict[str, Passage]:
        """Passages by chunk id, in the order asked; ids that are gone or unseen are left out.

        Without a scope superseded versions are given too.
        """
        asked = list(dict.fromkeys(chunk_ids))
        with self.database.reading() as connection:
            return read_passages(connection, asked, scope)

    def chunk_ids(self, chunk_keys: Iterable[int]) -> dict[int, str]:
        """Chunk ids by the keys that the indexes hold; keys that are gone are left out."""
        query = select(chunks.c.chunk_key, chunks.c.chunk_id)
        with self.database.reading() as connection:
            return {
                row.chunk_key: row.chunk_id
                for some in batches(list(chunk_keys))
                for row in connection.execute(query.where(chunks.c.chunk_key.in_(some)))
            }

    def article(self, article_id: str, version: str | None = None) -> StoredArticle | None:
        """One version of an article, the current one unless another is named."""
        rule = versions.c.is_current == true() if version is None else versions.c.version == version
        with self.database.reading() as connection:
            rows = read_articles(connection, versions.c.article_id == article_id, rule)
        return rows[0] if rows else None

    def versions(self, article_id: str) -> list[StoredArticle]:
        """Every version of an article, oldest first."""
        with self.database.reading() as connection:
            return read_articles(connection, versions.c.article_id == article_id)

    def articles(
        self, *, outlet: str | None = None, limit: int | None = None, offset: int = 0
    ) -> list[Listing]:
        """Articles, the newest first and the undated last; an outlet by any of its spellings."""
        with self.database.reading() as connection:
            return read_listings(connection, outlet, limit, offset)

    def older_than(self, when: datetime, *, outlet: str | None = None) -> list[str]:
        """Ids of the articles whose current version was published before `when`.

        One without a date counts from when it was ingested.
        """
        at = func.coalesce(versions.c.published_end, versions.c.ingested_at)
        query = select(versions.c.article_id).where(
            versions.c.is_current == true(), at < epoch(when)
        )
        if outlet is not None:
            query = query.where(versions.c.outlet_key == outlet_key(outlet))
        with self.database.reading() as connection:
            return list(connection.scalars(query.order_by(versions.c.article_id)))

    def outlets(self) -> dict[str, int]:
        """Outlets by name with the number of their articles, the largest first."""
        with self.database.reading() as connection:
            return read_outlets(connection)


def _describe(connection: Connection, model: ModelCard) -> None:
    """Keep what the library is made as, and start its counters."""
    kept = {
        "schema": str(SCHEMA_VERSION),
        "library": uuid.uuid4().hex,
        "model.name": model.name,
        "model.digest": model.digest,
        "model.dimensions": str(model.dimensions),
    }
    connection.execute(
        meta.insert(), [{"name": name, "value": value} for name, value in kept.items()]
    )
    names = ("version_key", "chunk_key")
    connection.execute(counters.insert(), [{"name": name, "last": 0} for name in names])


def _library_of(place: str) -> str:
    return place.removesuffix("/catalog.sqlite")


def _made_by(where: Path | CatalogUrl) -> str:
    option = f" --library {where.parent}" if isinstance(where, Path) else ""
    return f"Run: dateline ingest ARTICLES{option}"


def _or_now(now: datetime | None) -> datetime:
    return datetime.now(UTC) if now is None else now

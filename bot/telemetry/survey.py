"""How a library stands at a moment: its size, and how fresh each outlet and watched source is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import inspect, select

from index.scope import Scope
from index.store.catalog import Catalog
from index.store.coverage import read_shares
from index.store.web_schema import watched

_MOST_OUTLETS = 200
"""The largest; beyond it an archive of blogs would fill Prometheus with series."""


@dataclass(frozen=True, slots=True)
class OutletState:
    """One outlet."""

    name: str
    articles: int
    newest: float | None
    """Publication time of its newest article, in seconds since 1970; None if all are undated."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """One watched source. Times are seconds since 1970."""

    key: str
    read_at: float | None
    """When it was last read without a failure."""
    newest_at: float | None
    """Publication time of the newest story that it ever listed."""
    tries: int
    """Failures in a row."""
    lag_seconds: float | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found."""

    articles: int
    chunks: int
    revision: int
    failures: int
    """Sources that could not be read when they were last tried."""
    outlets: tuple[OutletState, ...]
    sources: tuple[SourceState, ...]


def survey_library(catalog: Catalog) -> Survey:
    """Look at a library; raises LibraryError if its catalog cannot be read."""
    size = catalog.stats()
    shares = read_shares(catalog.database, Scope())[:_MOST_OUTLETS]
    return Survey(
        articles=size.articles,
        chunks=size.chunks,
        revision=size.revision,
        failures=size.failures,
        outlets=tuple(
            OutletState(
                one.outlet or "",
                one.articles,
                one.newest.start.timestamp() if one.newest else None,
            )
            for one in shares
        ),
        sources=tuple(_read_sources(catalog)),
    )


def _read_sources(catalog: Catalog) -> list[SourceState]:
    with catalog.database.reading() as connection:
        if not inspect(connection).has_table(watched.name):
            return []
        rows = connection.execute(select(watched).order_by(watched.c.key))
        return [
            SourceState(row.key, row.ok_at, row.newest_at, row.tries, row.lag_seconds)
            for row in rows
        ]

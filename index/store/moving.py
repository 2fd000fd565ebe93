"""Moves a library's catalog to another database, embeddings included, and leaves the old one shut.

Where it is done is told by one file in the library's folder (`index.store.servers`); until that is
written, the library is where it was.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, select

from index.errors import LibraryError, UsageError
from index.store.address import CatalogUrl
from index.store.catalog import Catalog
from index.store.copying import Copied, copy_catalog, drop_tables
from index.store.database import Database
from index.store.lock import hold_lock
from index.store.schema import keep_setting, meta
from index.store.servers import remember_catalog

_ARRIVING = "arriving"
_LOCK_SECONDS = 120


def move_catalog(
    folder: Path,
    new_folder: Path,
    source: Path | CatalogUrl,
    target: Path | CatalogUrl,
    copied: Copied,
) -> int:
    """Move the catalog of the library in `folder`; returns how many rows it has.

    The library is in `new_folder` afterwards, which may be the same.

    Nobody writes meanwhile; readers go on. Killed at any moment the library is where it was, or
    where it shall be, and running it again finishes it.

    Raises:
        UsageError: If the target holds something else.
        LibraryError: If one of the two cannot be used.
    """
    old, new = Catalog.open(source), Database(target)
    try:
        new.prepare_new()
        with (
            hold_lock(folder / "write.lock", seconds=_LOCK_SECONDS),
            old.database.writing() as leaving,
        ):
            with new.writing() as arriving:
                _clear(arriving, old.identity.library, new.place)
                rows = copy_catalog(leaving, arriving, copied)
                keep_setting(arriving, _ARRIVING, "1")
            remember_catalog(new_folder, _address(target))
            old.database.retire(leaving)
        new.write(lambda connection: _forget_setting(connection, _ARRIVING))
    finally:
        old.close()
        new.close()
    if isinstance(source, Path):
        _set_aside(source)
    return sum(rows.values())


def _clear(connection: Connection, library: str, place: str) -> None:
    """Make way: what an earlier try left, and nothing else, is dropped."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return
    kept: dict[str, str] = {}
    if meta.name in tables:
        rows = connection.execute(select(meta.c.name, meta.c.value))
        kept = {row.name: row.value for row in rows}
    if kept.get("library") != library or _ARRIVING not in kept:
        raise UsageError(f"{place} is not empty. Name an empty database, schema or folder.")
    drop_tables(connection)


def _forget_setting(connection: Connection, name: str) -> None:
    connection.execute(meta.delete().where(meta.c.name == name))


def _address(target: Path | CatalogUrl) -> str | None:
    if isinstance(target, Path):
        return None
    # A password stays where it came from.
    return None if target.has_password else target.secret.replace("+psycopg", "", 1)


def _set_aside(path: Path) -> None:
    """Keep the old file under another name, for whoever doubts the new place."""
    try:
        for ending in ("", "-wal", "-shm"):
            file = path.with_name(path.name + ending)
            if file.exists():
                file.replace(path.with_name(f"{path.name}.moved{ending}"))
    except OSError as error:
        raise LibraryError(
            f"The library is moved, but {path} cannot be renamed ({error.strerror}). Delete it."
        ) from error

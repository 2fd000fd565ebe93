"""The catalog as a SQLite file in WAL mode: for one machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

from index.errors import LibraryBusy, LibraryError

_MOVED = 1
# SQLite's own number for the application: a file that was moved away says so here, where a program
# that had it open looks before each transaction.


class SqliteFile:
    """One file, used from any number of threads and processes of one machine."""

    is_shared = False
    read_options: Mapping[str, Any] = {}
    write_options: Mapping[str, Any] = {"dateline_writes": True}
    patience_seconds = 0.0

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        self.path = path
        self.place = str(path)
        self.engine: Engine = create_engine(
            URL.create("sqlite", database=str(path)),
            # With isolation_level None the driver leaves BEGIN to us: its own is neither
            # IMMEDIATE nor sent before a SELECT, so a read followed by a write could be refused.
            connect_args={"timeout": busy_seconds, "isolation_level": None},
            max_overflow=-1,
            # Values are readers' questions, addresses and tokens: none belongs in a log.
            hide_parameters=True,
        )
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)

    def claim(self, connection: Connection) -> None:
        """BEGIN IMMEDIATE has made this the one writer already."""

    def refuse_moved(self, connection: Connection) -> None:
        """Make sure that the file still counts.

        Raises:
            LibraryError: If the library was moved to another place.
        """
        if connection.exec_driver_sql("PRAGMA user_version").scalar() == _MOVED:
            raise LibraryError(
                f"The library in {self.path.parent} was moved while this program had it open. "
                "Start the command again: it finds the new place by itself."
            )

    def retire(self, connection: Connection) -> None:
        """Mark the file as moved away, inside a writing transaction."""
        connection.exec_driver_sql(f"PRAGMA user_version={_MOVED}")

    def found(self) -> bool:
        """Whether there is a file at all; opening one would make it."""
        return self.path.is_file()

    def prepare_new(self) -> None:
        """Put the file into WAL mode, which it remembers. Only where no other process has it."""
        self._run("PRAGMA journal_mode=WAL")

    def scrub(self) -> None:
        """Leave nothing of what was deleted in the file or its log.

        Deleted rows were overwritten as they went (`secure_delete`); this empties the log.

        Raises:
            LibraryBusy: If a reader was in the middle of it for all that time.
        """
        if self._run("PRAGMA wal_checkpoint(TRUNCATE)")[0]:
            raise LibraryBusy(
                f"Removed text is still in {self.path}-wal, because another process reads it. "
                "Run: dateline library compact"
            )

    def compact(self) -> None:
        """Write the file anew without free pages. Needs as much free disk as it is large."""
        self._run("VACUUM")
        self.scrub()

    def complaints(self, connection: Connection) -> list[str]:
        """What SQLite itself finds wrong with the file; empty when all is well."""
        pages = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
        keys = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        found = [str(line) for line in pages if line != "ok"]
        return found + [f"a row of {table} refers to no {parent}" for table, _, parent, _ in keys]

    def size(self, connection: Connection) -> int:
        """Bytes on disk."""
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
        return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar() or 0)

    @contextmanager
    def lock(self, _name: str) -> Iterator[bool]:
        """A file is used by one machine: the locks in its folder are enough."""
        yield True

    def _run(self, statement: str) -> tuple[Any, ...]:
        with self.engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            return driver.execute(statement).fetchone() or (0,)

    def explain(self, error: DatabaseError) -> LibraryError | None:
        """What a failure means to a user; None for a mistake in our own statements."""
        is_ours = isinstance(error, IntegrityError | ProgrammingError)
        if is_ours or not isinstance(error.orig, sqlite3.Error):
            return None
        path, reason = self.path, str(error.orig).lower()
        if "locked" in reason or "busy" in reason:
            return LibraryBusy(f"Another process holds {path}. Try again when it has finished.")
        if "readonly" in reason or "unable to open" in reason:
            return LibraryError(
                f"{path} cannot be opened for writing. Make it and its folder writable, "
                "or copy the library to a place that is."
            )
        if "full" in reason or "disk i/o" in reason:
            return LibraryError(f"The disk that holds {path} is full or failing. Free some space.")
        if "malformed" in reason or "not a database" in reason:
            return LibraryError(
                f"{path} is damaged or is not a Dateline catalog ({error.orig}). Restore it from a "
                "backup (dateline restore FILE), or name a new folder and ingest again: "
                "dateline ingest ARTICLES --library NEW"
            )
        return LibraryError(f"{path} cannot be used ({error.orig}). Run: dateline doctor")


def _prepare(driver: Any, _record: Any) -> None:
    driver.execute("PRAGMA foreign_keys=ON")
    # FULL: what was reported as stored survives a power cut as well as a killed process.
    driver.execute("PRAGMA synchronous=FULL")
    # A removed article's text must not stay behind in free pages.
    driver.execute("PRAGMA secure_delete=ON")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("dateline_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

"""The catalog's SQLite file: connections, transactions, and what their failures mean to a user.

The only module that knows which database the catalog lives in; tables are in `index.store.schema`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, MetaData, Table, create_engine, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

from index.errors import LibraryBusy, LibraryError

_IN_LIST = 500
# Databases refuse statements with too many values.
_Value = TypeVar("_Value")

BUSY_SECONDS = 30
"""How long a statement waits for another process's transaction."""


class Database:
    """One SQLite file in WAL mode, used from any number of threads and processes.

    Readers see the last committed transaction and never wait for a writer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)),
            # With isolation_level None the driver leaves BEGIN to us: its own is neither
            # IMMEDIATE nor sent before a SELECT, so a read followed by a write could be refused.
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
            max_overflow=-1,
        )
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the catalog throughout.

        Raises:
            LibraryError: If the file cannot be read.
        """
        with self._translating(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one writing transaction: all of it is kept, or none when the block raises.

        Raises:
            LibraryBusy: If another process writes for longer than `BUSY_SECONDS`.
            LibraryError: If the file cannot be written.
        """
        with self._translating(), self._engine.connect() as connection:
            writer = connection.execution_options(dateline_writes=True)
            with writer.begin():
                yield writer

    def ensure(self, metadata: MetaData) -> None:
        """Create the tables of `metadata` that are not there yet; those of other rooms too.

        Two processes may do it at once.

        Raises:
            LibraryError: If the file cannot be written.
        """
        with self.reading() as connection:
            there = set(inspect(connection).get_table_names())
        if there.issuperset(metadata.tables):
            return
        with self.writing() as connection:
            metadata.create_all(connection)

    def use_wal(self) -> None:
        """Put the file into WAL mode, which it remembers. Only where no other process has it."""
        with self._translating(), self._engine.connect() as connection:
            driver = connection.connection.dbapi_connection
            assert driver is not None
            driver.execute("PRAGMA journal_mode=WAL")

    def complaints(self) -> list[str]:
        """What SQLite itself finds wrong with the file; empty when all is well."""
        with self._translating(), self._engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
            keys = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        found = [str(line) for line in pages if line != "ok"]
        return found + [f"a row of {table} refers to no {parent}" for table, _, parent, _ in keys]

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, ProgrammingError):
            raise
        except DatabaseError as error:
            raise _translate(error, self.path) from error


def batches(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """Cut `values` into runs that fit one IN list."""
    return (values[at : at + _IN_LIST] for at in range(0, len(values), _IN_LIST))


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless one with its key is there already; tells whether it was new."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**row).on_conflict_do_nothing()
    return connection.execute(statement).rowcount == 1


def _prepare(driver: Any, _record: Any) -> None:
    driver.execute("PRAGMA foreign_keys=ON")
    # FULL: what was reported as stored survives a power cut as well as a killed process.
    driver.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("dateline_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _translate(error: DatabaseError, path: Path) -> LibraryError:
    reason = str(error.orig).lower()
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
            "copy, or name a new folder and ingest again: dateline ingest ARTICLES --library NEW"
        )
    return LibraryError(f"{path} cannot be used ({error.orig}). Run: dateline doctor")

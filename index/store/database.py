"""The catalog's database: its transactions, and what their failures mean to a user.

Whether it is a SQLite file or a PostgreSQL server is known here and in the two modules that this
one chooses from; tables are in `index.store.schema`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, MetaData, Table, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from index.errors import LibraryBusy, LibraryError, LibraryUnreachable
from index.store.address import CatalogUrl
from index.store.sqlite import SqliteFile

logger = logging.getLogger(__name__)

_IN_LIST = 500
# Databases refuse statements with too many values.
_Value = TypeVar("_Value")
_Result = TypeVar("_Result")

BUSY_SECONDS = 30
"""How long a statement waits for another process's transaction."""


class _System(Protocol):
    """One kind of database."""

    @property
    def engine(self) -> Engine: ...
    @property
    def place(self) -> str: ...
    @property
    def is_shared(self) -> bool: ...
    @property
    def read_options(self) -> Mapping[str, Any]: ...
    @property
    def write_options(self) -> Mapping[str, Any]: ...
    @property
    def patience_seconds(self) -> float: ...
    def claim(self, connection: Connection, /) -> None: ...
    def refuse_moved(self, connection: Connection, /) -> None: ...
    def retire(self, connection: Connection, /) -> None: ...
    def found(self) -> bool: ...
    def prepare_new(self) -> None: ...
    def scrub(self) -> None: ...
    def compact(self) -> None: ...
    def complaints(self, connection: Connection, /) -> list[str]: ...
    def size(self, connection: Connection, /) -> int: ...
    def lock(self, name: str, /) -> AbstractContextManager[bool]: ...
    def explain(self, error: DatabaseError, /) -> LibraryError | None: ...


class Database:
    """One SQLite file, or one database of a PostgreSQL server.

    Any number of threads and processes may use it. Readers see the last committed transaction and
    never wait for a writer; there is one writer at a time.
    """

    def __init__(self, where: Path | CatalogUrl) -> None:
        if isinstance(where, Path):
            self._system: _System = SqliteFile(where, busy_seconds=BUSY_SECONDS)
        else:
            # Not before it is asked for: the driver costs 0.1 s.
            from index.store.postgres import PostgresServer  # noqa: PLC0415

            self._system = PostgresServer(where, busy_seconds=BUSY_SECONDS)
        self.place: str = self._system.place
        """The file, or the server and its database: for messages."""
        self.is_shared: bool = self._system.is_shared
        """Whether other machines may use it too."""

    @property
    def engine(self) -> Engine:
        """For libraries that bring tables of their own."""
        return self._system.engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the catalog throughout.

        Raises:
            LibraryUnreachable: If the server does not answer.
            LibraryError: If the file cannot be read.
        """
        with self._translating(), self._connect() as connection:
            reader = connection.execution_options(**self._system.read_options)
            with reader.begin():
                yield reader

    def glance(self, statement: str) -> Any:
        """The one value that `statement`, which takes no parameters, asks for.

        Costs a fifth of a `reading` transaction; a failure is told by the next of those.
        """
        driver = self._system.engine.raw_connection()
        try:
            cursor = driver.cursor()
            cursor.execute(statement)
            row = cursor.fetchone()
            return row and row[0]
        finally:
            # Ends what a driver began by itself.
            driver.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one writing transaction: all of it is kept, or none when the block raises.

        Raises:
            LibraryBusy: If another process writes for longer than `BUSY_SECONDS`.
            LibraryUnreachable: If the server does not answer, or went away: then it is not known
                whether the transaction was kept.
            LibraryError: If the file cannot be written.
        """
        with self._translating(), self._connect() as connection:
            writer = connection.execution_options(**self._system.write_options)
            with writer.begin():
                self._system.claim(writer)
                self._system.refuse_moved(writer)
                yield writer

    def write(self, work: Callable[[Connection], _Result]) -> _Result:
        """Do `work` in a writing transaction, and once more where the server went away in it.

        For work that does nothing when it finds itself done, because the first try may have been
        kept.

        Raises:
            LibraryError: As `writing`.
        """
        try:
            with self.writing() as connection:
                return work(connection)
        except LibraryUnreachable as error:
            logger.warning("%s Trying again.", error)
            with self.writing() as connection:
                return work(connection)

    def ensure(self, metadata: MetaData) -> None:
        """Create the tables of `metadata` that are not there yet; those of other rooms too.

        Two processes may do it at once.

        Raises:
            LibraryError: If the database cannot be written.
        """
        with self.reading() as connection:
            there = set(inspect(connection).get_table_names())
        if there.issuperset(metadata.tables):
            return
        with self.writing() as connection:
            metadata.create_all(connection)

    @contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """Try to hold the lock `name` over all machines that use the catalog; gives whether it is.

        On one machine it is always held: there the locks in the library's folder are enough.

        Raises:
            LibraryUnreachable: If the server does not answer.
        """
        with self._translating(), self._system.lock(name) as is_held:
            yield is_held

    def found(self) -> bool:
        """Whether there is a database at all; connecting to a file would make one."""
        return self._system.found()

    def prepare_new(self) -> None:
        """Make a new database ready for tables. Only where no other process has it."""
        with self._translating():
            self._system.prepare_new()

    def refuse_moved(self, connection: Connection) -> None:
        """Make sure, inside a reader's transaction, that the library is still kept here.

        Raises:
            LibraryError: If it was moved away; every writer is told so without asking.
        """
        self._system.refuse_moved(connection)

    def retire(self, connection: Connection) -> None:
        """Refuse every later writer, inside a writing transaction: the library was moved away."""
        self._system.retire(connection)

    def scrub(self) -> None:
        """Leave as little as the database can of the text of what was deleted."""
        with self._translating():
            self._system.scrub()

    def compact(self) -> None:
        """Write the database anew without what was deleted; others may wait meanwhile."""
        with self._translating():
            self._system.compact()

    def complaints(self) -> list[str]:
        """What the database itself finds wrong; empty when all is well."""
        with self.reading() as connection:
            return self._system.complaints(connection)

    def size(self) -> int:
        """Bytes on disk."""
        with self.reading() as connection:
            return self._system.size(connection)

    def close(self) -> None:
        """Close every pooled connection."""
        self._system.engine.dispose()

    def _connect(self) -> Connection:
        """A connection; a server that is away is waited for, as long as its kind is worth it."""
        end, pause = time.monotonic() + self._system.patience_seconds, 0.1
        while True:
            try:
                return self._system.engine.connect()
            except DatabaseError as error:
                told = self._system.explain(error)
                if not isinstance(told, LibraryUnreachable) or time.monotonic() + pause > end:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, 2.0)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as error:
            raise LibraryBusy(
                f"Too many threads of this process wait for {self.place}. Try again."
            ) from error
        except DatabaseError as error:
            told = self._system.explain(error)
            if told is None:
                raise
            raise told from error


def batches(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """Cut `values` into runs that fit one IN list."""
    return (values[at : at + _IN_LIST] for at in range(0, len(values), _IN_LIST))


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless one with its key is there already; tells whether it was new."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**row).on_conflict_do_nothing()
    # Not every driver counts the rows of such a statement; each gives back what it inserted.
    return connection.execute(statement.returning(*table.primary_key)).first() is not None

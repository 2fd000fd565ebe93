"""The catalog in a PostgreSQL database: for any number of machines.

Writers exclude each other by an advisory lock of the database, which the server gives back when
their connection ends however that happens.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from index.errors import LibraryBusy, LibraryError, LibraryUnreachable
from index.store.address import CatalogUrl

logger = logging.getLogger(__name__)

_OLDEST = 150_000
_CONNECT = {
    "connect_timeout": 5,
    "application_name": "dateline",
    # A server whose machine vanished is noticed in half a minute, not after two hours.
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
# Refusals at the door that waiting does not mend.
_REFUSED = ("authentication", "does not exist", "pg_hba.conf", "permission denied", "no password")
# One library a schema: its name is part of every lock.
_LOCK_KEY = "hashtextextended('dateline ' || current_schema() || ' ' || %s, 0)"
_MOVED = "dateline_moved"
_REMEDIES = {
    "25006": "is read-only: name the primary server.",
    "53100": "has a full disk. Free some space there.",
}


class PostgresServer:
    """One database of a server, in the schema that its `search_path` begins with."""

    is_shared = True
    # One state throughout, as SQLite's readers see it.
    read_options: Mapping[str, Any] = {
        "isolation_level": "REPEATABLE READ",
        "postgresql_readonly": True,
    }
    # Not REPEATABLE READ: its state would be that of before the wait for the lock.
    write_options: Mapping[str, Any] = {"isolation_level": "READ COMMITTED"}
    patience_seconds = 20.0
    """How long a server that is away, as in a restart, is waited for."""

    def __init__(self, address: CatalogUrl, *, busy_seconds: float) -> None:
        self._address = address
        self._busy_seconds = busy_seconds
        self.place = address.shown
        self.engine: Engine = create_engine(
            address.secret,
            connect_args=_CONNECT,
            # Asks before each transaction, so that a restarted server costs nobody an error.
            pool_pre_ping=True,
            max_overflow=20,
            # Values are readers' questions, addresses and tokens: none belongs in a log.
            hide_parameters=True,
        )
        event.listen(self.engine, "connect", _check_server)

    def claim(self, connection: Connection) -> None:
        """Become the one writer of this library until the transaction ends."""
        connection.exec_driver_sql(
            "SELECT set_config('lock_timeout', %s, true)", (f"{int(self._busy_seconds * 1000)}ms",)
        )
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})", ("write",))

    def refuse_moved(self, connection: Connection) -> None:
        """Make sure that the database still counts.

        Raises:
            LibraryError: If the library was moved to another place.
        """
        if connection.exec_driver_sql("SELECT to_regclass(%s)", (_MOVED,)).scalar() is not None:
            raise LibraryError(
                f"The library at {self.place} was moved to another place. "
                "Set DATELINE_CATALOG to where it is now, or unset it."
            )

    def retire(self, connection: Connection) -> None:
        """Mark the database as moved away, inside a writing transaction."""
        connection.exec_driver_sql(f"CREATE TABLE {_MOVED} (at timestamptz DEFAULT now())")

    def found(self) -> bool:
        """A server that answers is always there; its tables may not be."""
        return True

    def prepare_new(self) -> None:
        """Nothing: an empty database is ready."""

    def scrub(self) -> None:
        """Give the space of what was deleted back to the tables, to be written over."""
        self._run("VACUUM")

    def compact(self) -> None:
        """Write every table anew without what was deleted. Readers and writers wait meanwhile."""
        self._run("VACUUM FULL")

    def complaints(self, connection: Connection) -> list[str]:
        """Indexes and keys that the server itself does not trust."""
        indexes = connection.exec_driver_sql(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace"
        ).scalars()
        keys = connection.exec_driver_sql(
            "SELECT conname FROM pg_constraint "
            "WHERE NOT convalidated AND connamespace = current_schema()::regnamespace"
        ).scalars()
        return [f"the index or constraint {name} is not valid" for name in [*indexes, *keys]]

    def size(self, connection: Connection) -> int:
        """Bytes on the server's disk, of all tables of the schema with their indexes."""
        size = connection.exec_driver_sql(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        ).scalar()
        return int(size or 0)

    @contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """Try to hold the lock `name` of this library over all machines; tells whether it is held.

        It needs a connection of its own for as long, so not one through a transaction pooler.
        """
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            held = connection.exec_driver_sql(
                f"SELECT pg_try_advisory_lock({_LOCK_KEY})", (name,)
            ).scalar()
            try:
                yield bool(held)
            finally:
                if held and not connection.invalidated:
                    self._unlock(connection, name)

    def _unlock(self, connection: Connection, name: str) -> None:
        try:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_LOCK_KEY})", (name,))
        except DatabaseError:
            # The server went away, and the lock with the connection.
            logger.debug("the lock %s was lost with its connection", name, exc_info=True)

    def _run(self, statement: str) -> None:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)

    def explain(self, error: DatabaseError) -> LibraryError | None:
        """What a failure means to a user; None for a mistake in our own statements."""
        if not isinstance(error.orig, psycopg.Error):
            # Another database's, met inside a transaction of this one.
            return None
        state = error.orig.sqlstate or ""
        reason = self._address.scrub(" ".join(str(error.orig).split()))[:300]
        if state == "55P03":
            return LibraryBusy(
                f"Another process writes to {self.place}. Try again when it has finished."
            )
        if remedy := _REMEDIES.get(state):
            return LibraryError(f"{self.place} {remedy}")
        is_refused = not state and any(word in reason for word in _REFUSED)
        if is_refused or state in {"28P01", "28000", "3D000", "42501", "3F000"}:
            return LibraryError(
                f"{self.place} refuses this user ({reason}). Check the user, the password "
                "(PGPASSWORD or ~/.pgpass) and the rights on the schema."
            )
        if _is_away(error, state):
            return LibraryUnreachable(
                f"The catalog at {self.place} does not answer ({reason}). Check that PostgreSQL "
                "runs there; what was reported as stored is safe."
            )
        is_ours = state[:2] in {"23", "42"}
        told = f"{self.place} cannot be used ({reason}). Run: dateline doctor"
        return None if is_ours else LibraryError(told)


def _is_away(error: DatabaseError, state: str) -> bool:
    # 08: the connection broke. 57P: the server is going down or coming up. 53300: too many use it.
    is_connecting = isinstance(error.orig, psycopg.OperationalError) and not state
    return (
        error.connection_invalidated or is_connecting or state[:2] == "08"
        or state in {"57P01", "57P02", "57P03", "53300"}
    )  # fmt: skip


def _check_server(driver: Any, _record: Any) -> None:
    version = driver.info.server_version
    if version < _OLDEST:
        raise LibraryError(
            f"The server runs PostgreSQL {version // 10_000}; 15 or newer is needed."
        )

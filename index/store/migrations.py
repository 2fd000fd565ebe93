"""Brings a catalog that an earlier Dateline made up to this one's schema, without ingesting again.

Each change of the tables is one step here, beside the same change in `index.store.schema`; a step
is never altered once it was released. All missing steps run in one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import Column, Connection, DefaultClause, Table, select
from sqlalchemy.schema import CreateColumn

from index.errors import LibraryError
from index.store.database import Database
from index.store.schema import FIRST_SCHEMA, SCHEMA_VERSION, meta
from index.store.web_schema import add_web_tables

logger = logging.getLogger(__name__)


class Step(NamedTuple):
    """One change of the tables, on any database."""

    to: int
    """The schema version that the catalog has afterwards; one more than before."""
    apply: Callable[[Connection], None]


STEPS: tuple[Step, ...] = (Step(2, add_web_tables),)
"""Every step since the first schema, in order; the last one leads to `SCHEMA_VERSION`."""


def migrate(database: Database, steps: Sequence[Step] = STEPS) -> int:
    """Take the steps that the catalog has not taken, and return the version that it then has.

    Killed at any moment, it has taken all of them or none. Programs that opened the catalog before
    go on: a step only adds.

    Raises:
        LibraryError: If a newer Dateline made the catalog, or the file cannot be written.
    """
    with database.reading() as connection:
        version = read_version(connection)
    newest = steps[-1].to if steps else FIRST_SCHEMA
    if version > newest:
        raise LibraryError(
            f"The catalog has schema {version}, this program knows {newest}. "
            "Use the Dateline that made it, or a newer one."
        )
    if version == newest:
        return version
    with database.writing() as connection:
        # Another process may have taken them since.
        before = read_version(connection)
        for step in steps:
            if step.to > before:
                step.apply(connection)
        connection.execute(
            meta.update().where(meta.c.name == "schema").values(value=str(max(before, newest)))
        )
    logger.info("migrated catalog from=%d to=%d", before, newest)
    return newest


def read_version(connection: Connection) -> int:
    """The schema version that a catalog says it has.

    Raises:
        LibraryError: If it says none.
    """
    value = connection.scalar(select(meta.c.value).where(meta.c.name == "schema"))
    if value is None or not value.isdecimal():
        raise LibraryError(f"The catalog does not say which schema it has (schema {value}).")
    return int(value)


def add_column(connection: Connection, column: Column[object]) -> None:
    """Add a column of `index.store.schema` to its table, with the index that it asks for.

    A column that may not be null needs a `server_default`, for the rows that are there.
    """
    table = column.table
    assert isinstance(table, Table)
    assert column.nullable or isinstance(column.server_default, DefaultClause), column.name
    dialect = connection.dialect
    name = dialect.identifier_preparer.format_table(table)
    rendered = CreateColumn(column).compile(dialect=dialect)
    connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {rendered}")
    for index in table.indexes:
        if [one.name for one in index.columns] == [column.name]:
            index.create(connection)


if (STEPS[-1].to if STEPS else FIRST_SCHEMA) != SCHEMA_VERSION:
    raise AssertionError("The last step does not lead to SCHEMA_VERSION")

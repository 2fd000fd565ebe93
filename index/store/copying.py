"""Copies a catalog between databases of any two kinds: every table, row by row, in one transaction.

Tables of rooms above the index are copied as the source describes them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event, func, inspect, select
from sqlalchemy.exc import SAWarning

from index.errors import LibraryError
from index.store import schema

_ROWS = 500

Copied = Callable[[str, int, int], None]
"""Told the table at hand, the rows copied so far of all tables, and how many there are."""


def copy_catalog(source: Connection, target: Connection, copied: Copied) -> dict[str, int]:
    """Copy all tables into a database that has none of them; returns the rows of each.

    Raises:
        LibraryError: If the copy does not hold as many rows.
    """
    tables = describe_tables(source)
    sizes = {table.name: count_rows(source, table) for table in tables.sorted_tables}
    tables.create_all(target)
    done, total = 0, sum(sizes.values())
    for table in tables.sorted_tables:
        # Of the statement: on the connection it would hold for all that follows.
        rows = source.execute(select(table).execution_options(yield_per=_ROWS))
        for some in rows.mappings().partitions():
            target.execute(table.insert(), [dict(row) for row in some])
            done += len(some)
            copied(table.name, done, total)
        _set_sequence(target, table)
        if (there := count_rows(target, table)) != sizes[table.name]:
            raise LibraryError(
                f"Of {sizes[table.name]:,} rows of {table.name} only {there:,} were copied. "
                "Nothing was changed; run it again."
            )
    return sizes


def describe_tables(connection: Connection) -> MetaData:
    """Every table that the catalog's database holds, in types that any database knows."""
    described = MetaData()
    for table in schema.metadata.sorted_tables:
        table.to_metadata(described)
    names = inspect(connection).get_table_names()
    others = [name for name in names if name not in described.tables and not _is_mark(name)]
    event.listen(described, "column_reflect", _generalise)
    with warnings.catch_warnings():
        # An index over an expression cannot be described, and only costs speed.
        warnings.simplefilter("ignore", SAWarning)
        described.reflect(connection, only=others)
    return described


def count_rows(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def drop_tables(connection: Connection) -> None:
    """Drop every table of a catalog's database."""
    describe_tables(connection).drop_all(connection)


def _is_mark(name: str) -> bool:
    return name.startswith("sqlite_") or name == "dateline_moved"


def _generalise(_inspector: Any, _table: Any, column: Any) -> None:
    column["type"] = column["type"].as_generic()
    if hasattr(column["type"], "collation"):
        column["type"].collation = None
    default = column.get("default")
    if default is None:
        return
    if default.startswith("nextval("):
        column["default"] = None
    else:
        # PostgreSQL writes 'news' as 'news'::text.
        column["default"] = re.sub(r"::[\w ]+(\[\])?", "", default)


def _set_sequence(connection: Connection, table: Table) -> None:
    """Let a numbering that PostgreSQL keeps go on after the numbers that were copied."""
    column = table.autoincrement_column
    if connection.dialect.name != "postgresql" or column is None:
        return
    last = connection.scalar(select(func.max(column)))
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
    if last is not None and sequence is not None:
        connection.execute(select(func.setval(sequence, last)))

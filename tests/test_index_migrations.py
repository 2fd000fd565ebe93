"""A catalog of an earlier Dateline is brought up to date when it is opened, and loses nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, inspect, select

from index.embed import ModelCard
from index.errors import LibraryError
from index.store.catalog import Catalog
from index.store.database import Database
from index.store.migrations import STEPS, Step, add_column, migrate, read_version
from index.store.schema import FIRST_SCHEMA, SCHEMA_VERSION, meta, versions

FIRST = Path(__file__).with_name("catalog_schema_1.sql")


@pytest.fixture
def old(tmp_path):
    """A catalog as the first schema kept it: two articles, one of them in two versions."""
    path = tmp_path / "old" / "catalog.sqlite"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")
    return path


def shape(catalog):
    """Every table's columns and indexes, as the database tells them."""
    with catalog.database.reading() as connection:
        seen = inspect(connection)
        return {
            table: (
                sorted((c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)),
                sorted(
                    (i["name"], tuple(i["column_names"]), bool(i["unique"]))
                    for i in seen.get_indexes(table)
                ),
                seen.get_pk_constraint(table)["constrained_columns"],
            )
            for table in seen.get_table_names()
        }


def test_a_catalog_of_the_first_schema_becomes_one_of_this_schema(old, tmp_path):
    catalog = Catalog.open(old)
    fresh = Catalog.create(tmp_path / "catalog.sqlite", ModelCard("hashing", "sha256:0", 4, 9))
    assert shape(catalog) == shape(fresh)
    assert catalog.settings()["schema"] == str(SCHEMA_VERSION)
    assert sorted(one.url for one in catalog.articles()) == [
        "https://news.example/a", "https://news.example/b"
    ]  # fmt: skip
    (kept,) = [one for one in catalog.articles() if one.url.endswith("b")]
    bodies = [one.article.body for one in catalog.versions(kept.article_id)]
    assert bodies == ["Kozlov came.", "Kozlov left."]
    catalog.close()
    fresh.close()


def test_the_steps_follow_each_other_from_the_first_schema():
    assert [step.to for step in STEPS] == list(range(FIRST_SCHEMA + 1, SCHEMA_VERSION + 1))


def add_desk(connection: Connection) -> None:
    desk = Column("desk", Text, server_default="news", nullable=False, index=True)
    Table("versions", MetaData(), Column("version_key", Integer), desk)
    add_column(connection, desk)


def fail(_: Connection) -> None:
    raise RuntimeError("killed in the middle")


def desks(database):
    with database.reading() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns("versions")}
        return "desk" in columns, read_version(connection)


def test_all_steps_are_taken_or_none(old):
    database = Database(old)
    base = read_only_version(database)
    steps = [Step(base + 1, add_desk), Step(base + 2, fail)]
    with pytest.raises(RuntimeError):
        migrate(database, steps)
    assert desks(database) == (False, base)
    assert migrate(database, steps[:1]) == base + 1
    assert desks(database) == (True, base + 1)
    # A second time there is nothing to do: adding the column again would fail.
    assert migrate(database, steps[:1]) == base + 1
    with database.reading() as connection:
        names = {index["name"] for index in inspect(connection).get_indexes("versions")}
        assert "ix_versions_desk" in names
        assert connection.scalar(select(versions.c.version).limit(1))
    database.close()


def read_only_version(database):
    with database.reading() as connection:
        return read_version(connection)


def test_a_catalog_without_a_version_is_refused(old):
    database = Database(old)
    with database.writing() as connection:
        connection.execute(meta.delete().where(meta.c.name == "schema"))
    with pytest.raises(LibraryError, match="does not say which schema"):
        migrate(database)
    database.close()

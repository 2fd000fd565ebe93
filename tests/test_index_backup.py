"""Backups hold everything, moves lose nothing, and a cut-off one leaves what was there."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from bot.moving import Destination, move_library
from bot.settings import BotSettings
from index.errors import LibraryError, UsageError
from index.scope import Scope
from index.store.address import CatalogUrl, Servers
from index.store.backup import read_manifest, restore_backup, write_backup
from index.store.copying import describe_tables
from index.store.doctor import examine
from index.store.library import Library
from index.store.servers import find_servers

BOTH = ["sqlite", "postgresql"]
on_both = pytest.mark.parametrize("servers", BOTH, indirect=True)
NOTES = Table(
    "notes", MetaData(),
    Column("number", Integer, primary_key=True),
    Column("text", Text, server_default="none", nullable=False, index=True),
)  # fmt: skip


def silently(*_):
    pass


def everything(catalog):
    """Every row of every table."""
    with catalog.database.reading() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in describe_tables(connection).sorted_tables
        }


@pytest.fixture
def address(postgres):
    return CatalogUrl.parse(postgres.new_database(), named="address")


@pytest.fixture
def filled(open_library, store, make_article, tmp_path):
    """A library with versions, a removal, and a table of another room's."""
    library = open_library(create=True, place=tmp_path / "one")
    store(library, *(make_article(f"n{n}", f"Ferry {n}.\nStorm {n} — ‘ö’.") for n in range(5)))
    store(library, make_article("n0", "Edited.", modified="2023-11-18"))
    library.remove([make_article("n1").article_id])
    library.catalog.database.ensure(NOTES.metadata)
    with library.catalog.database.writing() as connection:
        connection.execute(NOTES.insert(), [{"text": "a"}, {"text": "b"}])
    return library


def texts(library, embedder, words="storm"):
    library.refresh()
    hits = library.lexical(dict.fromkeys(library.terms.analyze(words), 1.0), Scope(), 9)
    near = library.dense(embedder.embed_query(words), Scope(), 9)
    return [
        [passage.text for passage in library.passages([hit.chunk_id for hit in leg], Scope())]
        for leg in (hits, near)
    ]


@on_both
@pytest.mark.parametrize("to", BOTH)
def test_a_backup_restores_on_any_database_to_the_row(
    filled, tmp_path, embedder, to, request, servers
):
    before, found = everything(filled.catalog), texts(filled, embedder)
    manifest = write_backup(filled.catalog, tmp_path / "b.zip", silently)
    assert manifest == read_manifest(tmp_path / "b.zip")
    assert manifest.revision == 3
    assert manifest.rows["articles"] == 4
    assert [path.name for path in tmp_path.glob(".b.zip*")] == []
    address = request.getfixturevalue("address") if to == "postgresql" else None
    folder = tmp_path / "two"
    restore_backup(tmp_path / "b.zip", folder, address, silently)
    where = Servers(address)
    with Library.open(folder, embedder.card, servers=where) as restored:
        assert everything(restored.catalog) == before
        restored.reindex()
        assert texts(restored, embedder) == found
        # Numbers that the database gives go on after those that were copied.
        with restored.catalog.database.writing() as connection:
            connection.execute(NOTES.insert().values(text="c"))
            assert connection.scalars(select(NOTES.c.number).order_by("number")).all() == [1, 2, 3]
    assert [one for one in examine(folder, embedder.card, where) if not one.ok] == []
    with pytest.raises(UsageError, match="There is a library"):
        restore_backup(tmp_path / "b.zip", folder, address, silently)


@on_both
def test_a_backup_is_one_moment_while_others_write(filled, store, make_article, tmp_path, servers):
    stop, numbers = threading.Event(), iter(range(1000))

    def write():
        while not stop.is_set():
            store(filled, make_article(f"w{next(numbers)}", "Tram.\nLine."))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        manifests = [write_backup(filled.catalog, tmp_path / f"{n}.zip", silently) for n in "ab"]
    finally:
        stop.set()
        writer.join()
    for name, manifest in zip("ab", manifests, strict=True):
        restore_backup(tmp_path / f"{name}.zip", tmp_path / name, None, silently)
        rows = manifest.rows
        assert rows["versions"] == rows["bodies"]
        assert manifest.revision == 3 + (rows["articles"] - 4)


def test_a_damaged_or_foreign_file_is_refused_before_anything_is_made(filled, tmp_path):
    path = tmp_path / "b.zip"
    write_backup(filled.catalog, path, silently)
    whole = path.read_bytes()
    kept = json.loads(zipfile.ZipFile(path).read("manifest.json"))
    content = zipfile.ZipFile(path).read("catalog.sqlite")
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "poem.zip").write_bytes(b"a poem")
    flipped = bytearray(whole)
    flipped[len(whole) // 3] ^= 0xFF
    (tmp_path / "flipped.zip").write_bytes(flipped)
    for name, changes, body in (
        ("newer", {"format": 9}, content),
        ("other", {}, content[:-1] + b"\1"),
    ):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as file:
            file.writestr("catalog.sqlite", body)
            file.writestr("manifest.json", json.dumps(kept | changes))
    for name in ("cut", "poem", "flipped", "newer", "other", "missing"):
        with pytest.raises((UsageError, LibraryError), match=r"backup|damaged|newer"):
            restore_backup(tmp_path / f"{name}.zip", tmp_path / "two", None, silently)
        assert not list((tmp_path / "two").glob("*.sqlite*"))


KILLED = """
import sys
from pathlib import Path
from index.store.address import CatalogUrl
from index.store.moving import move_catalog
from index.store.catalog import Catalog
from index.store.backup import write_backup
seen = [0]
def copied(*_):
    seen[0] += 1
    if seen[0] == 3:
        print("half", flush=True)
        sys.stdin.read()
folder = Path(sys.argv[1])
if sys.argv[2] == "move":
    target = CatalogUrl.parse(sys.argv[3], named="x")
    move_catalog(folder, folder, folder / "catalog.sqlite", target, copied)
else:
    write_backup(Catalog.open(CatalogUrl.parse(sys.argv[3], named="x")), folder, copied)
"""


def kill_half_way(*arguments):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert process.stdout.readline() == "half\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()


def settings_of(folder, **environ):
    return BotSettings.from_env({"DATELINE_LIBRARY": str(folder), **environ})


def test_a_library_moves_to_a_server_and_back_without_embedding(
    filled, tmp_path, embedder, address, postgres
):
    folder, before, found = tmp_path / "one", everything(filled.catalog), texts(filled, embedder)
    shown = address.secret.replace("+psycopg", "")
    kill_half_way(folder, "move", shown)
    # Nothing happened; and a second try finishes it.
    assert everything(filled.catalog) == before
    there = settings_of(folder, DATELINE_CATALOG=shown)
    moved = move_library(there, Destination.choose(there, None), silently)
    assert "Keep DATELINE_CATALOG set" in moved.note
    assert not (folder / "catalog.sqlite").exists()
    with pytest.raises(LibraryError, match="was moved"):
        filled.catalog.set_setting("a", "b")
    with pytest.raises(LibraryError, match="was moved"):
        filled.refresh()
    with Library.open(folder, embedder.card, servers=Servers(address)) as library:
        assert everything(library.catalog) == before
        stamps = [path.read_text() for path in folder.glob("lexical/revision")]
        assert texts(library, embedder) == found
        # The indexes are those from before: nothing was made anew.
        assert stamps == [path.read_text() for path in folder.glob("lexical/revision")]
    back = Destination.choose(there, str(tmp_path / "two"))
    assert (
        move_library(there, back, silently).note
        == "Unset DATELINE_CATALOG: it names the old place."
    )
    with Library.open(tmp_path / "two", embedder.card) as library:
        assert everything(library.catalog) == before
        assert texts(library, embedder) == found
    assert [one for one in examine(tmp_path / "two", embedder.card) if not one.ok] == []


def test_a_folder_remembers_a_server_that_needs_no_password_in_the_address(
    filled, tmp_path, embedder, address, monkeypatch, postgres
):
    secret = address.secret.replace("+psycopg", "")
    password = address.passwords[0]
    without = secret.replace(f":{password.replace('!', '%21')}@", "@")
    monkeypatch.setenv("PGPASSWORD", password)
    folder = tmp_path / "one"
    settings = settings_of(folder)
    assert move_library(settings, Destination.choose(settings, without), silently).note == ""
    assert find_servers(folder).catalog.secret.replace("+psycopg", "") == without
    assert (folder / "servers.json").stat().st_mode & 0o077 == 0
    with Library.open(folder, embedder.card) as library:
        assert library.catalog.stats().articles == 4
    with pytest.raises(UsageError, match="everybody") as told:
        Destination.choose(settings, secret)
    assert "canary" not in str(told.value)
    with pytest.raises(UsageError, match="already"):
        move_library(settings, Destination.choose(settings, without), silently)


def test_a_place_that_holds_something_else_is_left_alone(filled, tmp_path, open_library, embedder):
    other = open_library(create=True, place=tmp_path / "other")
    before = everything(other.catalog)
    settings = settings_of(tmp_path / "one")
    with pytest.raises(UsageError, match="is not empty"):
        move_library(settings, Destination.choose(settings, str(tmp_path / "other")), silently)
    assert everything(other.catalog) == before
    filled.catalog.set_setting("still", "here")


@pytest.mark.parametrize("servers", ["postgresql"], indirect=True)
def test_a_backup_that_is_killed_leaves_the_one_before(filled, tmp_path, servers):
    path = tmp_path / "b.zip"
    write_backup(filled.catalog, path, silently)
    before = path.read_bytes()
    kill_half_way(path, "backup", servers.catalog.secret.replace("+psycopg", ""))
    assert path.read_bytes() == before

"""A catalog on a PostgreSQL server: many machines, one writer, and a server that may die."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from runpy import run_path

import pytest

from index.errors import LibraryBusy, LibraryError, LibraryUnreachable, UsageError
from index.scope import Scope
from index.store.address import CatalogUrl, ChromaUrl, Servers
from index.store.catalog import Catalog
from index.store.doctor import examine
from index.store.library import Library
from index.store.postgres import PostgresServer
from tests.fakes import NOON

PASSWORD = run_path(str(Path(__file__).with_name("postgres_server.py")))["PASSWORD"]
on_server = pytest.mark.parametrize("servers", ["postgresql"], indirect=True)


@pytest.fixture
def own_server(postgres):
    """A server that a test may kill; others' stays up."""
    server = type(postgres)(postgres._programs)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(PostgresServer, "patience_seconds", 0.0)


def at(address):
    return Servers(CatalogUrl.parse(address, named="address"))


def texts(library, embedder, words):
    library.refresh()
    hits = library.lexical(dict.fromkeys(library.terms.analyze(words), 1.0), Scope(), 9)
    near = library.dense(embedder.embed_query(words), Scope(), 1)
    found = library.passages([hit.chunk_id for hit in [*hits, *near]], Scope())
    return {passage.text for passage in found}


@on_server
def test_machines_share_a_catalog_and_each_follows_it_in_its_own_folder(
    open_library, store, make_article, embedder, servers, tmp_path
):
    one = open_library(create=True, place=tmp_path / "one")
    other = open_library(create=True, place=tmp_path / "other")
    assert one.catalog.identity == other.catalog.identity
    store(one, make_article("a", "The ferry sank."))
    assert texts(other, embedder, "ferry") == {"The ferry sank."}
    store(other, make_article("b", "The tram stopped."))
    assert texts(one, embedder, "tram") == {"The tram stopped."}
    other.remove([make_article("a").article_id])
    assert "The ferry sank." not in texts(one, embedder, "ferry")
    for library in (one, other):
        library.tend()
    for place in ("one", "other"):
        assert [
            one for one in examine(tmp_path / place, embedder.card, servers) if not one.ok
        ] == []
        assert not (tmp_path / place / "catalog.sqlite").exists()


@on_server
def test_writers_on_two_machines_wait_for_each_other(
    open_library, make_article, make_entry, tmp_path, servers, monkeypatch
):
    libraries = [open_library(create=True, place=tmp_path / name) for name in ("one", "other")]

    def write(library, name):
        for number in range(8):
            entry = make_entry(make_article(f"{name}{number}", f"{name} {number}."))
            library.write([entry], now=NOON)

    threads = [
        threading.Thread(target=write, args=(library, name))
        for library, name in zip(libraries, ("x", "y"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert libraries[0].catalog.stats().articles == 16
    assert libraries[0].catalog.revision == 16
    monkeypatch.setattr("index.store.database.BUSY_SECONDS", 0.05)
    late = open_library(place=tmp_path / "one")
    with libraries[1].catalog.database.writing(), pytest.raises(LibraryBusy, match="writes to"):
        late.catalog.set_setting("name", "value")


def test_a_server_that_dies_costs_nothing_that_was_stored(
    own_server, make_article, make_entry, embedder, tmp_path, impatient, store
):
    servers = at(own_server.new_database())
    with Library.open(tmp_path / "one", embedder.card, create=True, servers=servers) as library:
        store(library, make_article("a", "The ferry sank."))
        library.refresh()
        own_server.kill()
        with pytest.raises(LibraryUnreachable, match="does not answer") as told:
            library.catalog.stats()
        assert PASSWORD not in str(told.value)
        with pytest.raises(LibraryUnreachable):
            store(library, make_article("b", "The tram stopped."))
        own_server.start()
        # The same open library, with no restart of it.
        assert texts(library, embedder, "ferry") == {"The ferry sank."}
        store(library, make_article("b", "The tram stopped."))
        assert texts(library, embedder, "tram") == {"The tram stopped."}
        assert library.catalog.stats().articles == 2
    assert [one for one in examine(tmp_path / "one", embedder.card, servers) if not one.ok] == []


def test_a_writer_waits_for_a_server_that_comes_back(
    own_server, make_article, embedder, tmp_path, store
):
    servers = at(own_server.new_database())
    with Library.open(tmp_path / "one", embedder.card, create=True, servers=servers) as library:
        own_server.kill()
        later = threading.Timer(0.6, own_server.start)
        later.start()
        assert store(library, make_article("a", "The ferry sank.")) == 1
        later.join()


def test_a_transaction_cut_off_in_the_middle_is_done_again_and_only_once(
    own_server, make_article, make_entry, embedder, tmp_path
):
    catalog = Catalog.create(at(own_server.new_database()).catalog, embedder.card)
    tries = []

    def work(connection):
        connection.exec_driver_sql("INSERT INTO meta VALUES ('try', 'kept')")
        tries.append(1)
        if len(tries) == 1:
            own_server.kill()
            own_server.start()
        return connection.exec_driver_sql("SELECT count(*) FROM meta WHERE name = 'try'").scalar()

    assert catalog.database.write(work) == 1
    assert len(tries) == 2
    assert catalog.settings()["try"] == "kept"
    catalog.close()


@on_server
def test_what_is_wrong_at_the_door_is_told_without_the_password(servers, caplog, embedder):
    caplog.set_level(logging.DEBUG)
    secret = servers.catalog.secret
    for wrong in (
        secret.replace("news:", "nobody:"),
        secret.replace("/postgres?", "/nothing?"),
        secret.replace("%21kqw", "%21kqw-wrong"),
    ):
        address = CatalogUrl.parse(wrong.replace("+psycopg", ""), named="address")
        with pytest.raises(LibraryError, match="refuses this user") as told:
            Catalog.open(address)
        shown = f"{told.value} {address!r} {address.shown} {caplog.text}"
        assert PASSWORD not in shown
        assert PASSWORD.replace("!", "%21") not in shown


@pytest.mark.parametrize(
    "text",
    [
        "mysql://u:canary@h/db", "postgresql://u:canary@h", "postgresql://u:canary@h:port/db",
        "canary", "postgresql://[canary/db",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_being_repeated(text):
    with pytest.raises(UsageError, match="DATELINE_CATALOG") as told:
        CatalogUrl.parse(text, named="DATELINE_CATALOG")
    assert "canary" not in str(told.value)


def test_addresses_show_where_but_not_how_one_gets_in():
    url = CatalogUrl.parse(
        "postgres://news:a%21b@db.example:5433/archive?sslpassword=c&sslmode=require", named="x"
    )
    assert url.shown == "postgresql://db.example:5433/archive"
    assert url.passwords == ("a!b", "c")
    assert url.scrub("failed for a!b") == "failed for …"
    cloud = ChromaUrl.parse("https://api.example/team/news", named="x", token="t0ken")
    assert (cloud.shown, cloud.port) == ("https://api.example:443/team/news", 443)
    assert "t0ken" not in repr(cloud)
    for wrong in ("http://a/b", "ftp://a", "http://u:p@a", "http://a?x=1"):
        with pytest.raises(UsageError):
            ChromaUrl.parse(wrong, named="x")


@on_server
def test_every_command_works_with_a_server_and_never_shows_the_password(servers, tmp_path):
    articles = tmp_path / "a.jsonl"
    articles.write_text(
        '{"url": "https://news.example/a", "title": "Ferry", "outlet": "Post", '
        '"published_at": "2023-11-16", "body": "The ferry Ines sank in the storm on Thursday."}\n'
    )
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")
    } | {
        "DATELINE_CATALOG": servers.catalog.secret.replace("+psycopg", ""),
        "DATELINE_LIBRARY": str(tmp_path / "cache"),
    }
    script = (
        "import sys, json; from bot.cli.edge import run\n"
        "for line in json.loads(sys.argv[1]): print(run(line), flush=True)"
    )
    commands = [
        ["ingest", str(articles)], ["ask", "when did the ferry Ines sink?", "-v"], ["stats"],
        ["doctor"], ["articles", "list"],
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", script, json.dumps(commands)],
        env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    seen = Path(f"/proc/{process.pid}/cmdline")
    shown = seen.read_bytes().decode() if seen.exists() else ""
    output, _ = process.communicate(timeout=100)
    codes = [line for line in output.splitlines() if line in set("0123456789")]
    assert codes == ["0"] * 5, output
    assert "16 November 2023" in output
    assert servers.catalog.shown in output
    assert "canary" not in output + shown

"""Vectors on a Chroma server: found as without it, with it, and when it dies in the middle."""

from __future__ import annotations

import logging
from pathlib import Path
from runpy import run_path

import pytest

from index.errors import LibraryError
from index.scope import Scope
from index.store import chroma_server
from index.store.address import CatalogUrl, ChromaUrl, Servers
from index.store.doctor import examine
from index.store.library import Library

PROCESS = run_path(str(Path(__file__).with_name("chroma_server.py")))["ChromaProcess"]


@pytest.fixture(scope="module")
def one_process():
    process = PROCESS()
    yield process
    process.stop()


@pytest.fixture
def process(one_process):
    """A server that runs; the test may kill it, and the next one starts it again."""
    one_process.start()
    return one_process


@pytest.fixture
def servers(request, process):
    """The vectors on the server; the catalog in a file, or where a test says."""
    return on(request, process, getattr(request, "param", "sqlite"))


def on(request, process, catalog):
    address = None
    if catalog == "postgresql":
        new = request.getfixturevalue("postgres").new_database()
        address = CatalogUrl.parse(new, named="address")
    return Servers(address, ChromaUrl.parse(process.url, named="url"))


def nearest(library, embedder, text="storm 7", scope=None, limit=20):
    library.refresh()
    return library.dense(embedder.embed_query(text), scope or Scope(), limit)


def names(library):
    return library._server.server.names()


def fill(library, store, make_article, numbers=range(60)):
    store(library, *(make_article(f"n{n}", f"Ferry {n}.\nStorm {n}.") for n in numbers))


def broken(folder, embedder, servers):
    return {one.check: one for one in examine(folder, embedder.card, servers) if not one.ok}


def test_a_set_on_the_server_finds_what_looking_at_each_finds(
    open_library, store, make_article, embedder, folder, servers
):
    library = open_library(create=True, exact_rows=0)
    fill(library, store, make_article)
    expected = nearest(library, embedder)
    library.finish()
    assert len(names(library)) == 1
    assert nearest(library, embedder) == expected
    assert not list(folder.glob("dense/*/chroma"))
    # What came after the set, what was removed since, and a narrow scope.
    store(library, make_article("late", "Storm 7 again.", outlet="Wire"))
    library.remove([make_article("n3").article_id])
    exact = open_library(exact_rows=10**9)
    for scope in (Scope(), Scope(outlets=frozenset({"wire"}))):
        assert nearest(library, embedder, scope=scope) == nearest(exact, embedder, scope=scope)
    assert broken(folder, embedder, servers).keys() == {"leftovers"}
    library.reindex()
    assert len(names(library)) == 1
    assert broken(folder, embedder, servers) == {}


def test_small_libraries_need_no_collection(library, store, make_article, embedder):
    fill(library, store, make_article)
    library.finish()
    assert names(library) == []
    assert nearest(library, embedder)


@pytest.mark.parametrize("servers", ["postgresql"], indirect=True)
def test_every_machine_reads_the_set_that_one_of_them_made(
    open_library, store, make_article, embedder, tmp_path, servers, caplog
):
    one = open_library(create=True, exact_rows=0, place=tmp_path / "one")
    other = open_library(create=True, exact_rows=0, place=tmp_path / "other")
    fill(one, store, make_article)
    one.finish()
    expected = nearest(one, embedder)
    asked = []
    ask = other._server.server.nearest
    other._server.server.nearest = lambda *args: asked.append(args) or ask(*args)
    other.reindex()
    assert nearest(other, embedder) == expected
    assert asked
    # A new set: the one before it is kept for readers that have not looked, and no other.
    for _ in range(3):
        before = one._server.published().collection
        one.reindex()
        assert set(names(one)) == {before, one._server.published().collection}
    assert nearest(other, embedder) == expected
    for place in ("one", "other"):
        assert broken(tmp_path / place, embedder, servers) == {}
    with one.catalog.database.lock("chroma") as held:
        assert held
        with pytest.raises(LibraryError, match="Another machine makes"):
            other.reindex()
    assert "cannot be used" not in caplog.text


@pytest.mark.parametrize("lost", [False, True])
def test_a_server_that_dies_costs_speed_and_one_warning_but_no_hit(
    process, request, embedder, store, make_article, folder, caplog, monkeypatch, lost
):
    servers = on(request, process, "sqlite")
    with Library.open(folder, embedder.card, create=True, exact_rows=0, servers=servers) as library:
        fill(library, store, make_article)
        library.finish()
        expected = nearest(library, embedder)
        process.kill()
        for _ in range(3):
            assert nearest(library, embedder) == expected
        # One warning: while it rests nobody asks it.
        assert caplog.text.count("Searching without it") == 1
        store(library, make_article("late", "Storm 7 again."))
        assert len(nearest(library, embedder)) == 20
        assert broken(folder, embedder, servers)["Chroma server"].fix.startswith("start the server")
        with pytest.raises(LibraryError, match="cannot be used"):
            library.reindex()
        if lost:
            process.forget()
        process.start()
        monkeypatch.setattr(chroma_server, "_REST_SECONDS", 0.0)
        library._server.server._rests_until = 0.0
        caplog.clear()
        # The same open library, with no restart of it; one that lost all is mended by reindexing.
        assert len(nearest(library, embedder)) == 20
        assert ("Searching without it" in caplog.text) is lost
        if lost:
            assert "missing" in broken(folder, embedder, servers)["Chroma server"].detail
        library.reindex()
        assert broken(folder, embedder, servers) == {}
        caplog.clear()
        assert len(nearest(library, embedder)) == 20
        assert "Searching without it" not in caplog.text


def test_a_server_that_hangs_is_not_waited_for_long(
    process, request, embedder, store, make_article, folder, caplog, monkeypatch
):
    monkeypatch.setattr(chroma_server, "_ANSWER_SECONDS", 0.5)
    servers = on(request, process, "sqlite")
    with Library.open(folder, embedder.card, create=True, exact_rows=0, servers=servers) as library:
        fill(library, store, make_article)
        library.finish()
        expected = nearest(library, embedder)
        process.pause(on=True)
        try:
            assert nearest(library, embedder) == expected
            assert "Searching without it" in caplog.text
        finally:
            process.pause(on=False)


def test_a_build_that_fails_in_the_middle_is_swept_by_the_next(
    open_library, store, make_article, embedder, folder, servers, monkeypatch
):
    library = open_library(create=True, exact_rows=0)
    fill(library, store, make_article)
    server = library._server.server
    monkeypatch.setattr(
        type(server), "_prove", lambda *_: (_ for _ in ()).throw(LibraryError("stopped"))
    )
    library.finish()
    monkeypatch.undo()
    assert len(names(library)) == 1
    assert library._server.published() is None
    library.finish()
    assert names(library) == [library._server.published().collection]
    assert broken(folder, embedder, servers) == {}


def test_a_token_goes_with_requests_and_into_no_message(caplog):
    caplog.set_level(logging.DEBUG)
    address = ChromaUrl.parse("http://127.0.0.1:9", named="x", token="t0ken")
    server = chroma_server.ChromaServer(address, "library")
    with pytest.raises(LibraryError, match="cannot be used") as told:
        server.names()
    assert "t0ken" not in f"{told.value} {caplog.text} {server.place}"

"""Addresses to articles: which story a page is, what needs no fetching, what a failure leaves."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.cli.edge import run
from index.errors import LibraryUnreachable
from index.fetch.errors import FetchFailed
from index.fetch.fetcher import Fetched, Validators
from index.ingest import Ingester
from index.items import Outcome, Visit
from index.sources import Source, find_sources
from index.store.library import Library
from index.store.visits import VisitBook
from index.web.reader import WebReader

SITE = "https://harbour.example"
PARAGRAPHS = [
    "The harbour board voted on Tuesday to rebuild the northern pier before the winter storms.",
    "Its chairwoman, Ada Quill, said that the work would cost eleven million crowns in all.",
    "Fishermen had asked for the repair since a storm took the lighthouse road four years ago.",
    "Work begins in May, and the ferry to Larkhill will leave from the old quay until then.",
]
OTHER = [
    "Millbrook museum has found a forgotten portrait of its founder behind a kitchen cupboard.",
    "Two restorers needed eleven weeks to clean it, and a school class gave the frame its colour.",
    "The portrait will hang beside the entrance from the first of June, the museum announced.",
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "read" in metafunc.fixturenames:
        metafunc.parametrize("servers", ["sqlite", "postgresql"], indirect=True)


class FakeWeb:
    """Pages by address, and who was asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, Fetched | Exception] = {}
        self.asked: list[str] = []

    def page(self, path: str, paragraphs: list[str], canonical: str | None = None, **facts: Any):
        url = SITE + path
        link = f'<link rel="canonical" href="{SITE}{canonical}">' if canonical else ""
        text = "".join(f"<p>{part}</p>" for part in paragraphs)
        body = (
            f"<html><head><title>Title of {path}</title>{link}</head><body><article>"
            f"<h1>Title</h1>{text}</article></body></html>"
        )
        given = {"final_url": url, "moved_to": None, "status": 200, "content": body.encode()}
        self.pages[url] = Fetched(url=url, **(given | facts))

    def fetch(self, url: str, known: Validators | None = None) -> Fetched:
        self.asked.append(url)
        found = self.pages[url]
        if isinstance(found, Exception):
            raise found
        if known and known.etag and known.etag == found.validators.etag:
            return Fetched(url, url, None, 304, validators=found.validators)
        return found


class Clock:
    def now(self) -> datetime:
        return datetime(2024, 3, 5, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


@pytest.fixture
def web() -> FakeWeb:
    return FakeWeb()


@pytest.fixture
def read(web: FakeWeb, library: Library, embedder: Any) -> Callable[..., Any]:
    """Ingests addresses, and gives the summary."""
    reader = WebReader(web, VisitBook(library.catalog.database), Clock())
    ingester = Ingester(library, embedder, read=reader.read)
    return lambda *paths: ingester.ingest(find_sources([SITE + path for path in paths]))


def held(library: Library) -> dict[str, int]:
    """Versions by path."""
    return {one.url.removeprefix(SITE): one.versions for one in library.catalog.articles()}


def test_a_twin_gives_way_to_the_page_that_it_names(
    web: FakeWeb, library: Library, read: Callable[..., Any]
) -> None:
    web.page("/amp/pier", PARAGRAPHS, "/pier")
    web.page(
        "/pier", [*PARAGRAPHS, "A note that only the whole page has, at its very end."], "/pier"
    )
    read("/amp/pier")
    assert held(library) == {"/pier": 1}
    (one,) = library.catalog.articles()
    stored = library.catalog.article(one.article_id)
    assert stored
    assert "only the whole page has" in stored.article.body
    read("/pier", "/amp/pier")
    assert held(library) == {"/pier": 1}


def test_a_twin_whose_original_cannot_be_had_is_read_itself(
    web: FakeWeb, library: Library, read: Callable[..., Any]
) -> None:
    web.page("/amp/pier", PARAGRAPHS, "/pier")
    web.pages[f"{SITE}/pier"] = FetchFailed("down")
    read("/amp/pier")
    assert held(library) == {"/pier": 1}


def test_pages_that_all_name_one_address_stay_apart(
    web: FakeWeb, library: Library, read: Callable[..., Any]
) -> None:
    web.page("/pier", PARAGRAPHS, "/news")
    web.page("/museum", OTHER, "/news")
    web.page("/news", ["All the news of the day in one place, from pier to museum, every hour."])
    read("/pier", "/museum")
    assert held(library) == {"/pier": 1, "/museum": 1}


def test_a_page_that_moved_stays_the_article_that_it_was(
    web: FakeWeb, library: Library, read: Callable[..., Any]
) -> None:
    web.page("/pier", PARAGRAPHS, "/pier")
    read("/pier")
    there = f"{SITE}/news/pier"
    web.page("/news/pier", PARAGRAPHS, "/news/pier")
    web.page("/pier", PARAGRAPHS, "/news/pier", final_url=there, moved_to=there)
    # A list names the new address before anybody asks the old one.
    read("/news/pier")
    assert held(library) == {"/pier": 1}
    read("/pier", "/news/pier")
    assert held(library) == {"/pier": 1}


def test_an_address_that_another_story_took_over_is_another_article(
    web: FakeWeb, library: Library, read: Callable[..., Any]
) -> None:
    web.page("/latest", PARAGRAPHS, "/pier")
    web.page("/pier", PARAGRAPHS, "/pier")
    read("/latest")
    web.page("/latest", OTHER, "/museum")
    web.page("/museum", OTHER, "/museum")
    read("/latest")
    assert held(library) == {"/pier": 1, "/museum": 1}


def test_a_feed_with_a_failure_is_read_again_for_what_failed(
    web: FakeWeb, library: Library, read: Callable[..., Any]
) -> None:
    items = "".join(
        f"<item><title>{name}</title><link>{SITE}/{name}</link>"
        "<pubDate>Tue, 05 Mar 2024 09:30:00 GMT</pubDate></item>"
        for name in ("pier", "museum")
    )
    feed = f'<rss version="2.0"><channel><title>H</title>{items}</channel></rss>'.encode()
    url = f"{SITE}/feed.xml"
    web.pages[url] = Fetched(url, url, None, 200, feed, validators=Validators('"1"'))
    web.page("/pier", PARAGRAPHS)
    web.pages[f"{SITE}/museum"] = FetchFailed("the server answered 500")
    first = read("/feed.xml")
    assert (first.added, len(first.failed)) == (1, 1)
    assert "museum" in first.failed[0].source

    web.page("/museum", OTHER)
    web.asked.clear()
    second = read("/feed.xml")
    assert (second.added, second.unchanged, second.failed) == (1, 1, ())
    assert web.asked == [url, f"{SITE}/museum"]

    web.asked.clear()
    third = read("/feed.xml")
    assert (third.added, third.unchanged, third.failed) == (0, 2, ())
    assert web.asked == [url]


def sitemap(*paths: str, of: str = "url") -> bytes:
    """A sitemap of stories, or with "sitemap" an index."""
    named = "".join(f"<{of}><loc>{SITE}{path}</loc></{of}>" for path in paths)
    root = "urlset" if of == "url" else "sitemapindex"
    return f"<{root}>{named}</{root}>".encode()


def test_an_index_that_stays_the_same_hides_no_new_story(
    web: FakeWeb, library: Library, read: Callable[..., Any]
) -> None:
    def put(path: str, content: bytes, etag: str) -> None:
        url = SITE + path
        web.pages[url] = Fetched(url, url, None, 200, content, validators=Validators(etag))

    put("/index.xml", sitemap("/inner.xml", of="sitemap"), '"index"')
    put("/inner.xml", sitemap("/news.xml", of="sitemap"), '"inner"')
    put("/news.xml", sitemap("/pier"), '"1"')
    web.page("/pier", PARAGRAPHS)
    assert read("/index.xml").added == 1

    put("/news.xml", sitemap("/pier", "/museum"), '"2"')
    web.page("/museum", OTHER)
    assert read("/index.xml").added == 1
    assert held(library) == {"/pier": 1, "/museum": 1}


def test_a_text_that_its_page_puts_back_is_current_again(
    web: FakeWeb, library: Library, read: Callable[..., Any]
) -> None:
    for paragraphs in (PARAGRAPHS, [*PARAGRAPHS, "It will be rebuilt in oak."], PARAGRAPHS):
        web.page("/pier", paragraphs)
        read("/pier")
        (one,) = library.catalog.articles()
        stored = library.catalog.article(one.article_id)
        assert stored is not None
        assert stored.article.body.endswith(paragraphs[-1])
    assert held(library) == {"/pier": 2}


def test_what_nobody_foresaw_costs_one_address_and_leaves_its_trace(
    web: FakeWeb, library: Library, read: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    web.pages[f"{SITE}/museum"] = ZeroDivisionError("by a stranger")
    web.page("/pier", PARAGRAPHS)
    found = read("/museum", "/pier")
    (failure,) = found.failed
    assert failure.reason == "it cannot be read: unforeseen ZeroDivisionError: by a stranger"
    assert found.added == 1
    (record,) = [one for one in caplog.records if one.message.startswith("unforeseen")]
    assert record.exc_info
    book = VisitBook(library.catalog.database)
    assert book.known([f"{SITE}/museum"])[f"{SITE}/museum"].outcome is Outcome.REFUSED


def test_a_library_that_fails_while_pages_are_read_ends_the_run(
    web: FakeWeb, read: Callable[..., Any]
) -> None:
    web.pages[f"{SITE}/pier"] = LibraryUnreachable("the server went away")
    with pytest.raises(LibraryUnreachable):
        read("/pier")


ODD_PAGES = {
    "newsml": b'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="http://[bad"><itemMeta>'
    b"<versionCreated>2024-01-01T00:00:00Z</versionCreated></itemMeta><contentSet><inlineXML><html>"
    b"<body><p>%s</p></body></html></inlineXML></contentSet></newsItem>",
    "cache": b"<html><body><article><p>%s</p></article></body></html>",
    "feed": b"<rss><channel><item><link>https://a.example/&#xD800;</link></item></channel></rss>",
}


@pytest.mark.parametrize(
    ("url", "page"),
    [(f"{SITE}/item", "newsml"), ("https://cdn.ampproject.org/c/s/[h.example/x", "cache"),
     (f"{SITE}/rss", "feed")],
)  # fmt: skip
def test_an_odd_page_holds_nothing_that_nobody_foresaw(
    web: FakeWeb, library: Library, url: str, page: str
) -> None:
    content = ODD_PAGES[page].replace(b"%s", " ".join(PARAGRAPHS).encode())
    web.pages[url] = Fetched(url, url, None, 200, content)
    items = list(
        WebReader(web, VisitBook(library.catalog.database), Clock()).read(Source(url, None, None))
    )
    assert isinstance(items[-1], Visit)
    assert "unforeseen" not in (items[-1].reason or "")


def test_a_missing_page_takes_nothing_back_and_a_withdrawn_one_does(
    web: FakeWeb, library: Library, read: Callable[..., Any]
) -> None:
    web.page("/pier", PARAGRAPHS)
    read("/pier")
    (one,) = library.catalog.articles()

    def is_retracted() -> bool:
        stored = library.catalog.article(one.article_id)
        assert stored
        return stored.is_retracted

    web.page("/pier", [], status=404)
    for _ in range(5):
        read("/pier")
    assert not is_retracted()
    web.page("/pier", [], status=410)
    read("/pier")
    assert is_retracted()
    web.page("/pier", PARAGRAPHS)
    read("/pier")
    assert not is_retracted()
    book = VisitBook(library.catalog.database)
    assert book.known([f"{SITE}/pier"])[f"{SITE}/pier"].outcome is Outcome.READ


def test_a_page_that_claims_another_site_is_kept_under_its_own_address(
    web: FakeWeb, library: Library, read: Callable[..., Any]
) -> None:
    web.page("/pier", PARAGRAPHS)
    page = web.pages[f"{SITE}/pier"]
    assert isinstance(page, Fetched)
    forged = page.content.replace(
        b"</head>", b'<link rel="canonical" href="https://bbc.example/real-story"></head>'
    )
    web.page("/pier", [], content=forged)
    read("/pier")
    assert held(library) == {"/pier": 1}


# With the command, over a real connection.


@pytest.fixture(scope="module")
def news_site() -> Iterator[ModuleType]:
    sys.path.insert(0, str(Path(__file__).parent))
    yield importlib.import_module("news_site")
    sys.path.pop(0)


def test_the_command_reads_addresses_and_a_second_run_costs_one_request(
    news_site: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stories = [one for one in news_site.plan_week(1, 17) if one.kind in {"plain", "latin"}][:4]
    site = news_site.NewsSite(lambda: news_site.START + 3 * news_site.DAY, stories, crawl_delay=0)
    with site.serve() as origin:
        monkeypatch.setenv("DATELINE_LIBRARY", str(tmp_path / "library"))
        monkeypatch.setenv("DATELINE_FETCH_DELAY", "0")

        def ingest(path: str) -> tuple[int, dict[str, Any]]:
            code = run(["ingest", origin + path, "--json"])
            return code, json.loads(capsys.readouterr().out)

        code, found = ingest("/atom.xml")
        assert code == 2
        assert f"DATELINE_FETCH_ALLOW={urlsplit(origin).netloc}" in found["failed"][0]["reason"]
        assert site.seen == []

        monkeypatch.setenv("DATELINE_FETCH_ALLOW", urlsplit(origin).netloc)
        code, found = ingest("/atom.xml")
        assert (code, found["added"], found["failed"]) == (0, 4, [])
        before = len(site.seen)
        code, found = ingest("/atom.xml")
        assert (code, found["added"], found["unchanged"]) == (0, 0, 4)
        assert [one.path for one in site.seen[before:]] == ["/robots.txt", "/atom.xml"]

        code, found = ingest("/")
        assert code == 2
        assert found["failed"][0]["reason"].endswith(f"dateline ingest {origin}/feed.xml")

"""Watching a site that has everything go wrong: the catalog ends right, and nobody is molested."""

from __future__ import annotations

import importlib
import json
import random
import signal
import string
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.wiring import Bot
from index.embed import load_embedder
from index.errors import UsageError
from index.fetch.fetcher import Fetched, Validators
from index.ingest import Ingester
from index.items import Outcome, Visit
from index.sources.feed import read_json_feed
from index.sources.links import Link, settle_links
from index.store.doctor import examine
from index.store.library import Library
from index.store.visits import VisitBook, Visited
from index.store.watch import WatchBook
from index.urls import LONGEST_ADDRESS_BYTES
from index.watch.config import load_plan
from index.watch.schedule import backoff, next_look
from index.watch.watcher import Watcher
from index.web.reader import WebReader

HERE = Path(__file__).parent
NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "book" in metafunc.fixturenames:
        metafunc.parametrize("servers", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="module")
def trial() -> Iterator[ModuleType]:
    """The trial, which by hand runs a whole week."""
    sys.path.insert(0, str(HERE))
    yield importlib.import_module("watch_trial")
    sys.path.remove(str(HERE))


@pytest.mark.slow
def test_a_day_of_a_difficult_site_ends_right(
    trial: ModuleType, tmp_path: Path, embedder: Any
) -> None:
    # One story of each kind; what happens to them happens within the second day.
    stories = trial.plan_week(1, 17)
    found = trial.run_trial(tmp_path / "library", embedder, stories, 2.6)
    assert found.problems == []
    statuses = {one.status for one in found.site.seen}
    assert statuses >= {200, 301, 302, 304, 404, 410, 429, 500, 503}


class LiveSite:
    """The site and a watcher of it in another process, on the machine's own time."""

    def __init__(self, site: Any, folder: Path) -> None:
        self.site, self.folder = site, folder
        self.started: list[subprocess.Popen[str]] = []
        plan = {"every": "1s", "revisit": ["1s"], "max_age": "9999d",
                "sources": [site.origin + "/atom.xml"]}  # fmt: skip
        self.config = folder / "plan.yaml"
        self.config.write_text(json.dumps(plan))

    def run(self, *arguments: str) -> subprocess.Popen[str]:
        environ = {
            "DATELINE_LIBRARY": str(self.folder / "library"),
            "DATELINE_FETCH_ALLOW": urlsplit(self.site.origin).netloc,
            "DATELINE_FETCH_DELAY": "0",
            "PATH": "",
        }
        command = [sys.executable, "-m", "bot", *arguments]
        process = subprocess.Popen(
            command, env=environ, cwd=HERE.parent, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.started.append(process)
        return process

    def stop(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def finish(self, *arguments: str) -> tuple[int, str, str]:
        process = self.run(*arguments)
        out, err = process.communicate(timeout=180)
        return process.returncode, out, err

    def pages(self) -> int:
        return sum(one.status == 200 and "case" in one.path for one in self.site.seen)

    def wait_for_pages(self, count: int) -> None:
        end = time.monotonic() + 120
        while self.pages() < count:
            assert time.monotonic() < end, f"{self.pages()} pages were fetched, not {count}"
            time.sleep(0.02)


@pytest.fixture
def live(trial: ModuleType, tmp_path: Path) -> Iterator[LiveSite]:
    plain = [one for one in trial.plan_week(2, 17) if one.kind in {"plain", "edited", "corrected"}]
    site = trial.NewsSite(lambda: trial.START + trial.DAY * 9, plain, crawl_delay=0)
    with site.serve():
        live = LiveSite(site, tmp_path)
        yield live
        live.stop()


@pytest.mark.slow
@pytest.mark.timeout(400)  # four programs start one after the other
def test_a_watcher_that_is_killed_goes_on_where_it_was(live: LiveSite) -> None:
    for pages in (3, 9):
        process = live.run("watch", str(live.config))
        live.wait_for_pages(pages)
        process.kill()
        process.communicate()
    code, out, err = live.finish("watch", str(live.config), "--once", "--json")
    assert code == 0, err
    assert json.loads(out)["failed"] == 0
    code, out, err = live.finish("watch", "status", "--json")
    (source,) = json.loads(out)["sources"]
    assert (source["waiting"], source["dead"], source["failures_in_a_row"]) == (0, 0, 0)
    card = load_embedder().card
    with Library.open(live.folder / "library", card) as kept:
        urls = {one.url.rpartition("/")[2] for one in kept.catalog.articles()}
    assert urls == {one.slug for one in live.site.listed(live.site.clock())}
    assert all(finding.ok for finding in examine(live.folder / "library", card))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_sigterm_ends_a_watcher_cleanly(live: LiveSite) -> None:
    process = live.run("watch", str(live.config))
    live.wait_for_pages(4)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "stories added" in err


@pytest.fixture
def book(library: Library) -> WatchBook:
    return WatchBook(library.catalog.database)


def visited(outcome: Outcome, tries: int = 0) -> Visited:
    return Visited("https://a.example/1", outcome, NOON, NOON, None, None, {}, None, 0, None, tries,
                   "https://a.example/feed", None)  # fmt: skip


def test_a_story_is_looked_at_again_at_growing_spans() -> None:
    spans = (HOUR, 6 * HOUR)
    read = Visit("u", Outcome.READ, NOON)
    known = visited(Outcome.WAITING)
    assert next_look(read, known, revisit=spans, attempts=3) == NOON + HOUR
    later = Visit("u", Outcome.UNCHANGED, NOON + HOUR)
    assert next_look(later, known, revisit=spans, attempts=3) == NOON + 6 * HOUR
    last = Visit("u", Outcome.UNCHANGED, NOON + 6 * HOUR)
    assert next_look(last, known, revisit=spans, attempts=3) is None


def test_failures_are_tried_again_later_and_later_and_then_given_up() -> None:
    failed = Visit("u", Outcome.FAILED, NOON)
    pauses = [
        next_look(failed, visited(Outcome.FAILED, tries), revisit=(), attempts=4)
        for tries in range(4)
    ]
    assert pauses[:3] == [NOON + timedelta(minutes=minutes) for minutes in (2, 4, 8)]
    assert pauses[3] is None
    asked = Visit("u", Outcome.FAILED, NOON, retry_after_seconds=7200)
    assert next_look(asked, None, revisit=(), attempts=4) == NOON + 2 * HOUR
    assert backoff(1000) == 12 * HOUR


def test_two_watchers_never_have_one_source_at_hand(library: Library, book: WatchBook) -> None:
    other = WatchBook(library.catalog.database)
    book.sync(["https://a.example/1", "https://a.example/2"], NOON)
    taken = [book.claim_source(NOON), other.claim_source(NOON), book.claim_source(NOON)]
    assert taken == ["https://a.example/1", "https://a.example/2", None]
    book.release()
    assert other.claim_source(NOON) == "https://a.example/1"


def test_a_claim_runs_out_and_dies_with_its_process(library: Library, book: WatchBook) -> None:
    book.sync(["https://a.example/1"], NOON)
    assert book.claim_source(NOON)
    assert book.claim_source(NOON + timedelta(minutes=9)) is None
    assert book.claim_source(NOON + timedelta(minutes=11))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    ghost = WatchBook(library.catalog.database)
    ghost._me = f"{book._me.rsplit(':', 2)[0]}:{dead.pid}:0"
    book.release()
    assert ghost.claim_source(NOON)
    assert book.claim_source(NOON)


def test_dead_letters_are_listed_and_tried_again(library: Library, book: WatchBook) -> None:
    book.sync(["https://a.example/feed"], NOON)
    look = Visit("https://a.example/feed", Outcome.READ, NOON)
    links = [Link(f"https://a.example/{number}") for number in range(2)]
    assert book.polled("https://a.example/feed", [look], links, NOON + HOUR) == 2
    bot = Bot(library, None)  # type: ignore[arg-type]  # nothing is embedded
    VisitBook(library.catalog.database).record(
        [Visit(link.url, Outcome.REFUSED, NOON, reason="no story") for link in links]
    )
    assert [one.url for one in book.dead_letters()] == [link.url for link in links]
    assert bot.watch_book().sources()[0].dead == 2
    assert book.retry(["https://a.example/1"], NOON) == 1
    assert [due.visited.url for due in book.claim_stories(NOON, 9)] == ["https://a.example/1"]


class IndexedSite:
    """A site whose index of sitemaps never changes; the sitemap that it names does."""

    origin = "https://a.example"

    def __init__(self) -> None:
        self.stories: list[str] = []
        self.now = NOON

    def fetch(self, url: str, known: Validators | None = None) -> Fetched:
        sitemap, path = f"{self.origin}/news.xml", url.removeprefix(self.origin)
        etag = f'"{path} {len(self.stories)}"'
        if path == "/index.xml":
            body = f"<sitemapindex><sitemap><loc>{sitemap}</loc></sitemap></sitemapindex>"
            etag = '"index"'
        elif path == "/news.xml":
            locations = [f"<url><loc>{self.origin}{story}</loc></url>" for story in self.stories]
            body = f"<urlset>{''.join(locations)}</urlset>"
        else:
            body = f"<h1>Story {path}</h1><p>{'The ferry left the old quay at noon. ' * 9}</p>"
        if known and known.etag == etag:
            return Fetched(url, url, None, 304, validators=Validators(etag))
        return Fetched(url, url, None, 200, body.encode(), validators=Validators(etag))

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_a_new_story_is_seen_behind_an_index_that_stays_the_same(
    library: Library, book: WatchBook, embedder: Any, tmp_path: Path
) -> None:
    site = IndexedSite()
    clock = SimpleNamespace(now=lambda: site.now, sleep=site.sleep)
    (tmp_path / "plan.yaml").write_text(f"sources: [{site.origin}/index.xml]")
    watcher = Watcher(
        load_plan(tmp_path / "plan.yaml"),
        book,
        WebReader(site, VisitBook(library.catalog.database), clock),
        lambda read: Ingester(library, embedder, read=read),
        clock,
    )
    for story in ("/first", "/second"):
        site.stories.append(story)
        watcher.run(once=True)
        site.now += timedelta(days=1)
    assert {one.url for one in library.catalog.articles()} == {
        f"{site.origin}/first", f"{site.origin}/second",
    }  # fmt: skip


def test_the_longest_address_is_kept_by_every_catalog(book: WatchBook) -> None:
    # Random, as PostgreSQL packs a key that repeats itself.
    chance = random.Random(7)
    path = "".join(chance.choices(string.ascii_letters + string.digits, k=LONGEST_ADDRESS_BYTES))
    # In lower case each of these has three bytes, not two.
    host = "".join(chance.choices("ȺȾİ", k=840))
    feed = "https://a.example/feed"
    for address in (f"https://a.example/{path}"[:LONGEST_ADDRESS_BYTES], f"https://{host}.example"):
        listed = json.dumps({"items": [{"url": address}, {"url": address + "/" + path}]})
        links = settle_links(read_json_feed(listed.encode(), feed), feed).links
        assert book.polled(feed, [Visit(feed, Outcome.READ, NOON)], links, NOON + HOUR) == 1


BAD_PLANS = {
    "no sources": "every: 5m",
    "an empty list": "sources: []",
    "a bad span": "every: soon\nsources: [https://a.example/feed]",
    "a bad address": "sources: [ftp://a.example/feed]",
    "too long an address": f"sources: [https://a.example/{'x' * 2000}]",
    "an unknown name": "sources: [https://a.example/feed]\nevry: 5m",
    "twice the same": "sources: [https://a.example/feed, 'https://a.example/feed?utm_source=x']",
    "no mapping": "- https://a.example/feed",
    "no YAML": "sources: [",
    "code": "sources: !!python/object/apply:os.system [true]",
}


@pytest.mark.parametrize("name", BAD_PLANS)
def test_a_bad_plan_is_wrong_use_with_its_place(tmp_path: Path, name: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(BAD_PLANS[name])
    with pytest.raises(UsageError, match=r"plan\.yaml"):
        load_plan(path)


def test_a_plan_says_how_often_and_how_far_back(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(
        "every: 5m\nsources:\n- https://a.example/feed\n"
        "- {url: https://a.example/map.xml, every: 1d, outlet: A, content: feed, max_age: 2d}\n"
    )
    plan = load_plan(path)
    assert [plan.every_of(one) for one in plan.sources] == [timedelta(minutes=5), timedelta(days=1)]
    assert plan.max_age_of(plan.sources[1]) == timedelta(days=2)

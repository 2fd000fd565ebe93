"""A news site on loopback that has a week of news in it, and everything that goes wrong with sites.

What it shows depends on its clock alone: stories appear, are edited, corrected, moved, withdrawn.
By hand: `python tests/news_site.py [--speed 3600]`, which lets an hour pass in a second.
"""

from __future__ import annotations

import argparse
import email.utils
import gzip
import hashlib
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

START = datetime(2024, 3, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CORRECTION = "Correction: An earlier version of this article gave a wrong sum for the work."
BOMB = gzip.compress(b"\x00" * 60_000_000, 9)

_PLACES = "Northpier Eastquay Millbrook Harrowgate Stonefield Larkhill Fenwick Oldbridge".split()
_BODIES = ["the council", "the harbour board", "the school trust", "the water company",
           "the tenants' union", "the county court", "the rail operator", "the museum"]  # fmt: skip
_VERBS = ["approved", "rejected", "postponed", "published", "withdrew", "praised", "questioned"]
_THINGS = ["a plan for the new tram line", "the yearly budget", "a report on flooding",
           "the sale of the old brewery", "the repair of the sea wall", "a change of the bus fares",
           "the closing of two libraries", "an inquiry into the blackout"]  # fmt: skip
_NAMES = "Ada Quill,Bram Oster,Cleo Marsh,Dov Hale,Esme Tarn,Finn Rowe,Gita Lund".split(",")


@dataclass(frozen=True)
class Story:
    """One story and all that will happen to it."""

    slug: str
    kind: str
    """What happens: plain, edited, corrected, retracted, moved, withdrawn, lost, home, …"""
    published: datetime
    title: str
    paragraphs: tuple[str, ...]
    author: str
    changes_at: datetime | None = None
    section: str = "/story"

    def path(self, at: datetime) -> str:
        if self.kind == "moved" and self.has_changed(at):
            return f"/news/{self.slug}"
        return f"{self.section}/{self.slug}"

    def has_changed(self, at: datetime) -> bool:
        return self.changes_at is not None and at >= self.changes_at

    def text(self, at: datetime) -> tuple[str, ...]:
        if not self.has_changed(at):
            return self.paragraphs
        if self.kind == "edited":
            return (*self.paragraphs, f"{self.author} said later that the vote would be repeated.")
        if self.kind == "corrected":
            return (self.paragraphs[0].replace("11", "14"), *self.paragraphs[1:], CORRECTION)
        if self.kind == "retracted":
            return ("This article has been retracted because its central claim was wrong.",)
        return self.paragraphs

    def headline(self, at: datetime) -> str:
        is_retracted = self.kind == "retracted" and self.has_changed(at)
        return f"Retracted: {self.title}" if is_retracted else self.title

    def is_gone(self, at: datetime) -> bool:
        return self.kind in {"withdrawn", "lost", "home"} and self.has_changed(at)


class Seen(NamedTuple):
    """One request."""

    path: str
    status: int
    etag: str | None
    agent: str
    at: datetime


KINDS = (
    "plain edited plain corrected moved plain retracted withdrawn lost plain latin amp flaky home "
    "edited plain throttled"
).split()


def plan_week(days: int = 7, per_day: int = 8, seed: int = 7) -> list[Story]:
    """The stories of a week."""
    rng = random.Random(seed)
    stories = []
    for number in range(days * per_day):
        kind = KINDS[number % len(KINDS)]
        published = (
            START + DAY * (number // per_day) + HOUR * (7 + 12 * (number % per_day) / per_day)
        )
        published = published.replace(microsecond=0, second=0)
        place, body = rng.choice(_PLACES), rng.choice(_BODIES)
        thing, author = rng.choice(_THINGS), rng.choice(_NAMES)
        title = f"{place}: {body} {rng.choice(_VERBS)} {thing} ({number})"
        lead = (
            f"In {place}, {body} {rng.choice(_VERBS)} {thing} on {published:%A}, "
            f"a decision that will cost 11 million crowns in case {number}."
        )
        told = [lead, *(_paragraph(rng) for _ in range(rng.randint(4, 7)))]
        if kind == "latin":
            told.append("Der Bürgermeister von Größenau grüßte „herzlich“ – für 20 € Eintritt.")
        changes = published + HOUR * rng.choice([2, 5, 20, 30]) if kind not in {
            "plain", "latin", "amp", "flaky", "throttled"} else None  # fmt: skip
        stories.append(
            Story(f"case-{number}", kind, published, title, tuple(told), author, changes)
        )
    text = "Nobody may read this page, which robots.txt forbids to everyone."
    place = START + 9 * HOUR
    secret = Story("secret", "forbidden", place, "A secret", (text,), "X", None, "/private")
    return [*stories, secret]


def _paragraph(rng: random.Random) -> str:
    return (
        f"{rng.choice(_NAMES)} of {rng.choice(_BODIES)} said in {rng.choice(_PLACES)} that "
        f"they {rng.choice(_VERBS)} {rng.choice(_THINGS)} after "
        f"{rng.randint(2, 90)} meetings and {rng.randint(100, 999)} letters."
    )


@dataclass
class NewsSite:
    """The site; `clock` tells its time."""

    clock: Callable[[], datetime]
    stories: list[Story] = field(default_factory=plan_week)
    crawl_delay: float = 2.0
    inside: str = "http://127.0.0.1:9/secret"
    """A private address that some of its redirects point at."""
    slow_seconds: float = 3.0
    seen: list[Seen] = field(default_factory=list)
    origin: str = ""
    _asked: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Serve until the block ends; gives the origin."""
        site = self

        class Handler(_Handler):
            owner = site

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self.origin
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def sources(self) -> list[str]:
        """What a watcher is told to watch."""
        paths = ["/feed.xml", "/atom.xml", "/feed.json", "/sitemap-index.xml", "/broken.xml"]
        return [self.origin + path for path in paths]

    def count(self, key: str) -> int:
        with self._lock:
            self._asked[key] += 1
            return self._asked[key]

    def note(self, seen: Seen) -> None:
        with self._lock:
            self.seen.append(seen)

    def out(self, at: datetime) -> list[Story]:
        return [one for one in self.stories if one.published <= at]

    def listed(self, at: datetime) -> list[Story]:
        """What a feed lists: the newest, but for those that are gone."""
        return [one for one in self.out(at) if not one.is_gone(at)][-24:][::-1]

    # Pages.

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        at = self.clock()
        fixed = getattr(self, "_page_" + path.strip("/").replace(".", "_").replace("-", "_"), None)
        if fixed is not None:
            return fixed(at)
        for story in self.out(at):
            if found := self._answer_story(story, path, at):
                return found
        return 404, {}, b"no such page"

    def _answer_story(
        self, story: Story, path: str, at: datetime
    ) -> tuple[int, dict[str, str], bytes] | None:
        place = story.path(at)
        if path == f"/amp{place}" and story.kind == "amp":
            return self._page_of(story, at, is_twin=True)
        if path != place:
            is_old = path == f"{story.section}/{story.slug}" and story.kind == "moved"
            return (301, {"Location": place}, b"") if is_old else None
        if story.is_gone(at):
            status = {"withdrawn": 410, "lost": 404, "home": 302}[story.kind]
            return status, {"Location": "/"} if status == 302 else {}, b"gone"
        if story.kind == "flaky" and self.count(path) <= 2:
            return 500, {}, b"try again"
        if story.kind == "throttled" and self.count(path) <= 1:
            return 429, {"Retry-After": "120"}, b"slow down"
        return self._page_of(story, at)

    def _page_of(
        self, story: Story, at: datetime, *, is_twin: bool = False
    ) -> tuple[int, dict[str, str], bytes]:
        text = "".join(f"<p>{escape(part)}</p>" for part in story.text(at))
        title = escape(story.headline(at))
        # A twin has another head and no facts of its own.
        facts = "" if is_twin else (
            '<meta property="article:published_time" '
            f'content="{story.published:%Y-%m-%dT%H:%M:%SZ}">'
            f'<meta name="author" content="{story.author}">'
        )  # fmt: skip
        page = (
            "<!doctype html><html lang='en'><head>"
            f"<title>{title} | Loopback News</title>{facts}"
            f'<link rel="canonical" href="{self.origin}{story.path(at)}?utm_source=canonical">'
            f'<meta property="og:site_name" content="Loopback News"></head><body>'
            f"<nav><a href='/'>Home</a> <a href='/feed.xml'>Feed</a></nav><article><h1>{title}</h1>"
            f"{text}</article><footer>All rights reserved. {story.slug}</footer></body></html>"
        )
        if story.kind == "latin":
            # Its header lies: the bytes are Windows-1252.
            return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode("cp1252")
        changed = (
            story.changes_at if story.has_changed(at) and story.changes_at else story.published
        )
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Last-Modified": email.utils.format_datetime(changed, usegmt=True),
        }
        return 200, headers, page.encode()

    def _page_robots_txt(self, _: datetime) -> tuple[int, dict[str, str], bytes]:
        rules = f"User-agent: *\nDisallow: /private/\nCrawl-delay: {self.crawl_delay}\n"
        return 200, {"Content-Type": "text/plain"}, rules.encode()

    def _page_feed_xml(self, at: datetime) -> tuple[int, dict[str, str], bytes]:
        items = "".join(
            f"<item><title>{escape(one.headline(at))}</title>"
            f"<link>{self.origin}{one.path(at)}?utm_source=rss&amp;utm_medium=feed</link>"
            f"<guid>{one.slug}</guid>"
            f"<pubDate>{email.utils.format_datetime(one.published)}</pubDate></item>"
            for one in self.listed(at)
        )
        traps = "".join(
            f"<item><title>{name}</title><link>{self.origin}/{name}</link></item>"
            for name in ("bomb", "inward", "metadata", "loop", "picture", "slow")
            if at >= START + 10 * HOUR
        )
        traps += "<item><title>f</title><link>file:///etc/passwd</link></item>"
        feed = (
            '<?xml version="1.0"?><rss version="2.0"><channel><title>Loopback News</title>'
            f"<link>{self.origin}/</link>{items}{traps}</channel></rss>"
        )
        return 200, {"Content-Type": "application/rss+xml"}, feed.encode()

    def _page_atom_xml(self, at: datetime) -> tuple[int, dict[str, str], bytes]:
        def changed(one: Story) -> datetime:
            return one.changes_at if one.has_changed(at) and one.changes_at else one.published

        entries = "".join(
            f"<entry><title>{escape(one.headline(at))}</title><id>tag:loopback,{one.slug}</id>"
            f'<link href="{"/amp" if one.kind == "amp" else ""}{one.path(at)}"/>'
            f"<published>{one.published:%Y-%m-%dT%H:%M:%SZ}</published>"
            f"<updated>{changed(one):%Y-%m-%dT%H:%M:%SZ}</updated></entry>"
            for one in self.listed(at)
        )
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Loopback</title>{entries}</feed>'
        return 200, {"Content-Type": "application/atom+xml"}, feed.encode()

    def _page_feed_json(self, at: datetime) -> tuple[int, dict[str, str], bytes]:
        items = ",".join(
            f'{{"id":"{one.slug}","url":"{self.origin}{one.path(at)}#top"}}'
            for one in self.listed(at)[:5]
        )
        feed = f'{{"version":"https://jsonfeed.org/version/1.1","title":"L","items":[{items}]}}'
        return 200, {"Content-Type": "application/feed+json"}, feed.encode()

    def _page_sitemap_index_xml(self, at: datetime) -> tuple[int, dict[str, str], bytes]:
        newest = max((one.published for one in self.out(at)), default=START)
        body = (
            '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            f"<sitemap><loc>{self.origin}/news-sitemap.xml.gz</loc>"
            f"<lastmod>{newest:%Y-%m-%dT%H:%M:%SZ}</lastmod></sitemap>"
            f"<sitemap><loc>{self.origin}/old-sitemap.xml</loc><lastmod>2001-01-01</lastmod></sitemap>"
            "</sitemapindex>"
        )
        return 200, {"Content-Type": "application/xml"}, body.encode()

    def _page_news_sitemap_xml_gz(self, at: datetime) -> tuple[int, dict[str, str], bytes]:
        urls = "".join(
            f"<url><loc>{self.origin}{one.path(at)}</loc><news:news><news:publication><news:name>"
            f"Loopback News</news:name></news:publication><news:publication_date>"
            f"{one.published:%Y-%m-%dT%H:%M:%SZ}</news:publication_date><news:title>"
            f"{escape(one.title)}</news:title></news:news></url>"
            for one in self.listed(at)
        )
        body = (
            '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
        )
        return 200, {"Content-Type": "application/gzip"}, gzip.compress(body.encode(), mtime=0)

    def _page_broken_xml(self, at: datetime) -> tuple[int, dict[str, str], bytes]:
        # Down for the second day, then well again.
        if START + DAY <= at < START + 2 * DAY:
            return 503, {"Retry-After": "3600"}, b"down"
        return self._page_feed_json(at)

    def _page_bomb(self, _: datetime) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, BOMB

    def _page_inward(self, _: datetime) -> tuple[int, dict[str, str], bytes]:
        return 302, {"Location": self.inside}, b""

    def _page_metadata(self, _: datetime) -> tuple[int, dict[str, str], bytes]:
        return 301, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""

    def _page_loop(self, _: datetime) -> tuple[int, dict[str, str], bytes]:
        return 302, {"Location": "/loop"}, b""

    def _page_picture(self, _: datetime) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Content-Type": "image/png"}, b"\x89PNG\r\n"

    def _page_slow(self, _: datetime) -> tuple[int, dict[str, str], bytes]:
        time.sleep(self.slow_seconds)
        return 200, {"Content-Type": "text/html"}, b"<p>At last, a page that came very late.</p>"

    def _page_(self, _: datetime) -> tuple[int, dict[str, str], bytes]:
        page = (
            '<html><head><title>Loopback News</title><link rel="alternate" '
            'type="application/rss+xml" href="/feed.xml"></head><body><p>News</p></body></html>'
        )
        return 200, {"Content-Type": "text/html"}, page.encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: NewsSite

    def do_GET(self) -> None:
        site, path = self.owner, urlsplit(self.path).path
        at = site.clock()
        status, headers, body = site.answer(path)
        etag = None
        if status == 200:
            etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            headers["ETag"] = etag
            if self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
        site.note(Seen(path, status, etag, self.headers.get("User-Agent", ""), at))
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):  # whoever asked has had enough
            self.close_connection = True

    def handle(self) -> None:
        with suppress(ConnectionResetError):
            super().handle()

    def log_message(self, *_: Any) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--speed", type=float, default=3600, help="site seconds in a real one")
    chosen = parser.parse_args()
    began = time.monotonic()
    site = NewsSite(lambda: START + timedelta(seconds=chosen.speed * (time.monotonic() - began)))
    with site.serve(chosen.port) as origin:
        lines = [f"export DATELINE_FETCH_ALLOW={urlsplit(origin).netloc}", *site.sources()]
        sys.stdout.write("\n".join(lines) + "\n")
        threading.Event().wait()


if __name__ == "__main__":
    main()

"""Fetching: where it goes, how politely, and how much it takes."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from index.errors import UsageError
from index.fetch.errors import FetchFailed, FetchRefused
from index.fetch.fetcher import Fetcher, Limits, Validators
from index.fetch.guard import AddressGuard
from index.fetch.settings import FetchSettings
from index.fetch.unpack import read_body

Answer = tuple[int, dict[str, str], bytes]


class Clock:
    """Lets time pass only where somebody waits."""

    def __init__(self) -> None:
        self.moment = datetime(2024, 3, 4, tzinfo=UTC)
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.moment += timedelta(seconds=seconds)


class Site:
    """Answers as a test says, and remembers who asked for what."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer | Callable[[], Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.origin = ""

    @property
    def place(self) -> tuple[str, int]:
        parts = urlsplit(self.origin)
        return parts.hostname or "", parts.port or 0

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked if path != "/robots.txt"]


@contextmanager
def serve() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append((self.path, dict(self.headers)))
            page = site.pages.get(self.path, (404, {}, b""))
            status, headers, body = page() if callable(page) else page
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:  # whoever asked has had enough
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fetcher(site: Site, clock: Clock) -> Iterator[Fetcher]:
    settings = FetchSettings(allowed=frozenset({site.place}), delay_seconds=1.0)
    limits = Limits(body_bytes=100_000, read_seconds=2, total_seconds=4)
    with Fetcher(settings, clock=clock, limits=limits) as fetcher:
        yield fetcher


PRIVATE = [
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::",
    "fe80::1", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::127.0.0.1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    guard = AddressGuard(resolve=lambda _host, _port: [address])
    with pytest.raises(FetchRefused, match=r"DATELINE_FETCH_ALLOW=news\.example:80"):
        guard.addresses("news.example", 80)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_connected_to(address: str) -> None:
    guard = AddressGuard(resolve=lambda _host, _port: [address, "10.0.0.1"])
    assert guard.addresses("news.example", 80) == [address]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://news.example/", "file:///etc/passwd", "gopher://news.example/", "http://",
        "http://user@news.example/", "http://user:pass@news.example/", "http://127.0.0.1/",
        "http://[::1]/", "http://[::ffff:10.0.0.1]/", "https://10.0.0.1:8443/", "http://a:99999/",
    ],
)  # fmt: skip
def test_an_address_that_may_never_be_fetched_is_refused_unasked(url: str) -> None:
    with pytest.raises(FetchRefused):
        AddressGuard().check(url)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "0"])
def test_other_spellings_of_loopback_are_resolved_and_refused(host: str) -> None:
    with pytest.raises((FetchRefused, FetchFailed)):
        AddressGuard().addresses(host, 80)


def test_an_allowance_is_for_one_host_and_one_port() -> None:
    guard = AddressGuard(frozenset({("10.0.0.1", 8080)}), resolve=lambda host, _: [host])
    guard.check("http://10.0.0.1:8080/")
    assert guard.addresses("10.0.0.1", 8080) == ["10.0.0.1"]
    for url in ("http://10.0.0.1/", "http://10.0.0.1:8081/", "http://10.0.0.2:8080/"):
        with pytest.raises(FetchRefused):
            guard.check(url)


def test_the_connection_goes_to_the_address_that_was_checked(site: Site, clock: Clock) -> None:
    lookups: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        lookups.append(host)
        return ["127.0.0.1"]

    host, port = "rebinding.example", site.place[1]
    guard = AddressGuard(frozenset({(host, port)}), resolve)
    site.pages |= {"/robots.txt": (200, {}, b""), "/a": (200, {}, b"page")}
    with Fetcher(FetchSettings(), clock=clock, guard=guard) as fetcher:
        assert fetcher.fetch(f"http://{host}:{port}/a").content == b"page"
    # No second look-up stands between the check and the connection.
    assert lookups == [host]
    assert site.asked[-1][1]["Host"] == f"{host}:{port}"


def test_a_redirect_inside_is_refused_at_its_hop(site: Site, fetcher: Fetcher) -> None:
    with serve() as inside:
        inside.pages["/secret"] = (200, {}, b"secret")
        for target in (f"{inside.origin}/secret", "http://169.254.169.254/", "file:///etc/passwd"):
            site.pages["/a"] = (302, {"Location": target}, b"")
            with pytest.raises(FetchRefused):
                fetcher.fetch(f"{site.origin}/a")
        assert inside.asked == []


def test_redirects_are_followed_so_far_and_tell_where_a_page_moved(
    site: Site, fetcher: Fetcher
) -> None:
    site.pages |= {
        "/a": (301, {"Location": "/b"}, b""),
        "/b": (302, {"Location": "/c"}, b""),
        "/c": (200, {}, b"here"),
        "/loop": (302, {"Location": "/loop"}, b""),
    }
    found = fetcher.fetch(f"{site.origin}/a")
    assert (found.content, found.final_url) == (b"here", f"{site.origin}/c")
    assert found.moved_to == f"{site.origin}/b"
    with pytest.raises(FetchRefused, match="redirects more than 5 times"):
        fetcher.fetch(f"{site.origin}/loop")


def test_a_redirect_to_an_address_of_thousands_of_bytes_is_refused(
    site: Site, fetcher: Fetcher
) -> None:
    site.pages["/a"] = (301, {"Location": "/" + "b" * 3_000}, b"")
    with pytest.raises(FetchRefused, match="more than 1,700 bytes"):
        fetcher.fetch(f"{site.origin}/a")


def test_what_did_not_change_is_not_sent_again(site: Site, fetcher: Fetcher) -> None:
    def page() -> Answer:
        known = site.asked[-1][1].get("If-None-Match") == '"1"'
        return (
            304 if known else 200,
            {"ETag": '"1"', "Last-Modified": "x"},
            b"" if known else b"p",
        )

    site.pages["/a"] = page
    first = fetcher.fetch(f"{site.origin}/a")
    assert first.validators == Validators('"1"', "x")
    assert fetcher.fetch(f"{site.origin}/a", first.validators).status == 304


ROBOTS = b"""User-agent: *
Disallow: /private/
Allow: /private/open
Disallow: /*.pdf$
User-agent: dateline
Disallow: /ours
Disallow: /private/
Crawl-delay: 7
"""


def test_robots_txt_is_obeyed_with_its_delay_and_asked_once_a_day(
    site: Site, fetcher: Fetcher, clock: Clock
) -> None:
    site.pages |= {path: (200, {}, b"page") for path in ("/a", "/b", "/ours/x", "/private/x")}
    site.pages["/robots.txt"] = (200, {}, ROBOTS)
    for path in ("/ours/x", "/private/x"):
        with pytest.raises(FetchRefused, match="robots"):
            fetcher.fetch(site.origin + path)
    fetcher.fetch(f"{site.origin}/a")
    fetcher.fetch(f"{site.origin}/b")
    assert site.paths() == ["/a", "/b"]
    assert clock.waits[-1] == pytest.approx(7)
    assert [path for path, _ in site.asked].count("/robots.txt") == 1
    clock.sleep(25 * 3600)
    fetcher.fetch(f"{site.origin}/a")
    assert [path for path, _ in site.asked].count("/robots.txt") == 2


@pytest.mark.parametrize(
    ("line", "seconds"),
    [(f"Request-rate: 1/{'9' * 400}", 60), (f"Request-rate: {'9' * 400}/1", 1),
     ("Crawl-delay: nan", 1)],
)  # fmt: skip
def test_a_delay_beyond_all_numbers_is_cut(
    site: Site, fetcher: Fetcher, clock: Clock, line: str, seconds: float
) -> None:
    site.pages |= {path: (200, {}, b"page") for path in ("/a", "/b")}
    site.pages["/robots.txt"] = (200, {}, f"User-agent: *\n{line}\n".encode())
    fetcher.fetch(f"{site.origin}/a")
    fetcher.fetch(f"{site.origin}/b")
    assert clock.waits[-1] == pytest.approx(seconds)


@pytest.mark.parametrize(("status", "is_open"), [(404, True), (403, True), (500, False)])
def test_a_missing_robots_txt_allows_and_a_broken_one_forbids(
    site: Site, fetcher: Fetcher, status: int, is_open: bool
) -> None:
    site.pages |= {"/robots.txt": (status, {}, b""), "/a": (200, {}, b"page")}
    if is_open:
        assert fetcher.fetch(f"{site.origin}/a").content == b"page"
    else:
        with pytest.raises(FetchFailed, match=r"robots\.txt"):
            fetcher.fetch(f"{site.origin}/a")
        assert site.paths() == []


def test_a_redirect_to_what_robots_forbid_is_refused(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {
        "/robots.txt": (200, {}, ROBOTS),
        "/a": (302, {"Location": "/private/x"}, b""),
        "/private/x": (200, {}, b"page"),
    }
    with pytest.raises(FetchRefused, match="robots"):
        fetcher.fetch(f"{site.origin}/a")
    assert site.paths() == ["/a"]


def test_a_failing_server_is_asked_again_after_growing_pauses(
    site: Site, fetcher: Fetcher, clock: Clock
) -> None:
    site.pages["/a"] = (500, {}, b"")
    with pytest.raises(FetchFailed, match="answered 500"):
        fetcher.fetch(f"{site.origin}/a")
    assert site.paths() == ["/a"] * 3
    assert [wait for wait in clock.waits if wait > 1] == [4]


def test_retry_after_is_waited_for_where_it_is_short(
    site: Site, fetcher: Fetcher, clock: Clock
) -> None:
    answers: Iterator[Answer] = iter([(429, {"Retry-After": "9"}, b""), (200, {}, b"page")])
    site.pages["/a"] = lambda: next(answers)
    assert fetcher.fetch(f"{site.origin}/a").content == b"page"
    assert 9 in clock.waits


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("9" * 5_000, 7 * 86_400), ("Mon, 01 Jan 99999999999999 00:00:00 GMT", None)],
)
def test_a_pause_beyond_all_numbers_is_a_failure_for_now(
    site: Site, fetcher: Fetcher, told: str, seconds: float | None
) -> None:
    site.pages["/a"] = (503, {"Retry-After": told}, b"")
    with pytest.raises(FetchFailed) as caught:
        fetcher.fetch(f"{site.origin}/a")
    assert caught.value.retry_after_seconds == seconds


def test_a_host_that_wants_a_long_pause_is_left_alone(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {"/a": (429, {"Retry-After": "3600"}, b""), "/b": (200, {}, b"page")}
    with pytest.raises(FetchFailed) as caught:
        fetcher.fetch(f"{site.origin}/a")
    assert caught.value.retry_after_seconds == 3600
    with pytest.raises(FetchFailed, match="asked for a pause"):
        fetcher.fetch(f"{site.origin}/b")
    assert site.paths() == ["/a"]


def test_bombs_and_long_answers_are_refused_without_unpacking_them(
    site: Site, fetcher: Fetcher
) -> None:
    zeros = gzip.compress(b"\0" * 30_000_000)
    packed = {"Content-Encoding": "gzip"}
    site.pages |= {
        "/bomb": (200, packed, zeros),
        "/file.gz": (200, {}, zeros),
        "/twice": (200, packed, gzip.compress(zeros)),
        "/long": (200, {}, b"x" * 200_000),
        "/deflate": (200, {"Content-Encoding": "deflate"}, zlib.compress(b"\0" * 30_000_000)),
        "/brotli": (200, {"Content-Encoding": "br"}, b"x"),
        "/picture": (200, {"Content-Type": "image/png"}, b"x"),
    }
    for path in site.pages:
        with pytest.raises(FetchRefused):
            fetcher.fetch(site.origin + path)


def test_a_bomb_costs_no_more_memory_than_the_limit() -> None:
    packed = gzip.compress(b"\0" * 50_000_000)
    tracemalloc.start()
    with pytest.raises(FetchRefused):
        read_body([packed], "gzip", 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_that_drips_is_given_up_in_time(clock: Clock, start: bytes) -> None:
    """In its headers or in its body: no silence is long, but it never ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()

        def drip() -> None:
            robots, _ = server.accept()
            with robots:
                robots.recv(10_000)
                robots.sendall(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n")
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(10_000)
                connection.sendall(start)
                for _ in range(100):
                    connection.sendall(b"a")
                    time.sleep(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        settings = FetchSettings(allowed=frozenset({(host, port)}))
        limits = Limits(read_seconds=1, total_seconds=0.3, tries=1)
        began = time.monotonic()
        with (
            Fetcher(settings, clock=clock, limits=limits) as fetcher,
            pytest.raises(FetchFailed, match=r"longer than|in time"),
        ):
            fetcher.fetch(f"http://{host}:{port}/a")
        assert time.monotonic() - began < 3
        thread.join()


def test_packed_answers_are_unpacked(site: Site, fetcher: Fetcher) -> None:
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    forms = {
        "gzip": gzip.compress(b"page"),
        "deflate": zlib.compress(b"page"),
        "Deflate": raw.compress(b"page") + raw.flush(),
        "identity": b"page",
    }
    for number, (encoding, body) in enumerate(forms.items()):
        site.pages[f"/{number}"] = (200, {"Content-Encoding": encoding}, body)
        assert fetcher.fetch(f"{site.origin}/{number}").content == b"page"
    site.pages["/cut"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"page" * 999)[:-9])
    with pytest.raises(FetchFailed):
        fetcher.fetch(f"{site.origin}/cut")


def test_all_members_of_a_gzip_file_are_unpacked(site: Site, fetcher: Fetcher) -> None:
    members = gzip.compress(b"first ") + gzip.compress(b"") + gzip.compress(b"second")
    packed = {"Content-Encoding": "gzip"}
    site.pages["/packed"] = (200, packed, members)
    site.pages["/file.gz"] = (200, {}, members + b"\0" * 9_000)
    for path in ("/packed", "/file.gz"):
        assert fetcher.fetch(site.origin + path).content == b"first second"
    # However the wire cuts them.
    single = [members[place : place + 1] for place in range(len(members))]
    assert read_body(single, "gzip", 12) == b"first second"
    with pytest.raises(FetchRefused):
        read_body(single, "gzip", 11)
    with pytest.raises(FetchFailed, match="breaks off"):
        read_body(single[:-1], "gzip", 12)


@pytest.mark.timeout(30)
def test_a_file_of_very_many_members_costs_little() -> None:
    assert read_body([gzip.compress(b"") * 250_000], "gzip", 100_000) == b""


def test_a_connection_that_breaks_off_is_a_failure_for_now(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = (200, {"Content-Length": "500", "Connection": "close"}, b"half")
    with pytest.raises(FetchFailed):
        fetcher.fetch(f"{site.origin}/a")


def test_settings_are_read_and_bad_ones_refused() -> None:
    read = FetchSettings.from_env(
        {
            "DATELINE_FETCH_ALLOW": "Intranet.example:8080, [::1]:80",
            "DATELINE_FETCH_CONTACT": "a@b.c",
        }
    )
    assert read.allowed == {("intranet.example", 8080), ("::1", 80)}
    assert read.user_agent == "Dateline/0.1 (+a@b.c)"
    for name, value in {
        "DATELINE_FETCH_ALLOW": "intranet.example",
        "DATELINE_FETCH_DELAY": "soon",
        "DATELINE_FETCH_CONTACT": "a\r\nX-Evil: 1",
    }.items():
        with pytest.raises(UsageError, match=name):
            FetchSettings.from_env({name: value})

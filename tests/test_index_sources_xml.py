"""Feeds, sitemaps, agencies' deliveries, exports and web archives, read by their content."""

from __future__ import annotations

import gzip
import json
import random
import time
from pathlib import Path

import pytest

from index.article import Article
from index.errors import SourceError
from index.failure import Failure
from index.items import Remark
from index.notice import NoticeKind
from index.sources import find_sources, read_articles
from index.sources.feed import is_json_feed, read_feed, read_json_feed
from index.sources.sitemap import read_sitemap
from index.sources.story_page import story_address
from index.urls import claimed_address
from index.web.content import advertised_feed

LEAD = "The harbour board voted on Tuesday to rebuild the northern pier before the winter storms."
SECOND = "Its chairwoman, Ada Quill, said that the work would cost eleven million crowns."


def read(path: Path, content: str | bytes) -> list[object]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (source,) = find_sources([str(path)])
    return list(read_articles(source))


def only_article(items: list[object]) -> Article:
    (article,) = items
    assert isinstance(article, Article), article
    return article


RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Harbour Wire</title>
<link>https://wire.example/</link><language>en-gb</language>
<item><title>Pier &amp; storms</title><link>/2024/pier?utm_source=rss</link>
<dc:creator>Ada Bell</dc:creator><pubDate>Tue, 05 Mar 2024 09:30:00 +0100</pubDate>
<description>Board votes.</description>
<content:encoded><![CDATA[{"".join(f"<p>{s}</p>" for s in (LEAD, SECOND) * 3)}]]></content:encoded>
</item>
<item><title>Teaser</title><link>https://wire.example/teaser</link>
<description>Only a line.</description></item>
<item><title>Bad</title><link>javascript:alert(1)</link></item>
</channel></rss>"""


def test_a_feed_lists_stories_with_what_it_says_of_each() -> None:
    found = read_feed(RSS.encode(), "https://wire.example/feed")

    first, second = found.links
    assert first.url == "https://wire.example/2024/pier?utm_source=rss"
    assert (first.title, first.outlet, first.byline) == (
        "Pier & storms",
        "Harbour Wire",
        "Ada Bell",
    )
    assert first.published
    assert first.published.isoformat() == "2024-03-05T08:30:00Z"
    assert first.content
    assert LEAD in first.content
    assert second.content is None
    assert second.published is None


def test_the_hint_of_a_link_moves_with_the_story_and_with_nothing_else() -> None:
    before = read_feed(RSS.encode(), "https://wire.example/feed").links
    again = read_feed(RSS.replace("Harbour Wire", "Other").encode(), "https://wire.example/f").links
    edited = read_feed(RSS.replace("eleven", "twelve").encode(), "https://wire.example/feed").links

    assert [one.hint for one in before] == [one.hint for one in again]
    assert before[0].hint != edited[0].hint
    assert before[1].hint == edited[1].hint


def test_atom_gives_updated_times_and_the_alternate_link() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Desk</title><entry>
      <title type="html">A &lt;b&gt;bold&lt;/b&gt; vote</title><id>tag:desk,2024:1</id>
      <link rel="alternate" href="https://desk.example/1"/>
      <published>2024-03-05T08:00:00Z</published><updated>2024-03-06T10:00:00Z</updated>
      </entry></feed>"""
    (link,) = read_feed(atom.encode(), "https://desk.example/atom").links
    assert link.url == "https://desk.example/1"
    assert link.updated
    assert link.updated.isoformat() == "2024-03-06T10:00:00Z"


def test_a_json_feed_is_read_and_broken_ones_are_refused() -> None:
    feed = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "Desk", "items": [
      {"id": "1", "url": "https://desk.example/1", "title": "Vote", "authors": [{"name": "B"}],
       "date_published": "2024-03-05T08:00:00Z", "content_text": "short"}, 7]}"""
    assert is_json_feed(feed)
    (link,) = read_json_feed(feed, "https://desk.example/feed.json").links
    assert (link.url, link.title, link.byline) == ("https://desk.example/1", "Vote", "B")
    odd = feed.replace(b'[{"name": "B"}]', b"5")
    assert [one.byline for one in read_json_feed(odd, "").links] == [None]
    for broken in (b"{", b"[]", b'{"items": 3}'):
        with pytest.raises(SourceError):
            read_json_feed(broken, "https://desk.example/feed.json")


UNFIT = [
    "https://desk.example/" + "x" * 2_000,
    "https://desk.example/" + "ж" * 900,
    "https://desk.example/\0",
    "https://desk.example/\ud800",
    "https://[desk.example/",
]


@pytest.mark.parametrize("address", UNFIT)
def test_an_address_that_no_catalog_could_keep_is_passed_over(address: str) -> None:
    items = [{"url": address}, {"url": "/good"}]
    feed = json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode()
    found = read_json_feed(feed, "https://desk.example/feed.json")
    assert [link.url for link in found.links] == ["https://desk.example/good"]
    assert claimed_address("https://desk.example/a", address) is None
    advert = f'<link rel="alternate" type="application/rss+xml" href="{address}">'
    assert advertised_feed(advert, "https://desk.example/a") is None


def test_a_feed_and_a_sitemap_name_no_address_of_thousands_of_characters() -> None:
    for address in UNFIT[:2]:
        rss = f"<rss><channel><item><link>{address}</link></item></channel></rss>"
        assert read_feed(rss.encode(), "https://desk.example/feed.xml").links == ()
    places = "".join(f"<url><loc>{one}</loc></url>" for one in (*UNFIT[:2], "https://a.example/1"))
    found = read_sitemap(f"<urlset>{places}</urlset>".encode())
    assert [link.url for link in found.links] == ["https://a.example/1"]


def test_an_nitf_id_that_no_catalog_could_keep_is_a_failure(tmp_path: Path) -> None:
    story = f'<nitf><head><docdata><doc-id id-string="{"7" * 3_000}"/></docdata></head></nitf>'
    (failure,) = read(tmp_path / "a.xml", story)
    assert isinstance(failure, Failure)
    assert failure.reason == "its doc-id is longer than 1,700 bytes"


def test_what_is_no_feed_is_refused_and_never_opened_as_a_path(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(RSS)
    for content in (str(tmp_path / "feed.xml").encode(), b"http://127.0.0.1:9/feed", b"words"):
        with pytest.raises(SourceError):
            read_feed(content, "https://wire.example/feed")


def test_a_news_sitemap_and_an_index_of_sitemaps_are_read() -> None:
    news = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>
      <loc>https://desk.example/1</loc><lastmod>2024-03-06</lastmod><news:news><news:publication>
      <news:name>Desk</news:name><news:language>en</news:language></news:publication>
      <news:publication_date>2024-03-05T08:00:00Z</news:publication_date>
      <news:title>Vote</news:title></news:news></url>
      <url><loc>ftp://desk.example/2</loc></url></urlset>"""
    (link,) = read_sitemap(news).links
    assert (link.url, link.outlet, link.title) == ("https://desk.example/1", "Desk", "Vote")
    assert link.published
    assert link.published.isoformat() == "2024-03-05T08:00:00Z"

    index = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>
      <loc>https://desk.example/news.xml.gz</loc><lastmod>2024-03-06</lastmod></sitemap>
      </sitemapindex>"""
    assert [one.url for one in read_sitemap(index).further] == ["https://desk.example/news.xml.gz"]


NITF = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "nitf-3-5.dtd"><nitf><head><title>Pier vote</title>
<docdata STATUS><doc-id id-string="HW-1" regsrc="HarbourWire"/>
<date.issue norm="20240305T093000+0100"/></docdata><pubdata name="Harbour Wire"/></head>
<body><body.head><hedline><hl1>Board votes for the pier</hl1></hedline>
<byline>By <person>Ada Bell</person></byline><dateline>HARBOURTON, March 5 (HW)</dateline>
</body.head>
<body.content><media media-type="image"><media-caption><p>A caption.</p></media-caption></media>
<block><p>{LEAD}</p><p>{SECOND}</p></block></body.content></body></nitf>"""


def test_nitf_becomes_an_article(tmp_path: Path) -> None:
    article = only_article(read(tmp_path / "a.xml", NITF.replace(" STATUS", "")))

    assert article.url == "urn:nitf:HarbourWire:HW-1"
    assert article.title == "Board votes for the pier"
    assert (article.outlet, article.byline) == ("Harbour Wire", "Ada Bell")
    assert article.dateline == "HARBOURTON, March 5 (HW)"
    assert article.published
    assert article.published.isoformat() == "2024-03-05T08:30:00Z"
    assert article.body.endswith(SECOND)
    assert "caption" not in article.body


def test_an_nitf_kill_takes_the_story_back(tmp_path: Path) -> None:
    killed = NITF.replace(" STATUS", ' management-status="canceled"')
    (remark,) = read(tmp_path / "kill.xml", killed)
    assert isinstance(remark, Remark)
    assert remark.url == "urn:nitf:HarbourWire:HW-1"
    assert remark.notice.kind is NoticeKind.RETRACTED


def newsml(
    status: str = "stat:usable", kind: str = "ninat:text", extra: str = "", version: int = 1
) -> str:
    return f"""<?xml version="1.0"?>
<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<newsItem guid="urn:newsml:hw.example:1" version="{version}" standard="NewsML-G2"><itemMeta>
<itemClass qcode="{kind}"/><provider qcode="nprov:HW"><name>Harbour Wire</name></provider>
<versionCreated>2024-03-0{4 + version}T10:00:00Z</versionCreated>
<firstCreated>2024-03-05T08:30:00Z</firstCreated><pubStatus qcode="{status}"/>{extra}</itemMeta>
<contentMeta><by>By Ada Bell</by><dateline>HARBOURTON</dateline><language tag="en"/>
<headline>Board votes for the pier</headline></contentMeta>
<contentSet><inlineXML contenttype="application/xhtml+xml">
<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{LEAD}</p><p>{SECOND}</p></body></html>
</inlineXML></contentSet></newsItem></itemSet></newsMessage>"""


def test_newsml_g2_becomes_an_article_and_pictures_do_not(tmp_path: Path) -> None:
    article = only_article(read(tmp_path / "a.xml", newsml()))
    assert article.url == "urn:newsml:hw.example:1"
    assert (article.outlet, article.byline, article.language) == ("Harbour Wire", "Ada Bell", "en")
    assert article.body.startswith("HARBOURTON -- The harbour board")
    assert read(tmp_path / "picture.xml", newsml(kind="ninat:picture")) == []


def test_newsml_g2_tells_corrections_retractions_and_embargoes(tmp_path: Path) -> None:
    signal = '<edNote>Corrects the cost</edNote><signal qcode="sig:correction"/>'
    article, remark = read(tmp_path / "c.xml", newsml(extra=signal, version=2))
    assert isinstance(article, Article)
    assert isinstance(remark, Remark)
    assert (remark.notice.kind, remark.notice.text) == (NoticeKind.CORRECTED, "Corrects the cost")

    (remark,) = read(tmp_path / "k.xml", newsml(status="stat:canceled"))
    assert isinstance(remark, Remark)
    assert remark.notice.kind is NoticeKind.RETRACTED

    embargoed = newsml(extra="<embargoed>2999-01-01T00:00:00Z</embargoed>")
    (failure,) = read(tmp_path / "e.xml", embargoed)
    assert isinstance(failure, Failure)
    assert "embargo" in failure.reason


WXR = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Pier Post</title>
<language>en-GB</language>{items}</channel></rss>"""


def post(number: int, status: str = "publish", kind: str = "post", text: str = "") -> str:
    body = text or f"{LEAD}\n\n[caption id='1']<img src='x'/> A caption[/caption]\n\n{SECOND}"
    return f"""<item><title>Vote {number}</title><link>https://pier.example/{number}</link>
<dc:creator>ada</dc:creator><content:encoded><![CDATA[{body}]]></content:encoded>
<wp:post_id>{number}</wp:post_id><wp:post_date_gmt>2024-03-05 08:30:00</wp:post_date_gmt>
<wp:post_modified_gmt>0000-00-00 00:00:00</wp:post_modified_gmt><wp:status>{status}</wp:status>
<wp:post_type>{kind}</wp:post_type>
<category domain="category"><![CDATA[Harbour]]></category></item>"""


def test_a_wordpress_export_gives_its_published_posts(tmp_path: Path) -> None:
    items = post(1) + post(2, status="draft") + post(3, kind="page") + post(4, text="One two")
    first, failure = read(tmp_path / "export.xml", WXR.format(items=items))

    assert isinstance(first, Article)
    assert first.url == "https://pier.example/1"
    assert (first.outlet, first.section, first.language) == ("Pier Post", "Harbour", "en-GB")
    assert first.published
    assert first.published.isoformat() == "2024-03-05T08:30:00Z"
    assert first.body == f"{LEAD}\n\n{SECOND}"
    assert isinstance(failure, Failure)
    assert "https://pier.example/4" in failure.source


def test_an_export_that_breaks_off_gives_what_stood_before(tmp_path: Path) -> None:
    whole = WXR.format(items=post(1) + post(2))
    first, failure = read(tmp_path / "export.xml", whole[: whole.index("Vote 2")])
    assert isinstance(first, Article)
    assert isinstance(failure, Failure)


def test_a_saved_feed_gives_the_stories_that_it_carries_whole(tmp_path: Path) -> None:
    first, failure = read(tmp_path / "saved.rss", RSS)
    assert isinstance(first, Article)
    assert (first.title, first.outlet) == ("Pier & storms", "Harbour Wire")
    assert isinstance(failure, Failure)
    assert "ingest the story's address" in failure.reason


BOMBS = {
    "laughs": '<!DOCTYPE nitf [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><nitf><p>&b;</p></nitf>',
    "a file": '<!DOCTYPE nitf [<!ENTITY a SYSTEM "file:///etc/hostname">]><nitf>&a;</nitf>',
    "parameter": '<!DOCTYPE nitf [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x">%a;]><nitf/>',
    "utf-16": '<!DOCTYPE nitf [<!ENTITY a "ha">]><nitf>&a;</nitf>',
    "in a feed": '<!DOCTYPE rss [<!ENTITY a "ha">]><rss version="2.0"><channel/></rss>',
}


@pytest.mark.parametrize("name", BOMBS)
def test_documents_with_entities_of_their_own_are_refused(tmp_path: Path, name: str) -> None:
    content = BOMBS[name].encode("utf-16" if name == "utf-16" else "utf-8")
    (failure,) = read(tmp_path / "bomb.xml", content)
    assert isinstance(failure, Failure)
    assert "entities" in failure.reason


def test_deep_and_endless_prologs_are_told_apart_in_linear_time(tmp_path: Path) -> None:
    started = time.process_time()
    for content in ("<!--" * 20_000, "<?" * 20_000, "<!DOCTYPE a [" * 9_000, "<a" + " " * 90_000):
        (failure,) = read(tmp_path / "odd.xml", content)
        assert isinstance(failure, Failure)
    assert time.process_time() - started < 2


def test_other_xml_is_refused_with_what_is_known(tmp_path: Path) -> None:
    for content in ("<svg/>", "<?xml version='1.0'?><urlset/>"):
        (failure,) = read(tmp_path / "x.xml", content)
        assert isinstance(failure, Failure)


def page(text: str, canonical: str = "") -> bytes:
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    return (
        f"<html><head><title>Vote</title>{link}</head><body><article><h1>Vote</h1>"
        f"<p>{text}</p><p>{SECOND}</p></article></body></html>"
    ).encode()


DAY = "2024-03-05T10:00:00Z"


def warc(
    records: list[tuple[str, str, str, bytes]], *, packed: bool = True, kept_at: str = DAY
) -> bytes:
    found = b""
    for number, (url, status, kind, body) in enumerate(records):
        answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body
        head = (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
            f"WARC-Date: {kept_at}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
            "Content-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(answer)}\r\n\r\n"
        )
        record = head.encode() + answer + b"\r\n\r\n"
        found += gzip.compress(record) if packed else record
    return found


@pytest.mark.parametrize("packed", [True, False])
def test_a_warc_gives_its_pages(tmp_path: Path, packed: bool) -> None:
    content = warc(
        [
            ("https://pier.example/a", "200 OK", "text/html; charset=utf-8", page(LEAD)),
            ("https://pier.example/b", "404 Not Found", "text/html", page(LEAD)),
            ("https://pier.example/c.png", "200 OK", "image/png", b"\x89PNG"),
            ("https://pier.example/d", "200 OK", "text/html", b"<html></html>"),
        ],
        packed=packed,
    )
    first, failure = read(tmp_path / "crawl.warc.gz", content)
    assert isinstance(first, Article)
    assert first.url == "https://pier.example/a"
    assert first.body.startswith(LEAD)
    assert isinstance(failure, Failure)
    assert "https://pier.example/d" in failure.source


def test_a_page_that_was_kept_before_the_calendar_is_read(tmp_path: Path) -> None:
    records = [("https://pier.example/a", "200 OK", "text/html", page(LEAD))]
    content = warc(records, kept_at="0001-01-01T00:00:00+14:00")
    assert only_article(read(tmp_path / "crawl.warc", content)).body.startswith(LEAD)


@pytest.mark.parametrize("packed", [True, False])
def test_a_warc_that_breaks_off_is_one_failure_at_its_end(tmp_path: Path, packed: bool) -> None:
    urls = ["https://pier.example/a", "https://pier.example/b"]
    # Random numbers keep the packed record long: the cut is far behind the page's beginning.
    chance = random.Random(7)
    story = " ".join(f"{LEAD} It got {chance.random()} votes." for _ in range(200))
    records = [(url, "200 OK", "text/html", page(story)) for url in urls]
    content = warc(records, packed=packed)
    whole = len(warc(records[:1], packed=packed))
    for cut in (whole + (len(content) - whole) // 2, len(content) - 200):
        first, failure = read(tmp_path / "crawl.warc.gz", content[:cut])
        assert isinstance(first, Article)
        assert first.url == urls[0]
        assert isinstance(failure, Failure)
        assert urls[1] in failure.source
        assert failure.reason == "the archive breaks off in the middle of the page"


@pytest.mark.parametrize("behind", [b"", b"junk behind the page"])
def test_a_packed_page_in_a_warc_is_whole_at_its_end(tmp_path: Path, behind: bytes) -> None:
    kind = "text/html\r\nContent-Encoding: gzip"
    body = gzip.compress(page(LEAD)) + behind
    items = read(tmp_path / "a.warc", warc([("https://pier.example/a", "200 OK", kind, body)]))
    assert only_article(items).body.startswith(LEAD)


def test_folders_take_archives_and_xml_but_no_other_gzip(tmp_path: Path) -> None:
    for name in ("a.warc.gz", "b.warc", "c.xml", "d.rss", "e.json.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b"x"))
    found = find_sources([str(tmp_path)])
    assert [one.path.name for one in found if one.path] == ["a.warc.gz", "b.warc", "c.xml", "d.rss"]


def test_a_page_may_claim_addresses_of_its_own_site_only() -> None:
    claims = {
        ("https://m.pier.example/a?utm_source=x", "https://www.pier.example/a"): True,
        ("https://pier.example/a/amp", "https://pier.example/a"): True,
        ("https://news.pier.example/a", "https://pier.example/a"): True,
        (
            "https://pier-example.cdn.ampproject.org/c/s/pier.example/a",
            "https://pier.example/a",
        ): True,
        ("https://evil.example/a", "https://pier.example/a"): False,
        ("https://pier.example.evil.net/a", "https://pier.example/a"): False,
        ("https://pier.example/a", "https://pier.example/"): False,
        ("http://pier.example:8080/a", "http://pier.example:9090/a"): False,
    }
    for (address, claimed), believed in claims.items():
        assert (story_address(address, claimed) == claimed) is believed, address


def test_a_day_that_only_the_markup_shows_is_a_guess(tmp_path: Path) -> None:
    body = page(LEAD).replace(
        b"<article>", b'<article><div class="post-date">Posted in news, March 5, 2024</div>'
    )
    article = only_article(read(tmp_path / "a.html", body))
    assert article.published
    assert article.published.isoformat() == "2024-03-05"
    assert article.published.is_guess

"""JSON, JSON lines and tables: fields by name or by mapping, one failure for each bad record."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.errors import UsageError
from index.sources import (
    Failure,
    FieldMapping,
    Source,
    canonical_url,
    find_sources,
    read_articles,
)

BODY = "The council of Karst voted on Thursday to close the bridge."


def read(
    path: Path, content: str | bytes, mapping: FieldMapping | None = None
) -> list[Article | Failure]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (source,) = find_sources([str(path)])
    return list(read_articles(source, mapping=mapping))


def article(path: Path, record: dict[str, object], mapping: FieldMapping | None = None) -> Article:
    (item,) = read(path, json.dumps(record), mapping)
    assert isinstance(item, Article), item
    return item


def test_the_contract_names_are_read(tmp_path: Path) -> None:
    item = article(tmp_path / "a.jsonl", {
        "url": "https://news.example/a", "title": "Bridge to close", "source": "Karst Gazette",
        "author": "By Jane Doe", "published_at": "2024-03-14T10:20:00+01:00",
        "modified_at": "2024-03-15", "section": "world", "language": "en_GB", "text": BODY,
    })  # fmt: skip
    assert (item.url, item.title, item.outlet) == (
        "https://news.example/a", "Bridge to close", "Karst Gazette",
    )  # fmt: skip
    assert (item.byline, item.section, item.language, item.body) == (
        "Jane Doe",
        "world",
        "en-GB",
        BODY,
    )
    assert item.published
    assert item.published.isoformat() == "2024-03-14T09:20:00Z"
    assert item.source.endswith("a.jsonl line 1")


@pytest.mark.parametrize("kind", ["list", "wrapped", "twice wrapped", "lines"])
def test_json_holds_its_articles_in_any_of_the_usual_ways(tmp_path: Path, kind: str) -> None:
    records = [{"headline": f"Title {n}", "content": BODY} for n in range(3)]
    content = {
        "list": json.dumps(records),
        "wrapped": json.dumps({"status": "ok", "articles": records}),
        "twice wrapped": json.dumps({"response": {"docs": records}}),
        "lines": "\n".join(map(json.dumps, records)),
    }[kind]
    items = read(tmp_path / "a.json", content)
    assert [item.title for item in items if isinstance(item, Article)] == [
        "Title 0", "Title 1", "Title 2",
    ]  # fmt: skip


def test_wrapped_and_escaped_values_are_opened(tmp_path: Path) -> None:
    item = article(tmp_path / "a.json", {
        "title": {"rendered": "Smith &amp; Sons"}, "source": {"id": None, "name": "Karst Gazette"},
        "authors": [{"name": "Jane Doe"}, {"name": "John Roe"}], "publishedAt": 1710411600,
        "content": "<p>One &amp; all went\nhome.</p><p hidden>Unseen.</p><p>Two<br>stayed.</p>",
    })  # fmt: skip
    assert (item.title, item.outlet, item.byline) == (
        "Smith & Sons",
        "Karst Gazette",
        "Jane Doe, John Roe",
    )
    assert item.body == "One & all went home.\n\nTwo\n\nstayed."
    assert item.published
    assert item.published.isoformat() == "2024-03-14T10:20:00Z"


def test_a_bad_record_is_one_failure_and_the_rest_goes_on(tmp_path: Path) -> None:
    lines = [
        json.dumps({"title": "A", "body": BODY}),
        "{not json",
        "",
        json.dumps([1]),
        json.dumps({"title": "B", "body": BODY, "published_at": "yesterday-ish"}),
        json.dumps({"title": "C"}),
        json.dumps({"title": True, "body": BODY}),
        json.dumps({"title": "D", "body": " \n"}),
        json.dumps({"title": "E", "body": "Two words"}),
        json.dumps({"url": "javascript:alert(1)", "body": BODY}),
        "[" * 100_000,
        "9" * 5000,
        json.dumps({"title": "Z", "body": BODY}),
    ]
    items = read(tmp_path / "a.jsonl", "\n".join(lines))
    assert [i.title for i in items if isinstance(i, Article)] == ["A", "Z"]
    failures = {i.source.rpartition(" ")[2]: i.reason for i in items if isinstance(i, Failure)}
    assert list(failures) == ["2", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
    assert 'published_at: "yesterday-ish"' in failures["5"]
    assert "body" in failures["6"]
    assert failures["7"].startswith("title: expected text, found true or false")
    assert "nested too deep" in failures["11"]
    assert all(reason.isprintable() for reason in failures.values())


def test_lone_surrogates_are_removed(tmp_path: Path) -> None:
    record = {"title": "a\ud800b", "url": "https://x.example/\udfff", "body": f"{BODY} \ud83d"}
    line = json.dumps(record)  # escaped, as programs write them
    (item,) = read(tmp_path / "a.jsonl", line)
    assert isinstance(item, Article)
    assert (item.title, item.url, item.body) == ("ab", "https://x.example/", BODY)


def test_a_file_of_lines_that_are_no_json_is_given_up(tmp_path: Path) -> None:
    items = read(tmp_path / "a.jsonl", "plain words\n" * 10_000)
    assert len(items) == 101
    assert isinstance(items[-1], Failure)
    assert "given up" in items[-1].reason


def test_a_line_that_is_too_long_is_one_failure(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [json.dumps({"body": "x " * 1000}), json.dumps({"body": BODY})]
    path.write_text("\n".join(lines))
    (source,) = find_sources([str(path)])
    bad, good = read_articles(source, limit_bytes=1000)
    assert isinstance(bad, Failure)
    assert bad.source.endswith("line 1")
    assert isinstance(good, Article)


def test_standard_input_is_json_lines() -> None:
    stream = io.BytesIO(json.dumps({"id": "7", "body": BODY}).encode() + b"\nnonsense\n")
    good, bad = read_articles(Source("-", None, None, stream))
    assert isinstance(good, Article)
    assert (good.url, good.source) == ("stdin:#id=7", "stdin line 1")
    assert isinstance(bad, Failure)
    assert bad.source == "stdin line 2"


def test_records_without_an_address_keep_their_name_when_reordered(tmp_path: Path) -> None:
    records: list[dict[str, object]] = [
        {"id": "a 1", "title": "One", "body": BODY},
        {"title": "Two", "published_at": "2024-03-14", "body": BODY},
        {"title": "Two", "body": BODY},
        {"title": "Two", "body": f"{BODY} Later."},
    ]
    path = tmp_path / "a.json"
    first = {i.url for i in read(path, json.dumps(records)) if isinstance(i, Article)}
    second = {i.url for i in read(path, json.dumps(records[::-1])) if isinstance(i, Article)}
    assert first == second
    assert len(first) == 4
    assert f"{path.as_uri()}#id=a%201" in first


def test_an_edited_record_stays_the_same_article(tmp_path: Path) -> None:
    record: dict[str, object] = {"title": "Two", "published_at": "2024-03-14", "body": BODY}
    before = article(tmp_path / "a.json", record)
    after = article(tmp_path / "a.json", {**record, "body": f"{BODY} It was corrected."})
    assert before.article_id == after.article_id
    assert before.version != after.version


def test_the_users_mapping_comes_before_any_name(tmp_path: Path) -> None:
    mapping = FieldMapping.parse(
        ["body=payload.parts.1", "title = meta.head", "outlet=dotted.name"]
    )
    record: dict[str, object] = {
        "text": "Not this one at all.", "payload": {"parts": ["no", BODY]},
        "meta": {"head": "The title"}, "dotted.name": "Karst Gazette",
    }  # fmt: skip
    item = article(tmp_path / "a.json", record, mapping)
    assert (item.title, item.outlet, item.body) == ("The title", "Karst Gazette", BODY)


@pytest.mark.parametrize("assignment", ["body", "body=", "colour=red"])
def test_a_mapping_that_means_nothing_is_wrong_use(assignment: str) -> None:
    with pytest.raises(UsageError):
        FieldMapping.parse([assignment])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables_are_read_row_by_row(tmp_path: Path, delimiter: str) -> None:
    rows = ["Title,Text,Pub Date", f'"A, and b","{BODY}\nMore of it.",2024-03-14', "", "bad,row",
            f"C,{BODY},someday", f"D,{BODY},"]  # fmt: skip
    content = "\n".join(rows).replace(",", delimiter).replace(f"A{delimiter}", "A,")
    items = read(tmp_path / "a.csv", "\ufeff" + content)
    first, short, dateless, last = items
    assert isinstance(first, Article)
    assert (first.title, first.body) == ("A, and b", f"{BODY}\n\nMore of it.")
    assert isinstance(short, Failure)
    assert short.source.endswith("line 5")
    assert isinstance(dateless, Failure)
    assert isinstance(last, Article)
    assert last.published is None


def test_a_table_without_a_text_says_so(tmp_path: Path) -> None:
    (item,) = read(tmp_path / "a.csv", "name,colour\na,b\n")
    assert isinstance(item, Failure)
    assert "name, colour" in item.reason


def test_long_stories_fit_into_a_table(tmp_path: Path) -> None:
    story = " ".join(f"Sentence number {n} of the story." for n in range(8000))
    (item,) = read(tmp_path / "a.csv", f'title,body\nA,"{story}"\n')
    assert isinstance(item, Article)
    assert item.body == story


def test_an_open_quotation_mark_does_not_lose_a_table_silently(tmp_path: Path) -> None:
    good, bad = read(tmp_path / "a.csv", f'title,body\nA,{BODY}\n"B,{BODY}\nC,{BODY}\n')
    assert isinstance(good, Article)
    assert isinstance(bad, Failure)
    assert "quotation mark" in bad.reason


def test_lines_in_other_encodings_are_read(tmp_path: Path) -> None:
    line = json.dumps(
        {"body": "Das Café in der Straße schließt für größere Gruppen."}, ensure_ascii=False
    )
    for encoding in ("cp1252", "utf-16", "utf-8-sig"):
        (item,) = read(tmp_path / "a.jsonl", line.encode(encoding))
        assert isinstance(item, Article), encoding
        assert "Café in der Straße" in item.body


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("HTTP://News.Example:80/A?utm_source=x&id=3&fbclid=y#top", "http://news.example/A?id=3"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example:8443/a/?q=", "https://news.example:8443/a/?q="),
        ("https://me:secret@news.example./a", "https://news.example/a"),
        ("urn:newsml:karst:42", "urn:newsml:karst:42"),
        ("http://[broken/a", "http://[broken/a"),
    ],
)
def test_addresses_have_one_spelling(given_url: str, expected: str) -> None:
    assert canonical_url(given_url) == expected


@given(st.from_regex(r"https?://[a-z]{1,5}(:\d{1,4})?(/[a-z?&=#%_]{0,9}){0,3}", fullmatch=True))
def test_a_canonical_address_is_its_own(url: str) -> None:
    assert canonical_url(canonical_url(url)) == canonical_url(url)

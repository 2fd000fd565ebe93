"""Input that was made to break a reader: each file is one clear failure, and the rest is read."""

import os
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.article import Article
from index.sources import Failure, find_sources, read_articles
from index.sources.markdown import strip_markdown
from index.sources.xml_files import root_name

BODY = "The council of Karst voted on Thursday to close the bridge."
SUFFIXES = ("txt", "md", "html", "json", "jsonl", "csv")


def read(folder: Path) -> dict[str, Article | Failure]:
    """The last item of each file, by its name."""
    return {
        source.path.name: item
        for source in find_sources([str(folder)])
        for item in read_articles(source)
        if source.path
    }


def reason(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    item = read(folder)[name]
    assert isinstance(item, Failure), item
    assert item.reason.isprintable()
    return item.reason


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_binary_junk_is_named_so(tmp_path: Path, suffix: str) -> None:
    junk = random.Random(7).randbytes(20_000)
    assert "binary data" in reason(tmp_path, f"a.{suffix}", junk)


@pytest.mark.parametrize(
    ("start", "named"),
    [(b"%PDF-1.7\n", "PDF"),
     (b"\x89PNG\r\n", "PNG"), (b"\x1f\x8b\x08", "gzip"), (b"{\\rtf1", "RTF"),
     (b"\0\0\0\x20ftypisom", "video"), (b"\0" * 500, "binary")],
)  # fmt: skip
def test_other_formats_are_recognised(tmp_path: Path, start: bytes, named: str) -> None:
    assert named in reason(tmp_path, "a.txt", start + b" and more words follow here")


def test_a_zip_named_txt_is_recognised(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "zip.txt", "w") as archive:
        archive.writestr("a.txt", BODY)
    item = read(tmp_path)["zip.txt"]
    assert isinstance(item, Failure)
    assert "ZIP" in item.reason


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(200_000_000)  # sparse: it takes no room
        file.seek(0)
        file.write(b"words " * 2000)
    item = read(tmp_path)["a.txt"]
    assert isinstance(item, Failure)
    assert item.reason.startswith("it is 200.0 MB long, more than the 20 MB allowed")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000])
def test_deep_json_is_a_failure(tmp_path: Path, text: str) -> None:
    assert "nested too deep" in reason(tmp_path, "a.json", text.encode())


@pytest.mark.parametrize(
    "text", ["", " \n\t\n", "Hi.", "\u200b\u202e\ufeff", "Advertisement\n\n* * *"]
)
def test_a_file_without_words_is_a_failure(tmp_path: Path, text: str) -> None:
    assert reason(tmp_path, "a.txt", text.encode())


def test_yaml_that_multiplies_is_refused(tmp_path: Path) -> None:
    front = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"
    assert "aliases" in reason(tmp_path, "a.md", f"---\n{front}\n---\n{BODY}".encode())


@pytest.mark.parametrize(
    "front", ['title: "x', "date: yesterday-ish", "title: {a: {b: c}}", "a: b: c"]
)
def test_bad_front_matter_is_a_failure(tmp_path: Path, front: str) -> None:
    assert reason(tmp_path, "a.md", f"---\n{front}\n---\n{BODY}".encode())


def test_python_objects_in_yaml_stay_words(tmp_path: Path) -> None:
    front = "title: !!python/object/apply:os.system [true]"
    (tmp_path / "a.md").write_text(f"---\n{front}\n---\n{BODY}")
    item = read(tmp_path)["a.md"]
    assert isinstance(item, Article)
    assert item.title == "true"


def test_pipes_devices_and_broken_links_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "null.txt").symlink_to("/dev/null")
    (tmp_path / "good.txt").write_text(BODY)
    items = read(tmp_path)
    reasons = {name: item.reason for name, item in items.items() if isinstance(item, Failure)}
    assert reasons == {
        "pipe.txt": "it is a named pipe, not a file",
        "null.txt": "it is a device, not a file",
        "broken.txt": "it is a link to a file that does not exist",
    }
    assert isinstance(items["good.txt"], Article)


def test_a_file_that_vanishes_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BODY)
    (source,) = find_sources([str(tmp_path)])
    (tmp_path / "a.txt").unlink()
    (item,) = read_articles(source)
    assert isinstance(item, Failure)


def test_a_folder_that_vanishes_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text(BODY)
    (tmp_path / "c.txt").write_text(BODY)
    sources = find_sources([str(tmp_path / "a"), str(tmp_path / "c.txt")])
    (tmp_path / "a" / "b.txt").unlink()
    (tmp_path / "a").rmdir()
    gone, there = (item for source in sources for item in read_articles(source))
    assert isinstance(gone, Failure)
    assert isinstance(there, Article)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_what_may_not_be_read_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut").chmod(0)
    (tmp_path / "a.txt").write_text(BODY)
    (tmp_path / "a.txt").chmod(0)
    items = read(tmp_path)
    (tmp_path / "shut").chmod(0o700)
    assert {name for name, item in items.items() if isinstance(item, Failure)} == {"shut", "a.txt"}


def test_many_empty_files_are_listed_quickly(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"{number}.txt").touch()
    items = read(tmp_path)
    assert len(items) == 1000
    assert {item.reason for item in items.values() if isinstance(item, Failure)} == {"it is empty"}


def test_messages_show_control_characters_escaped(tmp_path: Path) -> None:
    (tmp_path / "a\n\x1b[31m.txt").touch()
    (item,) = read(tmp_path).values()
    assert isinstance(item, Failure)
    assert item.source.endswith("a\\n\\x1b[31m.txt")


@pytest.mark.parametrize(
    "piece",
    [".", ". ", "-", "- ", "(", '"', "{{", "A.", "Nov. 1", "2023 ", "\n", "ab\n", "x \n\n", "[",
     "<",
     "*a ", "a\u0301\u0323", "\u0301\u0323", "By A, ", "a: b\n", "| ", "/A/. ", "By A | "],
)  # fmt: skip
def test_endless_patterns_take_linear_time(tmp_path: Path, piece: str) -> None:
    text = (piece * 200_000)[:200_000]
    (tmp_path / "a.txt").write_text(text)
    (tmp_path / "a.md").write_text(f"---\na: b\n---\n{text}")
    assert set(read(tmp_path)) == {"a.txt", "a.md"}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["<?a?>", "<!--a-->", "<!DOCTYPE a>"])
def test_a_prolog_without_an_element_takes_no_time(piece: str) -> None:
    assert root_name((piece * 1500 + "text").encode()) is None
    assert root_name((piece * 1500 + "<rss>").encode()) == "rss"


@pytest.mark.timeout(20)
def test_a_heading_with_many_blanks_takes_no_time() -> None:
    text = strip_markdown(f"# Harbour{' ' * 20_000}news ##  \n\n{BODY}")
    assert text.split() == ["Harbour", "news", *BODY.split()]


@pytest.mark.parametrize(
    "piece", ["<div>", "<b>", "<", "<!--", "<script>", "<p a=b ", "<table><tr><td>"]
)
def test_broken_markup_without_end_is_survived(tmp_path: Path, piece: str) -> None:
    (tmp_path / "a.html").write_text(f"<html><body><p>{BODY}</p>" + piece * 5000)
    assert len(read(tmp_path)) == 1


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda t: t.encode("utf-8", "ignore"))
)
def test_nothing_that_a_file_holds_raises(tmp_path: Path, content: bytes) -> None:
    for suffix in SUFFIXES:
        (tmp_path / f"a.{suffix}").write_bytes(content)
    for item in read(tmp_path).values():
        text = item.body if isinstance(item, Article) else item.reason
        text.encode("utf-8")
        assert "unforeseen" not in text

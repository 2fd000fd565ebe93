"""Arguments to sources."""

import io
import os
from pathlib import Path

import pytest

from index.errors import UsageError
from index.sources import Source, find_sources


def names(folder: Path, *arguments: str) -> list[str]:
    found = find_sources([str(folder / a) for a in arguments])
    return [str(s.path.relative_to(folder)) for s in found if s.path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "b.txt",
        "a.MD",
        "z/c.jsonl",
        "z/deep/d.html",
        "skip.png",
        ".hidden.txt",
        ".git/e.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("words")
    return tmp_path


def test_a_folder_is_walked_in_order_without_hidden_and_foreign_files(folder: Path) -> None:
    assert names(folder, "") == ["a.MD", "b.txt", "z/c.jsonl", "z/deep/d.html"]


def test_a_named_file_is_taken_whatever_its_suffix(folder: Path) -> None:
    assert names(folder, "skip.png", ".hidden.txt") == ["skip.png", ".hidden.txt"]


def test_a_glob_reaches_below_folders(folder: Path) -> None:
    assert names(folder, "**/*.html") == ["z/deep/d.html"]


def test_a_file_with_glob_characters_in_its_name_is_found_by_it(folder: Path) -> None:
    (folder / "q[1].txt").write_text("words")
    assert names(folder, "q[1].txt") == ["q[1].txt"]


def test_a_file_named_twice_is_read_once(folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder / "b.txt")
    assert names(folder, "b.txt", "", "b.txt", "link.txt").count("b.txt") == 1
    assert "link.txt" not in names(folder, "b.txt", "")


def test_links_that_loop_end(folder: Path) -> None:
    (folder / "z" / "up").symlink_to(folder)
    assert names(folder, "") == ["a.MD", "b.txt", "z/c.jsonl", "z/deep/d.html"]


@pytest.mark.parametrize(
    "argument", ["nothing.txt", "*.nothing", "nul\0.txt", "ftp://example.com/a"]
)
def test_what_is_not_there_is_wrong_use_before_anything_is_read(
    folder: Path, argument: str
) -> None:
    with pytest.raises(UsageError):
        find_sources([str(folder / "b.txt"), argument])


def test_a_source_has_a_uri_and_a_fingerprint_that_follows_the_file(folder: Path) -> None:
    (before,) = find_sources([str(folder / "b.txt")])
    assert before.key == (folder / "b.txt").as_uri()
    (folder / "b.txt").write_text("more words")
    (after,) = find_sources([str(folder / "b.txt")])
    assert before.fingerprint
    assert after.fingerprint != before.fingerprint


def test_standard_input_is_one_source_without_a_fingerprint() -> None:
    stream = io.BytesIO(b"")
    assert list(find_sources(["-", "-"], stream)) == [Source("-", None, None)]


def test_a_path_with_newlines_is_named_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a\nb\x1b[31m.txt"
    path.write_text("words")
    (source,) = find_sources([str(tmp_path)])
    assert source.label.endswith("a\\nb\\x1b[31m.txt")
    assert source.key.endswith("a%0Ab%1B%5B31m.txt")


def test_a_path_that_is_not_utf8_is_named_too(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.txt"
    try:
        Path(os.fsdecode(path)).write_text("words")
    except OSError:
        pytest.skip("this file system takes no such names")
    (source,) = find_sources([str(tmp_path)])
    assert source.key.endswith("%FF.txt")
    assert source.label.isprintable()

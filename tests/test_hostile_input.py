"""Hostile files and questions through the command line; `hostile_trial.py` is the long version."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from runpy import run_path
from typing import Any, NamedTuple

import pytest

from bot.__main__ import main
from index.failure import printable
from index.intake import read_windows
from index.sources import find_sources, read_articles

pytestmark = pytest.mark.slow  # one ingest and one batch, some seconds each

# Run, not imported: the folder of tests is no package.
HOSTILE = run_path(str(Path(__file__).with_name("hostile_files.py")))
# Those that may be read or refused are for the trial: some of them are long to embed.
TRAPS = [one for one in HOSTILE["traps"]() if one.outcome != "either" and not one.is_large]
REFUSED = [one.name for one in TRAPS if one.outcome == "refused"]
READ = [one.name for one in TRAPS if one.outcome == "read"]
EMPTY = 300


class Finished(NamedTuple):
    code: int
    stdout: str
    stderr: str


def dateline(*arguments: str | Path) -> Finished:
    stdout, stderr = io.StringIO(), io.StringIO()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        code = main([str(argument) for argument in arguments])
    return Finished(code, stdout.getvalue(), stderr.getvalue())


@pytest.fixture(scope="module", autouse=True)
def _no_settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("DATELINE_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "news"
    (folder / "empty").mkdir(parents=True)
    for trap in TRAPS:
        trap.make(folder / trap.name)
    for number in range(EMPTY):
        (folder / "empty" / f"{number}.txt").touch()
    (folder / "loop").symlink_to("..")
    for name, text in HOSTILE["GOOD"].items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def library(news: Path) -> Path:
    return news.parent / "library"


@pytest.fixture(scope="module")
def ingested(news: Path, library: Path) -> Finished:
    return dateline("ingest", news, "--library", library, "--json")


@pytest.fixture(scope="module")
def failed(ingested: Finished) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(ingested.stdout)["failed"]
    return found


def reasons(failed: list[dict[str, str]], name: str) -> list[str]:
    return [one["reason"] for one in failed if f"/{printable(name)}" in one["source"]]


def test_a_folder_of_hostile_files_is_partly_done(ingested: Finished) -> None:
    assert ingested.code == 5, ingested.stderr
    assert "Traceback" not in ingested.stderr


@pytest.mark.parametrize("name", REFUSED, ids=ascii)
def test_a_hostile_file_is_refused_for_a_reason(failed: list[dict[str, str]], name: str) -> None:
    assert reasons(failed, name)


@pytest.mark.parametrize("name", READ, ids=ascii)
def test_an_article_is_read_whatever_its_file_is_called(
    failed: list[dict[str, str]], name: str
) -> None:
    assert reasons(failed, name) == []


def test_each_empty_file_is_listed(failed: list[dict[str, str]]) -> None:
    empty = [one for one in failed if "/empty/" in one["source"]]
    assert len(empty) == EMPTY
    assert {one["reason"] for one in empty} == {"it is empty"}


def test_each_reason_is_one_printable_line(failed: list[dict[str, str]]) -> None:
    assert all(one["source"].isprintable() and one["reason"].isprintable() for one in failed)


def test_a_number_without_end_is_named_in_plain_words(failed: list[dict[str, str]]) -> None:
    (reason,) = reasons(failed, "long-number.json")
    assert reason == "not an article: it holds a number of thousands of digits"


def test_good_articles_beside_them_are_answered_from(ingested: Finished, library: Path) -> None:
    asked = dateline("ask", "--offline", "--library", library, HOSTILE["QUESTION"])
    assert asked.code == 0
    assert HOSTILE["ANSWER"] in asked.stdout
    held = json.loads(dateline("articles", "list", "--library", library, "--json").stdout)
    urls = " ".join(one["url"] for one in held["articles"])
    own = ["https://karst.example/4", "https://karst.example/5"]
    assert all(name in urls for name in [*list(HOSTILE["GOOD"])[:3], *own])


def test_the_library_is_sound_afterwards(ingested: Finished, library: Path) -> None:
    assert dateline("doctor", "--library", library).code == 0


def test_nothing_is_stored_twice(ingested: Finished, news: Path, library: Path) -> None:
    again = json.loads(dateline("ingest", news, "--library", library, "--json").stdout)
    assert (again["added"], again["updated"], again["chunks"]) == (0, 0, 0)


def test_a_file_of_bad_records_is_listed_up_to_a_thousand(tmp_path: Path) -> None:
    good = json.dumps({"url": "https://karst.example/6", "body": "It rained in Karst."})
    (tmp_path / "a.jsonl").write_text(f"{good}\n" + "{bad\n" * 5000)

    class Nothing:
        def known(self, keys: object) -> dict[str, Any]:
            return {}

    windows = list(read_windows(find_sources([str(tmp_path)]), Nothing(), read_articles))
    told = [one for window in windows for one in window.failed]
    assert len(told) == 1001
    assert told[-1].reason == "4,000 more of its records cannot be read"
    assert sum(len(window.articles) for window in windows) == 1


@pytest.fixture(scope="module")
def batch(ingested: Finished, library: Path) -> Finished:
    questions = HOSTILE["QUESTIONS"].items()
    lines = [json.dumps({"id": name, "question": text}) for name, text in questions]
    lines += [*HOSTILE["BAD_LINES"], json.dumps({"id": "last", "question": HOSTILE["QUESTION"]})]
    path = library.with_name("batch.jsonl")
    path.write_text("\n".join(lines) + "\n")
    return dateline("ask", "--offline", "--library", library, "--batch", path)


@pytest.mark.parametrize("place", range(len(HOSTILE["QUESTIONS"])), ids=list(HOSTILE["QUESTIONS"]))
def test_a_hostile_question_is_declined_or_refused(batch: Finished, place: int) -> None:
    result = json.loads(batch.stdout.splitlines()[place])
    assert result.get("status") == "abstained" or is_clear(result["error"])


def test_a_bad_line_is_never_a_bug(batch: Finished) -> None:
    results = [json.loads(line) for line in batch.stdout.splitlines()]
    assert all("status" in one or is_clear(one["error"]) for one in results)


def test_a_batch_goes_on_behind_bad_lines(batch: Finished) -> None:
    results = [json.loads(line) for line in batch.stdout.splitlines()]
    assert batch.code == 5
    assert len(results) == len(HOSTILE["QUESTIONS"]) + len(HOSTILE["BAD_LINES"]) + 1
    assert results[-1]["status"] == "answered"


def test_a_question_of_a_megabyte_is_refused_for_its_length(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Cut anywhere, three bytes a character are likely to be no UTF-8: that is not what is wrong.
    text = io.BytesIO("谁".encode() * 350_000)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(text))
    asked = dateline("ask", "--library", library, "-")
    assert asked.code == 2
    assert "longer than 100,000 bytes" in asked.stderr


def is_clear(error: str) -> bool:
    """Whether a message is one line for people, and not that of a bug."""
    return error.isprintable() and "Error:" not in error

"""The command line contract, row by row: what goes in, the JSON that comes out, the exit code."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from index.store.catalog import Catalog

FERRY = {
    "url": "https://harborpost.example/ferry",
    "title": "Ferry Maud runs aground off Skerry",
    "outlet": "Harbor Post",
    "author": "Ida Brandt",
    "published_at": "2023-11-16",
    "body": "The ferry Maud ran aground off Skerry on Tuesday with 212 people aboard. Captain Otto "
    "Lind brought everyone ashore before dark. The coast guard has opened an inquiry.",
}
BRIDGE = {
    "url": "https://tidewater.example/bridge",
    "title": "Council votes to close the Tarn bridge",
    "outlet": "The Tidewater Gazette",
    "published_at": "2024-02-03",
    "body": "The town council voted on Friday to close the Tarn bridge for repairs. Mayor Solveig "
    "Haas said the work would cost 4.2 million kroner and last until autumn.",
}
CHOIR = {
    "url": "https://tidewater.example/choir",
    "title": "Fishermen's choir sings again",
    "outlet": "The Tidewater Gazette",
    "body": "The fishermen's choir of Marn sang in the old net store, after four silent years.",
}
WHO = "Who was the captain that brought everyone ashore from the ferry Maud?"
ANSWER_KEYS = {
    "id", "question", "as_of", "status", "reason", "answer", "sentences", "citations", "passages",
    "answered_by", "timings_ms", "usage",
}  # fmt: skip
CITATION_KEYS = {
    "number", "article_id", "version", "url", "title", "outlet", "published", "start", "end",
    "quote",
}  # fmt: skip
PASSAGE_KEYS = {
    "chunk_id", "article_id", "url", "title", "outlet", "published", "start", "end", "text",
    "score", "scores",
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on standard output."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def dateline(*arguments: str | Path, stdin: bytes = b"") -> Result:
    """Run a command in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main([str(argument) for argument in arguments])
    finally:
        sys.stdin = before
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]  # BytesIO
    return Result(code, *texts)


def as_lines(records: Sequence[object]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "library"
    made = dateline("ingest", "-", "--library", folder, stdin=as_lines([FERRY, BRIDGE, CHOIR]))
    assert made.code == 0, made.err
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A library that a test may change."""
    folder = tmp_path / "own"
    assert dateline("ingest", "-", "--library", folder, stdin=as_lines([FERRY, BRIDGE])).code == 0
    return folder


# ask


def test_an_answer_has_the_keys_of_the_contract(news: Path) -> None:
    result = dateline("ask", WHO, "--json", "--library", news)

    assert result.code == 0
    answer = result.json
    assert answer.keys() >= ANSWER_KEYS
    assert answer["status"] == "answered"
    assert answer["reason"] is None
    assert "Otto Lind" in answer["answer"]
    assert all(sentence.keys() == {"text", "citations"} for sentence in answer["sentences"])
    assert all(citation.keys() >= CITATION_KEYS for citation in answer["citations"])
    assert all(passage.keys() >= PASSAGE_KEYS for passage in answer["passages"])
    assert answer["passages"][0]["scores"].keys() == {"dense", "bm25", "rerank"}
    assert answer["answered_by"] == {"writer": "reader", "model": None}
    assert answer["usage"] == {"prompt_tokens": 0, "completion_tokens": 0}
    assert {"retrieve", "total"} <= answer["timings_ms"].keys()


def test_a_quote_is_the_span_of_the_body_that_articles_show_gives(news: Path) -> None:
    [citation, *_] = dateline("ask", WHO, "--json", "--library", news).json["citations"]
    shown = dateline(
        "articles", "show", citation["article_id"], "--version", citation["version"], "--json",
        "--library", news,
    )  # fmt: skip

    assert shown.json["body"][citation["start"] : citation["end"]] == citation["quote"]


def test_a_readable_answer_names_its_sources(news: Path) -> None:
    result = dateline("ask", WHO, "--offline", "--library", news)

    assert result.code == 0
    assert "Otto Lind" in result.out
    assert " 1  Harbor Post · 2023-11-16 · Ferry Maud runs aground off Skerry\n" in result.out
    assert "https://harborpost.example/ferry" in result.out
    assert "\x1b" not in result.out
    assert result.err == ""


def test_an_abstention_exits_with_3_and_shows_what_came_nearest(news: Path) -> None:
    question = "Who is the prime minister of Canada?"
    result = dateline("ask", question, "--library", news)

    assert result.code == 3
    assert "No answer." in result.out
    assert "Nearest passages" in result.out
    as_json = dateline("ask", question, "--library", news, "--json")
    assert as_json.code == 3
    assert as_json.json["status"] == "abstained"
    assert as_json.json["reason"] in {"no_evidence", "out_of_corpus"}


def test_a_question_is_read_from_standard_input(news: Path) -> None:
    result = dateline("ask", "-", "--json", "--library", news, stdin=WHO.encode() + b"\n")

    assert result.json["question"] == WHO


def test_nothing_later_than_as_of_is_seen(news: Path) -> None:
    asked = ("ask", WHO, "--json", "--library", news, "--as-of")

    day_before = dateline(*asked, "2023-11-15").json
    assert day_before["as_of"] == "2023-11-15T23:59:59Z"
    assert day_before["passages"] == []
    assert dateline(*asked, "16 November 2023").json["status"] == "answered"


def test_a_trace_goes_to_standard_error_beside_pure_json(news: Path) -> None:
    result = dateline("ask", WHO, "--json", "--trace", "--library", news)

    assert result.json["status"] == "answered"
    for part in ("terms:", "signals", "milliseconds", "confidence"):
        assert part in result.err


# search


def test_a_search_has_the_keys_of_the_contract(news: Path) -> None:
    result = dateline("search", "Tarn bridge repairs", "--json", "--limit", "2", "--library", news)

    assert result.code == 0
    assert result.json.keys() == {"id", "question", "passages"}
    assert len(result.json["passages"]) == 2
    best = result.json["passages"][0]
    assert best.keys() >= PASSAGE_KEYS
    assert best["url"] == BRIDGE["url"]
    assert best["text"] == BRIDGE["body"][best["start"] : best["end"]]


@pytest.mark.parametrize(
    ("filters", "urls"),
    [
        (["--outlet", "tidewater gazette"], {BRIDGE["url"], CHOIR["url"]}),
        (["--since", "2024-02-03"], {BRIDGE["url"]}),
        (["--since", "2024-02-04"], set()),
        (["--until", "2023-11-16"], {FERRY["url"]}),
        (["--until", "Feb. 3, 2024"], {FERRY["url"], BRIDGE["url"]}),
        (["--as-of", "2023"], {FERRY["url"]}),
    ],
)
def test_filters_decide_what_is_seen(news: Path, filters: list[str], urls: set[str]) -> None:
    found = dateline("search", "news of the town", "--json", "--library", news, *filters).json

    assert {passage["url"] for passage in found["passages"]} == urls


def test_a_readable_search_lists_passages(news: Path) -> None:
    result = dateline("search", "choir", "--limit", "1", "--trace", "--library", news)

    assert result.code == 0
    assert " 1  The Tidewater Gazette · undated · Fishermen's choir sings again" in result.out
    assert "dense" in result.err


# batch


BATCH = [
    {"id": "a", "question": WHO, "as_of": "2024-01-01", "history": ["What happened off Skerry?"]},
    {"id": 7, "question": "What will the bridge work cost?", "outlet": "The Tidewater Gazette"},
    {
        "id": "c",
        "question": "Who is the prime minister of Canada?",
        "since": "2023",
        "until": "2024",
    },
]


def test_a_batch_gives_one_answer_a_line_in_order(news: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(as_lines(BATCH))
    result = dateline("ask", "--batch", file, "--library", news)

    assert result.code == 0
    assert [line["id"] for line in result.lines] == ["a", 7, "c"]
    assert [line["status"] for line in result.lines] == ["answered", "answered", "abstained"]
    assert all(line.keys() >= ANSWER_KEYS for line in result.lines)


def test_a_batch_of_searches_reads_standard_input(news: Path) -> None:
    result = dateline("search", "--batch", "-", "--library", news, stdin=as_lines(BATCH))

    assert result.code == 0
    assert [line.keys() for line in result.lines] == [{"id", "question", "passages"}] * 3


@pytest.mark.parametrize(
    ("line", "id_given", "said"),
    [
        (b"{not json", None, "not valid JSON"),
        (b"\xff\xfe", None, "not valid JSON"),
        (b'["a question"]', None, "no JSON object"),
        (b"[" * 100_000, None, "not valid JSON"),
        (b'{"id": "x"}', "x", "There is no question"),
        (b'{"id": "x", "question": "  "}', "x", "There is no question"),
        (b'{"id": "x", "question": 5}', "x", "question: expected text"),
        (b'{"id": {"a": 1}, "question": "who?", "since": "soon"}', None, "cannot read the date"),
        (b'{"id": "x", "question": "who?", "asof": "2023"}', "x", "unknown field 'asof'"),
        (b'{"id": "x", "question": "who?", "since": "2024", "until": "2023"}', "x", "Nothing lies"),
        (b'{"id": "x", "question": "who?", "outlet": "Tidewater"}', "x", "'The Tidewater Gazette'"),
        (b'{"id": "x", "question": "who?", "history": "before"}', "x", "history"),
        (b'{"id": "x", "question": "\\ud800?"}', "x", "lone surrogate"),
        (b'{"id": "x", "question": "' + b"w" * 20_000 + b'"}', "x", "20,000 characters"),
        (b'{"id": "x", "question": "' + b"w" * 2_000_000 + b'"}', None, "longer than"),
    ],
)
def test_a_bad_line_is_an_error_in_its_place(
    news: Path, line: bytes, id_given: object, said: str
) -> None:
    good = as_lines([{"id": "good", "question": "Tarn bridge"}])
    result = dateline("search", "--batch", "-", "--library", news, stdin=line + b"\n\n" + good)

    assert result.code == 5
    bad, after = result.lines
    assert bad.keys() == {"id", "error"}
    assert bad["id"] == id_given
    assert bad["error"].startswith("line 1: ")
    assert said in bad["error"]
    assert after["id"] == "good"
    assert "1 of 2 lines" in result.err


def test_filters_of_the_command_hold_for_lines_that_set_none(news: Path) -> None:
    lines = [{"question": "news"}, {"question": "news", "as_of": "2024-12-31"}]
    stdin = as_lines(lines)
    result = dateline("search", "--batch", "-", "--as-of", "2023", "--library", news, stdin=stdin)

    seen = [{passage["url"] for passage in line["passages"]} for line in result.lines]
    assert seen == [{FERRY["url"]}, {FERRY["url"], BRIDGE["url"]}]


# ingest


def test_an_ingest_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    stdin = as_lines([FERRY]) + b"{broken\n"
    result = dateline("ingest", "-", "--json", "--library", tmp_path / "new", stdin=stdin)

    assert result.code == 5
    assert result.json.keys() == {"added", "updated", "unchanged", "failed", "chunks", "seconds"}
    assert (result.json["added"], result.json["chunks"]) == (1, 1)
    [failed] = result.json["failed"]
    assert failed.keys() == {"source", "reason"}
    assert "line 2" in failed["source"]


def test_reading_again_changes_nothing_and_an_edit_makes_a_version(own: Path) -> None:
    again = dateline("ingest", "-", "--json", "--library", own, stdin=as_lines([FERRY])).json
    edited = as_lines([{**FERRY, "body": FERRY["body"] + " It was refloated on Thursday."}])
    update = dateline("ingest", "-", "--json", "--library", own, stdin=edited).json

    assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, 1)
    assert (update["added"], update["updated"], update["unchanged"]) == (0, 1, 0)


def test_nothing_readable_at_all_is_a_wrong_use(tmp_path: Path) -> None:
    file = tmp_path / "junk.txt"
    file.write_bytes(b"PK\x03\x04" + bytes(500))
    result = dateline("ingest", file, "--library", tmp_path / "new")

    assert result.code == 2
    assert "0 added" in result.out
    assert "junk.txt: it looks like" in result.out


def test_twenty_failures_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    stdin = as_lines([FERRY]) + b"{broken\n" * 25
    result = dateline("ingest", "-", "--library", tmp_path / "new", stdin=stdin)

    assert result.out.count("stdin line") == 20
    assert "and 5 more" in result.out


def test_records_of_other_shapes_are_mapped_and_given_an_outlet(tmp_path: Path) -> None:
    file = tmp_path / "theirs.json"
    record = {"kicker": "Ferry aground", "content": {"words": FERRY["body"]}, "when": "2023-11-16"}
    file.write_text(json.dumps([record]))
    command = ("ingest", file, "--library", tmp_path / "new", "--json")
    mapping = ["--map", "body=content.words", "--map", "title=kicker", "--map", "published_at=when"]
    first = dateline(*command, *mapping)
    again = dateline(*command, *mapping, "--outlet", "Harbor Post")
    listed = dateline("articles", "list", "--json", "--library", tmp_path / "new").json

    assert (first.code, first.json["added"]) == (0, 1)
    # Other rules read an unchanged file anew.
    assert (again.json["added"] + again.json["updated"], again.json["unchanged"]) == (1, 0)
    assert listed["articles"][0]["outlet"] == "Harbor Post"
    assert {one["title"] for one in listed["articles"]} == {"Ferry aground"}


# articles


def test_articles_are_listed_newest_first_and_undated_last(news: Path) -> None:
    result = dateline("articles", "list", "--json", "--library", news)

    assert result.json["total"] == 3
    urls = [one["url"] for one in result.json["articles"]]
    assert urls == [BRIDGE["url"], FERRY["url"], CHOIR["url"]]
    assert result.json["articles"][1].keys() == {
        "article_id", "version", "versions", "url", "title", "outlet", "published", "chunks",
        "origin_id",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        (["--outlet", "Harbor Post"], [FERRY["title"]]),
        (["--since", "2024"], [BRIDGE["title"]]),
        (["--until", "2023-11-16"], [FERRY["title"]]),
        (["--limit", "1"], [BRIDGE["title"]]),
    ],
)
def test_listed_articles_can_be_filtered(news: Path, filters: list[str], titles: list[str]) -> None:
    result = dateline("articles", "list", "--library", news, *filters)

    assert [line.split("\t")[3] for line in result.out.splitlines()] == titles


def test_an_article_is_shown_by_its_address_too(news: Path) -> None:
    shown = dateline("articles", "show", FERRY["url"], "--json", "--library", news).json

    assert shown["body"] == FERRY["body"]
    assert shown["author"] == "Ida Brandt"
    assert shown["published"] == "2023-11-16"
    assert [one["number"] for one in shown["versions"]] == [1]
    text = dateline("articles", "show", shown["article_id"], "--library", news).out
    assert text.startswith(f"{FERRY['title']}\noutlet     Harbor Post\nauthor     Ida Brandt\n")
    assert text.endswith(f"\n\n{FERRY['body']}\n")


def test_an_earlier_version_can_be_shown(own: Path) -> None:
    edited = as_lines([{**FERRY, "body": "The Maud was refloated on Thursday, the port said."}])
    dateline("ingest", "-", "--library", own, stdin=edited)
    show = ("articles", "show", FERRY["url"], "--json", "--library", own)
    now = dateline(*show).json

    assert now["number"] == 2
    first = now["versions"][0]["version"]
    for name in (first, first[7:19], "1"):
        assert dateline(*show, "--version", name).json["body"] == FERRY["body"]
    wrong = dateline(*show, "--version", "9")
    assert wrong.code == 2
    assert "1 (sha256:" in wrong.json["error"]["message"]


def test_removed_articles_are_gone_from_search_and_list(own: Path) -> None:
    refused = dateline("articles", "remove", FERRY["url"], "--library", own)
    assert (refused.code, "--yes" in refused.err) == (2, True)

    removed = dateline("articles", "remove", FERRY["url"], "--yes", "--json", "--library", own)
    assert removed.json == {"removed": 1}
    found = dateline("search", "ferry Maud", "--json", "--library", own).json["passages"]
    assert {passage["url"] for passage in found} == {BRIDGE["url"]}
    rest = dateline(
        "articles", "remove", "--outlet", "Tidewater Gazette", "-y", "--json", "--library", own
    )
    assert rest.json == {"removed": 1}
    empty = dateline("ask", WHO, "--library", own)
    assert empty.code == 2
    assert f"holds no articles. Run: dateline ingest ARTICLES --library {own}" in empty.err


def test_nothing_is_removed_when_one_name_is_wrong(own: Path) -> None:
    result = dateline("articles", "remove", FERRY["url"], "nosuch", "--yes", "--library", own)

    assert result.code == 2
    assert dateline("articles", "list", "--json", "--library", own).json["total"] == 2


# stats, doctor, reindex


def test_stats_count_what_the_library_holds(news: Path) -> None:
    stats = dateline("stats", "--json", "--library", news).json

    assert stats["outlets"] == {"The Tidewater Gazette": 2, "Harbor Post": 1}
    assert (stats["articles"], stats["undated"], stats["failures"]) == (3, 1, [])
    assert (stats["oldest"], stats["newest"]) == ("2023-11-16", "2024-02-03")
    assert stats["model"]["name"] == "multilingual-e5-small"
    assert stats["bytes"].keys() == {"catalog", "lexical", "dense"}
    text = dateline("stats", "--library", news).out
    assert "3 in 3 versions" in text
    assert "Tidewater Gazette" in text


def test_a_sound_library_passes_the_doctor(news: Path) -> None:
    result = dateline("doctor", "--json", "--library", news)

    assert result.code == 0
    assert result.json["ok"] is True
    assert all(one.keys() == {"check", "ok", "detail", "fix"} for one in result.json["findings"])


def test_the_doctor_names_the_remedy_and_reindex_is_one(own: Path) -> None:
    for file in (own / "lexical").iterdir():
        file.unlink()
    ill = dateline("doctor", "--library", own)

    assert ill.code == 1
    assert "FAIL lexical index" in ill.out
    assert "fix: " in ill.out
    assert "dateline reindex" in ill.out
    made = dateline("reindex", "--json", "--library", own)
    assert (made.code, made.json.keys()) == (0, {"chunks", "seconds"})
    assert dateline("doctor", "--library", own).code == 0
    assert dateline("search", "ferry", "--json", "--library", own).json["passages"]


# where the library is, and wrong use


def test_the_library_may_be_named_before_the_command_or_by_the_environment(
    news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dateline("--library", news, "--json", "stats").json["articles"] == 3
    monkeypatch.setenv("DATELINE_LIBRARY", str(news))
    assert dateline("stats", "--json").json["articles"] == 3


WRONG_USES = [
    (["ask"], "There is no question"),
    (["ask", ""], "There is no question"),
    (["ask", "a", "b"], "unexpected extra argument"),
    (["ask", "q", "--as-of", "yesterweek"], "as-of: cannot read the date 'yesterweek'"),
    (["ask", "q", "--since", "03/04/2024"], "since: cannot read the date"),
    (["ask", "q", "--since", "2024", "--until", "2023"], "Nothing lies between"),
    (["ask", "q", "--outlet", "Harbour Post"], "Did you mean 'Harbor Post'?"),
    (["search", "q", "--outlet", "gazette"], "Did you mean 'The Tidewater Gazette'?"),
    (["search", "q", "--limit", "0"], "--limit"),
    (["search", "q", "--batch", "-"], "not both"),
    (["search", "--batch", "/no/such/file"], "Cannot read the batch /no/such/file"),
    (["ask", "\udcff"], "not UTF-8"),
    (["ask", "q", "--outlet", "\udcff"], "not UTF-8"),
    (["ask", "w" * 10_001], "10,001 characters"),
    (["ask", "--bogus"], "No such option: --bogus"),
    (["nosuch"], "No such command 'nosuch'"),
    (["ingest"], "Missing argument"),
    (["ingest", "/no/such/file"], "No such file or folder: /no/such/file"),
    (["ingest", "-", "--map", "body"], "OUR_FIELD=THEIR_FIELD"),
    (["articles", "show", "nosuch"], "holds no article 'nosuch'"),
    (["articles", "remove"], "Name articles by their ids"),
    (["articles", "list", "--since", "soon"], "since: cannot read the date"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG_USES)
def test_wrong_use_is_one_line_and_code_2(news: Path, arguments: list[str], said: str) -> None:
    command = [arguments[0], *arguments[1:], "--json"]
    result = dateline("--library", news, *command)

    assert result.code == 2
    assert said in result.err
    assert result.err.startswith("error: ")
    assert result.err.count("\n") == 1
    assert result.json.keys() == {"error"}
    assert result.json["error"].keys() == {"message", "type"}
    assert said in result.json["error"]["message"]


@pytest.mark.parametrize(
    "command", [["ask", "q"], ["search", "q"], ["articles", "list"], ["stats"], ["reindex"]]
)
def test_a_missing_library_says_what_to_run(tmp_path: Path, command: list[str]) -> None:
    result = dateline(*command, "--library", tmp_path / "none")

    assert result.code == 2
    assert result.err == (
        f"error: No library at {tmp_path}/none. "
        f"Run: dateline ingest ARTICLES --library {tmp_path}/none\n"
    )
    assert not (tmp_path / "none").exists()


def test_an_unknown_setting_ends_the_command_and_names_the_near_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATELINE_LIBARY", "/tmp")
    result = dateline("stats")

    assert result.code == 2
    assert "no setting DATELINE_LIBARY. Did you mean DATELINE_LIBRARY?" in result.err


def test_a_broken_library_is_a_failure_not_a_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"this is no database" * 100)
    result = dateline("stats", "--json", "--library", tmp_path)

    assert result.code == 1
    assert result.json["error"]["type"] == "LibraryError"


# the sample archive


@pytest.mark.slow
def test_the_sample_is_read_once_and_asked_until_it_changes(
    sample_library: Any, tmp_path: Path
) -> None:
    first = Result(sample_library.code, sample_library.out, sample_library.err)
    folder = sample_library.copy(tmp_path / "sample")
    command = ("ask", "--sample", "--json", "--library", folder, "--")
    second = dateline(*command, "Who is the prime minister of Canada?")

    assert first.code in {0, 4}
    assert first.json["citations"]
    assert "Reading the sample archive" in first.err
    assert (second.code, second.err) == (3, "")

    # Another release's samples: one of its articles is no longer shipped.
    dateline("ingest", "-", "--library", folder, stdin=as_lines([FERRY]))
    with closing(Catalog.open(folder / "catalog.sqlite")) as catalog:
        held = [one.article_id for one in catalog.articles()]
        catalog.set_setting("samples.articles", json.dumps(held))
        catalog.set_setting("samples", "those of another release")
    assert "Reading the sample archive" in dateline(*command, "Who led it?").err
    listed = dateline("articles", "list", "--json", "--library", folder, "--limit", "500").json
    assert listed["total"] > 40
    assert FERRY["url"] not in {one["url"] for one in listed["articles"]}


@pytest.mark.slow
def test_samples_of_another_model_are_made_anew_and_nothing_else(
    sample_library: Any, own: Path, tmp_path: Path
) -> None:
    folder = sample_library.copy(tmp_path / "sample")
    for library in (folder, own):
        with closing(Catalog.open(library / "catalog.sqlite")) as catalog:
            catalog.set_setting("model.digest", "sha256:of another release")
    ask = ("ask", "--sample", "--json", "Who is the prime minister of Canada?", "--library")
    again = dateline(*ask, folder)

    assert (again.code, "made anew" in again.err) == (3, True)
    refused = dateline(*ask, own)
    assert (refused.code, "was made with the embedding model" in refused.err) == (1, True)
    assert (own / "catalog.sqlite").is_file()


@pytest.mark.slow
def test_articles_that_were_put_beside_the_samples_are_never_removed(
    sample_library: Any, tmp_path: Path
) -> None:
    folder = sample_library.copy(tmp_path / "sample")
    dateline("ingest", "-", "--library", folder, stdin=as_lines([FERRY]))
    for name, value in (
        ("samples", None),
        ("samples", "those of another release"),
        ("model.digest", "sha256:of another release"),
    ):
        with closing(Catalog.open(folder / "catalog.sqlite")) as catalog:
            if value:
                catalog.set_setting(name, value)
        refused = dateline("ask", "--sample", "q", "--library", folder)
        assert (refused.code, "holds articles of its own" in refused.err) == (2, True)
        with closing(Catalog.open(folder / "catalog.sqlite")) as catalog:
            assert FERRY["url"] in {one.url for one in catalog.articles()}


def test_the_sample_never_mixes_with_the_users_articles(own: Path) -> None:
    result = dateline("ask", "--sample", "q", "--library", own)

    assert result.code == 2
    assert "holds articles of its own" in result.err
    assert dateline("stats", "--json", "--library", own).json["articles"] == 2

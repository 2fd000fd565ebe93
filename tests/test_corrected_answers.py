"""An answer tells that its source was corrected, and uses no story that was taken back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bot.answer import Answer, Question, Status, render_answer
from bot.cli.answer_view import show_answer
from bot.cli.edge import run
from bot.wiring import Bot
from index.article import Article
from index.differences import compare_versions
from index.items import Outcome, Remark, Visit
from index.moment import Moment
from index.notice import WITHDRAWN, Notice, NoticeKind
from index.store.library import Library
from index.store.visits import VisitBook

CORRECTION = "Correction: An earlier version of this article gave the cost as 11 million crowns."


def article(name: str, body: str, title: str, outlet: str, published: str) -> Article:
    return Article(
        url=f"https://{name}.example/pier", body=body, title=title, outlet=outlet,
        published=Moment.parse(published),
    )  # fmt: skip


PIER = article(
    "harbour",
    "The rebuilding of the Northquay pier will cost 14 million crowns, Ada Quill said.\n\n"
    f"Work begins in May, the harbour board decided.\n\n{CORRECTION}",
    "Board votes for the Northquay pier",
    "The Harbour Post",
    "2024-03-05",
)
FERRY = article(
    "gazette",
    "Captain Bram Oster steered the ferry Larkspur when it struck the Millbrook bridge on Friday.",
    "Ferry Larkspur strikes the Millbrook bridge",
    "The Gazette",
    "2024-03-09",
)
MUSEUM = article(
    "courier",
    "This article has been retracted because its source was invented.\n\n"
    "Gita Lund stole the golden astrolabe from the Fenwick museum, police said.",
    "Lund stole the golden astrolabe of Fenwick",
    "The Courier",
    "2024-03-10",
)


@pytest.fixture(scope="module")
def bot(make_bot: Callable[..., Bot]) -> Bot:
    return make_bot(PIER, FERRY, MUSEUM)


def ask(bot: Bot, question: str, as_of: datetime | None = None) -> Answer:
    return bot.answerer().answer(Question(question, as_of=as_of))


def shown(answer: Answer) -> str:
    stream = io.StringIO()
    show_answer(answer, Console(file=stream, width=200, markup=False))
    return stream.getvalue()


def test_an_answer_from_a_corrected_article_says_so(bot: Bot) -> None:
    answer = ask(bot, "How much will the rebuilding of the Northquay pier cost?")
    assert answer.status is Status.ANSWERED
    assert "14 million" in answer.text
    assert f"[1] was corrected: “{CORRECTION}”" in (answer.note or "")
    (citation,) = render_answer(answer)["citations"]
    assert citation["notice"] == {"kind": "corrected", "text": CORRECTION}
    assert f"corrected: {CORRECTION}" in shown(answer)


def test_a_retracted_article_is_no_evidence_and_is_named(bot: Bot) -> None:
    answer = ask(bot, "Who stole the golden astrolabe from the Fenwick museum?")
    assert answer.status is Status.ABSTAINED
    assert all(one.article_id != MUSEUM.article_id for one in answer.passages)
    assert [one.article_id for one in answer.left_out] == [MUSEUM.article_id]
    assert "taken back by The Courier: “Lund stole" in (answer.note or "")
    assert "taken back" in shown(answer)
    assert render_answer(answer)["left_out"][0]["notice"]["kind"] == "retracted"


def test_an_answer_without_any_of_this_says_nothing_of_it(bot: Bot) -> None:
    answer = ask(bot, "Who steered the ferry Larkspur when it struck the bridge?")
    assert "Bram Oster" in answer.text
    (citation,) = render_answer(answer)["citations"]
    assert "notice" not in citation
    assert "corrected" not in (answer.note or "")
    assert answer.left_out == ()


def test_a_withdrawn_page_is_no_evidence_from_then_on(make_bot: Callable[..., Bot]) -> None:
    bot, gone = make_bot(FERRY), datetime(2024, 3, 20, tzinfo=UTC)
    catalog, question = bot.library.catalog, "Who steered the ferry Larkspur when it struck?"
    remark = Remark(FERRY.url, Notice(NoticeKind.RETRACTED, WITHDRAWN, gone))
    before = catalog.revision
    assert catalog.keep_remarks([remark, remark], now=gone) == 1
    (change,) = catalog.changes_since(before)
    assert (change.kind, change.article_id) == ("noticed", FERRY.article_id)
    bot.library.refresh()
    assert ask(bot, question).status is Status.ABSTAINED
    # Whoever asks as of a day before must not be told.
    assert "Bram Oster" in ask(bot, question, datetime(2024, 3, 15, tzinfo=UTC)).text
    stored = catalog.article(FERRY.article_id)
    assert stored
    assert stored.is_retracted

    came_back = Visit(FERRY.url, Outcome.READ, gone, article_url=FERRY.url, articles=1)
    VisitBook(catalog.database).record([came_back])
    assert "Bram Oster" in ask(bot, question).text


def test_a_remark_of_an_unknown_article_is_passed_over(library: Library) -> None:
    remark = Remark("https://nobody.example/", Notice(NoticeKind.RETRACTED, "gone"))
    assert library.catalog.keep_remarks([remark], now=datetime(2024, 3, 20, tzinfo=UTC)) == 0


def test_removing_an_article_removes_its_notices(
    library: Library, store: Callable[..., int]
) -> None:
    store(library, FERRY)
    remark = Remark(FERRY.url, Notice(NoticeKind.RETRACTED, "gone"))
    twin, now = "https://gazette.example/amp", datetime(2024, 3, 20, tzinfo=UTC)
    visit = Visit(FERRY.url, Outcome.READ, now, article_url=FERRY.url, articles=1, aliases=(twin,))
    book = VisitBook(library.catalog.database)
    book.record([visit])
    library.catalog.keep_remarks([remark], now=visit.at)
    library.remove([FERRY.article_id])
    assert book.known([FERRY.url])[FERRY.url].outcome is Outcome.REMOVED
    assert book.article_at([twin]) is None
    store(library, FERRY)
    stored = library.catalog.article(FERRY.article_id)
    assert stored
    assert stored.notice is None


def test_an_edit_is_told_sentence_by_sentence() -> None:
    body = "The cost is 11 million crowns. Work begins in May. Nobody objected."
    after = "The cost is 14 million crowns. Nobody objected. A vote follows on Monday."
    one = article("a", body, "Board votes", "Post", "2024-03-05")
    other = article("a", after, "Board votes again", "Post", "2024-03-05")
    found = [(one.field, one.before, one.after) for one in compare_versions(one, other)]
    assert found == [
        ("title", "Board votes", "Board votes again"),
        (None, "The cost is 11 million crowns.", "The cost is 14 million crowns."),
        (None, "Work begins in May.", None),
        (None, None, "A vote follows on Monday."),
    ]


def test_history_shows_versions_and_differences(
    tmp_path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_LIBRARY", str(tmp_path / "library"))
    lines = {"url": PIER.url, "title": PIER.title, "outlet": "Post", "published_at": "2024-03-05"}
    first = "The pier will cost 11 million crowns.\n\nWork begins in May."
    for body in (first, first.replace("11", "14") + f"\n\n{CORRECTION}"):
        path = tmp_path / "a.jsonl"
        path.write_text(json.dumps(lines | {"body": body}))
        assert run(["ingest", str(path)]) == 0
    capsys.readouterr()
    assert run(["articles", "history", PIER.url, "--diff"]) == 0
    told = capsys.readouterr().out
    assert "[-11-]{+14+}" in told
    assert "Version 2 (current)" in told
    assert "corrected: Correction" in told
    assert run(["articles", "history", PIER.url, "--diff", "--json"]) == 0
    versions = json.loads(capsys.readouterr().out)["versions"]
    assert versions[1]["changes"][0] == {
        "field": None,
        "before": "The pier will cost 11 million crowns.",
        "after": "The pier will cost 14 million crowns.",
    }
    assert versions[1]["notice"]["kind"] == "corrected"


def test_a_search_names_what_was_taken_back(
    tmp_path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_LIBRARY", str(tmp_path / "library"))
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"url": MUSEUM.url, "title": MUSEUM.title, "body": MUSEUM.body}))
    assert run(["ingest", str(path)]) == 0
    capsys.readouterr()
    question = ["search", "who stole the golden astrolabe?"]
    assert run(question) == 0
    assert "taken back" in capsys.readouterr().err
    assert run([*question, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["passages"] == []
    assert found["left_out"][0]["notice"]["kind"] == "retracted"

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from typer.testing import CliRunner

from bot.answer import Question, Status, Turn
from bot.given import Complaint, FeedbackBook, GivenAnswers, Opinion, Place
from eval.archive import Archive
from eval.check import check_form, check_gold
from eval.commands import app
from eval.dataset import GoldQuote, load_questions
from eval.record import Case
from eval.record_files import read_records
from eval.subject import ask_bot
from index.article import Article
from index.errors import UsageError
from index.sources import find_sources, read_articles

FERRY = (
    "The ferry Orla sank off Pelum on Tuesday with 40 passengers aboard, harbour master Ines Rook "
    "said. Nobody was hurt."
)
URL = "https://news.example/ferry"
PLACE = Place("T1", "C-secret", "100.1", "100.2")
GIVEN_AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def archive(make_bot, make_article):
    """A bot that was asked twice in a thread, and readers who had something to say of it."""
    bot = make_bot(
        make_article("ferry", FERRY, title="Ferry sinks"),
        make_article("bridge", "A bridge over the Quell opened in Brell on Sunday."),
    )
    database = bot.library.catalog.database
    minutes = (GIVEN_AT + timedelta(minutes=minute) for minute in count())

    def clock():
        return next(minutes)

    given = GivenAnswers(database, clock=clock)
    first = bot.answerer().answer(Question("How many passengers were aboard the ferry Orla?"))
    asked = Question("Who said so?", history=(Turn(first.question.text),))
    second = bot.answerer().answer(asked)
    ids = [given.keep(one, PLACE, "U-asker") for one in (first, second)]
    return bot, ids, FeedbackBook(database, clock=clock)


def call(bot, *arguments):
    library = ("--library", str(bot.library.folder))
    result = CliRunner().invoke(
        app, ["inbox", *map(str, arguments), *library], catch_exceptions=False
    )
    return result.stdout


def keys(bot, *arguments):
    return [one["key"] for one in json.loads(call(bot, "list", "--json", *arguments))["pending"]]


def test_opinions_wait_in_the_inbox_without_who_and_where(archive):
    bot, (first, second), book = archive
    book.record(first, "U-reader", Opinion.GOOD)
    book.record(second, "U-reader", Opinion.BAD, Complaint.WRONG, "It was \x1b[31mnot her")
    listed = call(bot, "list")
    assert "good: How many passengers" in listed
    assert "wrong: Who said so?" in listed
    one = json.loads(call(bot, "show", keys(bot)[1], "--json"))
    assert one["history"] == ["How many passengers were aboard the ferry Orla?"]
    shown = call(bot, "show", keys(bot)[1])
    assert "It was not her" in shown
    for secret in ("U-reader", "U-asker", "C-secret", first, second):
        assert secret not in listed + shown + json.dumps(one)


def test_praise_becomes_a_case_that_survives_an_edit_of_its_article(archive, tmp_path, make_bot):
    bot, (first, _), book = archive
    book.record(first, "U-reader", Opinion.GOOD)
    path = tmp_path / "sets" / "feedback.jsonl"
    call(bot, "promote", keys(bot)[0], "--to", path, "--answer", "40 / forty", "--tag", "ferries")
    (case,) = load_questions(path)
    assert case.expect.answers == (("40", "forty"),)
    assert case.gold[0].url == URL
    assert case.gold[0].quote in FERRY
    assert case.tags == ("feedback", "good", "ferries")
    assert case.as_of.start == GIVEN_AT
    assert set(case.given) >= {URL}
    assert keys(bot) == []
    assert len(keys(bot, "--all")) == 1

    # The story is edited, so that its quote is gone from the archive; the frozen one stays.
    edited = FERRY.replace("40 passengers", "41 passengers")
    bot.ingester(lambda _: iter([Article(URL, edited, "Ferry sinks")])).ingest(
        find_sources([str(tmp_path)])
    )
    (source,) = find_sources([str(path.with_suffix(".articles.jsonl"))])
    frozen = make_bot(*(one for one in read_articles(source) if isinstance(one, Article)))
    faults = [*check_form([case]), *check_gold([case], Archive(frozen.library.catalog))]
    assert not faults
    answer = ask_bot(frozen, given=True)(Case(case))
    assert "40 passengers" in answer["answer"]


def test_a_reader_who_wanted_silence_gets_a_case_that_demands_it(archive, tmp_path):
    bot, (first, _), book = archive
    book.record(first, "U-reader", Opinion.BAD, Complaint.SHOULD_HAVE_DECLINED)
    path = tmp_path / "set.jsonl"
    told = json.loads(call(bot, "promote", keys(bot)[0], "--to", path, "--json"))
    (case,) = load_questions(path)
    assert case.id == told["id"]
    assert case.expect.status is Status.ABSTAINED
    assert case.gold == ()
    assert told["articles"] == len(list(read_records(tmp_path / "set.articles.jsonl"))) >= 1


def test_a_complaint_needs_a_reviewer_to_say_what_is_right(archive, tmp_path):
    bot, (first, _), book = archive
    book.record(first, "U-reader", Opinion.BAD, Complaint.WRONG)
    (key,) = keys(bot)
    path = tmp_path / "set.jsonl"
    for options, complaint in (
        ((), "What is a right answer"),
        (("--quote", "The Orla swam."), "is in none of the articles"),
        (("--cite", "9"), "has no citation 9"),
        (("--status", "sunk"), "There is no status 'sunk'"),
    ):
        with pytest.raises(UsageError, match=complaint):
            call(bot, "promote", key, "--to", path, *options)
    assert keys(bot) == [key]
    assert not path.exists()
    call(bot, "promote", key, "--to", path, "--quote", "Nobody was hurt.", "--never", "41")
    (case,) = load_questions(path)
    assert case.gold == (GoldQuote(URL, "Nobody was hurt."),)
    assert case.expect.never == (("41",),)
    with pytest.raises(UsageError, match="already"):
        call(bot, "promote", key, "--to", path, "--quote", "Nobody was hurt.")
    with pytest.raises(UsageError, match=r"Name a \.jsonl file"):
        call(bot, "promote", key, "--to", tmp_path / "set.yaml", "--cite", "1")


def test_what_is_dismissed_leaves_the_inbox_and_a_removed_article_no_case(archive, tmp_path):
    bot, (first, second), book = archive
    book.record(first, "U-reader", Opinion.GOOD)
    book.record(second, "U-reader", Opinion.GOOD)
    call(bot, "dismiss", keys(bot)[1])
    (key,) = keys(bot)
    with pytest.raises(UsageError, match="No feedback in the inbox under 'ffffffff'"):
        call(bot, "dismiss", "ffffffff")
    bot.library.remove([Article(URL, "").article_id])
    GivenAnswers(bot.library.catalog.database).erase_removed()
    assert "gone with an article" in call(bot, "show", key)
    with pytest.raises(UsageError, match="was removed, and its text with it"):
        call(bot, "promote", key, "--to", tmp_path / "set.jsonl")

import json

import pytest
from typer.testing import CliRunner

from bot.answer import Status
from eval.archive import Archive
from eval.check import check_form, check_gold
from eval.commands import app
from eval.dataset import Expectation, GoldQuestion, GoldQuote, load_questions
from eval.generate.build import generate_questions
from eval.generate.kinds import TestKind
from eval.generate.sentences import changed_words, excerpts, standing_sentences
from eval.record import Case, Outcome
from eval.scoring import score_case
from eval.subject import ask_bot
from eval.summary import read_figures
from index.errors import UsageError

SANK = (
    "The ferry Orla sank off Pelum on Tuesday with 40 passengers aboard, harbour master Ines Rook "
    "said."
)
HURT = "Nobody was hurt when the crew of Orla Lines lowered all six boats within eleven minutes."
FERRY = f"{SANK} She spoke at noon. {HURT}"
BRIDGE = (
    "Brell's new bridge over the Quell opened on Sunday after Mayor Tomas Vark cut a ribbon there."
)


@pytest.fixture(scope="module")
def archive(request):
    make_article = request.getfixturevalue("make_article")
    return [
        make_article("ferry", FERRY, title="Ferry sinks", outlet="Pelum Post"),
        make_article("copy", f"{FERRY} Rain fell.", title="Orla lost", outlet="The Quell Ledger"),
        make_article("bridge", BRIDGE, title="Bridge opens", published="2024-02-01"),
        make_article("short", "Rain fell."),
    ]


def by_kind(questions):
    found = {}
    for one in questions:
        found.setdefault(one.tags[0], []).append(one)
    return found


def test_equal_seeds_give_equal_sets_whatever_the_order(archive):
    first = generate_questions(archive, seed=3, count=9)
    assert generate_questions(archive[::-1], seed=3, count=9) == first
    assert generate_questions(archive, seed=3, count=9) == first
    assert len({one.id for one in first}) == len(first)
    assert not list(check_form(first))


def test_an_excerpt_asks_for_its_article_and_takes_any_copy_of_it(archive):
    made = by_kind(generate_questions(archive, seed=1, count=9))
    ferry = next(one for one in made["excerpt"] if "Orla" in one.text)
    assert ferry.expect.by_source
    assert {gold.choice for gold in ferry.gold} == {0, 1}
    assert set(ferry.expect.answers[0]) == {"Ferry sinks", "Orla lost"}
    bridge = next(one for one in made["excerpt"] if "bridge" in one.text)
    assert bridge.expect.answers == (
        ("Bridge opens",),
        ("The Harbour Post",),
        ("2024-02-01",),
        ("https://news.example/bridge",),
    )


def test_what_is_removed_or_not_yet_published_must_be_declined(archive):
    made = by_kind(generate_questions(archive, seed=1, count=9))
    ferry = next(one for one in made["removed"] if "Orla" in one.text)
    assert ferry.expect == Expectation(Status.ABSTAINED)
    assert set(ferry.without) == {"https://news.example/ferry", "https://news.example/copy"}
    earlier = next(one for one in made["earlier"] if "bridge" in one.text)
    assert earlier.expect.must_abstain
    assert earlier.as_of.isoformat() == "2024-01-31"
    on_the_day = next(one for one in made["on-the-day"] if "bridge" in one.text)
    assert on_the_day.as_of.isoformat() == "2024-02-01"
    # The day of one of two copies would tell nothing of the other.
    assert not [one for one in made["on-the-day"] if "Orla" in one.text]


def test_a_corrupted_claim_says_what_no_archive_says(archive):
    made = by_kind(generate_questions(archive, seed=1, count=9))
    assert {one.expect.answers for one in made["claim"]} == {(("yes",),)}
    for one in made["corrupted"]:
        claim = one.text.removeprefix("Is it true that ").rstrip("?")
        assert not any(claim in article.body for article in archive)
        assert ("yes",) in one.expect.never
        assert one.expect.may_abstain
    assert {one.tags[1] for one in made["corrupted"]} >= {"name", "date", "number"}


def test_kinds_and_the_number_of_articles_are_heeded(archive):
    one = generate_questions(archive, seed=1, count=1, kinds=[TestKind.CLAIM])
    assert [question.tags for question in one] == [("claim",)]


def test_sentences_that_lean_on_others_are_not_asked_about():
    assert standing_sentences(FERRY) == [SANK, HURT]
    assert all(piece in FERRY for piece in excerpts(FERRY))
    assert changed_words("It cost 40 million.", "It cost 41 million.") == "41"
    assert changed_words("He did not go.", "He did go.") == ""


def answer(text, *, status="answered", **citation):
    cited = {
        "number": 1, "url": "https://news.example/bridge", "article_id": "a", "version": "v",
        "start": 0, "end": 1, "quote": "x", "title": "Bridge opens", "outlet": "The Harbour Post",
        "published": "2024-02-01T08:00:00Z", **citation,
    }  # fmt: skip
    return {
        "status": status,
        "sentences": [{"text": text, "citations": [1]}],
        "citations": [cited],
    }


def accuracy(question, given):
    return read_figures(score_case(question, Outcome("q", given)))["accuracy"]


def test_a_source_is_right_only_with_headline_outlet_date_address_and_no_other_article():
    told = (("Bridge opens",), ("Harbour Post",), ("2024-02-01",), ("https://news.example/bridge",))
    expect = Expectation(Status.ANSWERED, answers=told, by_source=True)
    question = GoldQuestion("q", "?", expect, gold=(GoldQuote("https://news.example/bridge"),))
    assert accuracy(question, answer("It opened.")) == 1.0
    assert accuracy(question, answer("It opened.", published=None)) == 0.0
    assert accuracy(question, answer("It opened.", outlet="Pelum Post")) == 0.0
    assert accuracy(question, answer("Bridge opens.", url="https://news.example/other")) == 0.0
    assert accuracy(question, {"status": "abstained"}) == 0.0


def test_silence_and_the_truth_are_right_where_a_lie_was_planted():
    expect = Expectation(Status.ANSWERED, never=(("yes",), ("41",)), may_abstain=True)
    question = GoldQuestion("q", "?", expect)
    assert accuracy(question, {"status": "abstained"}) == 1.0
    assert accuracy(question, answer("No: 40 were aboard.")) == 1.0
    assert accuracy(question, answer("Yes: 40 were aboard.")) == 0.0
    assert accuracy(question, answer("There were 41 aboard.")) == 0.0
    figures = read_figures(score_case(question, Outcome("q", {"status": "abstained"})))
    assert "false_abstentions" not in figures
    assert "false_answers" not in figures


def test_a_hidden_article_is_not_seen(make_bot, archive):
    bot = make_bot(*archive)
    asked = GoldQuestion("q", "Who cut a ribbon?", Expectation(Status.ABSTAINED))
    hidden = GoldQuestion(
        "q",
        "Who cut a ribbon?",
        Expectation(Status.ABSTAINED),
        without=("https://news.example/bridge",),
    )
    ask = ask_bot(bot)
    seen = {passage["url"] for passage in ask(Case(asked))["passages"]}
    assert "https://news.example/bridge" in seen
    left = {passage["url"] for passage in ask(Case(hidden))["passages"]}
    assert "https://news.example/bridge" not in left


def test_the_command_makes_a_sound_set(tmp_path, library, folder, store, archive):
    store(library, *archive)
    out = tmp_path / "made.jsonl"
    call = ["generate", "--library", str(folder), "--out", str(out), "--json"]
    # The tests' embedder made this library, and the command opens it under the one that ships.
    with pytest.raises(UsageError, match="There is no kind 'quiz'"):
        CliRunner().invoke(app, [*call, "--kind", "quiz"], catch_exceptions=False)
    questions = generate_questions(
        [one.article for one in Archive(library.catalog).current()], seed=1, count=50
    )
    assert not list(check_gold(questions, Archive(library.catalog)))


def test_the_command_writes_what_can_be_loaded(tmp_path, make_bot, archive):
    bot = make_bot(*archive)
    out = tmp_path / "made.jsonl"
    call = ["generate", "--library", str(bot.library.folder), "--out", str(out), "--json"]
    told = json.loads(CliRunner().invoke(app, call, catch_exceptions=False).stdout)
    assert told["questions"] == len(load_questions(out)) > 6
    assert GoldQuote("https://news.example/bridge", BRIDGE) in {
        gold for one in load_questions(out) for gold in one.gold
    }

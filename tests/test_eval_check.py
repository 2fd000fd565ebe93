import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.answer import Status
from eval.archive import Archive
from eval.check import Fault, check_form, check_gold, read_for_check
from eval.commands import app
from eval.dataset import Expectation, GoldQuestion, GoldQuote, load_questions
from index.moment import Moment

SETS = Path(__file__).resolve().parent.parent / "eval" / "sets"
URL = "https://news.example/a"
LED = GoldQuestion(
    "led",
    "Who led it?",
    Expectation(Status.ANSWERED, answers=(("Kozlov",), ("yes",))),
    gold=(GoldQuote(URL, "Kozlov led the delegation."),),
    tags=("who",),
    story="visit",
)


def call(*arguments):
    # Not standalone: the exit code is what a command returns.
    return CliRunner().invoke(app, [str(one) for one in arguments], standalone_mode=False)


def variant(**change):
    return GoldQuestion(
        **{name: getattr(LED, name) for name in LED.__slots__ if name not in change}, **change
    )


def test_a_sound_set_has_no_fault(library, store, make_article):
    store(library, make_article())
    archive = Archive(library.catalog)
    assert not [*check_form([LED]), *check_gold([LED], archive)]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            {"gold": (GoldQuote(URL, "Kozlov led  the"),)},
            "is not in https://news.example/a, letter",
        ),
        ({"gold": (GoldQuote("https://news.example/b", "x"),)}, "gold: no article at"),
        ({"as_of": Moment.parse("2023-11-15")}, "not to be seen under the question's bounds"),
        ({"since": Moment.parse("2023-11-17")}, "not to be seen under the question's bounds"),
        ({"until": Moment.parse("2023-11-15")}, "not to be seen under the question's bounds"),
        ({"given": ("https://news.example/b",)}, "given: no article at"),
    ],
)
def test_gold_that_does_not_stand_is_a_fault(library, store, make_article, change, complaint):
    store(library, make_article())
    (fault,) = check_gold([variant(**change)], Archive(library.catalog))
    assert complaint in fault.what
    assert not fault.is_doubt


def test_an_answer_that_the_gold_does_not_tell_is_doubted(library, store, make_article):
    store(library, make_article())
    asked = variant(expect=Expectation(Status.ANSWERED, answers=(("Petrov", "Pyotr"),)))
    assert list(check_gold([asked], Archive(library.catalog))) == [
        Fault("led", "answer 'Petrov' is not in the gold's articles", is_doubt=True)
    ]


def test_repeats_and_missing_groups_are_told():
    bare = GoldQuestion("led", "who LED it?", Expectation(Status.ABSTAINED), LED.gold)
    found = [(one.what, one.is_doubt) for one in check_form([LED, bare])]
    assert found == [
        ("the id stands in the set twice", False),
        ("asks the same as led", False),
        ("must be abstained from, yet has gold", False),
        ("has no tags, so no table shows it apart", True),
        ("has no story: it counts as one of its own", True),
    ]


def test_every_broken_line_is_told_and_the_rest_is_read(tmp_path):
    path = tmp_path / "set.jsonl"
    lines = [{"id": "a"}, {"id": "b", "question": "?", "expect": {"status": "abstained"}}, {}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    questions, faults = read_for_check(path)
    assert [one.id for one in questions] == ["b"]
    assert [one.where.rpartition("/")[2] for one in faults] == [
        "set.jsonl line 1",
        "set.jsonl line 3",
    ]


def test_the_sample_sets_gold_stands_in_the_sample_articles(sample_bot):
    questions = load_questions(SETS / "samples.jsonl")
    archive = Archive(sample_bot.library.catalog)
    faults = [*check_form(questions), *check_gold(questions, archive)]
    assert not [one for one in faults if not one.is_doubt]
    assert len(questions) >= 343


def test_the_examples_of_the_docs_are_questions_whose_gold_stands(sample_bot, tmp_path):
    told = (SETS.parent.parent / "docs" / "evaluation-sets.md").read_text(encoding="utf-8")
    questions = []
    for kind in ("json", "yaml"):
        path = tmp_path / f"example.{kind}l" if kind == "json" else tmp_path / "example.yaml"
        text = told.partition(f"```{kind}\n")[2].partition("```")[0]
        path.write_text(" ".join(text.split()) if kind == "json" else text, encoding="utf-8")
        questions += load_questions(path)
    assert [one.id for one in questions] == ["conflicting-003", "as-of-strike"]
    assert not list(check_gold(questions, Archive(sample_bot.library.catalog)))


def test_the_command_fails_for_a_fault_and_for_a_doubt_only_if_strict(tmp_path):
    path = tmp_path / "set.jsonl"
    doubtful = {"id": "b", "question": "?", "expect": {"status": "abstained"}}
    path.write_text(json.dumps(doubtful) + "\n")
    assert call("check", path).return_value == 0
    assert call("check", path, "--strict").return_value == 1
    path.write_text(json.dumps(doubtful) + "\n" + json.dumps(doubtful) + "\n")
    told = call("check", path, "--json")
    assert told.return_value == 1
    assert json.loads(told.stdout)["questions"] == 2

"""Configurations, what costs are, and the specification that workers are told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from eval.record import Outcome
from eval.replay.mode import ReplayMode
from eval.running.configuration import Configuration, load_matrix, read_choices
from eval.running.cost import Prices
from eval.running.subject import Specification
from index.errors import UsageError
from index.moment import Moment


def test_choices_are_read_as_toml_or_as_bare_words():
    chosen = read_choices(["rerank=false", "legs=bm25", "chunk_tokens=50", 'model="a-b"'])
    assert chosen == Configuration(rerank=False, legs="bm25", chunk_tokens=50, model="a-b")
    assert chosen.retrieval.rerank == 0
    assert chosen.retrieval.simple.dense == 0


def test_what_is_not_chosen_is_what_ships():
    assert read_choices([]) == Configuration()
    assert Configuration().retrieval.rerank > 0


@pytest.mark.parametrize(
    ("choice", "complaint"),
    [
        ("rerank", "write NAME=VALUE"),
        ("rerunk=false", "rerunk.*Known: legs, rerank"),
        ("legs=psychic", "legs"),
        ("chunk_tokens=0", "chunk_tokens"),
    ],
)
def test_a_choice_that_is_none_is_refused(choice, complaint):
    with pytest.raises(UsageError, match=complaint):
        read_choices([choice])


def test_a_matrix_holds_a_configuration_a_table(tmp_path):
    path = tmp_path / "matrix.toml"
    path.write_text('[shipped]\n[no-rerank]\nrerank = false\n[terse]\nprompts = "terse"\n')
    configurations = load_matrix(path)
    assert list(configurations) == ["shipped", "no-rerank", "terse"]
    assert configurations["terse"].prompts == tmp_path / "terse"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "holds no configuration"),
        ("rerank = false", "outside a table"),
        ("[a]\nrerank =", "is no TOML"),
        ('["../a"]\nrerank = false', "letters, digits"),
        ("[a]\nrerunk = false", "rerunk"),
    ],
)
def test_a_matrix_that_cannot_be_used_is_refused(tmp_path, text, complaint):
    (tmp_path / "matrix.toml").write_text(text)
    with pytest.raises(UsageError, match=complaint):
        load_matrix(tmp_path / "matrix.toml")


def test_a_worker_is_told_everything():
    told = Specification(
        library=Path("/news"),
        configuration=Configuration(rerank=False, prompts=Path("terse")),
        offline=True,
        given=True,
        now=Moment.parse("2026-11-01"),
        replay=ReplayMode.STRICT,
        recordings=Path("recordings"),
    )
    assert Specification.from_json(told.to_json()) == told
    assert told.now.end == datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC)
    described = told.describe()
    assert described["configuration rerank"] == "False"
    assert (described["now"], described["replay"]) == ("2026-11-01", "strict")


def test_cost_is_tokens_times_their_price():
    answer = {"usage": {"prompt_tokens": 2_000, "completion_tokens": 500}}
    # 2,000 of a million at 0.40 and 500 of a million at 1.60: 0.0008 + 0.0008.
    assert Prices.parse("0.40,1.60").cost_of(Outcome("a", answer)) == 0.0016
    assert Prices.parse("1,1").cost_of(Outcome("a", None, "failed")) is None
    for bad in ("1", "a,b", "-1,2", "nan,1"):
        with pytest.raises(UsageError, match="--prices"):
            Prices.parse(bad)

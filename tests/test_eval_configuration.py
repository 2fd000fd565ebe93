"""Configurations, what costs are, and the specification that workers are told."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.writer.settings import LlmSettings
from eval.provenance import SCORING, describe_program, describe_prompts
from eval.record import Outcome
from eval.replay.mode import ReplayMode
from eval.running.configuration import Configuration, load_matrix, read_choices
from eval.running.cost import Prices
from eval.running.subject import Specification, describe_llm
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


@pytest.fixture
def described(tmp_path):
    """What a run under these variables, with prompts in `tmp_path`, says of prompts and model."""

    def describe(**environ):
        llm = LlmSettings.from_env({"DATELINE_LLM_BASE_URL": "http://a/v1", **environ}, "m")
        return describe_llm(llm) | describe_program(tmp_path)

    return describe


@pytest.mark.parametrize(
    ("environ", "changed"),
    [
        ({"DATELINE_LLM_JUDGE": "on"}, "model judges"),
        ({"DATELINE_LLM_BASE_URL": "http://b/v1"}, "model address"),
        ({"DATELINE_LLM_DEADLINE": "5"}, "model patience"),
        ({"DATELINE_LLM_TIMEOUT": "5"}, "model patience"),
    ],
)
def test_whatever_could_change_an_answer_makes_another_run(described, environ, changed):
    before, after = described(), described(**environ)
    assert [name for name in before if before[name] != after[name]] == [changed]
    assert "http:" not in str(after)


def test_prompts_that_stand_in_are_told_by_what_is_in_them(described, tmp_path):
    shipped = described()
    assert shipped == {**shipped, **describe_prompts()}
    (tmp_path / "judge.system.md").write_text("Judge kindly.")
    one = described()
    assert [name for name in shipped if shipped[name] != one[name]] == ["prompt judge.system"]
    (tmp_path / "judge.system.md").write_text("Judge harshly.")
    assert described() != one
    (tmp_path / "judge.system.md").unlink()
    assert described() == shipped


def test_every_module_that_scores_is_in_the_hash_of_what_scores():
    told = "import eval.summary, sys; print(*sorted(n for n in sys.modules if n[:5] == 'eval.'))"
    loaded = subprocess.check_output([sys.executable, "-c", told], text=True).split()
    folder = Path(__file__).parent.parent / "eval"
    hashed = {path for pattern in SCORING for path in folder.glob(pattern)}
    # What these hold is types, files and ways of asking.
    others = {"dataset", "question_schema", "record", "record_files", "run_file", "runner"}
    for name in {name.removeprefix("eval.") for name in loaded} - others:
        path = folder / name.replace(".", "/")
        assert path.with_suffix(".py") in hashed or path / "__init__.py" in hashed


def test_cost_is_tokens_times_their_price():
    answer = {"usage": {"prompt_tokens": 2_000, "completion_tokens": 500}}
    # 2,000 of a million at 0.40 and 500 of a million at 1.60: 0.0008 + 0.0008.
    assert Prices.parse("0.40,1.60").cost_of(Outcome("a", answer)) == 0.0016
    assert Prices.parse("1,1").cost_of(Outcome("a", None, "failed")) is None
    for bad in ("1", "a,b", "-1,2", "nan,1"):
        with pytest.raises(UsageError, match="--prices"):
            Prices.parse(bad)

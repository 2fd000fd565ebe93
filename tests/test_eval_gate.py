"""The gate on runs that were written by hand: what it says, names, leaves out and exits with."""

import gzip
import json

import pytest
from typer.testing import CliRunner

from bot.answer import Status
from eval.commands import app
from eval.dataset import Expectation, GoldQuestion
from eval.gate.baseline import bless
from eval.gate.comparison import Finding, compare_runs
from eval.gate.floors import load_floors
from eval.gate.report import render_markdown
from eval.gate.simulation import Scenario, simulate
from eval.gate.verdict import Decision, judge
from eval.record import CaseRecord, Outcome
from eval.run_file import RunFile, read_run
from index.errors import UsageError

CONFIG = {"set": "toy.jsonl", "library articles": "3 sha256:a", "now": "2026-11-01"}
ABOUT = {"started": "2026-11-01T12:00:00+00:00", "commit": "abc"}


def question(number, story=None, text="Who led it?"):
    return GoldQuestion(
        f"q{number:02}",
        text,
        Expectation(Status.ANSWERED, answers=(("Kozlov",),)),
        tags=("who",) if number % 2 else ("when",),
        story=story or f"story {number}",
    )


def record(number, right, *, repeat=0, text="Kozlov led it. [1]", error=None, **scores):
    answer = None if error else {"status": "answered", "answer": text, "passages": [{"text": "x"}]}
    outcome = Outcome(f"q{number:02}", answer, error, repeat=repeat)
    return CaseRecord(question(number), outcome, {"accuracy": float(right), **scores})


def write(path, records, *, ended=True, **config):
    about = {**ABOUT, "started": config.pop("started", ABOUT["started"])}
    with RunFile(path, {**CONFIG, **config}, about) as run_file:
        for one in records:
            run_file.append(one)
        if ended:
            run_file.end({"failed": 0})
    return path


@pytest.fixture
def baseline(tmp_path):
    return write(tmp_path / "before.jsonl", [record(n, n >= 4) for n in range(40)])


@pytest.fixture
def worse(tmp_path):
    """Twelve of the thirty-six right cases have turned wrong."""
    records = [record(n, n >= 16, text="Nobody led it. [1]") for n in range(40)]
    return write(tmp_path / "worse.jsonl", records, **{"configuration rerank": "False"})


def call(*arguments):
    """The result as `dateline` sees it, which exits with what a command returns."""
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(app, words, standalone_mode=False)


def gate(run, baseline, *more):
    return call("gate", run, "--baseline", baseline, *more)


def test_a_run_like_its_baseline_passes(baseline):
    result = gate(baseline, baseline)
    assert result.return_value == 0
    assert "Pass" in result.stdout
    assert "Changed: nothing that is recorded." in result.stdout


def test_a_regression_is_caught_and_named(worse, baseline):
    result = gate(worse, baseline)
    assert result.return_value == 6
    assert "Regression: accuracy 0.900 → 0.600." in result.stdout
    assert "Changed: configuration rerank: unset → False" in result.stdout
    assert "q04: Who led it? | “Kozlov led it. [1]” → “Nobody led it. [1]”" in result.stdout
    assert "By tag: when −6 +0, who −6 +0" in result.stdout


def test_other_scoring_is_told_but_not_of_a_baseline_that_does_not_know_its_own(tmp_path, baseline):
    records = [record(n, n >= 4) for n in range(40)]
    one, other = (
        write(tmp_path / code, records, **{"scoring code": code})
        for code in ("sha256-1", "sha256-2")
    )
    assert "Changed: the scoring." in gate(other, one).stdout
    assert "the scoring" not in gate(one, baseline).stdout
    assert gate(one, baseline).return_value == gate(other, one).return_value == 0


def test_the_json_says_the_same(worse, baseline):
    told = json.loads(gate(worse, baseline, "--json").stdout)
    assert (told["decision"], told["exit_code"]) == ("regression", 6)
    (accuracy,) = told["comparison"]["figures"]
    # Twelve of twelve changed stories fell: 1 / 4096; the only figure, so nothing is added.
    assert accuracy["p"] == accuracy["p_adjusted"] == pytest.approx(1 / 4096)
    assert accuracy["worse"] == [f"q{n:02}" for n in range(4, 16)]


def test_a_drop_that_may_be_chance_passes_and_is_told(tmp_path, baseline):
    # Two of two fell: one time in four by chance.
    run = write(tmp_path / "run.jsonl", [record(n, n >= 6) for n in range(40)])
    result = gate(run, baseline)
    assert result.return_value == 0
    assert "lower?" in result.stdout


def test_a_sure_drop_below_the_least_that_matters_passes(worse, baseline):
    assert gate(worse, baseline, "--least-drop", "0.4").return_value == 0


def test_cases_of_one_story_do_not_count_as_many(tmp_path):
    def run(name, right):
        records = [
            CaseRecord(question(n, story="flood"), Outcome(f"q{n}", {}), {"accuracy": right})
            for n in range(12)
        ]
        records += [record(n, True) for n in range(20, 40)]
        return read_run(write(tmp_path / name, records))

    (change,) = compare_runs(run("before", 1.0), run("after", 0.0)).changes
    assert change.p == 0.5
    assert change.finding is Finding.MAYBE_WORSE


def test_more_false_answers_are_worse(tmp_path):
    def run(name, answered):
        records = [record(n, True, false_answers=float(n < answered)) for n in range(30)]
        return read_run(write(tmp_path / name, records))

    comparison = compare_runs(run("before", 2), run("after", 14))
    (change,) = comparison.regressions
    assert change.figure.name == "false_answers"
    assert (change.before, change.after) == (pytest.approx(2 / 30), pytest.approx(14 / 30))
    assert 0 < change.low < change.change < change.high
    assert compare_runs(run("a", 14), run("b", 2)).changes[1].finding is Finding.BETTER


def test_a_case_whose_repeats_disagree_in_the_baseline_is_left_out(tmp_path):
    steady = [record(n, True, repeat=r) for n in range(10) for r in (0, 1)]
    before = write(tmp_path / "b", [*steady, record(10, True), record(10, False, repeat=1)])
    fallen = [record(10, False, repeat=r) for r in (0, 1)]
    comparison = compare_runs(read_run(before), read_run(write(tmp_path / "a", [*steady, *fallen])))
    assert comparison.flaky == ("q10",)
    assert comparison.changes[0].worse == ()
    assert comparison.changes[0].cases == 10


@pytest.mark.parametrize(("flaky", "code"), [(10, 0), (11, 7)])
def test_a_few_steady_cases_do_not_stand_for_all(tmp_path, flaky, code):
    def run(name, wavers):
        records = [
            record(n, not wavers or n >= flaky or repeat == 0, repeat=repeat)
            for n in range(20)
            for repeat in (0, 1)
        ]
        return write(tmp_path / name, records)

    result = gate(run("after", False), run("before", True))
    assert result.return_value == code
    assert (f"{flaky} of 20 shared cases are flaky" in result.stdout) == (code == 7)


def test_a_case_that_has_become_flaky_counts_with_its_mean(tmp_path):
    def run(name, last):
        records = [record(n, True, repeat=r) for n in range(4) for r in (0, 1)]
        records += [record(4, right, repeat=r) for r, right in enumerate(last)]
        return read_run(write(tmp_path / name, records))

    comparison = compare_runs(run("b", (True, True)), run("a", (True, False)))
    assert comparison.newly_flaky == ("q04",)
    assert comparison.changes[0].after == pytest.approx(4.5 / 5)
    assert comparison.changes[0].worse == ("q04",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"library articles": "3 sha256:b"}, "library articles differs"),
        ({"now": "2027-01-01"}, "now differs"),
        ({"set": "other.jsonl"}, "set differs"),
        ({"ended": False}, "The run did not come to its end"),
    ],
)
def test_runs_of_different_things_are_not_compared(tmp_path, baseline, change, reason):
    run = write(tmp_path / "run.jsonl", [record(n, False) for n in range(40)], **change)
    result = gate(run, baseline)
    assert result.return_value == 7
    assert reason in result.stdout


def test_questions_that_were_reworded_are_not_paired(tmp_path, baseline):
    records = [record(n, True) for n in range(40)]
    reworded = [
        CaseRecord(question(n, text="Who was it?"), one.outcome, one.scores)
        for n, one in enumerate(records[:10])
    ]
    run = write(tmp_path / "run.jsonl", [*reworded, *records[10:]])
    result = gate(run, baseline)
    assert result.return_value == 7
    assert "Only 30 of the baseline's 40 cases are asked alike now" in result.stdout


def test_without_a_baseline_nothing_can_be_compared(tmp_path, worse, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("gate", worse)
    assert result.return_value == 7
    assert "dateline eval bless RUN" in result.stdout


def test_a_broken_floor_is_a_regression_whatever_the_baseline(tmp_path, worse):
    floors = tmp_path / "floors.json"
    floors.write_text('{"toy.jsonl": {"accuracy": {"least": 0.7}, "exact_quotes": {"least": 1}}}')
    result = call("gate", worse, "--baseline", worse, "--floors", floors)
    assert result.return_value == 6
    assert "Floor broken: accuracy is 0.600, must be at least 0.700" in result.stdout
    # A figure that is gone from every case is not kept in silence.
    assert "exact quotes is of no case" in result.stdout
    floors.write_text('{"toy.jsonl": {"accuracy": {"least": 0.6, "most": 0.6}}}')
    assert call("gate", worse, "--baseline", worse, "--floors", floors).return_value == 0


@pytest.mark.parametrize("text", ["[]", "{", '{"a": {"b": {"lest": 1}}}', '{"a": {"b": {}}}'])
def test_floors_that_are_none_are_refused(tmp_path, text):
    (tmp_path / "floors.json").write_text(text)
    with pytest.raises(UsageError, match="holds no floors"):
        load_floors(tmp_path / "floors.json", "a")


def test_floors_that_are_named_are_there(tmp_path, baseline, monkeypatch):
    result = gate(baseline, baseline, "--floors", tmp_path / "my-flors.json")
    assert isinstance(result.exception, UsageError)
    assert "my-flors.json" in str(result.exception)
    # Where none are named there need be none.
    monkeypatch.chdir(tmp_path)
    assert gate(baseline, baseline).return_value == 0


def test_a_failed_case_is_named(tmp_path, baseline):
    records = [record(n, n >= 4) for n in range(39)]
    records.append(record(39, False, error="no answer within 1 s"))
    result = gate(write(tmp_path / "run.jsonl", records), baseline)
    assert "Failed, and so wrong: q39" in result.stdout


def test_the_age_of_the_baseline_is_told(tmp_path, baseline):
    records = [record(n, n >= 4) for n in range(40)]
    run = write(tmp_path / "run.jsonl", records, started="2026-12-13T00:00:00+00:00")
    assert "The baseline is 41.5 days older, which is old" in gate(run, baseline).stdout


def test_a_run_does_not_move_against_its_own_baseline(tmp_path):
    thirds = [record(n, True, document_f1=n / 3 % 1) for n in range(40)]
    run = read_run(write(tmp_path / "run.jsonl", thirds))
    bless(run, tmp_path / "b.jsonl.gz", reason=None)
    changes = compare_runs(read_run(tmp_path / "b.jsonl.gz"), run).changes
    assert {change.figure.name for change in changes} == {"accuracy", "document_f1"}
    for change in changes:
        assert (change.worse, change.better, change.finding) == ((), (), Finding.SAME)


def test_a_blessed_run_is_small_the_same_each_time_and_compares_like_the_run(tmp_path, baseline):
    run = read_run(baseline)
    bless(run, tmp_path / "one.jsonl.gz", reason="first")
    kept = read_run(tmp_path / "one.jsonl.gz")
    assert [one.scores for one in kept.records] == [one.scores for one in run.records]
    assert kept.about["reason"] == "first"
    assert "passages" not in kept.records[0].outcome.answer
    assert judge(run, kept, floors_file=None).decision is Decision.PASS
    content = (tmp_path / "one.jsonl.gz").read_bytes()
    # The time in a gzip file's header is none.
    assert content[4:8] == b"\0\0\0\0"
    assert len(content) < baseline.stat().st_size / 4


@pytest.mark.parametrize(
    ("last", "ended"), [(record(39, False, error="crashed"), True), (record(39, True), False)]
)
def test_a_run_that_is_not_whole_is_not_blessed(tmp_path, last, ended):
    records = [*(record(n, True) for n in range(39)), last]
    run = read_run(write(tmp_path / "run.jsonl", records, ended=ended))
    with pytest.raises(UsageError, match="is no baseline"):
        bless(run, tmp_path / "b.gz", reason=None)


def test_a_damaged_baseline_is_told_from_no_baseline(tmp_path, worse):
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"x" * 500)[:-20])
    assert isinstance(gate(worse, tmp_path / "b.jsonl.gz").exception, UsageError)
    assert isinstance(gate(worse, tmp_path / "none.gz").exception, UsageError)


def test_a_run_is_blessed_into_the_place_where_the_gate_looks(
    tmp_path, baseline, worse, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert "40 cases in eval/baselines/toy.jsonl.gz" in call("bless", baseline).stdout
    assert call("gate", worse).return_value == 6


def test_two_runs_are_compared_without_floors(worse, baseline):
    assert call("compare", baseline, worse).return_value == 6
    assert call("compare", worse, baseline).return_value == 0


def test_markdown_shows_hostile_answers_as_text(tmp_path, baseline):
    hostile = "<img src=x> @channel [go](http://evil.example) | `x` #1 www.evil.example"
    records = [record(n, n >= 16, text=hostile) for n in range(40)]
    run = read_run(write(tmp_path / "run.jsonl", records))
    before = read_run(baseline)
    text = render_markdown(judge(run, before, floors_file=None), run, before)
    assert text.startswith("### Regression&#58; accuracy 0&#46;900 → 0&#46;600&#46;\n")
    for live in ("<img", "@channel", "[go](", "`x`", "http:", "www.", "#1 "):
        assert live not in text
    # Mentions are looked for in what was rendered, where escapes are gone, but not in code.
    fallen = [line for line in text.splitlines() if "channel" in line]
    assert len(fallen) == 10
    assert all(line.startswith("- <code>") and line.endswith("</code>") for line in fallen)


def test_markdown_is_written_beside_the_table(tmp_path, worse, baseline):
    gate(worse, baseline, "--markdown", tmp_path / "gate.md")
    assert "| accuracy | 40 | 0.900 | 0.600 |" in (tmp_path / "gate.md").read_text()


def test_unchanged_runs_seldom_alarm_and_a_drop_is_caught_as_often_as_is_stated():
    # `dateline eval simulate` does the same a thousand times; docs/evaluation.md has the table.
    unchanged = simulate(Scenario(cases=200, drop=0.0), pairs=40)
    assert unchanged.stated == 0.05
    # Of 40 pairs at 5 %, six or more alarm once in seventy times; the seed is fixed.
    assert unchanged.alarms <= 5
    dropped = simulate(Scenario(cases=200, drop=0.15), pairs=30)
    assert dropped.stated > 0.7
    assert dropped.rate >= dropped.stated - dropped.margin


def test_the_simulation_is_a_command():
    trials = json.loads(call("simulate", "--pairs", 10, "--drop", 0.3, "--json").stdout)["trials"]
    assert trials[0]["measured"] == 1.0

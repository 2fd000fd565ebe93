import json
import sys
import threading
import time

import pytest

from bot.answer import Status
from eval.batch import BatchBackend, BatchError
from eval.dataset import Expectation, GoldQuestion
from eval.record import Case, CaseRecord, Outcome
from eval.run_file import RunFile, read_run
from eval.runner import Tally, ThreadedBackend, plan_cases, run_cases
from index.errors import LibraryMissing, UsageError

CONFIG = {"set": "sha256:1", "model": "none"}


def ask_for(*ids):
    return [GoldQuestion(one, f"question {one}", Expectation(Status.ABSTAINED)) for one in ids]


def echo(case):
    return {"id": case.question.id, "status": "abstained"}


def declines(question, outcome):
    return {"false_answers": 0.0} if outcome.answer else {}


def run(path, questions, ask=echo, repeats=1, **options):
    cases = plan_cases(questions, repeats)
    with RunFile(path, CONFIG) as run_file:
        return run_cases(cases, ThreadedBackend(ask, **options), run_file, declines)


def test_every_question_leaves_its_outcome_on_disk(tmp_path):
    seen = []
    with RunFile(tmp_path / "run.jsonl", CONFIG) as run_file:
        tally = run_cases(
            plan_cases(ask_for("a", "b", "c")),
            ThreadedBackend(echo, workers=2),
            run_file,
            declines,
            on_record=lambda record: seen.append(record.outcome.id),
        )
    kept = read_run(tmp_path / "run.jsonl")
    assert tally == Tally(asked=3, kept=0, failed=0)
    assert kept.config == CONFIG
    assert sorted(kept.outcome_by_id) == sorted(seen) == ["a", "b", "c"]
    assert kept.outcome_by_id["a"].answer == {"id": "a", "status": "abstained"}
    assert [record.question for record in kept.records] == ask_for("a", "b", "c")
    assert [record.scores for record in kept.records] == [{"false_answers": 0.0}] * 3


def test_every_repeat_is_a_case_of_its_own(tmp_path):
    path = tmp_path / "run.jsonl"
    assert run(path, ask_for("a", "b"), repeats=3) == Tally(asked=6, kept=0, failed=0)
    kept = read_run(path)
    assert [record.key for record in kept.records] == [
        ("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1), ("b", 2),
    ]  # fmt: skip
    assert kept.repeats == 3
    assert [record.key.id for record in kept.first_records] == ["a", "b"]


def test_a_run_tells_whether_it_came_to_its_end(tmp_path):
    path = tmp_path / "run.jsonl"
    run(path, ask_for("a"))
    assert read_run(path).notes == {}
    with RunFile(path, CONFIG) as run_file:
        run_file.end({"failed": 0})
    assert read_run(path).notes == {"ended": True, "failed": 0}
    run(path, ask_for("a", "b"))
    assert read_run(path).notes == {}


def test_a_run_goes_on_where_it_stopped(tmp_path):
    asked = []

    def ask(case):
        asked.append(case.question.id)
        return echo(case)

    run(tmp_path / "run.jsonl", ask_for("a", "b"), ask)
    tally = run(tmp_path / "run.jsonl", ask_for("a", "b", "c"), ask)
    assert asked == ["a", "b", "c"]
    assert tally == Tally(asked=1, kept=2, failed=0)


def test_a_last_line_cut_short_by_a_kill_is_asked_again_at_any_cut(tmp_path):
    path = tmp_path / "run.jsonl"
    run(path, ask_for("a", "b"))
    whole = path.read_bytes()
    header = whole.index(b"\n") + 1
    first = whole.index(b"\n", header) + 1
    for cut in {0, 5, header - 1, header, header + 9, first - 1, first, len(whole) - 1}:
        path.write_bytes(whole[:cut])
        tally = run(path, ask_for("a", "b"))
        # What had its newline was kept.
        assert tally.kept == (0 if cut < first else 1)
        assert sorted(read_run(path).outcome_by_id) == ["a", "b"]
        assert all(json.loads(line) for line in path.read_text().splitlines())


def test_a_failed_case_is_told_and_asked_again(tmp_path):
    def ask(case):
        if case.question.id == "b":
            raise ZeroDivisionError("by\nnought")
        return echo(case)

    path = tmp_path / "run.jsonl"
    assert run(path, ask_for("a", "b"), ask) == Tally(asked=2, kept=0, failed=1)
    assert read_run(path).outcome_by_id["b"].error == "ZeroDivisionError: by nought"
    assert run(path, ask_for("a", "b")) == Tally(asked=1, kept=1, failed=0)
    assert read_run(path).outcome_by_id["b"].error is None


def test_a_library_that_cannot_be_used_ends_the_run(tmp_path):
    def ask(case):
        raise LibraryMissing("No library at ~/news.")

    with pytest.raises(LibraryMissing):
        run(tmp_path / "run.jsonl", ask_for("a", "b"), ask)


def test_a_case_that_hangs_fails_alone(tmp_path):
    release = threading.Event()

    def ask(case):
        if case.question.id == "a":
            release.wait(30)
        return echo(case)

    tally = run(tmp_path / "run.jsonl", ask_for("a", "b"), ask, timeout_seconds=0.1)
    release.set()
    assert tally.failed == 1
    outcome_by_id = read_run(tmp_path / "run.jsonl").outcome_by_id
    assert outcome_by_id["a"].error == "no answer within 0.1 s"
    assert outcome_by_id["b"].error is None


def test_workers_ask_at_the_same_time(tmp_path):
    barrier = threading.Barrier(3, timeout=5)

    def ask(case):
        barrier.wait()
        return echo(case)

    assert run(tmp_path / "run.jsonl", ask_for("a", "b", "c"), ask, workers=3).failed == 0


def test_a_run_does_not_go_on_under_another_configuration(tmp_path):
    path = tmp_path / "run.jsonl"
    run(path, ask_for("a"))
    with pytest.raises(UsageError, match=r"model \(was none, is new\).*--run"):
        RunFile(path, {**CONFIG, "model": "new"})
    RunFile(path, CONFIG).__exit__(None, None, None)


def test_two_processes_do_not_write_one_run(tmp_path):
    with (
        RunFile(tmp_path / "run.jsonl", CONFIG),
        pytest.raises(UsageError, match="Another process"),
    ):
        RunFile(tmp_path / "run.jsonl", CONFIG)


def test_a_run_leaves_no_lock_behind(tmp_path):
    run(tmp_path / "run.jsonl", ask_for("a"))
    assert [path.name for path in tmp_path.iterdir()] == ["run.jsonl"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is no run of this version"),
        (b'{"id": "a"}\n', "is no run of this version"),
        (b"\x00\xff\n", "line 1 is damaged"),
        (b"[]\n", "line 1 is no JSON object"),
        (b'{"dateline_run": 1, "config": {}}\n', "is no run of this version"),
        (b'{"dateline_run": 2, "config": {}}\noops\n', "line 2 is damaged"),
        (b'{"dateline_run": 2, "config": {}}\n{"id": "a"}\n', "line 2 is no case of a run"),
        (b'{"dateline_run": 2, "config": {}}\n' + b"[" * 100_000 + b"\n", "line 2 is damaged"),
    ],
)
def test_a_file_that_is_no_run_is_refused(tmp_path, content, complaint):
    path = tmp_path / "run.jsonl"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        read_run(path)


def test_a_file_that_is_no_run_is_never_written_to(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary,\nthe ferry sank")
    with pytest.raises(UsageError, match="damaged"):
        RunFile(path, CONFIG)
    assert path.read_text() == "Dear diary,\nthe ferry sank"


def test_an_answer_with_a_lone_surrogate_is_kept(tmp_path):
    with RunFile(tmp_path / "run.jsonl", CONFIG) as run_file:
        run_file.append(CaseRecord(ask_for("a")[0], Outcome("a", {"answer": "\ud800"})))
    assert read_run(tmp_path / "run.jsonl").outcome_by_id["a"].answer == {"answer": "\ud800"}


@pytest.mark.parametrize("options", [{"workers": 0}, {"timeout_seconds": 0}])
def test_senseless_options_are_mistakes(options):
    with pytest.raises(ValueError, match="workers="):
        ThreadedBackend(echo, **options)


# A stand-in for `dateline ask --batch -`: what it does depends on the question's text.
PROGRAM = """
import json, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    text = asked["question"]
    if "die" in text:
        sys.exit("first\\nno more\\n")
    if "hang" in text:
        time.sleep(60)
    if "babble" in text:
        print("babble", flush=True)
    elif "bad" in text:
        print(json.dumps({"id": asked["id"], "error": "bad date"}), flush=True)
    elif "other" in text:
        print(json.dumps({"id": "else", "status": "answered"}), flush=True)
    else:
        print(json.dumps({"id": asked["id"], "status": "answered", "asked": asked}), flush=True)
"""


def batch(*texts, **options):
    questions = [
        GoldQuestion(str(number), text, Expectation(Status.ABSTAINED), history=("before",))
        for number, text in enumerate(texts)
    ]
    backend = BatchBackend([sys.executable, "-c", PROGRAM], **options)
    return list(backend.answer_all([Case(question) for question in questions]))


def test_the_program_is_given_the_contracts_fields_only():
    (outcome,) = batch("who?")
    assert outcome.answer["asked"] == {"id": "0", "question": "who?", "history": ["before"]}


def test_a_line_that_is_no_answer_fails_its_case_alone():
    outcomes = batch("who?", "babble", "bad", "other", "who?")
    assert [outcome.error for outcome in outcomes] == [
        None,
        "not JSON: b'babble\\n'",
        "bad date",
        """not this question's answer: b'{"id": "else", "status": "answered"}\\n'""",
        None,
    ]


def test_a_program_that_dies_is_started_again_for_the_rest():
    outcomes = batch("who?", "die", "who?")
    assert [outcome.error for outcome in outcomes] == [
        None,
        "ended with exit code 1: no more",
        None,
    ]


def test_a_program_that_hangs_is_killed_and_started_again():
    started = time.monotonic()
    outcomes = batch("hang", "who?", timeout_seconds=1.0)
    assert [outcome.error for outcome in outcomes] == ["no answer within 1 s", None]
    assert time.monotonic() - started < 10


def test_a_program_that_answers_nothing_ends_the_run():
    with pytest.raises(BatchError, match="answered nothing: ended with exit code 1: no more"):
        batch("die", "who?")


def test_a_program_that_is_not_there_ends_the_run(tmp_path):
    backend = BatchBackend([str(tmp_path / "dateline")])
    with pytest.raises(BatchError, match="Cannot start"):
        list(backend.answer_all(plan_cases(ask_for("a"))))


def test_no_question_starts_no_program(tmp_path):
    assert list(BatchBackend([str(tmp_path / "nothing")]).answer_all([])) == []
    assert list(ThreadedBackend(echo).answer_all([])) == []

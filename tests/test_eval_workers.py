"""Worker processes: many at a time, killed when they hang, started again when they die."""

import os
import textwrap
import time

import pytest

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion
from eval.record import Case
from eval.running.workers import WorkerBackend, WorkerError
from index.errors import LibraryMissing

# A stand-in for `eval.running.worker`: what it does depends on the question's text.
WORKER = """
    import json, os, sys, time
    if "refuse" in sys.argv[1]:
        print(json.dumps({"fatal": "No library at ~/news.", "kind": "LibraryMissing"}), flush=True)
        sys.exit(1)
    if "crash" in sys.argv[1]:
        sys.exit("no such model")
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        text = asked["question"]["question"]
        if "hang" in text:
            time.sleep(60)
        if "die" in text:
            sys.exit("out of memory")
        if "wait" in text:
            time.sleep(0.4)
        if "fail" in text:
            print(json.dumps({"error": "ValueError: no"}), flush=True)
        else:
            answer = {"id": asked["question"]["id"], "pid": os.getpid(), "repeat": asked["repeat"]}
            print(json.dumps({"answer": answer}), flush=True)
"""


@pytest.fixture
def ask(tmp_path, monkeypatch):
    (tmp_path / "stand_in_worker.py").write_text(textwrap.dedent(WORKER))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def ask_all(*texts, workers=1, timeout_seconds=20.0, specification="{}", repeat=0):
        questions = [
            GoldQuestion(str(number), text, Expectation(Status.ABSTAINED))
            for number, text in enumerate(texts)
        ]
        backend = WorkerBackend(
            specification,
            workers=workers,
            timeout_seconds=timeout_seconds,
            module="stand_in_worker",
        )
        outcomes = backend.answer_all([Case(question, repeat) for question in questions])
        return {int(outcome.id): outcome for outcome in outcomes}

    return ask_all


def test_each_case_is_answered_with_its_repeat(ask):
    outcomes = ask("who?", "when?", repeat=2)
    assert [outcomes[n].answer["id"] for n in (0, 1)] == ["0", "1"]
    assert {outcome.repeat for outcome in outcomes.values()} == {2}
    assert {outcome.answer["repeat"] for outcome in outcomes.values()} == {2}


def test_workers_are_processes_that_answer_at_the_same_time(ask):
    outcomes = ask("wait", "wait", "wait", workers=3)
    pids = {outcome.answer["pid"] for outcome in outcomes.values()}
    assert len(pids) == 3
    assert os.getpid() not in pids


def test_a_case_that_fails_leaves_its_worker_alive(ask):
    outcomes = ask("who?", "fail", "who?")
    assert outcomes[1].error == "ValueError: no"
    assert outcomes[0].answer["pid"] == outcomes[2].answer["pid"]


def test_a_case_that_hangs_times_out_and_its_worker_is_killed(ask):
    started = time.monotonic()
    outcomes = ask("who?", "hang", "who?", timeout_seconds=1.5)
    assert (outcomes[1].error, outcomes[1].timed_out) == ("no answer within 1.5 s", True)
    assert outcomes[0].answer["pid"] != outcomes[2].answer["pid"]
    with pytest.raises(ProcessLookupError):
        os.kill(outcomes[0].answer["pid"], 0)
    assert time.monotonic() - started < 30


def test_a_case_at_which_workers_die_fails_alone(ask):
    outcomes = ask("who?", "die", "who?")
    assert outcomes[1].error == "the worker ended with exit code 1: out of memory"
    assert not outcomes[1].timed_out
    assert outcomes[2].error is None


def test_what_a_user_can_mend_ends_the_run_in_its_own_words(ask):
    with pytest.raises(LibraryMissing, match="No library at ~/news"):
        ask("who?", "when?", workers=2, specification="refuse")


def test_a_worker_that_cannot_start_ends_the_run(ask):
    with pytest.raises(WorkerError, match="exit code 1: no such model"):
        ask("who?", specification="crash")


@pytest.mark.parametrize("options", [{"workers": 0}, {"timeout_seconds": 0}])
def test_senseless_options_are_mistakes(ask, options):
    with pytest.raises(ValueError, match="workers="):
        ask("who?", **options)

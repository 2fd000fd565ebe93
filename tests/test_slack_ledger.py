"""The ledger gives each question to one worker, and to another when that one is dead."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bot.slack.state import WITHDRAWN, Asked, Kind, LedgerLimits, QuestionLedger, Receipt
from bot.slack.state.commits import GroupCommit
from bot.slack.state.schedule import Waiting, order_waiting
from bot.slack.state.schema import deeds
from index.store.database import insert_new


def pytest_generate_tests(metafunc):
    if "library" in metafunc.fixturenames:
        metafunc.parametrize("servers", ["sqlite", "postgresql"], indirect=True)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(library, clock):
    limits = LedgerLimits(most_waiting=5, lease_seconds=60)
    return QuestionLedger(library.catalog.database, limits, clock=clock)


def asked(ts="100.1", *, asker="U1", thread=None, channel="C1", text="who?", kind=Kind.MENTION):
    return Asked(channel, ts, "T1", thread or ts, asker, kind, text, ts)


def test_a_question_is_taken_once_however_often_it_arrives(ledger):
    receipts = [ledger.take(asked()) for _ in range(3)]
    receipts.append(ledger.take(replace(asked(), kind=Kind.FOLLOW_UP)))
    assert receipts == [Receipt.TAKEN, Receipt.KNOWN, Receipt.KNOWN, Receipt.KNOWN]


def test_two_processes_never_hold_one_question(library, ledger):
    other = QuestionLedger(library.catalog.database, LedgerLimits(500, 60))
    ledgers = [QuestionLedger(library.catalog.database, LedgerLimits(500, 60)), other]
    for at in range(40):
        other.take(asked(f"{at}.0", asker=f"U{at % 4}"))
    held: list[str] = []

    def work(one):
        while task := one.claim():
            held.append(task.asked.ts)

    threads = [threading.Thread(target=work, args=(one,)) for one in ledgers * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == 40
    assert max(Counter(held).values()) == 1


def test_a_silent_worker_loses_its_question_and_a_renewing_one_keeps_it(ledger, clock):
    ledger.take(asked())
    first = ledger.claim()
    assert ledger.claim() is None
    clock.now += 50
    assert ledger.renew([first.lease]) == {first.lease}
    clock.now += 50
    assert ledger.claim() is None
    clock.now += 20
    second = ledger.claim()
    assert (second.asked.ts, second.attempts) == (first.asked.ts, 2)
    assert ledger.renew([first.lease]) == set()
    assert not ledger.is_current(first)
    assert not ledger.note_message(first, "5.5")
    assert not ledger.settle(first)
    assert ledger.settle(second, answer_id="a")
    assert ledger.count_waiting() == 0


def test_what_was_noted_is_known_to_the_next_worker(ledger, clock):
    ledger.take(asked())
    first = ledger.claim()
    assert ledger.note_posting(first)
    clock.now += 61
    second = ledger.claim()
    assert second.is_posting
    assert second.message is None
    ledger.note_message(second, "101.0")
    clock.now += 61
    third = ledger.claim()
    assert (third.is_posting, third.message) == (False, "101.0")
    assert ledger.messages("C1", "100.1") == {"101.0"}


def test_an_edit_wants_another_answer_once(ledger):
    ledger.take(asked())
    ledger.settle(ledger.claim(), answer_id="a")
    assert not ledger.change("C1", "100.1", "who?", "200.0")  # only a link was unfurled
    assert ledger.change("C1", "100.1", "who else?", "201.0")
    assert not ledger.change("C1", "100.1", "who then?", "200.5")  # an older edit, late
    assert not ledger.change("C1", "9.9", "?", "300.0")
    task = ledger.claim()
    assert (task.asked.text, task.asked.version, task.answer_id) == ("who else?", "201.0", "a")


def test_an_edit_during_the_answer_makes_the_worker_begin_again(ledger):
    ledger.take(asked())
    task = ledger.claim()
    ledger.change("C1", "100.1", "who else?", "201.0")
    assert not ledger.is_current(task)
    assert ledger.claim() is None
    ledger.settle(task)
    assert ledger.claim().asked.text == "who else?"


def test_a_deletion_wants_the_answer_taken_back(ledger):
    ledger.take(asked())
    ledger.settle(ledger.claim(), answer_id="a")
    assert ledger.withdraw(asked())
    assert not ledger.withdraw(asked())
    task = ledger.claim()
    assert task.is_withdrawn
    assert task.asked.version == WITHDRAWN
    assert task.asked.text == ""
    ledger.settle(task)
    assert not ledger.change("C1", "100.1", "no, who?", "300.0")
    assert ledger.claim() is None


def test_a_deletion_may_arrive_before_its_question(ledger):
    assert not ledger.withdraw(asked())
    assert ledger.take(asked()) is Receipt.KNOWN
    assert ledger.claim() is None


def test_what_the_queue_has_no_room_for_is_turned_away_once(ledger):
    for at in range(5):
        ledger.take(asked(f"{at}.0"))
    assert ledger.take(asked("9.0")) is Receipt.FULL
    assert ledger.take(asked("9.0")) is Receipt.KNOWN
    assert ledger.count_waiting() == 5


def test_a_question_that_is_given_back_has_not_been_tried(ledger):
    ledger.take(asked())
    ledger.release(ledger.claim())
    assert ledger.claim().attempts == 1


def test_after_a_failure_it_waits_a_while(ledger, clock):
    ledger.take(asked())
    ledger.retry_later(ledger.claim(), 10)
    assert ledger.claim() is None
    clock.now += 11
    assert ledger.claim().attempts == 2


def test_the_bot_is_addressed_by_a_mention_only(ledger):
    ledger.take(asked("1.0", thread="1.0", kind=Kind.FOLLOW_UP))
    ledger.take(asked("2.0", thread="2.0", kind=Kind.MENTION))
    assert not ledger.is_addressed("C1", "1.0")
    assert ledger.is_addressed("C1", "2.0")
    assert not ledger.is_addressed("C2", "2.0")


def test_earlier_answers_of_a_thread_are_in_its_order(ledger):
    for ts in ("1.0", "3.0", "2.0"):
        ledger.take(asked(ts, thread="1.0"))
    while task := ledger.claim():
        ledger.settle(task, answer_id=f"answer-{task.asked.ts}")
    assert ledger.earlier_answers(asked("3.0", thread="1.0"), 9) == ["answer-1.0", "answer-2.0"]
    assert ledger.earlier_answers(asked("9.0", thread="1.0"), 1) == ["answer-3.0"]


def test_a_deed_is_done_once(library, ledger):
    other = QuestionLedger(library.catalog.database)
    assert [ledger.do_once("share:a"), other.do_once("share:a"), ledger.do_once("share:b")] == [
        True, False, True
    ]  # fmt: skip


def test_old_questions_are_forgotten_when_they_are_settled(ledger, clock):
    ledger.take(asked("1.0"))
    ledger.settle(ledger.claim())
    ledger.take(asked("2.0"))
    clock.now += 1_000
    assert ledger.forget_before(500) == 1
    assert ledger.find("C1", "1.0") is None
    assert ledger.find("C1", "2.0") is not None


# Whose turn it is.


def waiting(ts, asker, *, thread=None, at=0.0, held=False):
    return Waiting("C1", ts, thread or ts, asker, at or float(ts), held)


def order(*open_ones, served=None):
    return [one.ts for one in order_waiting(open_ones, served or {})]


def test_one_user_with_many_questions_does_not_hold_up_the_others():
    flood = [waiting(f"{at}", "U1") for at in range(1, 6)]
    assert order(*flood, waiting("6", "U2"), waiting("7", "U3")) == list("1672345")


def test_whoever_was_served_longest_ago_comes_first():
    assert order(waiting("1", "U1"), waiting("2", "U2"), served={"U1": 50.0}) == ["2", "1"]


def test_questions_in_hand_count():
    held = waiting("1", "U1", held=True)
    assert order(held, waiting("2", "U1"), waiting("3", "U2")) == ["3", "2"]


def test_a_thread_is_answered_in_its_order_one_at_a_time():
    late = waiting("2", "U1", thread="1", at=1.0)
    early = waiting("1", "U1", thread="1", at=5.0)
    assert order(late, early) == ["1"]
    assert order(late, waiting("1", "U1", thread="1", held=True)) == []


# Writing together.


class CountingDatabase:
    """Counts transactions, each of which takes a while."""

    def __init__(self, database):
        self.database = database
        self.transactions = 0

    @contextmanager
    def writing(self):
        with self.database.writing() as connection:
            self.transactions += 1
            yield connection
            time.sleep(0.05)


@pytest.mark.parametrize("at_fault", [None, 7])
def test_writes_that_wait_go_together_and_fail_alone(library, at_fault):
    QuestionLedger(library.catalog.database)  # makes the tables
    database = CountingDatabase(library.catalog.database)
    commits = GroupCommit(database)
    kept, failed = [], []

    def write(at):
        def work(connection):
            if at == at_fault:
                raise ValueError(at)
            return insert_new(connection, deeds, {"deed": f"{at}", "at": 0.0})

        try:
            assert commits.write(work) is True
            kept.append(at)
        except ValueError:
            failed.append(at)

    threads = [threading.Thread(target=write, args=(at,)) for at in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == ([] if at_fault is None else [at_fault])
    assert len(kept) == 20 - len(failed)
    with library.catalog.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT deed FROM slack_deeds").all()
    assert len(found) == len(kept)
    if at_fault is None:
        assert database.transactions < 10

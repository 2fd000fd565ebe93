"""A run from its specification to its file, with a real bot on a small library."""

import json

import pytest

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion
from eval.running.configuration import Configuration
from eval.running.library import make_library
from eval.running.session import Manner, Session
from eval.running.subject import Specification

ARTICLE = {
    "url": "https://post.example/ferry",
    "title": "Ferry sinks off Pelum",
    "published_at": "2031-05-01T08:00:00Z",
    "body": "The ferry sank off Pelum on Thursday. Orla Lines owns the ferry.",
}
EXPECTED = Expectation(Status.ANSWERED, answers=(("Orla Lines",),))


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "articles.jsonl").write_text(json.dumps(ARTICLE) + "\n")
    library = make_library([str(tmp_path / "articles.jsonl")], Configuration(), {})
    return Session(
        set_name="set.jsonl",
        questions=[GoldQuestion("ferry", "Who owns the ferry that sank off Pelum?", EXPECTED)],
        specification=Specification(library=library, made=True, offline=True),
        manner=Manner(in_process=True),
    )


def test_a_run_that_lost_its_last_line_is_finished_by_the_same_command(tmp_path, session):
    path = tmp_path / "a.run.jsonl"
    run, _ = session.run(path)
    assert run.notes
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    again, tally = session.run(path)
    assert (tally.asked, tally.kept) == (0, 1)
    assert again.notes
    # One that is whole gets no second end.
    ended = path.read_bytes()
    session.run(path)
    assert path.read_bytes() == ended

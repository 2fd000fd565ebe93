"""A sentence that lacks what a question takes for granted answers another question."""

import pytest

from bot.evidence import Candidate
from bot.premise import misses_described, misses_premise
from index.article import Passage


def candidate(text: str, before: str = "", title: str = "Dockers strike") -> Candidate:
    passage = Passage(
        chunk_id="c", article_id="a", version="sha256:1", origin_id="a", url="https://news.example/a",
        title=title, outlet=None, byline=None, dateline=None, published=None,
        start=0, end=len(text), text=f"{before} {text}".strip(),
    )  # fmt: skip
    return Candidate(passage, 0, len(before) + 1 if before else 0, text, before)


@pytest.mark.parametrize(
    ("question", "sentence", "misses"),
    [
        ("When did the second strike begin?", "The strike began on Monday.", True),
        ("When did the second strike begin?", "A second strike began on Monday.", False),
        ("When did the first strike begin?", "The strike began on Monday.", False),
        ("When is the 12th session?", "The committee closed its 10th session.", True),
        ("What did Ida Lind say about the mine?", "The mine is safe, Otto Moreau said.", True),
        ("What did Ida Lind say about the mine?", "The mine is safe, Lind said.", False),
        ("Who led the delegation?", "The delegation was led by Lind.", False),
    ],
)
def test_ranks_and_speakers_are_looked_for(question: str, sentence: str, misses: bool) -> None:
    assert misses_premise(question, candidate(sentence)) is misses


@pytest.mark.parametrize(
    ("question", "sentence", "misses"),
    [
        ("How did the ministry describe the talks?", "The talks were frank, the army said.", True),
        ("How did the ministry describe the talks?", "The ministry called them frank.", False),
        ("What did the nurse from Riga say?", "The ward is full, the nurse said.", False),
        ("What did the nurse from Riga say?", "The ward is full, the mayor of Riga said.", True),
        ("What did Ida Lind say about the mine?", "The mine is safe, Otto Moreau said.", False),
        ("Who led the delegation?", "The delegation was led by Lind.", False),
    ],
)
def test_a_described_speaker_is_looked_for(question: str, sentence: str, misses: bool) -> None:
    assert misses_described(question, candidate(sentence)) is misses


def test_who_goes_on_speaking_is_named_before() -> None:
    went_on = candidate("“It is safe,” she said.", before="Ida Lind went down the mine.")

    assert not misses_premise("What did Ida Lind say about the mine?", went_on)

"""A question about the future is not answered from the past."""

from __future__ import annotations

import pytest

from bot.outlook import misses_outlook


@pytest.mark.parametrize(
    ("question", "sentence", "misses"),
    [
        ("When will Haas visit Marn?", "Haas met the fishermen in Marn on May 3.", True),
        ("When is the bridge due to open?", "The bridge was closed on Friday.", True),
        ("When will the bridge open?", "The bridge will open in autumn, Haas said.", False),
        ("When will the trial start?", "The trial is expected to start on Monday.", False),
        ("When will the trial resume?", "The trial resumes on Monday.", False),
        ("When will the vote be?", "The election takes place on 5 May 2024.", False),
        ("When will people vote?", "Voters go to the polls on Sunday.", False),
        ("When did Haas visit Marn?", "Haas met the fishermen in Marn on May 3.", False),
        ("Who will open the bridge?", "Haas opened the bridge on Friday.", False),
    ],
)
def test_when_something_will_be_is_not_told_by_what_was(
    question: str, sentence: str, misses: bool
) -> None:
    assert misses_outlook(question, sentence) is misses

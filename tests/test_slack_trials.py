"""The trials of load and of kills, made small; the large ones are run by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.wiring import Bot
from tests.slack_kill_trial import KillTrial


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_bots_answer_once_though_one_is_killed(sample_bot: Bot, tmp_path: Path) -> None:
    shutil.copytree(sample_bot.library.folder, tmp_path / "library")
    trial = KillTrial(tmp_path, kills=1, questions=12, people=6, http=True)
    assert trial.run(90.0) == [], trial.account([])
    assert len(trial.killed) == 1
    assert trial.slack is not None
    events = [one for one in trial.slack.attempts if one.kind == "events_api"]
    assert len(events) >= 24

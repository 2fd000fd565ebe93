"""A small version of `fleet_trial.py`: several machines, two servers, and a few kills."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path

import pytest

TRIAL = run_path(str(Path(__file__).with_name("fleet_trial.py")))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_machines_that_share_servers_lose_nothing_when_any_of_them_is_killed(postgres):
    # How soon is for the trial on a quiet machine; other tests run beside this one.
    outcome = TRIAL["run_trial"](10, seed=3, kill_seconds=(1.5, 3), within_seconds=60)
    assert outcome.complaints == []
    assert all(outcome.report["articles"].values())
    assert outcome.report["kills"]

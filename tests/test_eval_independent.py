import json
import subprocess
import sys
from pathlib import Path

from eval.record import render_record
from tests.run_records import SILENCE, build_answer, build_question, build_record, build_run

TRIAL = Path(__file__).with_name("independent_trial.py")


def write(path, run, *, change=None):
    lines = [{"dateline_run": 2, "config": run.config}, *map(render_record, run.records)]
    for line in lines[1:]:
        line["scores"] |= change or {}
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def trial(path):
    call = [sys.executable, str(TRIAL), str(path)]
    return subprocess.run(call, capture_output=True, text=True, check=False)


def test_figures_agree_with_those_of_code_that_shares_nothing(tmp_path):
    run = build_run(
        build_record(build_question("a1"), build_answer()),
        build_record(build_question("b1"), build_answer("It sank off Quell.")),
        build_record(
            build_question("c1"), SILENCE | {"sentences": [], "citations": [], "passages": []}
        ),
    )
    told = trial(write(tmp_path / "run.jsonl", run))
    assert told.returncode == 0, told.stdout
    # Two answered cases have 9 figures each, the silent one all but its sentences.
    assert "of 3 cases agree" in told.stdout
    off = trial(write(tmp_path / "off.jsonl", run, change={"mrr_at_10": 0.123}))
    assert off.returncode == 1
    assert "a1 mrr_at_10: recorded 0.123, reckoned 1.0000" in off.stdout

"""What CI runs: the workflows' parts fit together, and their scripts do what they say."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from eval.gate.floors import load_floors
from eval.replay.recordings import Recordings
from eval.run_file import read_run
from eval.summary import FIGURES

ROOT = Path(__file__).resolve().parent.parent
ACTION = ROOT / ".github" / "actions" / "evaluate"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def load(path):
    return yaml.safe_load(path.read_text())


def steps_of(workflow):
    return [step for job in load(workflow)["jobs"].values() for step in job["steps"]]


def test_workflows_give_the_action_only_inputs_that_it_has():
    known = load(ACTION / "action.yml")["inputs"]
    used = [
        step
        for workflow in WORKFLOWS
        for step in steps_of(workflow)
        if step.get("uses", "").startswith("./")
    ]
    assert len(used) == 3
    for step in used:
        assert (ROOT / step["uses"] / "action.yml").is_file()
        assert step["with"].keys() <= known.keys()
        assert "set" in step["with"]


def test_every_input_reaches_the_script_and_none_its_text():
    action = load(ACTION / "action.yml")
    script = (ACTION / "evaluate.sh").read_text()
    (evaluate,) = [step for step in action["runs"]["steps"] if step.get("id") == "evaluate"]
    for name in evaluate["env"]:
        if name.startswith("EVAL_"):
            assert name in script
    # What is written into a script from outside could end its quotes: it goes by environment.
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    for workflow in WORKFLOWS:
        assert not any("${{" in step.get("run", "") for step in steps_of(workflow))


def test_workflows_may_write_nothing_but_comments():
    for workflow in WORKFLOWS:
        fields = load(workflow)
        assert fields["permissions"] == {"contents": "read"}
        for job in fields["jobs"].values():
            granted = job.get("permissions", {})
            assert {k: v for k, v in granted.items() if v == "write"}.keys() <= {"pull-requests"}
        # YAML reads the key `on` as true. This event would hand secrets to a fork's code.
        assert "pull_request_target" not in str(fields[True])


@pytest.mark.parametrize("script", sorted(ACTION.glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_bash(script):
    subprocess.run(["bash", "-n", script], check=True)


def test_the_sets_that_ci_asks_are_there_with_what_they_need():
    for workflow in WORKFLOWS:
        for step in steps_of(workflow):
            given = step.get("with", {})
            if "set" in given and "${{" not in given["set"]:
                assert (ROOT / given["set"]).is_file()
                stem = Path(given["set"]).stem
                assert (ROOT / "eval" / "baselines" / f"{stem}.jsonl.gz").is_file()
                assert load_floors(ROOT / "eval" / "floors.json", f"{stem}.jsonl")
            if given.get("recordings"):
                assert (ROOT / given["recordings"] / "server.yaml").is_file()


def test_what_ci_gates_is_asked_as_its_baseline_was():
    for workflow in WORKFLOWS:
        for step in steps_of(workflow):
            given = step.get("with", {})
            if "set" not in given or given.get("gate") == "false":
                continue
            stem = Path(given["set"]).stem
            baseline = given.get("baseline") or f"eval/baselines/{stem}.jsonl.gz"
            config = read_run(ROOT / baseline).config
            assert config["offline"] == given.get("offline", "true").capitalize()
            assert config["replay"] == given.get("replay", "off")
            assert given.get("now", config["now"]) == config["now"]


def test_floors_are_of_figures_that_there_are():
    floors = json.loads((ROOT / "eval" / "floors.json").read_text())
    for set_name in floors:
        assert load_floors(ROOT / "eval" / "floors.json", set_name).keys() <= FIGURES.keys()


@pytest.mark.parametrize("path", sorted((ROOT / "eval" / "baselines").glob("*.gz")), ids=str)
def test_baselines_are_whole_and_small(path):
    run = read_run(path)
    assert run.notes["ended"]
    assert not any(record.failed for record in run.records)
    assert path.stat().st_size < 400_000


def test_committed_recordings_say_what_they_are_and_hold_no_secret():
    folder = ROOT / "eval" / "recordings" / "recorded"
    recordings = Recordings(folder)
    assert "no language model" in recordings.manifest().label
    for recording in recordings.all():
        assert recording.request.digest == recording.key.digest
        assert recording.path.stat().st_size < 20_000
    assert not recordings.duplicates
    secret = re.compile(r"sk-[A-Za-z0-9]{8}|Bearer [A-Za-z0-9]|api[_-]key", re.IGNORECASE)
    for path in folder.rglob("*"):
        assert path.is_dir() or not secret.search(path.read_text())


@pytest.fixture
def workplace(tmp_path):
    """A repository of somebody else: articles, questions, and the environment of a job."""
    article = {
        "url": "https://post.example/ferry",
        "title": "Ferry sinks off Pelum",
        "outlet": "Pelum Post",
        "published_at": "2031-05-01T08:00:00Z",
        "body": "The ferry sank off Pelum on Thursday. Orla Lines owns the ferry.",
    }
    (tmp_path / "articles.jsonl").write_text(json.dumps(article) + "\n")
    question = {
        "id": "ferry",
        "question": "Who owns the ferry that sank off Pelum?",
        "expect": {"status": "answered", "answers": ["Orla Lines"]},
        "gold": [{"url": article["url"], "quote": "Orla Lines owns the ferry"}],
    }
    (tmp_path / "questions.jsonl").write_text(json.dumps(question) + "\n")
    environ = {name: value for name, value in os.environ.items() if "GITHUB" not in name}
    return environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "EVAL_SET": "questions.jsonl",
        "EVAL_ARTICLES": "articles.jsonl\n",
        "EVAL_WITH": "rerank=true\npassages=5\n",
        "EVAL_NOW": "2031-06-01",
        "EVAL_WORKERS": "1",
    }


def evaluate(folder, environ):
    return subprocess.run(
        ["bash", str(ACTION / "evaluate.sh")],
        check=False,
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_the_script_runs_from_a_set_to_a_verdict_anywhere(tmp_path, workplace):
    (tmp_path / "floors.json").write_text('{"questions.jsonl": {"exact_quotes": {"least": 1}}}')
    done = evaluate(tmp_path, workplace | {"EVAL_FLOORS": "floors.json"})
    # No baseline was ever blessed here.
    assert done.returncode == 7
    assert "Traceback" not in done.stderr
    assert "There is no baseline" in done.stdout
    assert done.stdout.endswith("dateline eval: not_comparable\n")
    made = {path.name for path in (tmp_path / "dateline-eval").iterdir()}
    assert {"run.jsonl", "report.html", "junit.xml", "comment.md", "gate.txt"} <= made
    assert read_run(tmp_path / "dateline-eval" / "run.jsonl").config["now"] == "2031-06-01"


@pytest.mark.slow
def test_under_github_the_step_succeeds_and_hands_on_the_code(tmp_path, workplace):
    told = {"GITHUB_OUTPUT": str(tmp_path / "out"), "GITHUB_STEP_SUMMARY": str(tmp_path / "page")}
    done = evaluate(tmp_path, workplace | told | {"EVAL_SET": "nothing.jsonl"})
    assert done.returncode == 0
    assert (tmp_path / "out").read_text() == "exit-code=2\ndecision=failed\n"
    assert "Cannot read nothing.jsonl" in done.stderr


PROGRAM = """#!/bin/bash
case "$2" in
  gate) echo "There is no baseline" >&2; exit 2;;
  run) exit $ASKED;;
  report) touch "$EVAL_OUT/report.md";;
esac
"""


@pytest.mark.parametrize(
    ("gate", "asked", "code", "decision"),
    [
        ("true", "0", 2, "failed"),
        ("false", "0", 0, "reported"),
        ("false", "5", 5, "failed"),
    ],
)
def test_a_gate_that_fails_or_is_not_wanted_leaves_no_step_undecided(
    tmp_path, workplace, gate, asked, code, decision
):
    (tmp_path / "dateline").write_text(PROGRAM)
    (tmp_path / "dateline").chmod(0o755)
    environ = workplace | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "ASKED": asked,
        "EVAL_GATE": gate,
        "EVAL_OUT": str(tmp_path),
    }
    done = evaluate(tmp_path, environ)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, f"dateline eval: {decision}")
    assert evaluate(tmp_path, environ | {"GITHUB_OUTPUT": str(tmp_path / "out")}).returncode == 0
    assert (tmp_path / "out").read_text() == f"exit-code={code}\ndecision={decision}\n"


GH = """#!/bin/bash
echo "$@" >> "$CALLS"
case "$*" in *--paginate*) echo "$KEPT";; esac
"""


@pytest.mark.parametrize("filling", ["x", "“", "x“"])
@pytest.mark.parametrize(
    ("kept", "call"),
    [("", "-X POST repos/o/r/issues/7/comments"), ("42", "-X PATCH repos/o/r/issues/comments/42")],
)
def test_a_comment_is_written_once_and_then_kept_up_to_date(tmp_path, kept, call, filling):
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "comment.md").write_text("### Pass ü\n" + filling * 70_000)
    environ = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "KEPT": kept,
        "EVAL_SET": "a.jsonl",
        "EVAL_OUT": str(tmp_path),
        "REPOSITORY": "o/r",
        "NUMBER": "7",
    }
    subprocess.run(["bash", str(ACTION / "comment.sh")], env=environ, check=True)
    assert call in (tmp_path / "calls").read_text()
    body = (tmp_path / "comment.body.md").read_text()
    assert body.startswith("<!-- dateline-eval: a.jsonl -->\n### Pass ü\n")
    assert len(body.encode()) < 65_536

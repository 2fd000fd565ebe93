import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.answer import Status
from eval.commands import app
from eval.dataset import Expectation
from eval.published.figures import load_published
from eval.published.tables import read_between_marks, render_details, render_readme
from eval.record import render_record
from index.errors import UsageError
from tests.run_records import SILENCE, build_answer, build_question, build_record, build_run

ROOT = Path(__file__).resolve().parent.parent
MARKED = "# Before\n\n<!-- figures: begin -->\nold\n<!-- figures: end -->\n\nAfter\n"


def test_the_tables_of_readme_and_docs_are_those_that_the_command_writes():
    published = load_published()
    assert published.sets
    assert published.retrieval
    assert read_between_marks(ROOT / "README.md") == render_readme(published)
    assert read_between_marks(ROOT / "docs" / "evaluation.md") == render_details(published)


@pytest.fixture
def checkout(tmp_path):
    for name in ("README.md", "docs/evaluation.md", "eval/sets/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(MARKED)
    run = build_run(
        build_record(build_question("a1"), build_answer()),
        build_record(build_question("b1"), SILENCE),
        build_record(build_question("c1", expect=Expectation(Status.ABSTAINED)), SILENCE),
    )
    lines = [{"dateline_run": 2, "config": run.config, "about": run.about}]
    lines += [render_record(one) for one in run.records]
    path = tmp_path / "ferries.run.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    figures = {"bm25": {"mrr_at_10": {"value": 0.5}}, "default": {"mrr_at_10": {"value": 1.0}}}
    (tmp_path / "search.json").write_text(json.dumps({"config": {}, "figures": figures}))
    return tmp_path


def call(checkout, *arguments):
    command = ["readme", "--root", str(checkout), *arguments]
    return CliRunner().invoke(app, command, catch_exceptions=False)


def test_the_command_keeps_figures_and_writes_them_in_their_places(checkout):
    run, search = checkout / "ferries.run.jsonl", checkout / "search.json"
    call(checkout, f"ferries={run}", "--retrieval", f"ferries={search}")
    text = (checkout / "README.md").read_text()
    assert text.startswith("# Before\n")
    assert text.endswith("\nAfter\n")
    assert "old" not in text
    assert "| ferries, search | BM25 | Dateline |" in text
    assert "| MRR@10 | .50 | **1.00** |" in text
    # One of two answerable questions is answered; of one that must not be, none.
    assert "| abstention, mean of both classes' hit rates | .75 |" in text
    assert "| quotes equal to their article | 1 of 1 |" in text
    assert "2031-05-01, commit abc. Median 4 ms" in (checkout / "docs/evaluation.md").read_text()
    kept = (checkout / "eval" / "figures.json").read_text()
    assert '"accuracy": [0.667, ' in kept
    # Without runs the same tables are written again, from what is kept.
    (checkout / "README.md").write_text(MARKED)
    call(checkout)
    assert (checkout / "README.md").read_text() == text
    assert (checkout / "eval" / "figures.json").read_text() == kept


def test_a_place_without_marks_or_a_name_without_a_file_is_refused(checkout):
    with pytest.raises(UsageError, match="names no file"):
        call(checkout, "ferries")
    (checkout / "README.md").write_text("# No marks\n")
    with pytest.raises(UsageError, match="Add them where the tables belong"):
        call(checkout)
    (checkout / "search.json").write_text("[]")
    with pytest.raises(UsageError, match="is not what `dateline eval retrieval"):
        call(checkout, "--retrieval", f"x={checkout / 'search.json'}")

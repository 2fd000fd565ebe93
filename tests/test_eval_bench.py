"""The benchmark measures what it says: processes, made-up articles, figures and their tables."""

import io
import sys
from itertools import islice
from pathlib import Path

import pytest
from rich.console import Console

from eval.bench.figures import Figure, Section, render_json, render_section, show
from eval.bench.ingesting import measure_ingest, measure_updates
from eval.bench.machine import describe_machine
from eval.bench.page import render_page
from eval.bench.peers.contest import Contest, Contestants, Row, measure_contest, render_markdown
from eval.bench.process import run_process
from eval.bench.scale import measure_scale
from eval.bench.searching import time_each
from eval.bench.stage import Effort, Stage, folder_bytes
from eval.bench.starts import measure_batch, measure_starts
from eval.bench.variants import make_variants, write_variants
from index.article import Article
from index.origins import sign_article, similarity
from index.sources import find_sources, read_articles

TINY = Effort(starts=1, questions=2, chunks=6, rounds=1, updates=1, cold=1)


def python(program: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", program]


def read(section: Section) -> dict[str, float]:
    return {figure.name: figure.value for figure in section.figures}


def test_a_process_is_told_by_its_exit_code_and_its_streams() -> None:
    program = "import sys; print(sys.stdin.read()[::-1]); print('no', file=sys.stderr); sys.exit(3)"
    done = run_process(python(program), environ={}, stdin=b"abc")
    assert (done.code, done.stdout, done.stderr) == (3, "cba\n", "no\n")


def test_a_process_that_sleeps_costs_time_and_no_processor() -> None:
    done = run_process(python("import time; time.sleep(0.4)"), environ={})
    assert done.wall_seconds >= 0.4
    assert done.cpu_seconds < done.wall_seconds - 0.2


def test_the_peak_memory_of_a_process_is_its_own() -> None:
    ours = bytearray(400_000_000)  # what a child of ours would begin with
    ours[::4096] = b"x" * len(ours[::4096])
    small = run_process(python("pass"), environ={})
    large = run_process(python("b'x' * 150_000_000"), environ={})
    assert small.peak_mb < 60
    assert 150 < large.peak_mb < 210
    assert len(ours) == 400_000_000


def test_a_process_that_takes_too_long_is_killed_with_its_children() -> None:
    program = "import os; print(os.getpid(), flush=True); import time; time.sleep(60)"
    with pytest.raises(TimeoutError, match="after 0 s"):
        run_process(python(program), environ={}, timeout_seconds=0.3)


def test_a_process_ended_by_a_signal_has_its_number() -> None:
    assert run_process(python("import os; os.kill(os.getpid(), 9)"), environ={}).code == -9


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="could not be started"):
        run_process(["/nowhere/program"], environ={})


def test_a_figure_is_its_median_and_its_95th_percentile() -> None:
    figure = Figure("a", "ms", tuple(map(float, range(1, 41))))
    # The middle of 1 … 40 is 20.5; 38 is the least that 38 of 40, 95 %, do not exceed.
    assert (figure.value, figure.tail) == (20.5, 38)
    assert Figure("a", "ms", (3, 1, 2)).tail is None


@pytest.mark.parametrize(
    ("floor", "ceiling", "aim", "met"),
    [(None, None, "", None), (0.85, None, "≥ 0.85", True), (0.95, None, "≥ 0.95", False),
     (None, 0.9, "≤ 0.9", True), (None, 0.3, "≤ 0.3", False)],
)  # fmt: skip
def test_an_aim_is_met_or_missed_by_the_median(
    floor: float | None, ceiling: float | None, aim: str, met: bool | None
) -> None:
    figure = Figure("a", "", (0.1, 0.9, 1.0), floor=floor, ceiling=ceiling)
    assert (figure.aim, figure.is_met) == (aim, met)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.00012, "0.0001"), (0.2144, "0.214"), (9.99, "9.99"), (31.46, "31.5"), (12, "12"),
     (1204.4, "1,204")],
)  # fmt: skip
def test_numbers_are_shown_with_the_digits_that_count(value: float, shown: str) -> None:
    assert show(value) == shown


def test_a_section_is_a_table_of_its_figures_and_notes() -> None:
    figures = (Figure("start", "s", (0.2, 0.4, 0.3), ceiling=0.25), Figure("size", "kB", (12,)))
    stream = io.StringIO()
    Console(file=stream, width=80).print(render_section(Section("Starts", figures, ("By day.",))))
    lines = [" ".join(line.split()) for line in stream.getvalue().splitlines()]
    assert lines[0] == "Starts"
    assert "start, s 0.3 0.2–0.4 3 ≤ 0.25 ✗" in lines
    assert "size, kB 12 1" in lines
    assert lines[-1] == "By day."


def test_figures_are_given_to_programs_too() -> None:
    section = Section("Starts", (Figure("start", "s", (0.2, 0.4), ceiling=0.5),))
    assert render_json({"cores": "2"}, [section]) == {
        "machine": {"cores": "2"},
        "sections": [
            {
                "title": "Starts",
                "figures": [
                    {"name": "start", "unit": "s", "median": pytest.approx(0.3), "p95": None,
                     "min": 0.2, "max": 0.4, "samples": 2, "aim": "≤ 0.5", "met": True}
                ],
                "notes": [],
            }
        ],
    }  # fmt: skip


def test_the_machine_is_named() -> None:
    machine = describe_machine()
    assert all(machine.values())
    assert {"processor", "cores", "memory", "load", "python", "version of onnxruntime"} <= {
        *machine
    }


def test_the_first_of_what_is_timed_is_done_once_before() -> None:
    seen: list[str] = []
    assert len(time_each(["a", "b"], seen.append)) == 2
    assert seen == ["a", "a", "b"]


def test_made_up_articles_are_the_same_at_every_run_and_others_for_another_seed() -> None:
    assert list(islice(make_variants(1), 5)) == list(islice(make_variants(1), 5))
    ours, others = islice(make_variants(1), 5), islice(make_variants(2), 5)
    assert not {one.body for one in ours} & {one.body for one in others}


def test_made_up_articles_are_no_copies_of_each_other() -> None:
    signatures = [sign_article(article) for article in islice(make_variants(1), 40)]
    alike = [similarity(one, other) for one in signatures for other in signatures if one != other]
    assert max(alike) < 0.3  # copies begin at .4


def test_made_up_articles_are_read_back_from_every_format(tmp_path: Path) -> None:
    write_variants(tmp_path / "news", chunks=20)
    found = [one for source in find_sources([str(tmp_path)]) for one in read_articles(source)]
    articles = [one for one in found if isinstance(one, Article)]
    made = list(islice(make_variants(1), len(found)))
    assert {path.suffix for path in (tmp_path / "news").iterdir()} == {
        ".txt", ".md", ".html", ".jsonl"
    }  # fmt: skip
    assert len(articles) == len(found)
    assert {one.body for one in articles} == {one.body for one in made}
    assert {one.title for one in articles} == {one.title for one in made}
    assert {one.outlet for one in articles} == {one.outlet for one in made}
    assert {one.published for one in articles} == {one.published for one in made}


def test_a_folder_is_as_large_as_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"x" * 1000)
    (tmp_path / "c").write_bytes(b"x" * 24)
    assert folder_bytes(tmp_path) == 1024


@pytest.mark.slow
def test_starts_and_batches_are_measured(tmp_path: Path) -> None:
    write_variants(tmp_path / "few", chunks=6)
    stage = Stage(tmp_path, TINY, lambda line: None, archive=tmp_path / "few")
    starts = measure_starts(stage)
    assert read(starts)["cold ask, heavy modules it should not load"] == 0
    assert 100 < read(starts)["cold ask, peak memory"] < 600
    assert read(measure_batch(stage))["an answer, total"] > 1


@pytest.mark.slow
def test_ingest_is_measured_beside_the_bare_model(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TINY, lambda line: None)
    figures = read(measure_ingest(stage))
    # So few chunks say nothing but that both were counted.
    assert 0 < figures["ingest to bare model"] < 2
    assert figures["second run, chunks embedded"] == 0
    assert read(measure_updates(stage))["seeing it, once stored"] > 0


@pytest.mark.slow
def test_a_large_library_is_made_searched_and_removed(tmp_path: Path) -> None:
    section = measure_scale(Stage(tmp_path, TINY, lambda line: None), 60)
    assert read(section)["ask"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_system_is_measured_from_its_articles_to_its_answers(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TINY, lambda _: None)
    contestants = Contestants(stage, ["dateline"])
    contest = measure_contest(stage, contestants, chunks=10, model="made-up")
    value = {(row.name, row.unit): row.value_by_system["dateline"] for row in contest.rows}

    assert value["ingest, articles per CPU second", ""] > 0
    assert value["disk", "MB"] > 0.1
    assert 0 < value["warm search, median", "ms"] <= value["warm search, 95th", "ms"]
    # Made-up vectors answer nothing.
    assert not any(name.startswith("warm ask") for name, _ in value)
    assert all(row.ratio is None for row in contest.rows)
    assert not list(tmp_path.glob("store-*"))


def test_who_is_ahead_is_told_against_the_best_of_the_others() -> None:
    slow = Row("start", "s", {"dateline": 1.0, "llamaindex": 3.0, "haystack": 2.0})
    rate = Row("ingest", "", {"dateline": 8.0, "langchain": 10.0}, is_more_better=True)
    alone = Row("ask", "ms", {"dateline": 40.0})

    assert slow.ratio == 2.0
    assert rate.ratio == 0.8
    assert alone.ratio is None
    page = render_page({"processor": "a"}, [], [Contest("2 articles", (slow, rate, alone))])
    assert "| start, s | 1 | 3 | 2 | – | 2.00× |" in page
    assert "| ask, ms | 40 | – | – | – |  |" in page
    assert "| figure | Dateline | ahead of the best |" in render_markdown(Contest("t", (alone,)))

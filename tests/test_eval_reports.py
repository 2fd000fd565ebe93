import json
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as Xml

import playwright.sync_api as playwright
import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.answer import Reason, Status
from eval.commands import app
from eval.dataset import Expectation
from eval.metrics.abstention import RiskPoint
from eval.record import render_record
from eval.reports import charts
from eval.reports.cases import Flip, Verdict, describe_expected
from eval.reports.data import render_data
from eval.reports.figures import HEADLINE
from eval.reports.html import describe_age, render_html
from eval.reports.junit import render_junit
from eval.reports.markdown import render_markdown
from eval.reports.report import build_report, read_past
from eval.reports.terminal import render_scorecard, render_tags
from index.errors import UsageError
from tests.run_records import (
    BODY,
    HOSTILE,
    QUOTE,
    SILENCE,
    Bodies,
    build_answer,
    build_question,
    build_record,
    build_run,
)

NOW = datetime(2031, 5, 13, 8, tzinfo=UTC)
CHROMIUM = Path("/usr/bin/chromium")
MUST_ABSTAIN = Expectation(Status.ABSTAINED)


def right(name, **change):
    return build_record(build_question(name, **change), build_answer())


def silent(name, **change):
    return build_record(build_question(name, **change), SILENCE)


@pytest.fixture
def report():
    before = build_run(right("a1"), silent("b1"), right("c1"), silent("d1", expect=MUST_ABSTAIN))
    after = build_run(
        silent("a1"),
        right("b1"),
        right("c1"),
        silent("d1", expect=MUST_ABSTAIN),
        build_record(build_question("e1"), None, "no answer within 1 s"),
    )
    after = replace(after, config={**after.config, "code": "sha256:2"})
    past = [read_past("old.jsonl", before)]
    return build_report(after, before, past=past, bodies=Bodies(), notes=["Gate: regression."])


def test_flips_are_told_by_case_and_the_worse_stand_first(report):
    assert [(case.id, case.flip, case.verdict) for case in report.cases] == [
        ("a1", Flip.WORSE, Verdict.WRONG),
        ("b1", Flip.BETTER, Verdict.RIGHT),
        ("e1", Flip.NEW, Verdict.FAILED),
        ("c1", Flip.SAME, Verdict.RIGHT),
        ("d1", Flip.SAME, Verdict.RIGHT),
    ]
    worse = report.cases[0]
    assert worse.before.sentences == ((QUOTE, (1,)),)
    assert (worse.said.status, worse.said.reason) == ("abstained", "no_evidence")
    assert report.changed_config == (("code", "sha256:1", "sha256:2"),)


def test_figures_are_means_of_the_recorded_scores(report):
    # Right: b1, c1, d1 of 5; before: a1, c1, d1 of 4.
    assert report.everything.figures["accuracy"].value == pytest.approx(3 / 5)
    assert report.before("accuracy").value == pytest.approx(3 / 4)
    # False abstentions: a1 and the failed e1 of a1, b1, c1, e1; false answers: 0 of d1.
    assert report.everything.figures["false_abstentions"].value == pytest.approx(2 / 4)
    assert report.everything.figures["balanced_accuracy"].value == pytest.approx(3 / 4)
    assert [group.name for group in report.groups] == ["all", "where", "ferry"]
    assert report.tokens == 2 * 15
    assert report.time_at(0.5) == 4.0


def test_evidence_stands_in_its_surroundings_and_in_its_article(report):
    (cited,) = next(case for case in report.cases if case.id == "c1").said.evidence
    assert cited.before + cited.quote + cited.after == BODY
    assert cited.is_gold
    (article,) = report.articles
    assert "".join(piece.text for piece in article.pieces) == BODY
    (marked,) = [piece for piece in article.pieces if piece.anchor]
    assert (marked.text, marked.anchor) == (QUOTE, cited.anchor)


def test_what_is_right_is_told_in_words():
    both = Expectation(Status.CONFLICTING, answers=(("6.8 metres",), ("7.4 metres", "7.4 m")))
    lie = Expectation(Status.ANSWERED, never=(("yes",),), may_abstain=True)
    stale = Expectation(Status.ABSTAINED, reason=Reason.STALE)
    told = [describe_expected(build_question("q", expect=one)) for one in (both, lie, stale)]
    assert told == [
        "conflicting: 6.8 metres + 7.4 metres / 7.4 m",
        "never: yes; or abstain",
        "abstain (stale)",
    ]


class _Page(HTMLParser):
    """What a browser would load or run."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_the_page_asks_nobody_for_anything(report):
    page = render_html(report, now=NOW)
    parser = _Page()
    parser.feed(page)
    tags = [tag for tag, _ in parser.seen]
    assert not {"link", "img", "iframe", "object", "embed", "base"}.intersection(tags)
    assert tags.count("script") == tags.count("style") == 1
    assert not any({"src", "style", "onclick"} & fields.keys() for _, fields in parser.seen)
    assert "url(" not in page
    assert "@import" not in page
    (policy,) = [one["content"] for _, one in parser.seen if one.get("http-equiv")]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_the_page_tells_the_run_beside_its_baseline(report):
    page = render_html(report, now=NOW)
    for text in (
        "Gate: regression.",
        "12 days old",
        "1 worse",
        "no answer within 1 s",
        "in its article",
    ):
        assert text in page
    assert f'<mark id="q0-11">{QUOTE}</mark>' in page


def test_hostile_text_is_text_everywhere():
    question = build_question("x1", text=HOSTILE, tags=(HOSTILE,), expect=MUST_ABSTAIN)
    answer = build_answer(HOSTILE)
    answer["citations"][0] |= {"title": HOSTILE, "url": "javascript:alert(1)", "quote": HOSTILE}
    report = build_report(build_run(build_record(question, answer)), notes=[HOSTILE])
    page = render_html(report)
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert 'href="javascript' not in page
    markdown = render_markdown(report)
    assert "<script" not in markdown
    assert "<img" not in markdown
    assert Xml.fromstring(render_junit(report)).find(".//failure") is not None


def test_markdown_has_headline_flips_and_no_markup_of_others(report):
    markdown = render_markdown(report, now=NOW)
    assert (
        "5 cases, **1 failed**, against the baseline (12 days old): 1 worse, 1 better." in markdown
    )
    assert "| accuracy | 0.600 |" in markdown
    assert "🔴 -0.150" in markdown
    assert "<details open><summary>Worse: 1</summary>" in markdown
    asked = build_question("m1", text="@everyone **see** [here](https://x.example) | #1 `x`")
    told = render_markdown(
        build_report(build_run(build_record(asked, SILENCE)), build_run(right("m1")))
    )
    row = next(line for line in told.splitlines() if "everyone" in line)
    cells = row.strip("| ").split(" | ")
    assert len(cells) == 5
    assert not set("@*[]()`") & set(cells[1].removeprefix("<code>").removesuffix("</code>"))


def test_markdown_shows_every_character_as_it_was_written():
    written = 'Kestria\'s "<b>&amp; 5 < 6</b>" a_b #1 http://x.example |'
    asked = build_question("m1", text=written)
    told = render_markdown(
        build_report(build_run(build_record(asked, SILENCE)), build_run(right("m1")))
    )
    row = next(line for line in told.splitlines() if "Kestria" in line)
    assert unescape(row.split(" | ")[1]) == f"<code>{written}</code>"


def test_junit_counts_and_shows_what_went_wrong(report):
    root = Xml.fromstring(render_junit(report))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "1",
        "errors": "1",
        "skipped": "0",
    }
    failure = root.find(".//testcase[@name='a1']/failure")
    assert "expected Pelum; got abstained" in failure.get("message")
    assert "baseline (worse): answered" in failure.text
    assert root.find(".//testcase[@name='e1']/error").get("message") == "no answer within 1 s"
    odd = build_record(build_question("z\x00\x1b"), None, "bell \x07 and \ud800")
    assert Xml.fromstring(render_junit(build_report(build_run(odd)))).get("errors") == "1"


def test_json_holds_figures_flips_and_verdicts(report):
    data = json.loads(json.dumps(render_data(report)))
    assert data["cases"][0] | {"scores": 0} == {
        "id": "a1", "tags": ["where", "ferry"], "verdict": "wrong", "flip": "worse",
        "status": "abstained", "reason": "no_evidence", "error": None, "scores": 0,
    }  # fmt: skip
    assert data["baseline"]["groups"][0]["figures"]["accuracy"]["value"] == 0.75


def test_a_terminal_shows_both_runs(report):
    console = Console(width=120, record=True, file=None, quiet=False)
    with console.capture() as shown:
        console.print(render_scorecard(report))
        console.print(render_tags(report))
    assert "-0.150" in shown.get()
    assert "where" in shown.get()


def test_a_report_without_baseline_or_library_is_whole():
    report = build_report(build_run(right("a1"), right("b1")))
    page = render_html(report)
    assert "baseline" not in page.partition("<main>")[2].partition("<script>")[0].lower()
    assert not report.articles
    assert "Bar" not in page


def test_charts_are_drawn_within_their_frames():
    line = charts.draw_risk([RiskPoint(0.9, 0.25, 0.0), RiskPoint(0.5, 1.0, 0.5)])
    # Coverage 1 is the right edge, the highest risk the top.
    assert line.path == "M191.5 226L628 12"
    assert charts.draw_risk([]) is None
    assert charts.draw_times([]) is None
    assert charts.draw_history([("one", 0.5)]) is None
    assert charts.draw_times([5.0, 10.0]).path == "M46 226L337 119L628 12"


def test_an_age_is_told_in_days():
    assert describe_age("2031-05-12T08:00:00+00:00", NOW) == "1 day old"
    assert describe_age("2031-05-13T07:00:00+00:00", NOW) == "made today"
    assert describe_age(None, NOW) == describe_age("soon", NOW) == ""


def write_run(path, run):
    header = {"dateline_run": 2, "config": run.config, "about": run.about}
    lines = [header, *(render_record(one) for one in run.records)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def test_the_command_writes_every_form(tmp_path):
    run = write_run(tmp_path / "run.jsonl", build_run(silent("a1"), right("b1")))
    base = write_run(tmp_path / "base.jsonl", build_run(right("a1"), right("b1")))
    page, junit, markdown = (tmp_path / "out" / name for name in ("r.html", "r.xml", "r.md"))
    call = [
        "report", run, "--baseline", base, "--history", base, "--html", str(page),
        "--junit", str(junit), "--markdown", str(markdown), "--json",
    ]  # fmt: skip
    result = CliRunner().invoke(app, call, catch_exceptions=False)
    assert json.loads(result.stdout)["cases"][0]["flip"] == "worse"
    assert "accuracy over runs" in page.read_text()
    assert Xml.parse(junit).getroot().get("failures") == "1"
    assert "1 worse" in markdown.read_text()
    shown = CliRunner().invoke(app, ["report", run], catch_exceptions=False)
    assert "accuracy" in shown.stdout
    (tmp_path / "empty.jsonl").write_text(
        (tmp_path / "run.jsonl").read_text().split("\n")[0] + "\n"
    )
    with pytest.raises(UsageError, match="holds no case"):
        CliRunner().invoke(app, ["report", str(tmp_path / "empty.jsonl")], catch_exceptions=False)


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there: apt-get install chromium")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def open_page(browser, path, **options):
    page = browser.new_page(**options)
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(path.as_uri())
    return page, said


def test_a_browser_shows_hostile_text_as_text_and_runs_none_of_it(browser, tmp_path):
    question = build_question("x1", text=HOSTILE)
    answer = build_answer(HOSTILE)
    answer["citations"][0]["title"] = HOSTILE
    path = tmp_path / "r.html"
    path.write_text(render_html(build_report(build_run(build_record(question, answer)))))
    page, said = open_page(browser, path)
    page.locator(".case > summary").click()
    assert HOSTILE in page.locator(".case .q").inner_text()
    assert HOSTILE in page.locator(".sentence").inner_text()
    assert page.title() == "ferries.jsonl · evaluation"
    assert said == [path.as_uri()]


def test_a_browser_filters_searches_and_opens_quotes(browser, tmp_path, report):
    path = tmp_path / "r.html"
    path.write_text(render_html(report))
    page, said = open_page(browser, path, viewport={"width": 390, "height": 800})
    shown = page.locator(".case:visible")
    assert shown.count() == 5
    page.select_option("#flip", "worse")
    page.locator("#count", has_text="1 of 5 cases").wait_for()
    assert shown.count() == 1
    page.select_option("#flip", "")
    page.select_option("#verdict", "right")
    page.fill("#search", "PELUM (c1)")
    page.locator("#count", has_text="1 of 5 cases").wait_for()
    shown.first.locator("summary").first.click()
    page.get_by_text("in its article").locator("visible=true").click()
    assert page.locator("mark:target").inner_text() == QUOTE
    playwright.expect(page.locator("mark:target")).to_be_in_viewport()
    # Nothing is wider than a phone.
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390
    assert said == [path.as_uri()]
    assert HEADLINE[0] == "accuracy"


def test_two_thousand_cases_are_usable(browser, tmp_path):
    records = [right(f"{n % 7}-{n}") if n % 3 else silent(f"{n % 7}-{n}") for n in range(2_000)]
    path = tmp_path / "r.html"
    path.write_text(render_html(build_report(build_run(*records), bodies=Bodies())))
    page, said = open_page(browser, path)
    page.fill("#search", "(3-1998)")
    page.locator("#count", has_text="1 of 2,000 cases").wait_for(timeout=10_000)
    assert page.locator(".case:visible").count() == 1
    assert said == [path.as_uri()]

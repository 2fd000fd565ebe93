"""A report as JUnit XML: a suite for each first tag, a test for each case."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from eval.reports.cases import ReportCase, Said, Verdict
from eval.reports.report import Report

# What XML 1.0 cannot hold, escaped or not.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(report: Report) -> str:
    """The file that CI systems read; an unjudged case is a skipped test, a failed one an error."""
    by_tag: dict[str, list[ReportCase]] = {}
    for case in report.cases:
        by_tag.setdefault(next(iter(case.question.tags), "untagged"), []).append(case)
    root = Xml.Element("testsuites", _named(report.title, list(report.cases)))
    for tag, cases in by_tag.items():
        suite = Xml.SubElement(root, "testsuite", _named(tag, cases))
        for case in cases:
            suite.append(_render_case(case, tag))
    Xml.indent(root)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"
    )


def _named(name: str, cases: list[ReportCase]) -> dict[str, str]:
    verdicts = [case.verdict for case in cases]
    return {
        "name": _clean(name),
        "tests": str(len(cases)),
        "failures": str(verdicts.count(Verdict.WRONG)),
        "errors": str(verdicts.count(Verdict.FAILED)),
        "skipped": str(verdicts.count(Verdict.UNJUDGED)),
        "time": f"{sum(map(_seconds, cases)):.3f}",
    }


def _seconds(case: ReportCase) -> float:
    return (case.said.milliseconds or 0.0) / 1_000


def _render_case(case: ReportCase, tag: str) -> Xml.Element:
    test = Xml.Element(
        "testcase", name=_clean(case.id), classname=_clean(tag), time=f"{_seconds(case):.3f}"
    )
    match case.verdict:
        case Verdict.WRONG:
            fault = Xml.SubElement(test, "failure", type="wrong", message=_message(case))
            fault.text = _clean(_describe(case))
        case Verdict.FAILED:
            fault = Xml.SubElement(test, "error", type="failed", message=_clean(case.said.error))
            fault.text = _clean(_describe(case))
        case Verdict.UNJUDGED:
            Xml.SubElement(test, "skipped", message="the set has no short answer to judge it by")
    return test


def _message(case: ReportCase) -> str:
    return _clean(f"expected {case.expected}; got {case.said.status or 'nothing'}")[:400]


def _describe(case: ReportCase) -> str:
    lines = [f"question: {case.question.text}", f"right is: {case.expected}"]
    lines += [f"answer: {line}" for line in _lines(case.said)]
    if case.before:
        lines += [f"baseline ({case.flip.value}): {line}" for line in _lines(case.before)]
    return "\n".join(lines)


def _lines(said: Said) -> list[str]:
    head = f"{said.status} {said.reason}".strip() or said.error
    quotes = [f"[{one.number}] {one.url} “{one.quote}”" for one in said.evidence]
    return [head, *(text for text, _ in said.sentences), *quotes]


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)

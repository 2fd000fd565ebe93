"""Ten questions of different kinds and their answers, as Markdown: what Dateline is like to use.

The answers are quotes, made offline, so the page is the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bot.answer import Answer, Citation, Question, Status, Turn
from bot.cli.answer_view import show_date
from index.dates import parse_date

QUESTIONS = Path(__file__).resolve().parent / "sets" / "transcript.jsonl"
# "Now" must be the same day whenever the page is made.
_NOW = datetime(2026, 11, 21, tzinfo=UTC)
_HEAD = """# Ten questions

Asked of the sample articles (all of them invented but two) with no key and no network, as of
21 November 2026. Made by `dateline eval transcript`; a test checks that it is current.
"""
_WHY = {
    Status.AMBIGUOUS: "There are several answers, newest first:",
    Status.CONFLICTING: "The sources disagree, newest first:",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """One question and what it shows."""

    kind: str
    question: Question


class QuestionAnswerer(Protocol):
    """What answers."""

    def answer(self, question: Question) -> Answer:
        """The answer to one question."""
        ...


def load_askings(path: Path = QUESTIONS) -> list[Asking]:
    """The questions, in their order."""
    records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Asking(
            record["kind"],
            Question(
                record["question"],
                as_of=_read_day(record.get("as_of")),
                history=tuple(Turn(earlier) for earlier in record.get("history", ())),
            ),
        )
        for record in records
    ]


def _read_day(text: str | None) -> datetime | None:
    moment = parse_date(text) if text else None
    return moment.end if moment else None


def write_transcript(answerer: QuestionAnswerer, askings: Sequence[Asking]) -> str:
    """Ask every question and render the page."""
    parts = [_HEAD]
    for number, asking in enumerate(askings, start=1):
        question = asking.question
        answer = answerer.answer(replace(question, as_of=question.as_of or _NOW))
        parts.append("\n".join(_render(number, asking, answer)))
    return "\n".join(parts)


def _render(number: int, asking: Asking, answer: Answer) -> Iterator[str]:
    yield f"## {number}. {asking.kind}\n"
    for turn in asking.question.history:
        yield f"> {_escaped(turn.question)}\n>"
    as_of = f" `--as-of {asking.question.as_of:%Y-%m-%d}`" if asking.question.as_of else ""
    yield f"> **{_escaped(asking.question.text)}**{as_of}\n"
    if answer.status is Status.ABSTAINED:
        yield f"No answer: {_escaped(answer.note or '')}\n"
        return
    if answer.status in _WHY:
        yield f"{_WHY[answer.status]}\n"
    for sentence in answer.sentences:
        marks = "".join(f"[{one}]" for one in sentence.citations)
        yield f"- {_escaped(sentence.text)} {_escaped(marks)}"
    yield ""
    if answer.note:
        yield f"({_escaped(answer.note)})\n"
    for citation in answer.citations:
        yield _render_source(citation)
    yield ""


def _render_source(citation: Citation) -> str:
    quote = " ".join(citation.quote.split())
    heading = f"{citation.outlet or 'unknown outlet'}, {show_date(citation.published)}"
    return f"{citation.number}. {_escaped(heading)}: “{_escaped(quote)}”"


def _escaped(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    for mark in "\\`*_[]<>#|":
        text = text.replace(mark, f"\\{mark}")
    return text

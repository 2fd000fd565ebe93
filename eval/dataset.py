"""Question sets: what is asked, what a right answer holds, and where the archive says so.

A set is a file of JSON lines, or a YAML list of the same objects; `docs/evaluation-sets.md` has
the format. This module knows neither how a question is put to the bot nor how an answer is scored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answer import Question, Reason, Status, Turn
from eval.question_schema import ExpectRecord, QuestionRecord, explain_errors
from eval.record_files import read_records, write_records
from index.errors import UsageError
from index.moment import Moment


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """A verbatim piece of an article that holds the answer, or a part of it; or a whole article."""

    url: str
    """Of the article, as it was ingested."""
    quote: str = ""
    """Empty where the set only says that the article is relevant."""
    choice: int = 0
    """Where evidence can be chosen in several ways (by other people, from copies of a story), the
    quotes of one way share a number; an answer is held against the way that suits it best."""
    grade: int = 1
    """How relevant the article is, for nDCG only; 1 unless the set grades."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a right answer is."""

    status: Status
    reason: Reason | None = None
    """Of an abstention; None accepts any."""
    answers: tuple[tuple[str, ...], ...] = ()
    """What the answer must hold: every item, each in any of its spellings. Empty when the set
    has no short answers: then only status and citations are measured."""
    references: tuple[str, ...] = ()
    """Long answers that people wrote. They are kept for overlap measures, never matched."""
    never: tuple[tuple[str, ...], ...] = ()
    """What no answer may hold, in any of its spellings: a planted lie, a false confirmation."""
    may_abstain: bool = False
    """Whether silence is right too, beside an answer."""
    by_source: bool = False
    """Whether `answers` must stand in what the citations tell of their articles (headline, outlet,
    date, address) in place of the sentences, and nothing but gold may be cited."""

    @property
    def must_abstain(self) -> bool:
        """True when any answer at all is wrong."""
        return self.status is Status.ABSTAINED


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """One case of a set."""

    id: str
    """Unique in its set, and stable when the set grows."""
    text: str
    expect: Expectation
    gold: tuple[GoldQuote, ...] = ()
    tags: tuple[str, ...] = ()
    story: str = ""
    """Questions about one story share it: their results are not independent of each other."""
    as_of: Moment | None = None
    since: Moment | None = None
    until: Moment | None = None
    outlet: str | None = None
    history: tuple[str, ...] = ()
    """Earlier turns of the conversation, oldest first."""
    given: tuple[str, ...] = ()
    """URLs of the articles that the question came with; empty for the whole archive."""
    without: tuple[str, ...] = ()
    """URLs of articles that are hidden, as if they had been removed."""

    @property
    def cluster(self) -> str:
        """The story, or the question itself where none is named."""
        return self.story or self.id

    @property
    def gold_urls(self) -> frozenset[str]:
        """The articles that hold gold quotes."""
        return frozenset(gold.url for gold in self.gold)

    @property
    def choices(self) -> tuple[tuple[GoldQuote, ...], ...]:
        """The gold by choice: any one of them is all the evidence that the answer needs."""
        quotes_by_choice: dict[int, list[GoldQuote]] = {}
        for gold in self.gold:
            quotes_by_choice.setdefault(gold.choice, []).append(gold)
        return tuple(map(tuple, quotes_by_choice.values()))

    def to_question(self) -> Question:
        """The question as the bot is asked it; a day given as a bound counts whole."""
        return Question(
            text=self.text,
            id=self.id,
            as_of=self.as_of.end if self.as_of else None,
            since=self.since.start if self.since else None,
            until=self.until.end if self.until else None,
            outlet=self.outlet,
            history=tuple(map(Turn, self.history)),
        )


def load_questions(path: Path) -> list[GoldQuestion]:
    """Read a set from `.jsonl`, `.json`, `.yaml` or `.yml`, in file order.

    Raises:
        UsageError: If the file cannot be read, holds no question, or breaks the format; the
            message names file, line and field.
    """
    questions: list[GoldQuestion] = []
    place_by_id: dict[str, str] = {}
    for record in read_records(path):
        question = parse_question(record.fields, place=record.place)
        if question.id in place_by_id:
            first = place_by_id[question.id]
            raise UsageError(
                f"{record.place}: id {question.id!r} stands at {first} already. "
                "Give each question an id of its own."
            )
        place_by_id[question.id] = record.place
        questions.append(question)
    if not questions:
        raise UsageError(f"{path} holds no question. A set has one JSON object on each line.")
    return questions


def save_questions(path: Path, questions: Iterable[GoldQuestion]) -> None:
    """Write a set as JSON lines; `load_questions` reads back equal questions."""
    write_records(path, (render_question(question) for question in questions))


def parse_question(fields: dict[str, Any], *, place: str) -> GoldQuestion:
    """Check one object of a set.

    Args:
        fields: The object as JSON or YAML gave it.
        place: Where it stands, for messages: `sets/a.jsonl line 3`.

    Raises:
        UsageError: If a field is missing, unknown, of another type, or at odds with another.
    """
    problems, record = explain_errors(QuestionRecord, fields)
    if record is None:
        raise UsageError(f"{place}: {problems} The format is described in docs/evaluation-sets.md.")
    return GoldQuestion(
        id=record.id,
        text=record.question,
        expect=_read_expectation(record.expect),
        gold=tuple(
            GoldQuote(gold.url, gold.quote, gold.choice, gold.grade) for gold in record.gold
        ),
        tags=tuple(record.tags),
        story=record.story,
        as_of=_read_moment(record.as_of),
        since=_read_moment(record.since),
        until=_read_moment(record.until),
        outlet=record.outlet,
        history=tuple(record.history),
        given=tuple(record.given),
        without=tuple(record.without),
    )


def _read_expectation(record: ExpectRecord) -> Expectation:
    return Expectation(
        status=record.status,
        reason=record.reason,
        answers=tuple(tuple(spellings) for spellings in record.answers),
        references=tuple(record.references),
        never=tuple(tuple(spellings) for spellings in record.never),
        may_abstain=record.may_abstain,
        by_source=record.by_source,
    )


def _read_moment(text: str | None) -> Moment | None:
    return Moment.parse(text) if text else None


def render_question(question: GoldQuestion) -> dict[str, Any]:
    """One question as the object that a set holds; fields at their default are left out."""
    expect = question.expect
    shown: dict[str, Any] = {
        "id": question.id,
        "question": question.text,
        "as_of": _render_moment(question.as_of),
        "since": _render_moment(question.since),
        "until": _render_moment(question.until),
        "outlet": question.outlet,
        "history": list(question.history),
        "expect": _without_empty(
            {
                "status": expect.status.value,
                "reason": expect.reason.value if expect.reason else None,
                "answers": [list(spellings) for spellings in expect.answers],
                "references": list(expect.references),
                "never": [list(spellings) for spellings in expect.never],
                "may_abstain": expect.may_abstain,
                "by_source": expect.by_source,
            }
        ),
        "gold": [_render_gold(gold) for gold in question.gold],
        "tags": list(question.tags),
        "story": question.story,
        "given": list(question.given),
        "without": list(question.without),
    }
    return _without_empty(shown)


def _render_gold(gold: GoldQuote) -> dict[str, Any]:
    shown = {"url": gold.url, "quote": gold.quote, "choice": gold.choice}
    return _without_empty(shown | ({"grade": gold.grade} if gold.grade != 1 else {}))


def _render_moment(moment: Moment | None) -> str | None:
    return moment.isoformat() if moment else None


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], 0)}


def digest_questions(questions: Iterable[GoldQuestion]) -> str:
    """`sha256:` and a hash of everything in the set that could change a result."""
    lines = (json.dumps(render_question(question), sort_keys=True) for question in questions)
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()

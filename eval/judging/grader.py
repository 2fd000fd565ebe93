"""Asks a language model whether an answer is right. It is pinned: one model, one prompt."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.plain import plain_text
from bot.writer.chat import ChatModel, Message
from bot.writer.fence import fence
from eval.record import CaseRecord
from eval.reports.cases import read_answer
from index.remote.patience import ServerFailed
from prompts import load_prompt

_MOST_TOKENS = 300  # models that think aloud need some before the one word
_LONGEST_SILENCE_SECONDS = 60.0
_WORD = re.compile(r"\b(RIGHT|WRONG)\b")


class Grade(StrEnum):
    """What a rater says of an answer."""

    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Graded:
    """One case as it was graded."""

    id: str
    grade: Grade | None
    """None if the model said neither word, or failed."""
    said: str
    """Its reply, cut short, or why there is none."""


class Grader:
    """Grades answers whose question tells in words what is right."""

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat
        self._system, self._user = load_prompt("grade.system"), load_prompt("grade.user")

    def describe(self) -> dict[str, str]:
        """What could change a grade: the model's name, and the prompts by hash."""
        return {
            "model": self._chat.name,
            "prompt grade.system": self._system.sha256,
            "prompt grade.user": self._user.sha256,
        }

    def grade(self, record: CaseRecord) -> Graded | None:
        """Grade one case; None if there is nothing to grade: silence, or no demand in words."""
        answer, demand = read_answer(record), _demand(record)
        if answer is None or answer.abstained or not demand:
            return None
        try:
            said = self._ask(record.question.text, demand, answer.text)
        except ServerFailed as error:
            return Graded(record.question.id, None, str(error)[:200])
        found = _WORD.findall(said)
        # The last word counts: a model that thinks aloud names both before.
        grade = Grade(found[-1].lower()) if found else None
        return Graded(record.question.id, grade, plain_text(said)[:200])

    def _ask(self, question: str, demand: str, answer: str) -> str:
        prompt = self._user.fill(
            question=_block("question", question),
            demand=_block("demand", demand),
            answer=_block("answer", answer),
        )
        pieces = self._chat.stream(
            [Message("system", self._system.text), Message("user", prompt)],
            max_tokens=_MOST_TOKENS,
            timeout_seconds=_LONGEST_SILENCE_SECONDS,
        )
        return "".join(piece.text for piece in pieces)


def _demand(record: CaseRecord) -> str:
    """What a right answer must say, in words; empty where the set has none."""
    expect = record.question.expect
    if expect.by_source or expect.must_abstain:
        return ""
    return "\n".join(_lines(record)) if expect.answers or expect.references else ""


def _lines(record: CaseRecord) -> Iterator[str]:
    expect = record.question.expect
    for spellings in expect.answers:
        yield f"It must say: {' (or: '.join(spellings)}{')' * (len(spellings) - 1)}"
    for spellings in expect.never:
        yield f"It must not say: {spellings[0]}"
    if not expect.answers:
        for reference in expect.references:
            yield f"It must agree with: {reference}"


def _block(kind: str, text: str) -> str:
    # The key hangs on the text: nobody can put it into the text itself, and a recorded reply is
    # found again, which a random key would forbid.
    key = "k" + hashlib.sha256(f"{kind}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return fence(kind, key, text)

"""A question asked in Slack → an answer, in the light of its thread and of what its place sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from bot.answer import Answer, Question, Told, Turn
from bot.conversation import remember
from bot.given import GivenAnswer
from bot.slack.addressing import read_text
from bot.slack.state import Asked
from bot.slack.workspace import Written
from bot.telling import Telling, hear
from index.scope import Slice

_MOST_TURNS = 12


class FollowUpAnswerer(Protocol):
    """Answers questions in the light of their history."""

    def stream(self, question: Question) -> Telling:
        """Sentences, and in the end the answer."""
        ...


class GivenReader(Protocol):
    """What answering needs of the answers given."""

    def find(self, answer_id: str) -> GivenAnswer | None:
        """The answer of an id."""
        ...


class ThreadReader(Protocol):
    """What answering needs of the ledger."""

    def earlier_answers(self, asked: Asked, limit: int) -> list[str]:
        """Ids of the answers to the questions before this one in its thread."""
        ...


class ThreadAnswerer:
    """Answers a question of a thread."""

    def __init__(
        self, answerer: FollowUpAnswerer, given: GivenReader, threads: ThreadReader
    ) -> None:
        self._answerer = answerer
        self._given = given
        self._threads = threads

    def answer(
        self,
        asked: Asked,
        slices: tuple[Slice, ...],
        on_told: Callable[[Told], None],
        discussion: Callable[[], Sequence[Written]],
    ) -> Answer | None:
        """Answer one question.

        Args:
            asked: The question.
            slices: What its place may see.
            on_told: Takes each sentence as soon as it is proved.
            discussion: Fetches what people wrote in the thread; asked only when the bot is called
                into a thread that it does not know.

        Returns:
            None if there is no question: the bot was only mentioned.
        """
        turns = self._turns(asked)
        text = asked.text
        if not turns and asked.thread != asked.ts:
            said = [one for one in discussion() if not one.is_bot and one.ts < asked.ts]
            text, turns = _read_discussion(text, [read_text(one.text) for one in said])
        if not text:
            return None
        question = Question(text, history=turns, slices=slices)
        return hear(self._answerer.stream(question), on_told)

    def _turns(self, asked: Asked) -> tuple[Turn, ...]:
        ids = self._threads.earlier_answers(asked, _MOST_TURNS)
        found = [self._given.find(answer_id) for answer_id in ids]
        return tuple(_remember(one) for one in found if one is not None)


def _remember(given: GivenAnswer) -> Turn:
    if given.answer is None:
        return Turn(given.question, answer=())
    # What was asked in the thread's words stands in the answer, its standalone form beside it.
    return replace(remember(given.answer), question=given.question)


def _read_discussion(text: str, said: Sequence[str]) -> tuple[str, tuple[Turn, ...]]:
    """The question, and what was said before it; with no question of its own, the last thing said.

    What people said is known only as their words: it tells who "he" is, and proves nothing.
    """
    said = [one for one in said if one][-_MOST_TURNS:]
    if not text and said:
        *said, text = said
    return text, tuple(Turn(one, answer=(one,)) for one in said)

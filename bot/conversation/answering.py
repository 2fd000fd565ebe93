"""Answers a question of a conversation: made to stand alone, asked, and shown as it was typed."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Protocol

from bot.answer import Answer, Focus, Question, Status, Told, Turn
from bot.conversation.rewriting import Rewrite, rewrite_follow_up
from bot.telling import QuestionAnswerer, Telling, hear, stream_answer

# Asking an earlier question again costs as much as asking it did.
_MOST_REPLAYED = 4

logger = logging.getLogger(__name__)


class Rewriter(Protocol):
    """What makes a follow-up stand alone."""

    def __call__(self, question: str, turns: Sequence[Turn]) -> Rewrite:
        """The question as it is looked up; `turns` hold the oldest first."""
        ...


class FollowUpAnswerer:
    """Answers follow-ups through an answerer that knows no conversation."""

    def __init__(
        self, answerer: QuestionAnswerer, *, rewrite: Rewriter = rewrite_follow_up
    ) -> None:
        self._answerer = answerer
        self._rewrite = rewrite

    def answer(self, question: Question) -> Answer:
        """Answer one question in the light of its history.

        Earlier questions whose answers are not known are asked again, at most four of them: what
        "he" did is found by who he is.
        """
        return hear(self.stream(question))

    def stream(self, question: Question) -> Telling:
        """The same, one verified sentence after the other."""
        if not question.history:
            return (yield from stream_answer(self._answerer, question))
        turns = self._recall(question)
        rewrite = self._rewrite(question.text, turns)
        if not rewrite.changed:
            plain = replace(question, history=())
            return (yield from stream_answer(self._answerer, plain))
        logger.info("made follow-up stand alone rule=%s turns=%d", rewrite.why, len(turns))
        cited = next((turn.articles for turn in reversed(turns) if turn.articles), frozenset())
        alone = replace(question, text=rewrite.text, history=(), focus=Focus(cited))
        # The story first: 47 against 37 of 79 later turns right and cited to their story alone.
        answer = yield from self._ask_of_cited(alone, question.text)
        if answer is None:
            answer = yield from stream_answer(self._answerer, alone)
        return replace(answer, question=question, standalone_question=rewrite.text)

    def _ask_of_cited(self, alone: Question, as_typed: str) -> Generator[Told, None, Answer | None]:
        """An answer by what was just cited to the question as it was typed; None if it has none.

        Within a story the names that a rewriting adds are understood: no sentence repeats them.
        """
        if alone.focus is None or not alone.focus.articles:
            return None
        narrow = replace(alone, focus=replace(alone.focus, as_typed=as_typed))
        answer = yield from stream_answer(self._answerer, narrow)
        # An abstention has told nothing.
        return None if answer.status is Status.ABSTAINED else answer

    def _recall(self, question: Question) -> tuple[Turn, ...]:
        """The history with each turn read against those before it, and answered."""
        turns: tuple[Turn, ...] = ()
        first_replayed = len(question.history) - _MOST_REPLAYED
        for at, turn in enumerate(question.history):
            if turn.answer is None and at >= first_replayed:
                earlier = replace(question, text=turn.question, history=turns)
                turns = (*turns, remember(self.answer(earlier)))
            else:
                turns = (*turns, self._place(turn, turns))
        return turns

    def _place(self, turn: Turn, before: tuple[Turn, ...]) -> Turn:
        """A turn read against those before it; it will not be asked again."""
        if turn.standalone is None:
            # By the rules: a model would be asked once more for every turn of a long history.
            rewrite = rewrite_follow_up(turn.question, before)
            turn = replace(turn, standalone=rewrite.text if rewrite.changed else None)
        return replace(turn, answer=turn.answer or ())


def remember(answer: Answer) -> Turn:
    """An answer as a turn that later questions can lean on.

    Of several answers none is taken for the one that was meant.
    """
    sentences = answer.sentences if answer.status is Status.ANSWERED else ()
    return Turn(
        question=answer.question.text,
        answer=tuple(sentence.text for sentence in sentences),
        articles=frozenset(citation.article_id for citation in answer.citations),
        standalone=answer.standalone_question,
    )


class Conversation:
    """One conversation, held in memory only."""

    def __init__(self, answerer: QuestionAnswerer, *, most_turns: int = 12) -> None:
        self._answerer = answerer
        self._most_turns = most_turns
        self._turns: tuple[Turn, ...] = ()
        self.last_answer: Answer | None = None
        """The answer given last; None at the start."""

    def ask(self, question: Question) -> Answer:
        """Answer a question that may lean on the earlier ones."""
        return hear(self.stream(question))

    def stream(self, question: Question) -> Telling:
        """The same, one verified sentence after the other."""
        asked = replace(question, history=self._turns)
        answer = yield from stream_answer(self._answerer, asked)
        self._turns = (*self._turns, remember(answer))[-self._most_turns :]
        self.last_answer = answer
        return answer

    def forget(self) -> None:
        """Begin anew."""
        self._turns = ()
        self.last_answer = None

"""One reply of the model, as sentences that arrive one by one."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum

from bot.writer.chat import ChatModel, Finish, Message, Piece, Usage
from bot.writer.marks import SentenceCutter, Sketch
from bot.writer.patience import read_until
from bot.writer.prompt import NO_ANSWER, count_tokens
from bot.writer.settings import LlmSettings
from index.remote.patience import Clock, Deadline, RetryPolicy, ServerFailed

# A reply of this many characters a token has left its limit behind; English has four to five.
_MOST_CHARACTERS_PER_TOKEN = 8
_MOST_SENTENCES = 40

logger = logging.getLogger(__name__)


class Ending(Enum):
    """How a reply ended; the value is said beside an answer made of what had arrived."""

    WHOLE = None
    NO_ANSWER = "the model found no answer in the articles"
    CUT = "the model's reply was cut"
    LENGTH = "the model's reply ran into its token limit"
    FILTERED = "the model's server filtered its reply"
    REFUSED = "the model refused"
    OVERLONG = "the model did not come to an end"


_ENDING_BY_FINISH = {
    Finish.STOP: Ending.WHOLE,
    Finish.LENGTH: Ending.LENGTH,
    Finish.FILTERED: Ending.FILTERED,
    Finish.REFUSED: Ending.REFUSED,
}


@dataclass(slots=True)
class Budget:
    """What may still be spent on one answer, and what was."""

    deadline: Deadline
    tokens_left: int
    """The most that the model may still write."""
    usage: Usage = field(default_factory=Usage)
    """As the server counts; estimated where it does not say."""
    requests: int = 0

    def spend(self, usage: Usage) -> None:
        """Take what one request cost."""
        self.usage += usage
        self.tokens_left = max(0, self.tokens_left - usage.completion_tokens)


class Drafter:
    """Has the model write, with the patience of one policy."""

    def __init__(
        self, chat: ChatModel, settings: LlmSettings, policy: RetryPolicy, clock: Clock
    ) -> None:
        self._chat = chat
        self._settings = settings
        self._policy = policy
        self._clock = clock

    @property
    def model(self) -> str:
        """The model's name."""
        return self._chat.name

    def open_budget(self) -> Budget:
        """What one answer may cost; its time runs from now."""
        deadline = Deadline(self._settings.deadline_seconds, self._clock)
        return Budget(deadline, self._settings.completion_tokens)

    def draft(self, messages: Sequence[Message], budget: Budget) -> Generator[Sketch, None, Ending]:
        """The sentences of a reply as they are complete.

        A request that failed is sent again only while no sentence has come of it.

        Returns:
            How the reply ended.

        Raises:
            ServerFailed: If no sentence could be had.
        """
        if not budget.tokens_left:
            # Servers refuse to be asked for nothing; what came before, such as a plan, used it up.
            return Ending.LENGTH
        attempt = 0
        while True:
            attempt += 1
            reply = _Reply(self._settings.completion_tokens)
            try:
                with closing(self._request(messages, budget)) as pieces:
                    return (yield from reply.read(pieces))
            except ServerFailed as failure:
                logger.info("model request failed attempt=%d why=%s", attempt, failure)
                if reply.sentences:
                    return Ending.CUT
                wait = self._policy.wait_after(failure, attempt)
                if wait is None or not budget.deadline.wait(wait):
                    raise
            finally:
                budget.spend(reply.usage_of(messages))

    def _request(self, messages: Sequence[Message], budget: Budget) -> Generator[Piece, None, None]:
        budget.requests += 1
        silence = min(self._settings.timeout_seconds, max(budget.deadline.remaining(), 0.1))

        def send() -> Iterator[Piece]:
            return self._chat.stream(
                messages, max_tokens=budget.tokens_left, timeout_seconds=silence
            )

        return read_until(send, budget.deadline)


class _Reply:
    """One reply while it arrives."""

    def __init__(self, most_tokens: int) -> None:
        self.sentences = 0
        self._cutter = SentenceCutter()
        self._characters = 0
        self._bytes = 0
        self._most_characters = most_tokens * _MOST_CHARACTERS_PER_TOKEN
        self._finish: Finish | None = None
        self._failure: ServerFailed | None = None
        self._usage: Usage | None = None

    def read(self, pieces: Iterator[Piece]) -> Generator[Sketch, None, Ending]:
        """The sentences.

        Raises:
            ServerFailed: If the stream failed, or broke off without telling why; after the
                sentences that were whole by then.
        """
        for sketch in self._sketches(pieces):
            if not _says_no(sketch):
                self.sentences += 1
                yield sketch
            elif not self.sentences:
                return Ending.NO_ANSWER
            if self.sentences >= _MOST_SENTENCES:
                return Ending.OVERLONG
        if self._is_overlong():
            return Ending.OVERLONG
        if self._failure:
            raise self._failure
        return _ENDING_BY_FINISH[self._finish or Finish.STOP]

    def _sketches(self, pieces: Iterator[Piece]) -> Iterator[Sketch]:
        """Sentences up to the end of the stream, or to where it fails or goes on too long."""
        try:
            for piece in pieces:
                self._take(piece)
                yield from self._cutter.feed(piece.text)
                if self._is_overlong():
                    return
            if self._finish is None:
                self._failure = ServerFailed("the model's reply was cut", is_temporary=True)
        except ServerFailed as failure:
            self._failure = failure
        yield from self._cutter.finish(is_whole=self._finish is Finish.STOP)

    def usage_of(self, messages: Sequence[Message]) -> Usage:
        """What the server says that the reply cost, or an estimate if anything arrived at all."""
        if self._usage or not self._characters:
            return self._usage or Usage()
        prompt = sum(count_tokens(message.text) for message in messages)
        return Usage(prompt, self._bytes // 4 + 1)

    def _take(self, piece: Piece) -> None:
        # A refusal is said once; the reply then "stops" as every other does.
        if self._finish is not Finish.REFUSED:
            self._finish = piece.finish or self._finish
        self._usage = piece.usage or self._usage
        self._characters += len(piece.text)
        self._bytes += len(piece.text.encode("utf-8", "replace"))

    def _is_overlong(self) -> bool:
        return self._characters > self._most_characters or self._cutter.is_overlong


def _says_no(sketch: Sketch) -> bool:
    return sketch.text.strip("`*\"'. ") == NO_ANSWER

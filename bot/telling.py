"""Answers that are told sentence by sentence while they are still being made."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Protocol, runtime_checkable

from bot.answer import Answer, Question, Told

Telling = Generator[Told, None, Answer]
"""Sentences, each verified before it is given out, and in the end the whole answer."""


class QuestionAnswerer(Protocol):
    """What answers a question."""

    def answer(self, question: Question) -> Answer:
        """The answer, or a reasoned abstention."""
        ...


@runtime_checkable
class StreamingAnswerer(QuestionAnswerer, Protocol):
    """What tells verified sentences while it goes on."""

    def stream(self, question: Question) -> Telling:
        """Sentences, and in the end the answer."""
        ...


def stream_answer(answerer: QuestionAnswerer, question: Question) -> Telling:
    """Ask; one that does not stream gives its sentences when it has them all."""
    if isinstance(answerer, StreamingAnswerer):
        return (yield from answerer.stream(question))
    answer = answerer.answer(question)
    yield from tell(answer)
    return answer


def tell(answer: Answer) -> Iterator[Told]:
    """The sentences of an answer, each with what its numbers stand for."""
    citation_by_number = {citation.number: citation for citation in answer.citations}
    for sentence in answer.sentences:
        yield Told(sentence, tuple(citation_by_number[one] for one in sentence.citations))


def hear(telling: Telling, on_told: Callable[[Told], None] = lambda _: None) -> Answer:
    """Listen to the end; `on_told` is called with each sentence."""
    while True:
        try:
            told = next(telling)
        except StopIteration as end:
            answer: Answer = end.value
            return answer
        on_told(told)

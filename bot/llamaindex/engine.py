"""Dateline's answers as a LlamaIndex query engine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import (
    RESPONSE_TYPE,
    AsyncStreamingResponse,
    Response,
    StreamingResponse,
)
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle

from bot.answer import Answer, Question, Sentence, render_answer
from bot.llamaindex.nodes import render_node
from bot.llamaindex.retriever import DatelineRetriever
from bot.telling import QuestionAnswerer, stream_answer

_NO_ANSWER = "The archive does not answer this."


class DatelineQueryEngine(BaseQueryEngine):
    """Answers by `query` and `aquery`; both emit LlamaIndex's query events.

    `str(response)` is the answer with its marks, or why there is none. `source_nodes` are the
    passages, best first. `metadata` is the answer as `dateline ask --json` gives it, without the
    passages: `status`, `reason`, `sentences`, `citations` with their quotes, and so on. Of a
    streamed response both are filled when its generator has come to the end.
    """

    def __init__(
        self,
        answerer: QuestionAnswerer,
        retriever: DatelineRetriever | None = None,
        *,
        streaming: bool = False,
        ask: Callable[[str], Question] = Question,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        """Wrap `Bot.answerer()`.

        Args:
            answerer: What answers. With `streaming`, one that does not stream gives its
                sentences when it has them all.
            retriever: Serves `retrieve`, which needs it.
            streaming: Give a streaming response, of verified sentences one by one.
            ask: Makes the question of its text, with filters such as as-of.
            callback_manager: For programs that still use LlamaIndex's older callbacks.
        """
        super().__init__(callback_manager=callback_manager)
        self._answerer = answerer
        self._retriever = retriever
        self._streaming = streaming
        self._ask = ask

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """The passages alone.

        Raises:
            NotImplementedError: If the engine was made without a retriever.
        """
        if self._retriever is None:
            return list(super().retrieve(query_bundle))
        return self._retriever.retrieve(query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        # Dateline's prompts stand in files of their own, and are measured with its answers.
        return {}

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        question = self._ask(query_bundle.query_str)
        if not self._streaming:
            return _render_response(self._answerer.answer(question))
        nodes: list[NodeWithScore] = []
        metadata: dict[str, Any] = {}
        return StreamingResponse(self._tell(question, nodes, metadata), nodes, metadata)

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        # Searching, reading and waiting for a model block: they do so in a thread.
        response = await asyncio.to_thread(self._query, query_bundle)
        if not isinstance(response, StreamingResponse):
            return response
        return AsyncStreamingResponse(
            _in_thread(response.response_gen), response.source_nodes, response.metadata
        )

    def _tell(
        self, question: Question, nodes: list[NodeWithScore], metadata: dict[str, Any]
    ) -> Generator[str, None, None]:
        """The answer's text piece by piece; what goes with it is filled in at the end."""
        told: list[Sentence] = []
        stream = stream_answer(self._answerer, question)
        while True:
            try:
                sentence = next(stream).sentence
            except StopIteration as end:
                answer: Answer = end.value
                break
            yield (" " if told else "") + _render_sentence(sentence)
            told.append(sentence)
        if not told:
            yield answer.note or _NO_ANSWER
        elif tuple(told) != answer.sentences:
            # Several answers were put in order, and their quotes numbered anew.
            yield f"\n\n{answer.text}"
        response = _render_response(answer)
        nodes.extend(response.source_nodes)
        metadata.update(response.metadata or {})


def _render_response(answer: Answer) -> Response:
    metadata = render_answer(answer)
    # They are the source nodes.
    del metadata["passages"]
    text = answer.text or answer.note or _NO_ANSWER
    return Response(text, [render_node(passage) for passage in answer.passages], metadata)


def _render_sentence(sentence: Sentence) -> str:
    return " ".join([sentence.text, "".join(f"[{number}]" for number in sentence.citations)])


async def _in_thread(pieces: Generator[str, None, None]) -> AsyncGenerator[str, None]:
    """The items of a blocking generator, each waited for in a thread."""
    turn = threading.Lock()

    def step() -> str | None:
        with turn:
            return next(pieces, None)

    def close() -> None:
        with turn:
            pieces.close()

    try:
        while (piece := await asyncio.to_thread(step)) is not None:
            yield piece
    finally:
        # Who is cancelled leaves a step that runs, and only after it can the generator be closed.
        # Nobody waits for that: a model may be long about a sentence.
        asyncio.get_running_loop().run_in_executor(None, close)

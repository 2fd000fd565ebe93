"""Dateline in a LlamaIndex program: retriever, engine, events, streams, and an idle event loop."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.answer import Answer, Citation, Question, Reason, Sentence, Status, Told
from bot.llamaindex import DatelineQueryEngine, DatelineRetriever
from bot.llamaindex.nodes import render_node
from index.article import Article, Passage, Scores
from index.moment import Moment
from index.scope import Scope, outlet_key
from index.search.retrieve import Retriever
from index.store.library import Library

QUESTION = "Who brought everyone ashore?"
TEXT = "Captain Otto Lind brought everyone ashore."
PASSAGE = Passage(
    chunk_id="ferry-0",
    article_id="ferry",
    version="sha256:ferry",
    origin_id="ferry",
    url="https://harborpost.example/ferry",
    title="Ferry aground",
    outlet="Harbor Post",
    byline=None,
    dateline=None,
    published=Moment.day(2023, 11, 16),
    start=100,
    end=100 + len(TEXT),
    text=TEXT,
    score=0.05,
    scores=Scores(dense=0.71, bm25=11.3),
)
CITATION = Citation(
    1, "ferry", "sha256:ferry", PASSAGE.url, PASSAGE.title, PASSAGE.outlet, PASSAGE.published,
    100, 100 + len(TEXT), TEXT,
)  # fmt: skip
SENTENCES = (Sentence(TEXT, (1,)), Sentence("No one was hurt.", (1,)))


class Known:
    """Answers everything with one answer, after a while."""

    def __init__(self, *sentences: Sentence, seconds: float = 0.0) -> None:
        self.asked: list[Question] = []
        self._sentences = sentences
        self._seconds = seconds

    def answer(self, question: Question) -> Answer:
        time.sleep(self._seconds)
        self.asked.append(question)
        if not self._sentences:
            return Answer(
                question, Status.ABSTAINED, reason=Reason.NO_EVIDENCE, note="None says it.",
                passages=(PASSAGE,),
            )  # fmt: skip
        return Answer(
            question, Status.ANSWERED, self._sentences, (CITATION,), (PASSAGE,), writer="llm"
        )


class Streaming(Known):
    """The same, one sentence at a time."""

    def stream(self, question: Question) -> Generator[Told, None, Answer]:
        for sentence in self._sentences:
            time.sleep(self._seconds)
            yield Told(sentence, (CITATION,))
        return self.answer(question)


@pytest.fixture
def retriever(
    library: Library, store: Callable[..., int], embedder: Any, make_article: Callable[..., Article]
) -> Retriever:
    store(
        library,
        make_article("ferry", f"The ferry Maud ran aground.\n{TEXT}", outlet="Harbor Post"),
        make_article("bridge", "The bridge at Tarn is repaired.", outlet="Eastgate Tribune"),
    )
    return Retriever(library, embedder)


@pytest.fixture
def events() -> Iterator[list[Any]]:
    from llama_index.core.instrumentation import get_dispatcher
    from llama_index.core.instrumentation.event_handlers import BaseEventHandler

    seen: list[Any] = []

    class Keep(BaseEventHandler):
        def handle(self, event: Any, **_: Any) -> None:
            seen.append(event)

    root = get_dispatcher()
    root.add_event_handler(Keep())
    yield seen
    root.event_handlers.pop()


def engine(answerer: Any, *arguments: Any, **options: Any) -> Any:
    return DatelineQueryEngine(answerer, *arguments, **options)


# the retriever


def test_nodes_are_our_chunks(retriever: Retriever) -> None:
    nodes = DatelineRetriever(retriever).retrieve(QUESTION)

    passages = retriever.search(QUESTION).passages
    assert [node.node_id for node in nodes] == [passage.chunk_id for passage in passages]
    assert [node.text for node in nodes] == [passage.text for passage in passages]
    for node, passage in zip(nodes, passages, strict=True):
        assert (node.node.start_char_idx, node.node.end_char_idx) == (passage.start, passage.end)
        assert node.metadata["article_id"] == node.node.ref_doc_id == passage.article_id
        assert node.metadata["version"] == passage.version
        assert node.metadata["published"] == passage.published.isoformat()  # type: ignore[union-attr]  # all are dated


def test_a_score_is_the_cosine_and_nothing_else(retriever: Retriever, embedder: Any) -> None:
    nodes = DatelineRetriever(retriever).retrieve(QUESTION)

    question = embedder.embed_query(QUESTION)
    assert nodes
    for node in nodes:
        # The fixture embeds each chunk below its title.
        text = f"{node.metadata['title']}\n{node.text}"
        assert node.score == pytest.approx(float(embedder.embed_query(text) @ question), abs=1e-3)


def test_a_passage_that_only_its_words_found_has_no_similarity() -> None:
    assert render_node(replace(PASSAGE, scores=Scores(bm25=3.0))).score is None


def test_a_scope_and_a_limit_hold(retriever: Retriever) -> None:
    scope = Scope(outlets=frozenset({outlet_key("Eastgate Tribune")}))

    [node] = DatelineRetriever(retriever, scope=scope, limit=1).retrieve(QUESTION)
    assert node.metadata["outlet"] == "Eastgate Tribune"


def test_a_model_is_shown_outlet_date_and_title_but_no_ids() -> None:
    from llama_index.core.schema import MetadataMode

    shown = render_node(PASSAGE).node.get_content(MetadataMode.LLM)

    assert "Harbor Post" in shown
    assert "2023-11-16" in shown
    assert "Ferry aground" in shown
    assert "sha256" not in shown


def test_retrieving_emits_events(retriever: Retriever, events: list[Any]) -> None:
    nodes = DatelineRetriever(retriever).retrieve(QUESTION)

    assert [event.class_name() for event in events] == [
        "RetrievalStartEvent",
        "RetrievalEndEvent",
    ]
    assert events[-1].nodes == nodes


# the engine


def test_a_response_is_the_answer_with_its_sources(events: list[Any]) -> None:
    response = engine(Known(*SENTENCES)).query(QUESTION)

    assert str(response) == f"{TEXT} [1] No one was hurt. [1]"
    assert [node.node_id for node in response.source_nodes] == ["ferry-0"]
    assert response.source_nodes[0].score == 0.71
    assert response.metadata["status"] == "answered"
    assert response.metadata["citations"][0]["quote"] == TEXT
    assert "passages" not in response.metadata
    json.dumps(response.metadata)
    assert [event.class_name() for event in events] == ["QueryStartEvent", "QueryEndEvent"]


def test_an_abstention_says_why() -> None:
    response = engine(Known()).query(QUESTION)

    assert str(response) == "None says it."
    assert response.metadata["status"] == "abstained"
    assert response.metadata["reason"] == "no_evidence"


def test_filters_come_with_the_question() -> None:
    answerer = Known(*SENTENCES)
    as_of = datetime(2024, 1, 1, tzinfo=UTC)

    engine(answerer, ask=lambda text: Question(text, as_of=as_of)).query(QUESTION)

    assert answerer.asked == [Question(QUESTION, as_of=as_of)]


@pytest.mark.parametrize("answerer", [Streaming, Known])
def test_a_streamed_response_is_the_same_answer(answerer: type[Known]) -> None:
    response = engine(answerer(*SENTENCES), streaming=True).query(QUESTION)

    pieces = list(response.response_gen)

    assert pieces == [f"{TEXT} [1]", " No one was hurt. [1]"]
    assert [node.node_id for node in response.source_nodes] == ["ferry-0"]
    assert response.metadata["citations"][0]["quote"] == TEXT


def test_a_streamed_abstention_says_why() -> None:
    response = engine(Streaming(), streaming=True).query(QUESTION)

    assert str(response.get_response()) == "None says it."


def test_a_retriever_serves_retrieve(retriever: Retriever) -> None:
    from llama_index.core.schema import QueryBundle

    bundle = QueryBundle(QUESTION)
    with_one = engine(Known(), DatelineRetriever(retriever))

    assert len(with_one.retrieve(bundle)) == 3
    with pytest.raises(NotImplementedError):
        engine(Known()).retrieve(bundle)


# async


async def ticks_while(work: Any) -> tuple[int, Any]:
    """How often the event loop came round, each 10 ms, while `work` was waited for."""
    ticks = 0
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.sleep(0.01)
        ticks += 1
    return ticks, await task


def test_waiting_for_an_answer_leaves_the_event_loop_free() -> None:
    async def run() -> tuple[int, Any]:
        return await ticks_while(engine(Known(*SENTENCES, seconds=0.3)).aquery(QUESTION))

    ticks, response = asyncio.run(run())
    assert str(response).startswith(TEXT)
    assert ticks > 5


def test_a_stream_leaves_the_event_loop_free() -> None:
    async def read() -> list[str]:
        response = await engine(Streaming(*SENTENCES, seconds=0.1), streaming=True).aquery(QUESTION)
        pieces = [piece async for piece in response.async_response_gen()]
        assert response.metadata["status"] == "answered"
        return pieces

    async def run() -> tuple[int, Any]:
        return await ticks_while(read())

    ticks, pieces = asyncio.run(run())
    assert pieces == [f"{TEXT} [1]", " No one was hurt. [1]"]
    assert ticks > 5


def test_who_gives_up_on_a_stream_is_let_go_at_once_and_it_is_closed() -> None:
    is_closed = threading.Event()

    class Slow(Streaming):
        def stream(self, question: Question) -> Generator[Told, None, Answer]:
            try:
                return (yield from super().stream(question))
            finally:
                is_closed.set()

    async def read() -> None:
        response = await engine(Slow(*SENTENCES, seconds=0.3), streaming=True).aquery(QUESTION)
        async for _ in response.async_response_gen():
            pass

    async def run() -> float:
        reading = asyncio.create_task(read())
        await asyncio.sleep(0.1)
        before = time.monotonic()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        return time.monotonic() - before

    assert asyncio.run(run()) < 0.15
    assert is_closed.wait(5)


def test_retrieving_in_a_thread_finds_the_same(retriever: Retriever) -> None:
    one = DatelineRetriever(retriever)

    assert asyncio.run(one.aretrieve(QUESTION)) == one.retrieve(QUESTION)


def test_it_stands_where_any_retriever_may(retriever: Retriever) -> None:
    from llama_index.core.postprocessor import SimilarityPostprocessor
    from llama_index.core.tools import QueryEngineTool

    nodes = DatelineRetriever(retriever).retrieve(QUESTION)
    kept = SimilarityPostprocessor(similarity_cutoff=0.99).postprocess_nodes(nodes)
    tool = QueryEngineTool.from_defaults(engine(Known(*SENTENCES)), name="news", description="news")

    assert kept == []
    assert str(tool.call(QUESTION)).startswith(TEXT)


def test_nothing_that_answers_offline_loads_llamaindex() -> None:
    code = (
        "import sys, bot.settings, bot.wiring, bot.cli.ask, bot.writer, bot.writer.settings\n"
        "heavy = {'llama_index', 'openai', 'httpx'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_documented_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Path(__file__).parents[1].joinpath("docs", "llamaindex.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    record = {
        "url": "https://harborpost.example/a",
        "title": "Russian delegation in Pyongyang",
        "outlet": "Harbor Post",
        "published_at": "2023-11-16",
        "body": "Alexander Kozlov led the Russian delegation to Pyongyang on Tuesday.",
    }
    article = tmp_path / "news.jsonl"
    article.write_text(json.dumps(record))
    monkeypatch.setenv("DATELINE_LIBRARY", str(tmp_path / "library"))
    assert main(["ingest", str(article)]) == 0
    capsys.readouterr()

    exec(compile(program, "docs/llamaindex.md", "exec"), {})

    assert "Alexander Kozlov" in capsys.readouterr().out

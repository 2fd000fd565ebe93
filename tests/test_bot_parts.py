"""What may be put in place of a bot's usual parts."""

from datetime import UTC, datetime

import pytest

from bot.parts import Parts
from bot.wiring import Bot
from index.search.retrieve import RetrievalSettings, Weights
from index.sources.source import Source


def test_last_month_is_counted_from_the_bots_own_clock(library, embedder):
    bot = Bot(library, embedder, Parts(clock=lambda: datetime(2031, 5, 9, tzinfo=UTC)))
    query = bot.retriever().read("Who led the delegation last month?")
    ((start, end),) = query.whole.periods
    assert (start.year, start.month, end.month) == (2031, 4, 4)


def test_a_bot_without_a_dense_leg_scores_nothing_densely(library, embedder, store, make_article):
    store(library, make_article())
    library.refresh()
    words = Weights(dense=0.0, bm25=1.0)
    settings = RetrievalSettings(simple=words, compound=words, rerank=0.0)
    bot = Bot(library, embedder, Parts(retrieval=settings))
    found = bot.retriever().search("Who led the delegation?").passages
    assert {passage.scores.dense for passage in found} == {None}
    assert {passage.scores.rerank for passage in found} == {None}


@pytest.mark.parametrize(("chunk_tokens", "chunks"), [(200, 2), (50, 6)])
def test_chunks_hold_as_many_tokens_as_the_bot_is_told(
    library, embedder, make_article, chunk_tokens, chunks
):
    # Sixty sentences of five words, which the embedder counts as tokens: 300 in all.
    article = make_article(body="\n".join(f"Kozlov led delegation number {n}." for n in range(60)))
    bot = Bot(library, embedder, Parts(chunk_tokens=chunk_tokens))
    summary = bot.ingester(lambda _: iter([article])).ingest([Source("a", None, None)])
    assert summary.chunks == chunks

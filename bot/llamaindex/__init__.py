"""Dateline as parts of a LlamaIndex program: a retriever and a query engine.

    from bot.llamaindex import DatelineQueryEngine, DatelineRetriever

    settings = BotSettings.from_env(os.environ)
    with Bot.open_filled(settings) as bot:
        retriever = DatelineRetriever(bot.retriever())
        engine = DatelineQueryEngine(bot.answerer(llm=settings.llm), retriever)
        response = engine.query("who led the Russian delegation?")

They find, answer, cite and abstain as `dateline ask` does; no LlamaIndex index, splitter or
synthesizer takes part. Importing this package loads LlamaIndex; nothing else in Dateline imports
it. `docs/llamaindex.md` says what stands where in a response.
"""

from bot.llamaindex.engine import DatelineQueryEngine
from bot.llamaindex.retriever import DatelineRetriever

__all__ = ["DatelineQueryEngine", "DatelineRetriever"]

"""What a search costs in a process that is warm, without and with filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from bot.answer import Question
from bot.answerer import scope_of
from bot.settings import BotSettings
from bot.wiring import Bot
from eval.bench.figures import Figure, Section
from eval.bench.stage import Stage, milliseconds
from index.dates import parse_date
from index.scope import Scope

_Item = TypeVar("_Item")
_LIMIT = 15
"""What `dateline search` asks for unless it is told otherwise."""


def measure_searches(stage: Stage) -> Section:
    """The sample questions against the sample archive, search only."""
    stage.fill_samples()
    texts = [one.text for one in stage.questions()]
    stage.say(f"searching for {len(texts)} questions")
    settings = BotSettings.from_env({"DATELINE_LIBRARY": str(stage.samples)})
    with Bot.open_filled(settings) as bot:
        retriever = bot.retriever()
        embed = time_each(texts, bot.embedder.embed_query)
        figures = [Figure("embedding the question alone", "ms", embed)]
        for name, scope in _scopes(bot).items():
            times = time_each(texts, partial(retriever.search, scope=scope, limit=_LIMIT))
            figures.append(Figure(f"search, {name}", "ms", times))
    return Section("A warm search of the sample archive", tuple(figures))


def time_each(items: Sequence[_Item], work: Callable[[_Item], object]) -> tuple[float, ...]:
    """Milliseconds that `work` takes for each item; the first is done once before, unmeasured."""
    work(items[0])
    return tuple(milliseconds(partial(work, item)) for item in items)


def _scopes(bot: Bot) -> dict[str, Scope]:
    outlet = next(iter(bot.library.outlets()))
    middle = parse_date("2024-03-31")
    assert middle is not None
    return {
        "unfiltered": Scope(),
        "--outlet": scope_of(Question("", outlet=outlet)),
        "--as-of": scope_of(Question("", as_of=middle.end)),
        "--outlet and --as-of": scope_of(Question("", outlet=outlet, as_of=middle.end)),
    }

"""How a result was found, for people who want to know why it is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.answer import Answer
from bot.cli.page import Page
from index.article import Passage

if TYPE_CHECKING:
    from rich.console import Console

    from bot.wiring import Bot
    from index.search.query import Part, Query


def show_answer_trace(answer: Answer, bot: Bot, console: Console) -> None:
    """Write how an answer was found: the question's parts, the passages, signals, timings."""
    asked = answer.question
    page = Page(console)
    if answer.standalone_question:
        page.line(("stands alone as", "bold"))
        page.line(answer.standalone_question, indent=2)
    text = answer.standalone_question or asked.text
    for number, step in enumerate(answer.steps, start=1):
        page.line((f"look-up {number}", "bold"), f" {step.question}")
        page.line(" ".join(step.passages) or "nothing found", indent=2)
    show_search_trace(bot.retriever().read(text, asked.as_of), answer.passages, console)
    page.line(("decision", "bold"))
    reason = f" ({answer.reason.value})" if answer.reason else ""
    confidence = "none" if answer.confidence is None else f"{answer.confidence:.3f}"
    page.line(f"{answer.status.value}{reason}, confidence {confidence}", indent=2)
    _show_numbers("signals", answer.signals, page, "{:.3f}")
    _show_numbers("milliseconds", answer.timings_ms, page, "{:.1f}")


def show_search_trace(query: Query, passages: Sequence[Passage], console: Console) -> None:
    """Write how a question was read and what was found."""
    page = Page(console)
    page.line(("question", "bold"))
    page.line(f"terms: {_terms(query.whole)}", indent=2)
    for number, part in enumerate(query.parts, start=1):
        page.line(f"part {number}: {part.text.strip()} → {_terms(part)}", indent=2)
    if query.names:
        page.line(f"names: {', '.join(name.text for name in query.names)}", indent=2)
    for mention in query.mentions:
        held = ", ".join(sorted(mention.outlets)) or "not in the library"
        page.line(f"outlet: {mention.text} → {held}", indent=2)
    for asked in query.time.mentions:
        span = f"{asked.earliest or '…'} to {asked.latest or '…'}"
        page.line(f"time: {asked.relation.value} {asked.mention.text} → {span}", indent=2)
    page.line(("passages", "bold"))
    for rank, passage in enumerate(passages, start=1):
        page.line(_scores(passage), indent=5, first=f"{rank:>3}")


def _terms(part: Part) -> str:
    return " ".join(
        term if weight == 1 else f"{term}×{weight:g}" for term, weight in part.weights.items()
    )


def _scores(passage: Passage) -> str:
    legs = {
        "dense": passage.scores.dense,
        "bm25": passage.scores.bm25,
        "rerank": passage.scores.rerank,
    }
    shown = " ".join(f"{leg} {score:.3f}" for leg, score in legs.items() if score is not None)
    return f"{passage.score:.4f}  {shown}  {passage.chunk_id}  {passage.title or ''}"


def _show_numbers(name: str, number_by_name: dict[str, float], page: Page, form: str) -> None:
    page.line((name, "bold"))
    shown = [f"{one} {form.format(number)}" for one, number in number_by_name.items()]
    page.line("  ".join(shown) or "none", indent=2)

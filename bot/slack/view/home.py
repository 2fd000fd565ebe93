"""The home tab, and the prompts that an empty conversation suggests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.plain import plain_line
from bot.slack.view import ids
from bot.slack.view.blocks import (
    Piece,
    actions,
    bullets,
    button,
    context,
    header,
    rich_text,
    section,
    text,
)
from bot.slack.view.dates import tell_age, tell_day, tell_instant
from bot.slack.view.limits import BUTTON_TEXT, BUTTON_VALUE, PROMPTS, Block, shorten
from index.moment import Moment

_MOST_OUTLETS = 12
_MOST_EXAMPLES = 5
_PROMPT_TITLE = 60
_PROMPT = 300


@dataclass(frozen=True, slots=True)
class OutletCoverage:
    """What the archive holds of one outlet."""

    outlet: str
    articles: int
    newest: Moment | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the home tab tells of the archive, as far as its reader may see it."""

    articles: int
    outlets: tuple[OutletCoverage, ...]
    """The largest first."""
    oldest: Moment | None
    newest: Moment | None
    now: datetime
    examples: tuple[str, ...] = ()
    """Questions that the archive answers."""
    command: str = "/dateline"
    is_allowed: bool = True
    """Whether this reader may ask at all."""


def render_home(overview: Overview) -> dict[str, Any]:
    """A view for `views.publish`."""
    if not overview.is_allowed:
        words = "You may not ask this archive. Ask whoever runs this workspace to allow it."
        return _home([header("Dateline"), rich_text(section(text(words)))])
    blocks = [
        header("Ask the news archive"),
        rich_text(section(*_freshness(overview))),
        *_coverage(overview),
        *_how_to_ask(overview),
    ]
    return _home(blocks)


def _home(blocks: list[Block]) -> dict[str, Any]:
    return {"type": "home", "blocks": blocks}


def _freshness(overview: Overview) -> list[Piece]:
    if not overview.articles:
        return [text("The archive is empty. It can be asked as soon as articles are read.")]
    size = f"{overview.articles:,} articles of {len(overview.outlets):,} outlets"
    pieces = [text(size, bold=True)]
    if overview.newest is None or overview.oldest is None:
        return [*pieces, text(", undated.")]
    age = tell_age(overview.newest, overview.now)
    day = f"{tell_day(overview.newest)}{f' ({age})' if age else ''}"
    return [
        *pieces,
        text(f", from {tell_day(overview.oldest)} on. The newest is of "),
        text(day, bold=True),
        text("."),
    ]


def _coverage(overview: Overview) -> list[Block]:
    if not overview.outlets:
        return []
    lines = [_outlet(one) for one in overview.outlets[:_MOST_OUTLETS]]
    blocks = [rich_text(section(text("What is in it", bold=True)), bullets(*lines))]
    if left := len(overview.outlets) - len(lines):
        blocks.append(context(f"and {left:,} smaller outlets"))
    return blocks


def _outlet(coverage: OutletCoverage) -> Piece:
    name = shorten(plain_line(coverage.outlet), 60) or "unknown outlet"
    newest = f", newest {tell_day(coverage.newest)}" if coverage.newest else ""
    stories = "article" if coverage.articles == 1 else "articles"
    return section(text(name, bold=True), text(f": {coverage.articles:,} {stories}{newest}"))


def _how_to_ask(overview: Overview) -> list[Block]:
    ways = [
        ("In a channel: ", "mention me with the question. Follow-ups in the thread need none."),
        ("In private: ", f"write to me, or {overview.command} QUESTION anywhere."),
        ("To check a message: ", "choose “Check this” among its shortcuts."),
    ]
    items = [section(text(lead, bold=True), text(words)) for lead, words in ways]
    blocks = [rich_text(section(text("How to ask", bold=True)), bullets(*items))]
    if overview.examples:
        blocks.append(actions(_examples(overview.examples[:_MOST_EXAMPLES])))
    promise = "Every sentence is cited to a quote; what the archive does not say is not answered"
    return [*blocks, context(promise, f"as of {tell_instant(overview.now)}")]


def _examples(questions: Sequence[str]) -> list[Piece]:
    return [
        button(
            shorten(plain_line(question), BUTTON_TEXT),
            f"{ids.ASK_EXAMPLE}.{at}",
            shorten(plain_line(question), BUTTON_VALUE),
        )
        for at, question in enumerate(questions)
        if plain_line(question)
    ]


def render_prompts(questions: Sequence[str]) -> list[dict[str, str]]:
    """Up to four prompts for `assistant.threads.setSuggestedPrompts`, each a question."""
    words = [plain_line(question) for question in questions]
    return [
        {"title": shorten(question, _PROMPT_TITLE), "message": shorten(question, _PROMPT)}
        for question in dict.fromkeys(words)
        if question
    ][:PROMPTS]

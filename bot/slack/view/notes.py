"""The short messages: while it works, when it cannot, and what happened to an answer since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.answer import Citation
from bot.plain import plain_line
from bot.slack.view.answer import render_answer
from bot.slack.view.blocks import Piece, bullets, context, link, quotation, rich_text, section, text
from bot.slack.view.dates import tell_short_day
from bot.slack.view.limits import FALLBACK_TEXT, Block, shorten
from bot.slack.view.markup import fallback_text
from bot.slack.view.message import Message, ShownAnswer

WORKING_STATUS = "is reading the archive…"
"""For `assistant.threads.setStatus`, which puts the app's name before it."""
LOADING_MESSAGES = ("Finding passages…", "Reading what they say…", "Checking every sentence…")
"""Shown in turn; Slack takes ten at most."""

_USER_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
_MOST_CORRECTIONS = 10
_CORRECTED = 300
"""Characters of each quote in a note."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What became of a quote after it was shown."""

    citation: Citation
    """As it was shown."""
    is_withdrawn: bool
    """Whether the article is gone; else its text has changed where it was quoted."""
    now: str | None = None
    """What the article says there now; None where it says nothing like it."""


def render_status(text_now: str = "Reading the archive…") -> Message:
    """What stands in the thread until the answer does."""
    return _line(text_now)


def render_queue_position(before: int) -> Message:
    """How many questions are answered first."""
    questions = "question is" if before == 1 else "questions are"
    return _line(f"Waiting: {before} {questions} answered before yours.")


def render_busy() -> Message:
    """When the queue takes nothing more."""
    return _line("Too many questions are waiting. Please ask again in a few minutes.")


def render_failure(error_id: str) -> Message:
    """When the bot failed: nothing of what went wrong is told, only where the log tells it."""
    known = shorten(plain_line(error_id), 60)
    return _line(f"Something went wrong, and this was not answered. Reference: {known}")


def render_withdrawn() -> Message:
    """In place of an answer whose question was deleted."""
    return _line("The question was deleted; its answer is withdrawn.")


def render_removed() -> Message:
    """In place of an answer that cites an article which was removed from the archive."""
    return _line("An article that this answer quoted was removed from the archive.")


def render_interrupted() -> Message:
    """When the bot was stopped in the middle of an answer that cannot be finished."""
    return _line("This was interrupted before it was answered. Please ask again.")


def render_refused(reason: str) -> Message:
    """When a place or a person may not ask; `reason` is one line of ours."""
    return _line(reason)


def render_usage(command: str = "/dateline") -> Message:
    """When there was no question."""
    words = "Ask a question that a news archive can answer, such as:"
    example = "who led the Russian delegation in November 2023?"
    return Message(
        fallback_text(f"{words} {command} {example}", FALLBACK_TEXT),
        (rich_text(section(text(words)), bullets(section(text(f"{command} {example}")))),),
    )


def _line(words: str) -> Message:
    block = rich_text(section(text(shorten(plain_line(words), FALLBACK_TEXT) or "…")))
    return Message(fallback_text(words, FALLBACK_TEXT), (block,))


def render_share(shown: ShownAnswer, sharer: str) -> Message:
    """An answer that was seen by its asker alone, for the channel: its question stands above it.

    Args:
        shown: The answer; its buttons for sharing are left out.
        sharer: The user id of whoever shares it; anything else is not shown.
    """
    public = ShownAnswer(
        shown.answer_id,
        shown.answer,
        wants_feedback=shown.wants_feedback,
        shows_question=True,
        asker=sharer,
    )
    message = render_answer(public)
    if not _USER_ID.fullmatch(sharer):
        return message
    by: Block = rich_text(section({"type": "user", "user_id": sharer}, text(" shares an answer")))
    return Message(message.text, (by, *message.blocks))


def render_correction(corrections: Sequence[Correction]) -> Message:
    """One note for the thread of an answer whose evidence has changed."""
    opening = "An article that the answer above quotes has changed since."
    if all(one.is_withdrawn for one in corrections):
        opening = "An article that the answer above quotes was withdrawn since."
    shown = corrections[:_MOST_CORRECTIONS]
    blocks: list[Block] = [rich_text(section(text(opening, bold=True)))]
    blocks += [rich_text(*_correction(one)) for one in shown]
    if left := len(corrections) - len(shown):
        blocks.append(context(f"and {left} more of its quotes"))
    return Message(fallback_text(opening, FALLBACK_TEXT), tuple(blocks))


def _correction(correction: Correction) -> Iterator[Piece]:
    citation = correction.citation
    outlet = shorten(plain_line(citation.outlet or "") or "unknown outlet", 60)
    title = shorten(plain_line(citation.title or "") or "untitled", 150)
    number = text(f"[{citation.number}] ", bold=True)
    source = f"{outlet}, {tell_short_day(citation.published)}: "
    if correction.is_withdrawn:
        # What was withdrawn is neither quoted again nor linked.
        yield section(number, text(f"{source}{title} was withdrawn."))
        return
    yield section(number, text(source), link(title, citation.url))
    was, now = (
        shorten(plain_line(words), _CORRECTED) for words in (citation.quote, correction.now or "")
    )
    yield section(text("It said:"))
    yield quotation(text(was or "…"))
    yield section(text("It says now:" if now else "It no longer says anything like it."))
    if now:
        yield quotation(text(now))

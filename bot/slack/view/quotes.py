"""The modal of quotes: each one byte for byte, inside the sentences that surround it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answer import Answer, Citation
from bot.plain import plain_line
from bot.slack.view import ids
from bot.slack.view.blocks import (
    Piece,
    actions,
    bullets,
    button,
    context,
    divider,
    link,
    plain,
    quotation,
    rich_text,
    section,
    text,
)
from bot.slack.view.dates import tell_day
from bot.slack.view.limits import PARAGRAPH, VIEW_CHARACTERS, Block, measure, shorten
from bot.slack.view.markup import link_of
from index.sentences import split_sentences

_MOST_A_PAGE = 20
_MOST_STEPS = 12
_SURROUNDING = 400
"""Characters on either side of a quote."""


@dataclass(frozen=True, slots=True)
class QuoteContext:
    """What stands around a quote in its article."""

    before: str = ""
    """Verbatim; ends where the quote starts."""
    after: str = ""
    is_superseded: bool = False
    """Whether the article has a newer version than the one that is quoted."""
    is_removed: bool = False
    """Whether the article is no longer in the archive."""


def surround_quote(body: str, start: int, end: int) -> tuple[str, str]:
    """The rest of the quote's own sentences, and one sentence more on either side; verbatim.

    Args:
        body: Of the version that is quoted.
        start: Of the quote, in characters of `body`.
        end: After the quote's last character.
    """
    spans = split_sentences(body)
    first = next((at for at, span in enumerate(spans) if span.end > start), 0)
    last = max((at for at, span in enumerate(spans) if span.start < end), default=0)
    if not spans:
        return "", ""
    left = min(spans[max(first - 1, 0)].start, start)
    right = max(spans[min(last + 1, len(spans) - 1)].end, end)
    before = body[max(left, start - _SURROUNDING) : start]
    return before, body[end : min(right, end + _SURROUNDING)]


def render_quotes_modal(
    answer_id: str,
    answer: Answer,
    contexts: Mapping[int, QuoteContext] | None = None,
    *,
    page: int = 0,
) -> dict[str, Any]:
    """A view for `views.open` and, to turn the page, `views.update`.

    Args:
        answer_id: The answer's own.
        answer: Whose citations are shown.
        contexts: By citation number; a quote without one stands alone.
        page: From 0; past the last one, the last is shown.
    """
    contexts = contexts or {}
    pages = _paginate([_quote(one, contexts.get(one.number)) for one in answer.citations])
    page = min(max(page, 0), len(pages) - 1)
    told = f"Page {page + 1} of {len(pages)}" if len(pages) > 1 else ""
    trace = _steps(answer) if page + 1 == len(pages) else []
    words = "Bold is quoted, to the letter. Around it stand the sentences of the article."
    return {
        "type": "modal",
        "callback_id": ids.QUOTES_MODAL,
        "private_metadata": answer_id,
        "title": plain("Quotes"),
        "close": plain("Close"),
        "blocks": [
            *pages[page],
            *_turning(answer_id, page, len(pages)),
            context(words, told),
            *trace,
        ],
    }


def _steps(answer: Answer) -> list[Block]:
    """What a hard question was taken apart into."""
    looked_up = [shorten(plain_line(step.question), 300) for step in answer.steps[:_MOST_STEPS]]
    if not any(looked_up):
        return []
    items = (section(text(question)) for question in looked_up if question)
    return [rich_text(section(text("What was looked up", bold=True)), bullets(*items))]


def _paginate(quotes: Sequence[list[Block]]) -> list[list[Block]]:
    pages: list[list[Block]] = [[]]
    held = 0
    for blocks in quotes:
        is_full = measure([*pages[-1], *blocks]) > VIEW_CHARACTERS - 8_000
        if held and (held == _MOST_A_PAGE or is_full):
            pages.append([])
            held = 0
        pages[-1] += [divider(), *blocks] if held else blocks
        held += 1
    return pages


def _quote(citation: Citation, around: QuoteContext | None) -> list[Block]:
    around = around or QuoteContext()
    title = shorten(plain_line(citation.title or "") or "untitled", 150)
    outlet = shorten(plain_line(citation.outlet or "") or "unknown outlet", 60)
    heading = section(
        text(f"[{citation.number}] ", bold=True),
        link(title, citation.url, bold=True),
        text(f"\n{outlet} · {tell_day(citation.published)}"),
    )
    blocks = [rich_text(heading, _passage(citation.quote, around))]
    if notes := _notes(citation, around):
        blocks.append(context(*notes))
    return blocks


def _passage(quote: str, around: QuoteContext) -> Piece:
    pieces = [text(around.before)] if around.before else []
    pieces += [
        text(quote[at : at + PARAGRAPH], bold=True) for at in range(0, len(quote), PARAGRAPH)
    ]
    pieces += [text(around.after)] if around.after else []
    return quotation(*pieces) if pieces else quotation(text("…"))


def _notes(citation: Citation, around: QuoteContext) -> list[str]:
    notes = []
    if around.is_removed:
        notes.append("This article has been removed from the archive since.")
    elif around.is_superseded:
        notes.append("The article has been edited since; this is the version that was quoted.")
    if link_of(citation.url) is None:
        notes.append("The article has no address on the web.")
    return notes


def _turning(answer_id: str, page: int, pages: int) -> list[Block]:
    row = []
    if page > 0:
        row.append(button("Back", f"{ids.QUOTES_PAGE}.back", f"{answer_id}:{page - 1}"))
    if page + 1 < pages:
        row.append(button("More quotes", f"{ids.QUOTES_PAGE}.next", f"{answer_id}:{page + 1}"))
    return [actions(row)] if row else []

"""What the archive says of the claims in a message ("Check this"), as a modal or a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from bot.answer import Citation
from bot.plain import plain_line
from bot.slack.view import ids
from bot.slack.view.blocks import Piece, context, link, plain, quotation, rich_text, section, text
from bot.slack.view.dates import tell_short_day
from bot.slack.view.limits import (
    FALLBACK_TEXT,
    MESSAGE_CHARACTERS,
    VIEW_CHARACTERS,
    Block,
    shorten,
)
from bot.slack.view.markup import fallback_text
from bot.slack.view.message import Message
from bot.slack.view.plan import Detail, fit

_MOST_CLAIMS = 20
_MOST_CITATIONS = 3


class Finding(StrEnum):
    """What became of one claim."""

    SUPPORTED = "supported"
    """A quote says the same."""
    DISPUTED = "disputed"
    """A quote is about the same and says otherwise."""
    NOT_FOUND = "not_found"
    """Nothing in the archive tells."""


_WORDS = {
    Finding.SUPPORTED: "Supported",
    Finding.DISPUTED: "Contradicted",
    Finding.NOT_FOUND: "Not found",
}


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """One sentence of the message, and what the archive says of it."""

    text: str
    finding: Finding
    citations: tuple[Citation, ...] = ()
    note: str = ""
    """Why it is disputed: `the articles say 19, not 14`."""


@dataclass(frozen=True, slots=True)
class ClaimsCheck:
    """A message that was checked."""

    claims: tuple[CheckedClaim, ...]
    """In the message's order; empty where it claims nothing that can be checked."""
    unchecked: int = 0
    """How many claims there are after these, which were left alone."""


def render_claims_check(check: ClaimsCheck) -> Message:
    """For the one who asked, as an ephemeral message."""
    return Message(
        fallback_text(_summary(check), FALLBACK_TEXT),
        fit(partial(_compose, check), MESSAGE_CHARACTERS),
    )


def render_claims_modal(check: ClaimsCheck) -> dict[str, Any]:
    """The same as a view."""
    return _modal(list(fit(partial(_compose, check), VIEW_CHARACTERS)))


def render_claims_waiting() -> dict[str, Any]:
    """The view that is opened at once, while the claims are being checked."""
    return _modal([rich_text(section(text("Checking the message against the archive…")))])


def _modal(blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": ids.CLAIMS_MODAL,
        "title": plain("Check this"),
        "close": plain("Close"),
        "blocks": blocks,
    }


def _compose(check: ClaimsCheck, detail: Detail) -> list[Block]:
    blocks = [rich_text(section(text(_summary(check), bold=True)))]
    shown = check.claims[:_MOST_CLAIMS]
    words = min(500, detail.prose_characters // max(1, len(shown)))
    quotes = _MOST_CITATIONS
    if detail.source.most is not None:
        # Each finding keeps a quote to show for it.
        quotes = min(quotes, max(1, detail.source.most // max(1, len(shown))))
    blocks += [rich_text(*_claim(claim, max(60, words), quotes, detail)) for claim in shown]
    if left := len(check.claims) - len(shown) + check.unchecked:
        blocks.append(context(f"{left} more sentences were not checked"))
    blocks.append(context("Only what the articles say in so many words counts as said."))
    return blocks


def _summary(check: ClaimsCheck) -> str:
    if not check.claims:
        return "The message claims nothing that can be checked."
    counts = [
        f"{count} {_WORDS[finding].lower()}"
        for finding in Finding
        if (count := sum(claim.finding is finding for claim in check.claims))
    ]
    checked = len(check.claims)
    sentences = "1 sentence" if checked == 1 else f"{checked} sentences"
    return f"Checked {sentences} against the archive: {', '.join(counts)}"


def _claim(claim: CheckedClaim, words: int, quotes: int, detail: Detail) -> Iterator[Piece]:
    yield section(
        text(f"{_WORDS[claim.finding]}: ", bold=True),
        text(shorten(plain_line(claim.text), words) or "…"),
        *([text(f" ({shorten(plain_line(claim.note), 200)})")] if claim.note else []),
    )
    for citation in claim.citations[:quotes]:
        yield from _evidence(citation, words, detail)


def _evidence(citation: Citation, words: int, detail: Detail) -> Sequence[Piece]:
    outlet = shorten(plain_line(citation.outlet or "") or "unknown outlet", 60)
    title = shorten(plain_line(citation.title or ""), detail.source.title_characters) or outlet
    url = citation.url if len(citation.url) <= detail.source.longest_url else ""
    return (
        section(text(f"{outlet}, {tell_short_day(citation.published)}: "), link(title, url)),
        quotation(text(f"“{shorten(plain_line(citation.quote), words)}”")),
    )

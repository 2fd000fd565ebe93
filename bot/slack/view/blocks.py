"""The few Block Kit pieces that messages are made of. Words in them are never read as markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.plain import plain_line
from bot.slack.view.limits import BUTTON_TEXT, HEADER, TEXT, Block, shorten
from bot.slack.view.markup import link_of

Piece = dict[str, Any]
"""An element of rich text."""


def text(words: str, *, bold: bool = False, italic: bool = False) -> Piece:
    """Words as they are; `words` must not be empty."""
    style = {name: True for name, on in (("bold", bold), ("italic", italic)) if on}
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def link(words: str, url: str, *, bold: bool = False) -> Piece:
    """A link, or only its words where the address may not be followed."""
    address = link_of(url)
    if address is None:
        return text(words, bold=bold)
    style = {"style": {"bold": True}} if bold else {}
    return {"type": "link", "url": address, "text": words, **style}


def section(*pieces: Piece) -> Piece:
    """A paragraph of rich text."""
    return {"type": "rich_text_section", "elements": list(pieces)}


def bullets(*sections: Piece) -> Piece:
    """A list of paragraphs."""
    return {"type": "rich_text_list", "style": "bullet", "elements": list(sections)}


def quotation(*pieces: Piece) -> Piece:
    """A paragraph with a bar at its left."""
    return {"type": "rich_text_quote", "elements": list(pieces)}


def rich_text(*elements: Piece) -> Block:
    """A block of paragraphs, lists and quotations."""
    return {"type": "rich_text", "elements": list(elements)}


def context(*lines: str) -> Block:
    """Small grey print: plain text, on one line with dots between."""
    words = shorten(" · ".join(filter(None, map(plain_line, lines))), TEXT)
    return {"type": "context", "elements": [plain(words[:1].upper() + words[1:])]}


def header(words: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(shorten(plain_line(words), HEADER))}


def plain(words: str) -> dict[str, Any]:
    """A text object that is never read as markup; colons make no emoji in it."""
    return {"type": "plain_text", "text": words, "emoji": False}


def button(
    words: str, action_id: str, value: str, *, primary: bool = False, label: str | None = None
) -> Piece:
    """A button; `label` is what a screen reader says."""
    return {
        "type": "button",
        "text": plain(shorten(plain_line(words), BUTTON_TEXT)),
        "action_id": action_id,
        "value": value,
        **({"style": "primary"} if primary else {}),
        **({"accessibility_label": shorten(label, BUTTON_TEXT)} if label else {}),
    }


def actions(buttons: Sequence[Piece]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def divider() -> Block:
    """A thin line."""
    return {"type": "divider"}

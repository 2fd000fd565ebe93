"""What Slack refuses in blocks and views, with the reason that it gives.

Written from Slack's reference, with numbers of its own: a mistake in the bot's limits is found
here, not repeated. `check_*` give the reasons of a refusal; none is a payload that Slack takes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
# Reported by users: 13,172 characters with more than one block are refused.
MESSAGE_CHARACTERS = 13_100
VIEW_CHARACTERS = 250_000
MARKDOWN_CHARACTERS = 12_000
RICH_TEXT_CHARACTERS = 3_000

Found = Iterator[tuple[str, str]]
"""Where, and what is wrong there."""

_CALLBACK = re.compile(r".{1,255}", re.DOTALL)
_USER = re.compile(r"[UW][A-Z0-9]{2,}")
_URL = re.compile(r"(?:https?|mailto|tel|slack):\S+", re.IGNORECASE)


def check_message(blocks: Any) -> list[str]:
    """Reasons for `invalid_blocks`; size is looked at by `is_too_long`."""
    reasons = check_blocks(blocks, MESSAGE_BLOCKS, "message")
    if reasons:
        return reasons
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_CHARACTERS:
        reasons.append(f"markdown blocks hold {markdown} of {MARKDOWN_CHARACTERS} characters")
    return reasons


def is_too_long(blocks: Any) -> bool:
    """Whether the whole is past what is answered with `msg_blocks_too_long`."""
    whole = json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))
    return len(whole) > MESSAGE_CHARACTERS


def check_view(view: Any) -> list[str]:
    """Reasons for refusing a modal or a home tab."""
    if not isinstance(view, dict) or view.get("type") not in {"modal", "home"}:
        return ["view must be an object of type modal or home"]
    reasons = check_blocks(view.get("blocks"), VIEW_BLOCKS, view["type"])
    reasons += [f"{where}: {what}" for where, what in _check_view_fields(view)]
    if len(json.dumps(view)) > VIEW_CHARACTERS:
        reasons.append("view is past 250 kB")
    return reasons


def _check_view_fields(view: dict[str, Any]) -> Found:
    if view["type"] == "modal":
        yield from _text(view.get("title"), "title", 24, plain_only=True)
    for name in ("submit", "close"):
        if name in view:
            yield from _text(view[name], name, 24, plain_only=True)
    has_input = any(block.get("type") == "input" for block in view.get("blocks") or [])
    if has_input and view["type"] == "modal" and "submit" not in view:
        yield "submit", "is needed where there is an input"
    if len(view.get("private_metadata") or "") > 3_000:
        yield "private_metadata", "is longer than 3000"
    if "callback_id" in view and not _CALLBACK.fullmatch(view["callback_id"]):
        yield "callback_id", "must have 1 to 255 characters"
    known = {
        "type", "title", "submit", "close", "blocks", "private_metadata", "callback_id",
        "clear_on_close", "notify_on_close", "external_id", "submit_disabled",
    }  # fmt: skip
    for name in view.keys() - known:
        yield name, "is not a field of a view"


def check_blocks(blocks: Any, most: int, surface: str) -> list[str]:
    """Reasons for refusing a list of blocks on a surface: message, modal or home."""
    if not isinstance(blocks, list):
        return ["blocks must be an array"]
    if len(blocks) > most:
        return [f"no more than {most} items allowed [json-pointer:/blocks]"]
    reasons: list[str] = []
    for at, block in enumerate(blocks):
        where = f"/blocks/{at}"
        for place, what in _check_block(block, surface):
            reasons.append(f"{what} [json-pointer:{where}{place}]")
    ids = Counter(block.get("block_id") for block in blocks if isinstance(block, dict))
    reasons += [f"block_id {name} is used twice" for name, n in ids.items() if name and n > 1]
    return reasons


def _check_block(block: Any, surface: str) -> Found:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        yield "", "a block must be an object with a type"
        return
    checker = _BLOCKS.get(block["type"])
    if checker is None:
        yield "/type", f"unsupported type: {block['type']}"
        return
    check, fields, surfaces = checker
    if surface not in surfaces:
        yield "/type", f"{block['type']} is not allowed in a {surface}"
    if len(str(block.get("block_id", ""))) > 255:
        yield "/block_id", "must be at most 255 characters"
    for name in block.keys() - fields - {"type", "block_id"}:
        yield f"/{name}", "is not a field of this block"
    yield from check(block)


def _text(value: Any, where: str, most: int, *, plain_only: bool = False) -> Found:
    where = where if where.startswith("/") else f"/{where}"
    if not isinstance(value, dict) or value.get("type") not in {"plain_text", "mrkdwn"}:
        yield where, "must be a text object"
        return
    if plain_only and value["type"] != "plain_text":
        yield where, "must be plain_text"
    words = value.get("text")
    if not isinstance(words, str) or not words:
        yield f"{where}/text", "must be at least 1 character"
    elif len(words) > most:
        yield f"{where}/text", f"must be less than {most + 1} characters"
    allowed = {"type", "text", *({"emoji"} if value["type"] == "plain_text" else {"verbatim"})}
    for name in value.keys() - allowed:
        yield f"{where}/{name}", "is not a field of a text object"


def _section(block: dict[str, Any]) -> Found:
    if "text" not in block and "fields" not in block:
        yield "", "text or fields are needed"
    if "text" in block:
        yield from _text(block["text"], "text", 3_000)
    fields = block.get("fields", [])
    if len(fields) > 10:
        yield "/fields", "no more than 10 items allowed"
    for at, one in enumerate(fields):
        yield from _text(one, f"/fields/{at}", 2_000)
    if "accessory" in block:
        yield from _element(block["accessory"], "/accessory")


def _header(block: dict[str, Any]) -> Found:
    yield from _text(block.get("text"), "text", 150, plain_only=True)


def _context(block: dict[str, Any]) -> Found:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 10:
        yield "/elements", "must have 1 to 10 items"
        return
    for at, one in enumerate(elements):
        if one.get("type") == "image":
            continue
        yield from _text(one, f"/elements/{at}", 3_000)


def _actions(most: int, allowed: frozenset[str] | None = None) -> Callable[[Any], Found]:
    def check(block: dict[str, Any]) -> Found:
        elements = block.get("elements")
        if not isinstance(elements, list) or not 1 <= len(elements) <= most:
            yield "/elements", f"must have 1 to {most} items"
            return
        names = Counter(one.get("action_id") for one in elements)
        for name, count in names.items():
            if name and count > 1:
                yield "/elements", f"action_id {name} is used twice"
        for at, one in enumerate(elements):
            if allowed and one.get("type") not in allowed:
                yield f"/elements/{at}", f"{one.get('type')} is not allowed here"
            yield from _element(one, f"/elements/{at}")

    return check


def _element(element: dict[str, Any], where: str) -> Found:
    kind = element.get("type")
    if len(str(element.get("action_id", ""))) > 255:
        yield f"{where}/action_id", "must be at most 255 characters"
    if kind == "button":
        yield from _button(element, where)
    elif kind == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            yield from _feedback_button(element.get(name), f"{where}/{name}")
    elif kind == "plain_text_input":
        if not 1 <= element.get("max_length", 3_000) <= 3_000:
            yield f"{where}/max_length", "must be 1 to 3000"
    elif kind in {"radio_buttons", "static_select", "checkboxes"}:
        yield from _options(element.get("options"), where, 100 if kind == "static_select" else 10)
    elif kind not in {"overflow", "datepicker", "users_select", "icon_button"}:
        yield f"{where}/type", f"unsupported type: {kind}"


def _button(element: dict[str, Any], where: str) -> Found:
    yield from _text(element.get("text"), f"{where}/text", 75, plain_only=True)
    if len(element.get("value", "")) > 2_000:
        yield f"{where}/value", "must be at most 2000 characters"
    if len(element.get("url", "")) > 3_000:
        yield f"{where}/url", "must be at most 3000 characters"
    if element.get("style", "primary") not in {"primary", "danger"}:
        yield f"{where}/style", "must be primary or danger"
    if len(element.get("accessibility_label", "")) > 75:
        yield f"{where}/accessibility_label", "must be at most 75 characters"
    known = {
        "type", "text", "action_id", "value", "url", "style", "confirm", "accessibility_label",
    }  # fmt: skip
    for name in element.keys() - known:
        yield f"{where}/{name}", "is not a field of a button"


def _feedback_button(value: Any, where: str) -> Found:
    if not isinstance(value, dict):
        yield where, "is needed"
        return
    yield from _text(value.get("text"), f"{where}/text", 75, plain_only=True)
    if not isinstance(value.get("value"), str) or not 1 <= len(value["value"]) <= 2_000:
        yield f"{where}/value", "must have 1 to 2000 characters"
    if len(value.get("accessibility_label", "")) > 75:
        yield f"{where}/accessibility_label", "must be at most 75 characters"


def _options(options: Any, where: str, most: int) -> Found:
    if not isinstance(options, list) or not 1 <= len(options) <= most:
        yield f"{where}/options", f"must have 1 to {most} items"
        return
    for at, one in enumerate(options):
        yield from _text(one.get("text"), f"{where}/options/{at}/text", 75)
        if not 1 <= len(one.get("value", "")) <= 150:
            yield f"{where}/options/{at}/value", "must have 1 to 150 characters"


def _input(block: dict[str, Any]) -> Found:
    yield from _text(block.get("label"), "label", 2_000, plain_only=True)
    if not isinstance(block.get("element"), dict):
        yield "/element", "is needed"
        return
    yield from _element(block["element"], "/element")


def _markdown(block: dict[str, Any]) -> Found:
    if not isinstance(block.get("text"), str) or not block["text"]:
        yield "/text", "must be at least 1 character"
    elif len(block["text"]) > MARKDOWN_CHARACTERS:
        yield "/text", f"must be less than {MARKDOWN_CHARACTERS + 1} characters"


def _nothing(_block: dict[str, Any]) -> Found:
    return iter(())


def _rich_text(block: dict[str, Any]) -> Found:
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        yield "/elements", "must have at least 1 item"
        return
    for at, one in enumerate(elements):
        yield from _rich_part(one, f"/elements/{at}")


def _rich_part(part: dict[str, Any], where: str) -> Found:
    kind = part.get("type")
    pieces = part.get("elements")
    if not isinstance(pieces, list) or not pieces:
        yield f"{where}/elements", "must have at least 1 item"
        return
    if kind == "rich_text_list":
        if part.get("style") not in {"bullet", "ordered"}:
            yield f"{where}/style", "must be bullet or ordered"
        for at, one in enumerate(pieces):
            if one.get("type") != "rich_text_section":
                yield f"{where}/elements/{at}", "must be a rich_text_section"
            yield from _rich_part(one, f"{where}/elements/{at}")
    elif kind in {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}:
        for at, one in enumerate(pieces):
            yield from _piece(one, f"{where}/elements/{at}")
    else:
        yield f"{where}/type", f"unsupported type: {kind}"


def _piece(piece: dict[str, Any], where: str) -> Found:
    kind = piece.get("type")
    needed = {
        "text": {"text"}, "link": {"url"}, "user": {"user_id"}, "channel": {"channel_id"},
        "broadcast": {"range"}, "emoji": {"name"}, "usergroup": {"usergroup_id"},
        "date": {"timestamp", "format"},
    }  # fmt: skip
    if kind not in needed:
        yield f"{where}/type", f"unsupported type: {kind}"
        return
    for name in needed[kind]:
        if not piece.get(name):
            yield f"{where}/{name}", "must be at least 1 character"
    if kind in {"text", "link"} and len(piece.get("text", "")) > RICH_TEXT_CHARACTERS:
        yield f"{where}/text", f"must be less than {RICH_TEXT_CHARACTERS + 1} characters"
    if kind == "link" and not (_URL.match(piece["url"]) and len(piece["url"]) <= 3_000):
        yield f"{where}/url", "must be an address of at most 3000 characters"
    if kind == "user" and not _USER.fullmatch(piece["user_id"]):
        yield f"{where}/user_id", "must be the id of a user"
    styles = {"bold", "italic", "strike", "code", "underline", "highlight", "unlink"}
    for name in piece.get("style", {}).keys() - styles:
        yield f"{where}/style/{name}", "is not a style"


_EVERYWHERE = frozenset({"message", "modal", "home"})
_MESSAGE = frozenset({"message"})
_BLOCKS: dict[str, tuple[Callable[[Any], Found], frozenset[str], frozenset[str]]] = {
    "section": (_section, frozenset({"text", "fields", "accessory", "expand"}), _EVERYWHERE),
    "header": (_header, frozenset({"text", "level"}), _EVERYWHERE),
    "context": (_context, frozenset({"elements"}), _EVERYWHERE),
    "actions": (_actions(25), frozenset({"elements"}), _EVERYWHERE),
    "context_actions": (
        _actions(5, frozenset({"feedback_buttons", "icon_button"})),
        frozenset({"elements"}),
        _MESSAGE,
    ),
    "divider": (_nothing, frozenset(), _EVERYWHERE),
    "rich_text": (_rich_text, frozenset({"elements"}), _EVERYWHERE),
    "markdown": (_markdown, frozenset({"text"}), _MESSAGE),
    "input": (
        _input,
        frozenset({"label", "element", "optional", "hint", "dispatch_action"}),
        frozenset({"modal", "home", "message"}),
    ),
    "image": (
        _nothing,
        frozenset({"image_url", "alt_text", "title", "slack_file"}),
        _EVERYWHERE,
    ),
}

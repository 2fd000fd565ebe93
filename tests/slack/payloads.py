"""Looking into payloads: their links, their words, their citations, and anything that is live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# In text that Slack reads: control sequences, mentions, and addresses that it would link.
LIVE = re.compile(r"<[!@#a-z/]|@(?:channel|here|everyone)|[a-z]:(?=[^\s\u2060])", re.IGNORECASE)
_READ_AS_MARKUP = {"mrkdwn", "markdown", "broadcast", "usergroup", "channel", "emoji", "date"}


def objects(payload: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a payload, outer ones first."""
    if isinstance(payload, dict):
        yield payload
        for value in payload.values():
            yield from objects(value)
    elif isinstance(payload, (list, tuple)):
        for value in payload:
            yield from objects(value)


def links(payload: Any) -> set[str]:
    """Every address that a reader can follow."""
    return {one["url"] for one in objects(payload) if "url" in one}


def words(payload: Any) -> str:
    """Everything that is read, in order."""
    return "".join(one["text"] for one in objects(payload) if isinstance(one.get("text"), str))


def numbers(payload: Any) -> set[int]:
    """The citations that are told: `[1]`, `[3–5]`."""
    told: set[int] = set()
    for first, last in re.findall(r"\[(\d+)(?:–(\d+))?\]", words(payload)):
        # Words from outside may say anything in brackets.
        told |= set(range(int(first), min(int(last or first), int(first) + 10_000) + 1))
    return told


def live_parts(blocks: Any, text: str) -> list[str]:
    """What Slack would read as more than words, users that a share names excepted."""
    kinds = [one["type"] for one in objects(blocks) if one.get("type") in _READ_AS_MARKUP]
    emoji = ["emoji in plain text" for one in objects(blocks) if one.get("emoji")]
    return [*kinds, *emoji, *LIVE.findall(text)]

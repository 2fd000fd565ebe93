"""What Slack accepts, in characters and pieces, and how much of it a payload takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

Block = dict[str, Any]
"""One Block Kit block, as JSON."""

# Slack gives no limit for a whole message. Reported: 13,172 characters are refused with
# msg_blocks_too_long, and rich text far earlier if only its words are counted. The whole JSON is
# counted here, which is more than Slack can count.
MESSAGE_CHARACTERS = 12_000
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
# Slack refuses a view past 250 kB; a page this long is not read anyway.
VIEW_CHARACTERS = 40_000
TEXT = 3_000
"""Of one text object: a section's, a context's."""
PARAGRAPH = 2_800
"""Words in one rich text block; Slack gives no limit, so it is kept under a section's."""
FALLBACK_TEXT = 3_000
"""Of a message's `text`, which notifications show."""
HEADER = 150
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
MODAL_TITLE = 24
IDENTIFIER = 255
URL = 3_000
STREAM_TEXT = 12_000
"""Of one call that starts, extends or ends a stream."""
PROMPTS = 4
"""Suggested prompts beside an empty conversation."""


def measure(blocks: Sequence[Block]) -> int:
    """Characters of the blocks' JSON, the shortest that there is."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def shorten(text: str, limit: int) -> str:
    """`text`, or its first whole words and an ellipsis; `limit` characters at most."""
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    words, _, _ = cut.rpartition(" ")
    # A text without spaces near the cut is cut where it is.
    kept = words if len(words) > len(cut) // 2 else cut
    return f"{kept.rstrip()}…" if limit > 0 else ""

"""The names by which Slack tells which button was pressed and which modal was sent."""

from __future__ import annotations

SHOW_QUOTES = "dateline.show_quotes"
"""A button; its value is the answer's id."""
QUOTES_PAGE = "dateline.quotes_page"
"""Buttons inside the modal of quotes; the value is `answer id:page`, read by `parse_page`."""
SHARE = "dateline.share"
"""A button under an ephemeral answer; its value is the answer's id."""
FEEDBACK = "dateline.feedback"
"""Thumbs under an answer; the value is `up:answer id` or `down:answer id`: `parse_thumb`."""
ASK_EXAMPLE = "dateline.ask_example"
"""A button on the home tab; its value is the question. With a number after it, from 0."""

QUOTES_MODAL = "dateline.quotes"
FEEDBACK_MODAL = "dateline.feedback_reason"
"""Its `private_metadata` is the answer's id; what was sent is read by `parse_feedback`."""
CLAIMS_MODAL = "dateline.claims"
CHECK_SHORTCUT = "dateline.check_message"
"""The message shortcut "Check this"."""

FEEDBACK_REASON_BLOCK = "reason"
FEEDBACK_REASON = "dateline.reason"
FEEDBACK_COMMENT_BLOCK = "comment"
FEEDBACK_COMMENT = "dateline.comment"


def parse_thumb(value: str) -> tuple[bool, str]:
    """Whether the thumb was up, and the answer's id.

    Raises:
        ValueError: If it is no value of ours.
    """
    thumb, _, answer_id = value.partition(":")
    if thumb not in {"up", "down"} or not answer_id:
        raise ValueError(f"not a thumb: {value!r}")
    return thumb == "up", answer_id


def parse_page(value: str) -> tuple[str, int]:
    """The answer's id, and the page of quotes, from 0.

    Raises:
        ValueError: If it is no value of ours.
    """
    answer_id, _, page = value.rpartition(":")
    if not answer_id or not (page.isascii() and page.isdigit()):
        raise ValueError(f"not a page of quotes: {value!r}")
    return answer_id, int(page)

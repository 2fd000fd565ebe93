"""Thumbs under an answer, and the modal that asks what was wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.given import Complaint
from bot.slack.view import ids
from bot.slack.view.blocks import context, plain
from bot.slack.view.limits import Block

_COMMENT = 1_000


_WORDS = {
    Complaint.WRONG: "It is wrong",
    Complaint.OUT_OF_DATE: "It is out of date",
    Complaint.BAD_SOURCE: "A source is bad, or does not say it",
    Complaint.SHOULD_HAVE_DECLINED: "It should have declined to answer",
    Complaint.OTHER: "Something else",
}


@dataclass(frozen=True, slots=True)
class SentFeedback:
    """What a reader sent from the modal."""

    complaint: Complaint
    comment: str | None
    """In the reader's own words; None where there are none."""


def render_thumbs(answer_id: str) -> Block:
    """Thumbs up and down. Slack sends every press, and none when one is taken back."""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": ids.FEEDBACK,
                "positive_button": _thumb("Good answer", f"up:{answer_id}"),
                "negative_button": _thumb("Bad answer", f"down:{answer_id}"),
            }
        ],
    }


def _thumb(words: str, value: str) -> dict[str, Any]:
    return {"text": plain(words), "value": value, "accessibility_label": words}


def render_feedback_modal(answer_id: str) -> dict[str, Any]:
    """Asks what was wrong; the thumb itself is already counted."""
    options = [
        {"text": plain(words), "value": complaint.value} for complaint, words in _WORDS.items()
    ]
    return {
        "type": "modal",
        "callback_id": ids.FEEDBACK_MODAL,
        "private_metadata": answer_id,
        "title": plain("What was wrong?"),
        "submit": plain("Send"),
        "close": plain("Skip"),
        "blocks": [
            _input(
                ids.FEEDBACK_REASON_BLOCK,
                "Reason",
                {"type": "radio_buttons", "action_id": ids.FEEDBACK_REASON, "options": options},
            ),
            _input(
                ids.FEEDBACK_COMMENT_BLOCK,
                "What would be right?",
                {
                    "type": "plain_text_input",
                    "action_id": ids.FEEDBACK_COMMENT,
                    "multiline": True,
                    "max_length": _COMMENT,
                },
                optional=True,
            ),
            context("Kept with the question, the answer and its evidence; your last word counts."),
        ],
    }


def _input(block_id: str, label: str, element: dict[str, Any], *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        "optional": optional,
    }


def parse_feedback(values: Mapping[str, Any]) -> SentFeedback:
    """What was sent, from `view.state.values` of a submission.

    Raises:
        ValueError: If no reason of ours is in it.
    """
    chosen = values.get(ids.FEEDBACK_REASON_BLOCK, {}).get(ids.FEEDBACK_REASON) or {}
    complaint = Complaint(str((chosen.get("selected_option") or {}).get("value")))
    written = values.get(ids.FEEDBACK_COMMENT_BLOCK, {}).get(ids.FEEDBACK_COMMENT) or {}
    return SentFeedback(complaint, (written.get("value") or "").strip()[:_COMMENT] or None)

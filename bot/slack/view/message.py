"""What the views are given, and the message that comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.answer import Answer
from bot.slack.view.limits import Block


@dataclass(frozen=True, slots=True)
class Message:
    """A message as Slack takes it."""

    text: str
    """What notifications and screen readers give; made harmless."""
    blocks: tuple[Block, ...] = ()

    def as_post(self) -> dict[str, Any]:
        """Arguments of `chat.postMessage` and `chat.postEphemeral`; nothing is unfurled."""
        return {**self.as_update(), "unfurl_links": False, "unfurl_media": False}

    def as_update(self) -> dict[str, Any]:
        """Arguments of `chat.update`."""
        return {
            "text": self.text,
            "blocks": [dict(block) for block in self.blocks],
            "parse": "none",
            "link_names": False,
        }


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """An answer that is about to be shown."""

    answer_id: str
    """By which its buttons find it again; 200 characters at most."""
    answer: Answer
    wants_feedback: bool = True
    can_share: bool = False
    """Whether the asker alone sees it, and may show it to the channel."""
    shows_question: bool = False
    """Whether nobody can see what was asked, as with a slash command."""
    asker: str | None = None
    """The asker's user id; named where the answer is shared."""

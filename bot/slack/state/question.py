"""What the bot was asked in Slack, as types."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

WITHDRAWN = "withdrawn"
"""The version that is wanted of a question that was deleted."""


class Kind(StrEnum):
    """By which way a question came."""

    MENTION = "mention"
    FOLLOW_UP = "follow_up"
    """A message without a mention, in a thread where the bot was addressed."""
    DIRECT = "direct"
    COMMAND = "command"
    """A slash command: answered to its asker alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it arrived."""

    channel: str
    ts: str
    """Of the message that asks; a slash command's own id where there is no message."""
    team: str
    """The workspace through which it came."""
    thread: str
    """The `ts` of the thread's first message, which may be this one."""
    asker: str
    kind: Kind
    text: str
    """Plain text, without the mention of the bot; empty if nothing but the mention was said."""
    version: str
    """Grows with every edit: `ts` at first, then the edit's."""
    enterprise: str | None = None
    asker_team: str | None = None
    """The asker's own workspace, where the event tells it."""
    is_shared: bool = False
    """Whether the channel is shared with another company."""
    response_url: str | None = None
    """Where a slash command is answered; good for 30 minutes, and a secret."""

    @property
    def trace_key(self) -> str:
        """Names the trace of this question: every process that handles it knows it."""
        return f"slack {self.team} {self.channel} {self.ts}"


@dataclass(frozen=True, slots=True)
class Task:
    """A question that a worker holds, and what was done about it before."""

    asked: Asked
    """`version` is the one that is wanted, `WITHDRAWN` if the question was deleted."""
    lease: str
    """Proves that the worker still holds it."""
    attempts: int
    """Which try this is, from 1."""
    is_posting: bool
    """Whether an earlier try may have posted a message that it could not note down."""
    message: str | None
    """The `ts` of the bot's message, if there is one."""
    answer_id: str | None
    """The answer that stands in it."""
    received_at: float
    """Seconds since 1970."""

    @property
    def is_withdrawn(self) -> bool:
        """Whether the question was deleted."""
        return self.asked.version == WITHDRAWN


class Receipt(StrEnum):
    """What became of a question that arrived."""

    TAKEN = "taken"
    KNOWN = "known"
    """It had arrived before."""
    FULL = "full"
    """Too many wait; it is not answered."""

"""What the writer needs of a language model, as types of ours; no client library is known here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of what is said to the model."""

    role: Literal["system", "user", "assistant"]
    text: str


class Finish(StrEnum):
    """Why the model stopped, as it says itself. A stream that ends without one was cut."""

    STOP = "stop"
    LENGTH = "length"
    """It ran into the token limit."""
    FILTERED = "content_filter"
    REFUSED = "refusal"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the server counts them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """What arrived at one moment of a stream."""

    text: str = ""
    finish: Finish | None = None
    usage: Usage | None = None


class ChatModel(Protocol):
    """A language model behind a server."""

    @property
    def name(self) -> str:
        """The server's name for the model."""
        ...

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, timeout_seconds: float
    ) -> Iterator[Piece]:
        """Send one request, and give its reply as it arrives. Nothing is tried twice.

        Args:
            messages: The conversation.
            max_tokens: The most that may be written.
            timeout_seconds: The longest silence.

        Raises:
            ServerFailed: While it is read, if the request fails.
        """
        ...

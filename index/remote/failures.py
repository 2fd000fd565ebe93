"""What can go wrong between us and a model's server, in words fit to be shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.remote.patience import ServerFailed
from index.sources.characters import clean_line

if TYPE_CHECKING:
    import httpx

_MOST_CHARACTERS = 200
_BUSY = frozenset({408, 409, 425, 429})


class WrongReply(Exception):
    """The server answered with something else than was asked for."""

    def __init__(self, content_type: str) -> None:
        super().__init__(content_type)
        self.content_type = content_type


def refuse_other_types(wanted: str) -> Callable[[httpx.Response], None]:
    """A hook that stops at a page where `wanted` was asked for: a client would read nothing."""

    def refuse(response: httpx.Response) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.is_success and kind != wanted:
            raise WrongReply(kind)

    return refuse


@dataclass(frozen=True, slots=True)
class Translator:
    """Makes of what a client library raised an error of ours."""

    prefix: str
    """What the variables begin with that set this model: `DATELINE_LLM`."""
    secret: str | None
    """The key; no message holds it, though servers may repeat it."""
    asked_for: str = "a stream"

    def translate(self, error: Exception) -> ServerFailed:
        """The error, in words fit to be shown."""
        import openai

        if isinstance(error, openai.APIStatusError):
            return self._of_status(error)
        cause = error.__cause__
        if isinstance(cause, WrongReply):
            kind = _shown(cause.content_type, self.secret) or "nothing"
            message = f"the model's server sent {kind} in place of {self.asked_for}"
            return ServerFailed(f"{message}; check its address", is_temporary=False)
        for message, kinds in _temporary_failures():
            if isinstance(error, kinds):
                return ServerFailed(message, is_temporary=True)
        # A chunk of the wrong shape surfaces as whatever the library stumbled over.
        name = type(error).__name__
        return ServerFailed(f"the model's reply could not be read ({name})", is_temporary=False)

    def _of_status(self, error: Any) -> ServerFailed:
        status: int = error.status_code
        said = _shown(_message_of(error.body), self.secret)
        # An account without money stays so: waiting does not help.
        is_broke = getattr(error, "code", None) == "insufficient_quota"
        message = f"the model's server answered {status}"
        message += f" ({said})" if said else ""
        return ServerFailed(
            message + self._what_helps(status),
            is_temporary=(status in _BUSY or status >= 500) and not is_broke,
            retry_after_seconds=_seconds(error.response.headers.get("retry-after")),
        )

    def _what_helps(self, status: int) -> str:
        if status in {401, 403}:
            return f"; check {self.prefix}_KEY or OPENAI_API_KEY"
        return f"; check {self.prefix}_MODEL and {self.prefix}_BASE_URL" if status == 404 else ""


def _temporary_failures() -> list[tuple[str, tuple[type[Exception], ...]]]:
    """What to say of failures that may pass, the more specific kinds first."""
    import httpx
    import openai

    unreadable = (json.JSONDecodeError, UnicodeDecodeError, openai.APIError)
    return [
        (
            "the model's server kept silent for too long",
            (openai.APITimeoutError, httpx.TimeoutException),
        ),
        ("the model's server cannot be reached", (openai.APIConnectionError,)),
        ("the model's reply was cut", (httpx.TransportError,)),
        ("the model's reply could not be read", unreadable),
    ]


def _message_of(body: object) -> str:
    message = body.get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str) else ""


def _shown(text: str, secret: str | None) -> str:
    text = text.replace(secret, "***") if secret else text
    return clean_line(text, limit=_MOST_CHARACTERS).rstrip(".")


def _seconds(header: str | None) -> float | None:
    """Retry-After in seconds; its other form, a date, is left to the policy's own waiting."""
    try:
        seconds = float(header or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e6 else None

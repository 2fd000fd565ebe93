"""What can go wrong between us and a model's server, in words fit to be shown."""

from __future__ import annotations

import json
from typing import Any

from bot.writer.chat import ChatFailed
from index.sources.characters import clean_line

_MOST_CHARACTERS = 200
_BUSY = frozenset({408, 409, 425, 429})
_WHAT_HELPS = {
    401: "; check DATELINE_LLM_KEY or OPENAI_API_KEY",
    403: "; check DATELINE_LLM_KEY or OPENAI_API_KEY",
    404: "; check DATELINE_LLM_MODEL and DATELINE_LLM_BASE_URL",
}


class WrongReply(Exception):
    """The server answered with something else than a stream of events."""

    def __init__(self, content_type: str) -> None:
        super().__init__(content_type)
        self.content_type = content_type


def translate_failure(error: Exception, *, secret: str | None) -> ChatFailed:
    """What a client library raised, as an error of ours that does not hold `secret`."""
    import openai

    if isinstance(error, openai.APIStatusError):
        return _of_status(error, secret)
    cause = error.__cause__
    if isinstance(cause, WrongReply):
        kind = _shown(cause.content_type, secret) or "nothing"
        message = f"the model's server sent {kind} in place of a stream; check its address"
        return ChatFailed(message, is_temporary=False)
    for message, kinds in _temporary_failures():
        if isinstance(error, kinds):
            return ChatFailed(message, is_temporary=True)
    # A chunk of the wrong shape surfaces as whatever the library stumbled over.
    name = type(error).__name__
    return ChatFailed(f"the model's reply could not be read ({name})", is_temporary=False)


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


def _of_status(error: Any, secret: str | None) -> ChatFailed:
    status: int = error.status_code
    said = _shown(_message_of(error.body), secret)
    # An account without money stays so: waiting does not help.
    is_broke = getattr(error, "code", None) == "insufficient_quota"
    message = f"the model's server answered {status}"
    message += f" ({said})" if said else ""
    return ChatFailed(
        message + _WHAT_HELPS.get(status, ""),
        is_temporary=(status in _BUSY or status >= 500) and not is_broke,
        retry_after_seconds=_seconds(error.response.headers.get("retry-after")),
    )


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

"""Which language model writes, where it is, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from index.errors import UsageError
from index.remote.address import OPENAI_URL, Variables, is_openai, read_number

_VARIABLES = Variables("DATELINE_LLM", "language model")
_OPENAI_MODEL = "gpt-4.1-mini"


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Settings of the language model; there are none where no model is to write."""

    NAMES: ClassVar[frozenset[str]] = frozenset(
        {
            "DATELINE_LLM_MODEL",
            "DATELINE_LLM_BASE_URL",
            "DATELINE_LLM_KEY",
            "DATELINE_LLM_TIMEOUT",
            "DATELINE_LLM_DEADLINE",
            "DATELINE_LLM_TOKENS",
            "DATELINE_LLM_CONTEXT",
            "DATELINE_LLM_JUDGE",
        }
    )
    """Every variable that is read here, beside the customary `OPENAI_…`."""

    model: str
    """`DATELINE_LLM_MODEL`: the server's name for it."""
    base_url: str = OPENAI_URL
    """`DATELINE_LLM_BASE_URL`, else `OPENAI_BASE_URL`, else OpenAI's: the only server called."""
    key: str | None = field(default=None, repr=False)
    """`DATELINE_LLM_KEY`, else `OPENAI_API_KEY` where that one belongs to the server."""
    timeout_seconds: float = 30.0
    """`DATELINE_LLM_TIMEOUT`: the longest silence that is borne."""
    deadline_seconds: float = 90.0
    """`DATELINE_LLM_DEADLINE`: after this the answer ends, retries and repairs included."""
    completion_tokens: int = 2_000
    """`DATELINE_LLM_TOKENS`: the most that the model may write for one answer."""
    context_tokens: int = 8_192
    """`DATELINE_LLM_CONTEXT`: what prompt and completion together may hold."""
    judges: bool = False
    """`DATELINE_LLM_JUDGE`: whether the model is also asked, sentence by sentence, if the quotes
    bear out what the rules let through. It can only take sentences away."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str], model: str | None = None) -> LlmSettings | None:
        """Read the settings; an empty variable counts as not set.

        Args:
            environ: The environment.
            model: The name that was given on the command line, before that of the environment.

        Returns:
            None where neither a key nor a server is set: answers are quotes then.

        Raises:
            UsageError: If a value cannot be used, or one that is set lacks another.
        """
        base_url = _VARIABLES.url(environ)
        key = _VARIABLES.key(environ)
        named = model or environ.get("DATELINE_LLM_MODEL")
        if not _is_wanted(environ, named, has_server=bool(key or (base_url and named))):
            return None
        settings = cls(
            model=named or _OPENAI_MODEL,
            base_url=base_url or OPENAI_URL,
            key=key,
            timeout_seconds=read_number(environ, "DATELINE_LLM_TIMEOUT", 30, 1, 600),
            deadline_seconds=read_number(environ, "DATELINE_LLM_DEADLINE", 90, 1, 3_600),
            completion_tokens=read_number(environ, "DATELINE_LLM_TOKENS", 2_000, 100, 100_000),
            context_tokens=read_number(environ, "DATELINE_LLM_CONTEXT", 8_192, 2_000, 2_000_000),
            judges=_read_switch(environ, "DATELINE_LLM_JUDGE"),
        )
        return settings._checked()

    @property
    def is_openai(self) -> bool:
        """Whether the server is OpenAI's own, which knows its models by name."""
        return is_openai(self.base_url)

    def _checked(self) -> LlmSettings:
        if self.completion_tokens * 2 > self.context_tokens:
            raise UsageError(
                f"DATELINE_LLM_TOKENS={self.completion_tokens} leaves no room for articles in "
                f"DATELINE_LLM_CONTEXT={self.context_tokens}. Set it to at most half of that."
            )
        return self


def _is_wanted(environ: Mapping[str, str], named: str | None, *, has_server: bool) -> bool:
    """Whether a model is to write. Somebody else's OPENAI_BASE_URL alone does not ask for one.

    Raises:
        UsageError: If a model is set without a server, or a server without a model.
    """
    if environ.get("DATELINE_LLM_BASE_URL") and not named:
        raise UsageError(
            "DATELINE_LLM_BASE_URL is set, but no model. Set DATELINE_LLM_MODEL, or give --model."
        )
    if named and not has_server:
        raise UsageError(
            f"There is no server for the model {named[:60]!r}. Set OPENAI_API_KEY, "
            "or DATELINE_LLM_BASE_URL for a server of your own."
        )
    return has_server


def _read_switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "off"
    if text not in {"on", "off"}:
        raise UsageError(f"{name}={text[:40]!r}: expected on or off.")
    return text == "on"

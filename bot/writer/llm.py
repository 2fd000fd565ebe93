"""Language models through LlamaIndex's adapters: requests out, pieces in, errors translated.

The only module that knows LlamaIndex's LLM classes and the `openai` client.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from bot.writer.chat import Finish, Message, Piece, Usage
from bot.writer.settings import LlmSettings
from index.errors import UsageError
from index.remote.failures import Translator, refuse_other_types

if TYPE_CHECKING:
    import httpx
    from llama_index.core.base.llms.types import ChatMessage, ChatResponse
    from llama_index.llms.openai import OpenAI

logger = logging.getLogger(__name__)


def load_chat_model(
    settings: LlmSettings, transport: httpx.BaseTransport | None = None
) -> LlamaIndexChat:
    """Build the model; nothing is sent yet.

    Args:
        settings: Which model, and where.
        transport: Carries the requests; None for the network.

    Raises:
        UsageError: If LlamaIndex cannot talk to this model.
    """
    return LlamaIndexChat(settings, transport)


class LlamaIndexChat:
    """A model of OpenAI, or of a server that speaks its protocol; may be used from any thread."""

    def __init__(self, settings: LlmSettings, transport: httpx.BaseTransport | None = None) -> None:
        self._settings = settings
        # Never shown or logged as a whole: its `repr` holds the key.
        self._client = _open_client(transport)
        self._llm = _build_llm(settings, self._client)
        self._translator = Translator("DATELINE_LLM", settings.key)

    @property
    def name(self) -> str:
        """The server's name for the model."""
        return self._settings.model

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, timeout_seconds: float
    ) -> Iterator[Piece]:
        """Send one request, and give its reply as it arrives.

        Raises:
            ServerFailed: While it is read, if the request fails.
        """
        # OpenAI's newer models refuse `max_tokens`, and other servers its successor.
        limit = "max_completion_tokens" if self._settings.is_openai else "max_tokens"
        options: dict[str, Any] = {
            limit: max_tokens,
            "timeout": timeout_seconds,
            "stream_options": {"include_usage": True},
        }
        try:
            responses = self._llm.stream_chat(_to_llama(messages), **options)
            with closing(responses):
                yield from map(_read_piece, responses)
        except GeneratorExit:
            raise
        except Exception as error:
            logger.debug("model request failed error=%s", type(error).__name__)
            # Not "from error": a server may repeat the key in what it says.
            raise self._translator.translate(error) from None


def _to_llama(messages: Sequence[Message]) -> list[ChatMessage]:
    from llama_index.core.base.llms.types import ChatMessage

    return [ChatMessage(role=message.role, content=message.text) for message in messages]


def _read_piece(response: ChatResponse) -> Piece:
    """One chunk; LlamaIndex drops why a reply ended, so that is read from the raw one."""
    chunk: Any = response.raw
    used = getattr(chunk, "usage", None)
    usage = Usage(used.prompt_tokens or 0, used.completion_tokens or 0) if used else None
    choices = getattr(chunk, "choices", None) or []
    finish = choices[0].finish_reason if choices else None
    if choices and getattr(choices[0].delta, "refusal", None):
        return Piece(finish=Finish.REFUSED, usage=usage)
    return Piece(response.delta or "", _read_finish(finish), usage)


def _read_finish(reason: str | None) -> Finish | None:
    if reason is None:
        return None
    # Servers have words of their own ("eos", "end_turn") for having said everything.
    return Finish(reason) if reason in set(Finish) else Finish.STOP


def _build_llm(settings: LlmSettings, client: httpx.Client) -> OpenAI:
    from llama_index.llms.openai.utils import ALL_AVAILABLE_MODELS

    shared: dict[str, Any] = {
        "model": settings.model,
        "api_base": settings.base_url,
        # Servers without keys still want something in the header.
        "api_key": settings.key or "none",
        "timeout": settings.timeout_seconds,
        # Both LlamaIndex and the client it builds obey this; ours is the only policy.
        "max_retries": 0,
        "http_client": client,
    }
    is_known = settings.is_openai and settings.model in ALL_AVAILABLE_MODELS
    try:
        llm = _build_known(shared) if is_known else _build_other(settings, shared)
    except ValueError:
        # Not "from error": pydantic repeats what it was given, and that may be the key.
        raise _cannot_write(settings) from None
    if not llm.metadata.is_chat_model:
        raise _cannot_write(settings)
    return llm


def _build_known(shared: dict[str, Any]) -> OpenAI:
    from llama_index.llms.openai import OpenAI

    return OpenAI(**shared, temperature=0.0)


def _build_other(settings: LlmSettings, shared: dict[str, Any]) -> OpenAI:
    from llama_index.llms.openai_like import OpenAILike

    llm: OpenAI = OpenAILike(
        **shared,
        # OpenAI's models that are newer than the library reason, at one temperature only.
        temperature=1.0 if settings.is_openai else 0.0,
        # Its defaults are the completions endpoint and 3,900 tokens.
        is_chat_model=True,
        context_window=settings.context_tokens,
    )
    return llm


def _cannot_write(settings: LlmSettings) -> UsageError:
    return UsageError(
        f"The model {settings.model!r} cannot be used: it does not chat. "
        "Choose another with DATELINE_LLM_MODEL or --model."
    )


def _open_client(transport: httpx.BaseTransport | None) -> httpx.Client:
    """A client that follows no redirect: articles and key go to the address that was set."""
    import httpx

    hooks = {"response": [refuse_other_types("text/event-stream")]}
    return httpx.Client(follow_redirects=False, event_hooks=hooks, transport=transport)

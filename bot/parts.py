"""What may stand in place of the usual parts: for tests, and for measuring what a part is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from index.moment import utc_now
from index.search.retrieve import RetrievalSettings
from index.tracing import Tracer, Untraced
from prompts import PromptLoader, load_prompt

if TYPE_CHECKING:
    import httpx

    from bot.writer.examining import SentenceVerifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Parts of a bot; the defaults are what ships."""

    retrieval: RetrievalSettings | None = None
    """The knobs of retrieval; None for those that measured best."""
    chunk_tokens: int = 200
    """The most tokens of a chunk that ingesting cuts."""
    clock: Callable[[], datetime] = utc_now
    """The moment of asking, aware, for questions without an as-of."""
    verifier: SentenceVerifier | None = None
    """Examines a language model's sentences; None for the rules that ship."""
    load_prompt: PromptLoader = load_prompt
    """Gives what is said to a language model."""
    transport: httpx.BaseTransport | None = None
    """Carries requests to a model's server; None for the network."""
    tracer: Tracer = field(default_factory=Untraced)
    """Measures the stages of an answer."""

"""Which embedding model behind a server is used, where it is, and how it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from index.errors import UsageError
from index.remote.address import OPENAI_URL, Variables, read_number

_VARIABLES = Variables("DATELINE_EMBEDDING", "embedding model")
_DIMENSIONS_BY_MODEL = {
    "text-embedding-3-small": 1_536,
    "text-embedding-3-large": 3_072,
    "text-embedding-ada-002": 1_536,
}
# The models that give shorter vectors if they are asked to.
_SHORTENED = "text-embedding-3-"


@dataclass(frozen=True, slots=True)
class EmbeddingServer:
    """A model behind a server that speaks OpenAI's protocol."""

    NAMES: ClassVar[frozenset[str]] = frozenset(
        {
            "DATELINE_EMBEDDING_BASE_URL",
            "DATELINE_EMBEDDING_KEY",
            "DATELINE_EMBEDDING_DIMENSIONS",
            "DATELINE_EMBEDDING_BATCH",
            "DATELINE_EMBEDDING_TIMEOUT",
            "DATELINE_EMBEDDING_QUERY_PREFIX",
            "DATELINE_EMBEDDING_PASSAGE_PREFIX",
        }
    )
    """Every variable that is read here, beside the customary `OPENAI_…`."""

    model: str
    """`DATELINE_EMBEDDING_MODEL`: the server's name for it."""
    dimensions: int
    """`DATELINE_EMBEDDING_DIMENSIONS`: how many numbers a vector has; OpenAI's are known."""
    base_url: str = OPENAI_URL
    """`DATELINE_EMBEDDING_BASE_URL`, else `OPENAI_BASE_URL`, else OpenAI's: the only one called."""
    key: str | None = field(default=None, repr=False)
    """`DATELINE_EMBEDDING_KEY`, else `OPENAI_API_KEY` where that one belongs to the server."""
    batch_texts: int = 64
    """`DATELINE_EMBEDDING_BATCH`: texts in one request; of chunks about 20,000 tokens."""
    timeout_seconds: float = 30.0
    """`DATELINE_EMBEDDING_TIMEOUT`: the longest silence that is borne."""
    deadline_seconds: float = 90.0
    """After this a request is not sent again."""
    query_prefix: str = ""
    """`DATELINE_EMBEDDING_QUERY_PREFIX`: what the model wants before a question: `query: `."""
    passage_prefix: str = ""
    """`DATELINE_EMBEDDING_PASSAGE_PREFIX`: what it wants before a passage."""

    @property
    def can_shorten(self) -> bool:
        """Whether the vectors are to be of another length than the model's own."""
        own = _DIMENSIONS_BY_MODEL.get(self.model)
        return self.model.startswith(_SHORTENED) and self.dimensions != own

    @classmethod
    def from_env(cls, environ: Mapping[str, str], model: str) -> EmbeddingServer | None:
        """Read the settings; an empty variable counts as not set.

        Args:
            environ: The environment.
            model: The name that was set.

        Returns:
            None where neither a server of one's own nor a model of OpenAI's is named.

        Raises:
            UsageError: If a value cannot be used, or one that is needed is missing.
        """
        own_server = environ.get("DATELINE_EMBEDDING_BASE_URL")
        if not own_server and model not in _DIMENSIONS_BY_MODEL:
            return None
        key = _VARIABLES.key(environ)
        if not own_server and not key:
            raise UsageError(
                f"DATELINE_EMBEDDING_MODEL={model!r} is a model of OpenAI's. Set OPENAI_API_KEY, "
                "or DATELINE_EMBEDDING_BASE_URL for a server of your own."
            )
        return cls(
            model=model,
            dimensions=_read_dimensions(environ, model),
            base_url=_VARIABLES.url(environ) or OPENAI_URL,
            key=key,
            batch_texts=read_number(environ, "DATELINE_EMBEDDING_BATCH", 64, 1, 2_048),
            timeout_seconds=read_number(environ, "DATELINE_EMBEDDING_TIMEOUT", 30, 1, 600),
            query_prefix=environ.get("DATELINE_EMBEDDING_QUERY_PREFIX", ""),
            passage_prefix=environ.get("DATELINE_EMBEDDING_PASSAGE_PREFIX", ""),
        )


def _read_dimensions(environ: Mapping[str, str], model: str) -> int:
    known = _DIMENSIONS_BY_MODEL.get(model, 0)
    number = read_number(environ, "DATELINE_EMBEDDING_DIMENSIONS", known, 8, 8_192)
    if not number:
        raise UsageError(
            f"How many numbers a vector of {model[:60]!r} has is not known. "
            "Set DATELINE_EMBEDDING_DIMENSIONS, such as 768."
        )
    if known and number > known:
        raise UsageError(f"DATELINE_EMBEDDING_DIMENSIONS={number}: {model} gives {known} at most.")
    return number

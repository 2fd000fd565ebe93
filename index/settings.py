"""What of the index an operator may set, read from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from index.errors import UsageError
from index.fetch.settings import FetchSettings
from index.models import MODELS, MULTILINGUAL_E5_SMALL
from index.remote.settings import EmbeddingServer
from index.store.address import CatalogUrl, ChromaUrl, Servers


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Settings of the index; the defaults hold where the environment says nothing."""

    NAMES: ClassVar[frozenset[str]] = (
        EmbeddingServer.NAMES | FetchSettings.NAMES | Servers.NAMES | {"DATELINE_EMBEDDING_MODEL"}
    )
    """Every variable that is read here."""

    embedding_model: str = MULTILINGUAL_E5_SMALL.name
    """`DATELINE_EMBEDDING_MODEL`: one of `index.models.MODELS`, or a server's name for its own."""
    embedding_server: EmbeddingServer | None = None
    """The server behind which the model is; None for one that ships with Dateline."""
    servers: Servers = field(default_factory=Servers)
    """`DATELINE_CATALOG`, `DATELINE_CHROMA` with `DATELINE_CHROMA_TOKEN`: in place of files."""
    fetch: FetchSettings = field(default_factory=FetchSettings)
    """How the web is asked."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> IndexSettings:
        """Read the settings; an empty variable counts as not set.

        Raises:
            UsageError: If a value is not one that can be used.
        """
        model = environ.get("DATELINE_EMBEDDING_MODEL") or MULTILINGUAL_E5_SMALL.name
        server = EmbeddingServer.from_env(environ, model)
        if server is None:
            _refuse_unknown_model(model)
            _refuse_idle_settings(environ, model)
        elif not environ.get("DATELINE_EMBEDDING_MODEL"):
            raise UsageError(
                "DATELINE_EMBEDDING_BASE_URL is set, but no model. Set DATELINE_EMBEDDING_MODEL."
            )
        return cls(model, server, _read_servers(environ), FetchSettings.from_env(environ))


def _read_servers(environ: Mapping[str, str]) -> Servers:
    catalog, chroma = environ.get("DATELINE_CATALOG"), environ.get("DATELINE_CHROMA")
    token = environ.get("DATELINE_CHROMA_TOKEN")
    return Servers(
        CatalogUrl.parse(catalog, named="DATELINE_CATALOG") if catalog else None,
        ChromaUrl.parse(chroma, named="DATELINE_CHROMA", token=token) if chroma else None,
    )


def _refuse_unknown_model(model: str) -> None:
    if model not in MODELS:
        raise UsageError(
            f"DATELINE_EMBEDDING_MODEL={model!r}: there is no such model. "
            f"Choose one of: {', '.join(sorted(MODELS))}; or text-embedding-3-small with "
            "OPENAI_API_KEY; or set DATELINE_EMBEDDING_BASE_URL."
        )


def _refuse_idle_settings(environ: Mapping[str, str], model: str) -> None:
    """What is meant for a server must not be passed over where there is none."""
    idle = sorted(name for name in EmbeddingServer.NAMES if environ.get(name))
    if idle:
        raise UsageError(
            f"{idle[0]} is set, but {model} ships with Dateline and asks no server. "
            "Set DATELINE_EMBEDDING_BASE_URL, or unset it."
        )

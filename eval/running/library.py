"""Libraries made for a run: of the sample articles, or of any, cut as the configuration says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from bot.parts import Parts
from bot.samples import sample_folder
from bot.settings import BotSettings
from bot.wiring import Bot
from eval.provenance import digest_room
from eval.running.configuration import Configuration
from index.errors import UsageError
from index.sources import find_sources, read_articles

if TYPE_CHECKING:
    import httpx


def sample_sources() -> list[str]:
    """The articles that ship."""
    return [str(sample_folder())]


def make_library(
    sources: Sequence[str],
    configuration: Configuration,
    environ: Mapping[str, str],
    *,
    transport: httpx.BaseTransport | None = None,
) -> Path:
    """Read articles into a library of the user's cache; gives its folder.

    One that was made of the same sources by the same code is used again: unchanged sources cost
    nothing then.

    Args:
        sources: As `dateline ingest` takes them.
        configuration: How they are cut, and by which model embedded.
        environ: The environment.
        transport: Carries requests to an embedding model's server; None for the network.

    Raises:
        UsageError: If a source cannot be read.
        LibraryError: If the library cannot be written.
    """
    model = configuration.embedding_model or environ.get("DATELINE_EMBEDDING_MODEL") or ""
    made_of = [*sources, str(configuration.chunk_tokens), model, digest_room("index")]
    name = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16]
    folder = _cache_folder() / name
    named = {"DATELINE_EMBEDDING_MODEL": model} if model else {}
    settings = replace(BotSettings.from_env({**environ, **named}, offline=True), library=folder)
    parts = Parts(chunk_tokens=configuration.chunk_tokens, transport=transport)
    with Bot.open(settings, parts, create=True) as bot:
        found = find_sources(list(sources))
        summary = bot.ingester(read_articles).ingest(found)
    if summary.failed:
        first = summary.failed[0]
        raise UsageError(
            f"{len(summary.failed)} articles cannot be read; the first, {first.source}: "
            f"{first.reason}. Name articles that can, or ingest them yourself and give --library."
        )
    return folder


def _cache_folder() -> Path:
    folder = user_cache_path("dateline", appauthor=False) / "eval"
    folder.mkdir(parents=True, exist_ok=True)
    # Held articles may be the user's own.
    os.chmod(folder, 0o700)
    return folder

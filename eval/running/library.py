"""Libraries made for a run: of the sample articles, or of any, cut as the configuration says."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from bot.mirror import mirror_sources
from bot.parts import Parts
from bot.samples import sample_folder
from bot.settings import BotSettings
from bot.wiring import Bot
from eval.provenance import digest_room
from eval.running.configuration import Configuration
from index.errors import UsageError
from index.sources import Source, find_sources
from index.sources.source import STDIN_KEY
from index.urls import is_web_url

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

    One that was made of the same places by the same code is used again, and mended where the
    sources changed: it is as if it were new. Servers that the environment names are let alone.

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
    # Two projects may both have a folder `articles`.
    places = [one if _is_no_path(one) else os.path.abspath(one) for one in sources]
    made_of = [*places, str(configuration.chunk_tokens), model, digest_room("index")]
    name = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16]
    folder = _cache_folder() / name
    named = {"DATELINE_EMBEDDING_MODEL": model} if model else {}
    settings = BotSettings.from_env({**environ, **named}, offline=True).in_files(folder)
    parts = Parts(chunk_tokens=configuration.chunk_tokens, transport=transport)
    found = list(find_sources(list(sources)))
    if not _fill(settings, parts, found):
        shutil.rmtree(folder)
        _fill(settings, parts, found)
    return folder


def _fill(settings: BotSettings, parts: Parts, sources: Sequence[Source]) -> bool:
    """Have a library hold the sources; False if it keeps more of them than a new one would."""
    with Bot.open(settings, parts, create=True) as bot:
        mirroring = mirror_sources(bot, sources)
    if failed := mirroring.failed:
        first = failed[0]
        raise UsageError(
            f"{len(failed)} articles cannot be read; the first, {first.source}: "
            f"{first.reason}. Name articles that can, or ingest them yourself and give --library."
        )
    return not mirroring.former_versions


def _is_no_path(source: str) -> bool:
    return source == STDIN_KEY or is_web_url(source)


def _cache_folder() -> Path:
    folder = user_cache_path("dateline", appauthor=False) / "eval"
    folder.mkdir(parents=True, exist_ok=True)
    # Held articles may be the user's own.
    os.chmod(folder, 0o700)
    return folder

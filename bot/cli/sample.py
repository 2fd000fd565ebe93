"""The sample archive as a library: made when first asked, mended when the samples change."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import closing
from pathlib import Path

from bot.cli.console import write_note
from bot.cli.progress import show_progress
from bot.mirror import mirror_sources
from bot.samples import sample_folder
from bot.settings import BotSettings
from bot.wiring import Bot
from index.errors import ModelMismatch, UsageError
from index.sources import find_sources
from index.store.catalog import Catalog
from index.store.servers import CATALOG_FILE

_STAMP = "samples"


def prepare_sample(settings: BotSettings) -> None:
    """See that the library named by the settings holds the sample articles, and no others.

    Raises:
        UsageError: If it holds articles of the user's.
        LibraryError: If it cannot be written.
    """
    try:
        _fill(settings)
    except ModelMismatch:
        if not _holds_samples(settings.library):
            raise
        write_note("The sample archive is of an earlier release's model; it is made anew.")
        shutil.rmtree(settings.library)
        _fill(settings)


def _holds_samples(library: Path) -> bool:
    """Whether a library whose vectors cannot be used is of samples, and nothing would be lost."""
    path = library / CATALOG_FILE
    if not path.is_file():
        return False
    with closing(Catalog.open(path)) as catalog:
        return _STAMP in catalog.settings()


def _fill(settings: BotSettings) -> None:
    digest = _digest(sample_folder())
    with Bot.open(settings, create=True) as bot:
        catalog = bot.library.catalog
        stamp = catalog.settings().get(_STAMP)
        if stamp == digest:
            return
        if stamp is None and catalog.stats().articles:
            raise UsageError(
                f"The library at {settings.library} holds articles of its own. "
                "Leave out --sample to ask it, or give --sample another folder."
            )
        write_note("Reading the sample archive; this happens once.")
        # Stamped as unfinished first: what a killed run leaves behind is no one's archive.
        catalog.set_setting(_STAMP, "unfinished")
        with show_progress() as progress:
            mirror_sources(bot, find_sources([str(sample_folder())]), progress=progress)
        catalog.set_setting(_STAMP, digest)


def _digest(folder: Path) -> str:
    """One hash over the names and contents of the sample files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(f"{path.name}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()

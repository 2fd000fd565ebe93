"""The sample archive as a library: made when first asked, mended when the samples change."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import closing
from pathlib import Path

from bot.cli.console import write_note
from bot.cli.progress import show_progress
from bot.mirror import mirror_sources
from bot.samples import sample_folder
from bot.settings import BotSettings
from bot.wiring import Bot
from index.article import Article
from index.errors import ModelMismatch, UsageError
from index.sources import find_sources, read_articles
from index.store.catalog import Catalog
from index.store.servers import CATALOG_FILE

_STAMP = "samples"
_IDS = "samples.articles"


def prepare_sample(settings: BotSettings) -> None:
    """See that the library named by the settings holds the sample articles, and no others.

    Raises:
        UsageError: If it holds articles of the user's; those are never removed.
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
    """Whether a library whose vectors cannot be used is of samples, and nothing would be lost.

    Raises:
        UsageError: If it holds articles of the user's beside the samples.
    """
    path = library / CATALOG_FILE
    if not path.is_file():
        return False
    with closing(Catalog.open(path)) as catalog:
        if _STAMP not in catalog.settings():
            return False
        _refuse_others(catalog, library)
        return True


def _fill(settings: BotSettings) -> None:
    digest = _digest(sample_folder())
    with Bot.open(settings, create=True) as bot:
        catalog = bot.library.catalog
        _refuse_others(catalog, settings.library)
        if catalog.settings().get(_STAMP) == digest:
            return
        write_note("Reading the sample archive; this happens once.")
        # Noted as unfinished first: what a killed run leaves behind is no one's archive.
        _note_ids(catalog, _noted_ids(catalog) | _shipped_ids())
        catalog.set_setting(_STAMP, "unfinished")
        with show_progress() as progress:
            mirror_sources(bot, find_sources([str(sample_folder())]), progress=progress)
        catalog.set_setting(_STAMP, digest)


def _refuse_others(catalog: Catalog, library: Path) -> None:
    """Make sure that every article came from samples, of this release or an earlier one.

    Raises:
        UsageError: If one did not.
    """
    others = _held_ids(catalog) - _noted_ids(catalog)
    # A library of before ids were noted bears the stamp alone.
    if others and _STAMP in catalog.settings():
        others -= _shipped_ids()
    if others:
        raise UsageError(
            f"The library at {library} holds articles of its own. "
            "Leave out --sample to ask it, or give --sample another folder."
        )


def _shipped_ids() -> set[str]:
    return {
        item.article_id
        for source in find_sources([str(sample_folder())])
        for item in read_articles(source)
        if isinstance(item, Article)
    }


def _held_ids(catalog: Catalog) -> set[str]:
    return {listing.article_id for listing in catalog.articles()}


def _noted_ids(catalog: Catalog) -> set[str]:
    """The ids of all articles that samples of any release brought here."""
    return set(json.loads(catalog.settings().get(_IDS, "[]")))


def _note_ids(catalog: Catalog, article_ids: set[str]) -> None:
    catalog.set_setting(_IDS, json.dumps(sorted(article_ids)))


def _digest(folder: Path) -> str:
    """One hash over the names and contents of the sample files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(f"{path.name}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()

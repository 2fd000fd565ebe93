"""Moving a library as an operator asks for it: from where it is now to a folder or a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.settings import BotSettings
from index.errors import UsageError
from index.store.address import CatalogUrl
from index.store.copying import Copied
from index.store.moving import move_catalog
from index.store.servers import catalog_place, find_servers


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a catalog shall be."""

    place: Path | CatalogUrl
    """A file, or a server's database."""
    folder: Path
    """The library's folder afterwards."""

    @classmethod
    def choose(cls, settings: BotSettings, to: str | None) -> Destination:
        """Read what was asked for; without it, the server that the settings name.

        Raises:
            UsageError: If there is neither, or a password where everybody sees it.
        """
        if to is None:
            if settings.index.servers.catalog is None:
                raise UsageError("Say where to with --to, or set DATELINE_CATALOG.")
            return cls(settings.index.servers.catalog, settings.library)
        if "://" not in to:
            folder = Path(to).expanduser()
            return cls(folder / "catalog.sqlite", folder)
        address = CatalogUrl.parse(to, named="--to")
        if address.has_password:
            raise UsageError(
                "--to holds a password, which everybody on this machine can see. Leave it out and "
                "set PGPASSWORD, or set DATELINE_CATALOG and leave out --to."
            )
        return cls(address, settings.library)


@dataclass(frozen=True, slots=True)
class Moved:
    """What moving did."""

    rows: int
    place: str
    note: str
    """What is left to do; empty for nothing."""


def move_library(settings: BotSettings, destination: Destination, copied: Copied) -> Moved:
    """Move the library that the settings name.

    Raises:
        UsageError: If it is there already, or the destination holds something else.
        LibraryError: If either cannot be used.
    """
    source = _present_place(settings)
    shown = destination.place.shown if isinstance(destination.place, CatalogUrl) else None
    place = shown or str(destination.folder)
    if source == destination.place:
        raise UsageError(f"The library is at {place} already.")
    destination.folder.mkdir(parents=True, exist_ok=True)
    rows = move_catalog(settings.library, destination.folder, source, destination.place, copied)
    return Moved(rows, place, _what_is_left(settings, destination))


def _present_place(settings: BotSettings) -> Path | CatalogUrl:
    """Where the library is now: what its folder says goes before the environment."""
    own = find_servers(settings.library)
    if own.catalog or (settings.library / "catalog.sqlite").is_file():
        return catalog_place(settings.library, own)
    return catalog_place(settings.library, find_servers(settings.library, settings.index.servers))


def _what_is_left(settings: BotSettings, destination: Destination) -> str:
    named = settings.index.servers.catalog
    if isinstance(destination.place, Path):
        return "Unset DATELINE_CATALOG: it names the old place." if named else ""
    if destination.place.has_password:
        return "Keep DATELINE_CATALOG set: its password was not written to the folder."
    if named and named != destination.place:
        return "Unset DATELINE_CATALOG, or set it to the new place: it goes before the folder."
    return ""

"""`dateline backup` and `dateline restore`: a library in one file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import write_json, write_note
from bot.cli.edge import OK
from bot.cli.options import CommonOptions, takes
from index.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupOptions(CommonOptions):
    """Where to write the backup."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")]
    replace: Annotated[
        bool, typer.Option("--replace", metavar="", help="Put it in place of one that is there.")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreOptions(CommonOptions):
    """Which backup to restore."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `backup` wrote.")]


@takes(BackupOptions)
def backup(options: BackupOptions) -> int:
    """Write the whole library, as it stands at one moment, to one file with its checksum.

    Bots and ingests go on meanwhile. The indexes are left out: they are made anew from it.
    """
    from bot.cli.progress import CopyLines
    from bot.wiring import open_catalog
    from index.store.backup import write_backup

    if options.file.exists() and not options.replace:
        raise UsageError(f"{options.file} is there already. Name another file, or add --replace.")
    catalog = open_catalog(options.read_settings())
    try:
        manifest = write_backup(catalog, options.file, CopyLines())
    finally:
        catalog.close()
    size = options.file.stat().st_size
    if options.as_json:
        write_json({**asdict(manifest), "file": str(options.file), "bytes": size})
    else:
        write_note(
            f"Wrote {manifest.rows['articles']:,} articles, revision {manifest.revision}, "
            f"{size / 1e6:.1f} MB."
        )
    return OK


@takes(RestoreOptions)
def restore(options: RestoreOptions) -> int:
    """Make a library of a backup, in a new folder or in an empty PostgreSQL database.

    The file's checksum and every count are checked before anything of it can be seen.
    """
    from bot.cli.progress import CopyLines
    from bot.wiring import open_catalog
    from index.store.backup import restore_backup
    from index.store.library import Library
    from index.store.servers import find_servers

    settings = options.read_settings()
    address = settings.index.servers.catalog
    manifest = restore_backup(options.file, settings.library, address, CopyLines())
    write_note("Making both indexes …")
    chroma = find_servers(settings.library, settings.index.servers).chroma
    with Library(settings.library, open_catalog(settings), chroma=chroma) as library:
        library.reindex()
    if options.as_json:
        write_json({**asdict(manifest), "library": str(settings.library)})
    else:
        write_note(
            f"Restored {manifest.rows['articles']:,} articles, revision {manifest.revision}, "
            f"of {manifest.made_at}."
        )
    return OK

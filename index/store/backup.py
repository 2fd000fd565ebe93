"""A library in one file: `catalog.sqlite` and `manifest.json` with its checksum, in a ZIP.

The catalog is all that there is to keep: both indexes are made from it. Whatever database it came
from, the file is the same, so that restoring also moves a library between databases.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import inspect

from index.errors import LibraryError, LibraryMissing, UsageError
from index.store.address import CatalogUrl
from index.store.catalog import Catalog
from index.store.copying import Copied, copy_catalog, count_rows, describe_tables
from index.store.database import Database
from index.store.lock import hold_lock
from index.store.schema import last_revision
from index.store.stamp import flush

FORMAT = 1
_CATALOG, _MANIFEST = "catalog.sqlite", "manifest.json"
_BLOCK = 1 << 20
_MOST_MANIFEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    library: str
    """`Identity.library`."""
    model: str
    revision: int
    """The catalog's revision that it holds; all of it and nothing later."""
    made_at: str
    sha256: str
    """Of `catalog.sqlite`, unpacked."""
    rows: dict[str, int]
    """By table."""


def write_backup(catalog: Catalog, path: Path, copied: Copied) -> Manifest:
    """Write the catalog as it stands at one moment to `path`; others read and write meanwhile.

    Killed at any moment there is the file that was there before, or none. What was removed before
    is in no free page of it.

    Raises:
        LibraryError: If the catalog cannot be read or the file not be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    plain = part.with_suffix(".sqlite")
    try:
        with _explaining(path):
            _export(catalog, plain, copied)
            manifest = _describe(plain)
            _pack(plain, part, manifest)
            flush(part)
            part.replace(path)
            flush(path.absolute().parent)
    finally:
        for leftover in (part, plain):
            leftover.unlink(missing_ok=True)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """What the backup at `path` says of itself; nothing of it is checked yet.

    Raises:
        UsageError: If it is no backup that this program can read.
    """
    try:
        with zipfile.ZipFile(path) as file, file.open(_MANIFEST) as entry:
            kept = json.loads(entry.read(_MOST_MANIFEST))
        manifest = Manifest(**kept)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise UsageError(
            f"{path} is no backup of Dateline, or only a part of one. Name another file."
        ) from error
    if manifest.format != FORMAT:
        raise UsageError(f"{path} was written by a newer Dateline. Use that one.")
    return manifest


def restore_backup(
    path: Path, folder: Path, address: CatalogUrl | None, copied: Copied
) -> Manifest:
    """Make a library of a backup, in `folder` or in a server's empty database.

    Everything is checked before anything of it can be seen. Killed at any moment, there is no
    library or the whole; running it again finishes it.

    Raises:
        UsageError: If the file is no backup, or there is a library already.
        LibraryError: If it is damaged, or the place cannot be written.
    """
    manifest = read_manifest(path)
    folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(folder / "write.lock", seconds=0):
        _refuse_library(address or folder / _CATALOG)
        for leftover in folder.glob("restoring.sqlite*"):
            leftover.unlink()
        plain = folder / "restoring.sqlite"
        try:
            with _explaining(folder):
                _unpack(path, plain, manifest)
            _check(plain, manifest)
            if address is None:
                _publish(plain, folder / _CATALOG)
            else:
                _send(plain, address, copied)
        finally:
            for leftover in folder.glob("restoring.sqlite*"):
                leftover.unlink()
    return manifest


def _export(catalog: Catalog, plain: Path, copied: Copied) -> None:
    """A copy of the catalog as a SQLite file of its own."""
    plain.unlink(missing_ok=True)
    source = catalog.database
    if not source.is_shared:
        with closing(sqlite3.connect(source.place)) as connection:
            # One read transaction: writers go on. It leaves out free pages, unlike a plain copy.
            connection.execute("VACUUM INTO ?", (str(plain),))
        copied("catalog", 1, 1)
        return
    target = Database(plain)
    try:
        with source.reading() as reader, target.writing() as writer:
            copy_catalog(reader, writer, copied)
    finally:
        target.close()


def _describe(plain: Path) -> Manifest:
    catalog = Catalog.open(plain)
    try:
        with catalog.database.reading() as connection:
            tables = describe_tables(connection).sorted_tables
            rows = {table.name: count_rows(connection, table) for table in tables}
            revision = last_revision(connection)
        identity = catalog.identity
    finally:
        catalog.close()
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    digest = _digest(plain)
    return Manifest(FORMAT, identity.library, identity.model_name, revision, made_at, digest, rows)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(plain: Path, part: Path, manifest: Manifest) -> None:
    # Level 1: text shrinks to a third, and embeddings hardly at any level.
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.write(plain, _CATALOG)
        # Last: a file that was cut off has none.
        file.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=2))


def _unpack(path: Path, plain: Path, manifest: Manifest) -> None:
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(path) as file, file.open(_CATALOG) as entry, plain.open("wb") as out:
            while block := entry.read(_BLOCK):
                digest.update(block)
                out.write(block)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError) as error:
        raise LibraryError(f"{path} is damaged ({error}). Restore another backup.") from error
    if digest.hexdigest() != manifest.sha256:
        raise LibraryError(
            f"{path} is damaged: its checksum is not the one it was written with. "
            "Restore another backup."
        )


def _check(plain: Path, manifest: Manifest) -> None:
    """Bring it to this program's schema, and see that all of it is there."""
    catalog = Catalog.open(plain)
    try:
        if complaints := catalog.database.complaints():
            raise LibraryError(f"The backup is damaged: {complaints[0]}. Restore another one.")
        with catalog.database.reading() as connection:
            for table in describe_tables(connection).sorted_tables:
                there, promised = count_rows(connection, table), manifest.rows.get(table.name)
                if promised is not None and there != promised:
                    raise LibraryError(
                        f"The backup is damaged: {table.name} has {there} rows, not {promised}."
                    )
        catalog.database.prepare_new()
    finally:
        catalog.close()


def _publish(plain: Path, path: Path) -> None:
    flush(plain)
    plain.replace(path)
    flush(path.parent)


def _send(plain: Path, address: CatalogUrl, copied: Copied) -> None:
    source, target = Database(plain), Database(address)
    try:
        with source.reading() as reader, target.writing() as writer:
            if inspect(writer).get_table_names():
                raise UsageError(f"{target.place} is not empty. Name another database or schema.")
            copy_catalog(reader, writer, copied)
    finally:
        source.close()
        target.close()


def _refuse_library(where: Path | CatalogUrl) -> None:
    try:
        catalog = Catalog.open(where)
    except LibraryMissing:
        return
    place = catalog.database.place
    catalog.close()
    raise UsageError(
        f"There is a library at {place} already. Name another place: dateline restore FILE "
        "--library NEW"
    )


@contextmanager
def _explaining(place: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise LibraryError(f"{place} cannot be written ({reason}). Name another place.") from error

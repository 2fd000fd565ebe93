"""Which servers a library uses, as its folder remembers it: `servers.json`, readable by its owner.

The file is written by `dateline library move`; the environment goes before it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from index.errors import LibraryError
from index.store.address import CatalogUrl, ChromaUrl, Servers
from index.store.stamp import replace_file

_FILE = "servers.json"

CATALOG_FILE = "catalog.sqlite"
"""Where a folder keeps its catalog, unless a server does."""


def find_servers(folder: Path, given: Servers | None = None) -> Servers:
    """The servers that were given, and for those that were not, what the folder remembers.

    Raises:
        LibraryError: If the folder's file cannot be read.
    """
    given = given or Servers()
    kept = _read(folder / _FILE)
    return Servers(given.catalog or kept.catalog, given.chroma or kept.chroma)


def catalog_place(folder: Path, servers: Servers) -> Path | CatalogUrl:
    """Where the catalog is: on its server, or a file in the folder."""
    return servers.catalog or folder / CATALOG_FILE


def remember_catalog(folder: Path, address: str | None) -> None:
    """Have the folder remember where its catalog is from now on; None: in the folder itself."""
    path = folder / _FILE
    kept = _load(path)
    kept.pop("catalog", None)
    if address:
        kept["catalog"] = address
    # It may hold a password: nobody else reads it, not even while it is written.
    before = os.umask(0o077)
    try:
        replace_file(path, json.dumps(kept, indent=2) + "\n")
    finally:
        os.umask(before)


def _read(path: Path) -> Servers:
    kept = _load(path)
    catalog, chroma = kept.get("catalog"), kept.get("chroma")
    return Servers(
        CatalogUrl.parse(catalog, named=f"catalog in {path}") if catalog else None,
        ChromaUrl.parse(chroma, named=f"chroma in {path}", token=kept.get("chroma_token"))
        if chroma
        else None,
    )


def _load(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise LibraryError(f"{path} cannot be read ({type(error).__name__}). Mend it.") from error
    if not isinstance(kept, dict) or not all(isinstance(one, str) for one in kept.values()):
        raise LibraryError(f"{path} is not as it should be: an object of texts. Mend it.")
    return kept

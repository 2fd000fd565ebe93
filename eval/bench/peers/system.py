"""What a system that is measured must do, and the corpus that each is given.

Runs in the peers' environment too: imports nothing that is not in both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

LIMIT = 10
"""Passages that a search gives."""


@dataclass(frozen=True, slots=True)
class Story:
    """One article of the corpus."""

    url: str
    title: str
    outlet: str
    day: int
    """Of publication, as 20240331: what Chroma can compare."""
    body: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What a search is confined to."""

    outlet: str
    until: int
    """The last day of publication, as 20240331."""


class System(Protocol):
    """One way to keep and search articles. Each process opens its own."""

    def ingest(self, corpus: Path) -> None:
        """Store every article of a file that `read_corpus` reads."""
        ...

    def search(self, question: str, where: Filter | None = None) -> Sequence[str]:
        """URLs of the `LIMIT` best passages, best first."""
        ...


def read_corpus(path: Path) -> Iterator[Story]:
    """The articles of a file of JSON lines, as `dateline ingest` reads them too."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            day = int(row["published_at"].replace("-", ""))
            yield Story(row["url"], row["title"], row["outlet"], day, row["body"])

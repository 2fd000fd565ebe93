"""Stores batches of articles in a library and says when each is done: one writer of several.

    python tests/write_batches.py FOLDER NAME BATCHES SIZE [--build-often]

Each line on stdout is a number of articles that are now safe. Not a test itself.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from index.store import upkeep
from index.store.library import Library
from tests.fakes import FakeEmbedder, build_article, build_entry


def main(folder: str, name: str, batches: int, size: int, *, build_often: bool) -> None:
    """Store articles `<name>-0`, `<name>-1`, … with two chunks each."""
    if build_often:
        upkeep.WHILE_WRITING = upkeep.MergePolicy(rows=size, share=0.0, begin=True)
    embedder = FakeEmbedder()
    with Library.open(Path(folder), embedder.card, create=True) as library:
        for batch in range(batches):
            numbers = range(batch * size, (batch + 1) * size)
            entries = [
                build_entry(
                    build_article(f"{name}-{number}", f"{name} {number} left.\nIt came back."),
                    embedder,
                )
                for number in numbers
            ]
            library.write(entries, now=datetime.now(UTC))
            print((batch + 1) * size, flush=True)  # noqa: T201
        library.finish()
    print("finished", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:5]), build_often="--build-often" in sys.argv)

"""Command line arguments to sources: which files there are, not what is in them."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from index.errors import UsageError
from index.failure import printable
from index.sources.source import STDIN_KEY, Source, quoted
from index.urls import LONGEST_ADDRESS_BYTES, can_be_kept, canonical_url, is_web_url

SUFFIXES = frozenset(
    {".txt", ".md", ".markdown", ".html", ".htm", ".json", ".jsonl", ".ndjson", ".csv", ".tsv",
     ".xml", ".rss", ".atom", ".warc"}
)  # fmt: skip
"""What is read from folders, in any case of letters; other files there are passed over."""


def find_sources(arguments: Sequence[str], stdin: BinaryIO | None = None) -> Iterator[Source]:
    """Find what the arguments name, in their order, each file once.

    Folders are walked in sorted order; hidden entries and files of other suffixes are passed
    over. Files that are named, also by a glob, are yielded whatever their suffix. A folder that
    cannot be listed is yielded itself, so that reading it tells why.

    Args:
        arguments: Files, folders, globs (`**` too), http(s) addresses, or "-" for JSON lines on
            standard input.
        stdin: What "-" reads; the process's standard input if None.

    Raises:
        UsageError: At once, before anything is yielded, if an argument names nothing.
    """
    expanded = [path for argument in arguments for path in _expand(argument)]
    return _each_once(expanded, stdin)


def _expand(argument: str) -> list[str]:
    if argument == STDIN_KEY:
        return [argument]
    if is_web_url(argument):
        if not can_be_kept(canonical_url(argument)):
            raise UsageError(
                f"Cannot read {quoted(argument)}: an address has at most "
                f"{LONGEST_ADDRESS_BYTES:,} bytes and no control characters."
            )
        return [argument]
    try:
        # A link that leads nowhere exists: reading it gives the reason.
        if os.path.lexists(argument):
            return [argument]
        found = sorted(glob.glob(argument, recursive=True)) if glob.has_magic(argument) else []
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read {printable(argument)}: {error}.") from error
    if found:
        return found
    if glob.has_magic(argument):
        raise UsageError(f"No file matches {printable(argument)}.")
    if "://" in argument:
        raise UsageError(
            f"Cannot read {printable(argument)}: "
            "give a file, a folder, a glob, an http(s) address or -."
        )
    raise UsageError(f"No such file or folder: {printable(argument)}. Check the path.")


def _each_once(arguments: Sequence[str], stdin: BinaryIO | None) -> Iterator[Source]:
    seen: set[str] = set()
    for argument in arguments:
        if argument == STDIN_KEY:
            if STDIN_KEY not in seen:
                seen.add(STDIN_KEY)
                yield Source(STDIN_KEY, None, None, stdin or sys.stdin.buffer)
            continue
        if is_web_url(argument):
            address = canonical_url(argument)
            if address not in seen:
                seen.add(address)
                yield Source(address, None, None)
            continue
        for path in _walk(os.path.abspath(argument)):
            # Links to one file are one story.
            identity = os.path.realpath(path)
            if identity not in seen:
                seen.add(identity)
                yield _source_at(path)


def _source_at(path: str) -> Source:
    try:
        status = os.stat(path)
    except OSError:
        return Source(Path(path).as_uri(), Path(path), None)
    is_file = stat.S_ISREG(status.st_mode)
    fingerprint = f"{status.st_size}:{status.st_mtime_ns}" if is_file else None
    return Source(Path(path).as_uri(), Path(path), fingerprint)


def _walk(start: str) -> Iterator[str]:
    """Files at and below `start`, folders in sorted order, each folder once."""
    if not os.path.isdir(start):
        yield start
        return
    walked: set[str] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path != start and not os.path.isdir(path):
            yield path
            continue
        real = os.path.realpath(path)
        if real in walked:  # a link back to a folder above
            continue
        walked.add(real)
        try:
            names = sorted(os.listdir(path), reverse=True)
        except OSError:
            yield path
            continue
        waiting.extend(_worth_reading(path, names))


def _worth_reading(folder: str, names: list[str]) -> Iterator[str]:
    for name in names:
        path = os.path.join(folder, name)
        if name.startswith("."):
            continue
        stem, suffix = os.path.splitext(name.lower())
        is_warc = suffix == ".gz" and stem.endswith(".warc")
        if suffix in SUFFIXES or is_warc or os.path.isdir(path):
            yield path

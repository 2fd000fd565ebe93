"""Bytes of files: opened only if they are files, read only up to a limit, refused if not text."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from index.errors import SourceError

HEAD_BYTES = 8192
"""How much of a file is looked at to tell what it is."""

_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
    (b"bplist", "a property list"),
    (b"OggS", "an audio or video file"),
    (b"ID3", "an audio file"),
    (b"RIFF", "an audio, video or image file"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript document"),
)
_MOVIE = re.compile(rb".{4}ftyp", re.DOTALL)
_NON_FILES = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Line(NamedTuple):
    """One line of a file."""

    number: int
    """From 1."""
    content: bytes | None
    """Without its line end; None if the line is longer than the limit."""

    def kept(self) -> bytes:
        """The content.

        Raises:
            SourceError: If the line was too long to keep.
        """
        if self.content is None:
            raise SourceError("the line is longer than an article may be")
        return self.content


def open_file(path: Path) -> BinaryIO:
    """Open a regular file for reading. Pipes and devices are never opened, so nothing blocks.

    Raises:
        SourceError: If it is something else, is not there or may not be read.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise SourceError(_describe_non_file(path, mode))
        # It may have been replaced since: a pipe would wait for its writer without O_NONBLOCK.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise SourceError("it was replaced while it was being read; ingest it again")
    except OSError as error:
        if path.is_symlink() and not path.exists():
            raise SourceError("it is a link to a file that does not exist") from error
        raise SourceError(f"it cannot be read: {error.strerror or error}") from error
    return os.fdopen(handle, "rb")


def _describe_non_file(path: Path, mode: int) -> str:
    if stat.S_ISDIR(mode):
        try:
            os.listdir(path)
        except OSError as error:
            return f"the folder cannot be listed: {error.strerror or error}"
        return "it is a folder"
    return next((f"it is {name}, not a file" for test, name in _NON_FILES if test(mode)),
                "it is not a regular file")  # fmt: skip


def read_limited(stream: BinaryIO, limit_bytes: int, remedy: str) -> bytes:
    """The rest of a file, which is refused unread if it is longer than `limit_bytes`.

    Raises:
        SourceError: If it is; the message ends with `remedy`.
    """
    size = os.fstat(stream.fileno()).st_size
    if size <= limit_bytes:
        content = stream.read(limit_bytes + 1)
        size = len(content)
        if size <= limit_bytes:
            return content
    limit = f"{limit_bytes / 1e6:.0f} MB"
    raise SourceError(f"it is {size / 1e6:.1f} MB long, more than the {limit} allowed; {remedy}")


def read_lines(stream: BinaryIO, limit_bytes: int) -> Iterator[Line]:
    """Lines one by one; of a line that is too long no more than `limit_bytes` is ever held."""
    number = 0
    while line := stream.readline(limit_bytes + 1):
        number += 1
        if len(line) <= limit_bytes or line.endswith(b"\n"):
            yield Line(number, line.rstrip(b"\r\n"))
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(1 << 20)
        yield Line(number, None)


def refuse_foreign(head: bytes) -> None:
    """Check that bytes may be text.

    Args:
        head: The first bytes of a file, up to `HEAD_BYTES`.

    Raises:
        SourceError: Naming what they look like, if they are an archive, an image and so on.
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            raise SourceError(f"it looks like {name}, not text")
    if _MOVIE.match(head):
        raise SourceError("it looks like an audio or video file, not text")

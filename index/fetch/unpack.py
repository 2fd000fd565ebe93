"""Unpacking what servers packed, never further than a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from index.fetch.errors import FetchFailed, FetchRefused

_GZIP_MAGIC = b"\x1f\x8b"


def read_body(pieces: Iterable[bytes], encoding: str, limit_bytes: int) -> bytes:
    """Join the pieces of an answer, unpacked.

    Args:
        pieces: As they came over the wire.
        encoding: The answer's `Content-Encoding`, lower case; empty for none.
        limit_bytes: The most that may come of it; a bomb is refused as soon as it passes that.

    Raises:
        FetchRefused: If it is longer, or packed in a way that was not asked for.
        FetchFailed: If it is broken.
    """
    if encoding in {"", "identity"}:
        return _join(pieces, limit_bytes)
    if encoding in {"gzip", "x-gzip"}:
        return _unpack(pieces, zlib.decompressobj(zlib.MAX_WBITS | 16), limit_bytes)
    if encoding == "deflate":
        return _inflate(pieces, limit_bytes)
    raise FetchRefused(f"it is packed as {encoding[:40]!r}, which was not asked for")


def unpack_file(content: bytes, limit_bytes: int) -> bytes:
    """A file that may itself be gzip, such as `sitemap.xml.gz`, unpacked.

    Raises:
        FetchRefused: If it unpacks to more than the limit.
        FetchFailed: If it is broken.
    """
    if not content.startswith(_GZIP_MAGIC):
        return content
    return _unpack([content], zlib.decompressobj(zlib.MAX_WBITS | 16), limit_bytes)


def _join(pieces: Iterable[bytes], limit_bytes: int) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limit_bytes:
            raise _too_long(limit_bytes)
    return bytes(body)


def _unpack(pieces: Iterable[bytes], unpacker: zlib._Decompress, limit_bytes: int) -> bytes:
    body = bytearray()
    try:
        for piece in pieces:
            body += unpacker.decompress(piece, limit_bytes - len(body) + 1)
            if len(body) > limit_bytes:
                raise _too_long(limit_bytes)
    except zlib.error as error:
        raise FetchFailed(f"it is packed badly: {error}") from error
    if not unpacker.eof:
        raise FetchFailed("it breaks off")
    return bytes(body)


def _inflate(pieces: Iterable[bytes], limit_bytes: int) -> bytes:
    """Deflate means a zlib stream, and on some servers one without its frame."""
    packed = _join(pieces, limit_bytes)
    is_framed = len(packed) > 1 and packed[0] & 0x0F == 8 and (packed[0] << 8 | packed[1]) % 31 == 0
    bits = zlib.MAX_WBITS if is_framed else -zlib.MAX_WBITS
    return _unpack([packed], zlib.decompressobj(bits), limit_bytes)


def _too_long(limit_bytes: int) -> FetchRefused:
    return FetchRefused(f"it is longer than the {limit_bytes / 1e6:.0f} MB allowed")

"""Unpacking what servers packed, never further than a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from index.fetch.errors import FetchFailed, FetchRefused

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_BITS = zlib.MAX_WBITS | 16
# Behind each member of a gzip file zlib copies the rest of what it was given. A file of a million
# empty members costs a second with pieces of this size, and with one of 20 MB it would never end.
_PIECE_BYTES = 4096


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
        return _unpack(pieces, _GZIP_BITS, limit_bytes)
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
    return _unpack([content], _GZIP_BITS, limit_bytes)


def _join(pieces: Iterable[bytes], limit_bytes: int) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limit_bytes:
            raise _too_long(limit_bytes)
    return bytes(body)


def _unpack(pieces: Iterable[bytes], window_bits: int, limit_bytes: int) -> bytes:
    """Unpack one stream, or all members of a gzip file; other bytes behind them are padding."""
    body, unpacker, rest = bytearray(), zlib.decompressobj(window_bits), b""
    try:
        for piece in _cut(pieces):
            rest += piece
            while rest:
                if unpacker.eof:
                    if len(rest) < len(_GZIP_MAGIC):
                        break
                    if window_bits != _GZIP_BITS or not rest.startswith(_GZIP_MAGIC):
                        return bytes(body)
                    unpacker = zlib.decompressobj(window_bits)
                body += unpacker.decompress(rest, limit_bytes - len(body) + 1)
                if len(body) > limit_bytes:
                    raise _too_long(limit_bytes)
                rest = unpacker.unused_data
    except zlib.error as error:
        raise FetchFailed(f"it is packed badly: {error}") from error
    if not unpacker.eof:
        raise FetchFailed("it breaks off")
    return bytes(body)


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), _PIECE_BYTES):
            yield piece[start : start + _PIECE_BYTES]


def _inflate(pieces: Iterable[bytes], limit_bytes: int) -> bytes:
    """Deflate means a zlib stream, and on some servers one without its frame."""
    packed = _join(pieces, limit_bytes)
    is_framed = len(packed) > 1 and packed[0] & 0x0F == 8 and (packed[0] << 8 | packed[1]) % 31 == 0
    bits = zlib.MAX_WBITS if is_framed else -zlib.MAX_WBITS
    return _unpack([packed], bits, limit_bytes)


def _too_long(limit_bytes: int) -> FetchRefused:
    return FetchRefused(f"it is longer than the {limit_bytes / 1e6:.0f} MB allowed")

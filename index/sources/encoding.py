"""Bytes to text: UTF-8 first, what the bytes or the page declare next, a guess last."""

from __future__ import annotations

import codecs
import re

from index.errors import SourceError
from index.sources.characters import control_share

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In this order where a text could be in several: common ones first.
_CANDIDATES = [
    "cp1252", "cp1250", "iso8859_2", "cp1251", "koi8_r", "gb18030", "big5", "cp932", "euc_jp",
    "cp949", "cp1253", "cp1254", "cp1255", "cp1256",
]  # fmt: skip
# Guessing reads this much from the start, the middle and the end.
_SAMPLE_BYTES = 20_000
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\r\f\v\x1b"}) + b"\x7f"
# Measured: texts have none, random bytes 11 %, compressed files alike.
_MOST_CONTROLS = 0.02
_BINARY = "it looks like binary data, not text"


def decode_text(content: bytes, declared: str | None = None) -> str:
    """Decode a file's bytes, whose encoding nobody vouches for.

    Args:
        content: The whole file or one record.
        declared: The encoding that the content names itself, used if it is not UTF-8.

    Raises:
        SourceError: If the bytes are not text, or in no encoding that is known.
    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _refuse_binary(content.decode(encoding, "replace"))
    if wide := _wide_encoding(content[:_SAMPLE_BYTES]):
        return _refuse_binary(content.decode(wide, "replace"))
    try:
        return _refuse_binary(content.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    sample = _sample(content)
    if len(sample.translate(None, _CONTROLS)) < len(sample) * (1 - _MOST_CONTROLS):
        raise SourceError(_BINARY)
    if declared and (text := _decode_declared(content, declared)):
        return text
    if _is_damaged_utf8(sample):
        return content.decode("utf-8", "replace")
    return content.decode(_guess(sample), "replace")


def guess_encoding(head: bytes) -> str | None:
    """The encoding of a file that is decoded line by line; None means UTF-8.

    Args:
        head: Its first bytes; a character may be cut in two at their end.
    """
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return None
    except UnicodeDecodeError:
        return None if _is_damaged_utf8(head) else _guess(head)


def is_wide(head: bytes) -> bool:
    """Whether a line end is more than one byte, as in UTF-16."""
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))
    return marked or _wide_encoding(head) is not None


def _refuse_binary(text: str) -> str:
    if control_share(text[:_SAMPLE_BYTES]) > 0.1:
        raise SourceError(_BINARY)
    return text


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if not even + odd or len(head) < 8:
        return None
    if odd > 0.4 * len(head) / 2 and even < odd / 20:
        return "utf-16-le"
    if even > 0.4 * len(head) / 2 and odd < even / 20:
        return "utf-16-be"
    return None


def _decode_declared(content: bytes, declared: str) -> str | None:
    try:
        # Codecs such as "hex" and "zip" are no character sets and refuse with LookupError.
        return content.decode(declared)
    except (LookupError, UnicodeError, ValueError):
        return None


def _is_damaged_utf8(sample: bytes) -> bool:
    """Whether the bytes are UTF-8 but for a few places, such as a character cut in two."""
    whole = len(_MULTIBYTE.findall(sample))
    damaged = sample.decode("utf-8", "replace").count("\ufffd")
    # By chance, sequences of UTF-8 are far rarer than bytes that break one.
    return whole >= max(damaged, 1)


def _sample(content: bytes) -> bytes:
    if len(content) <= 3 * _SAMPLE_BYTES:
        return content
    middle = len(content) // 2
    parts = (
        content[:_SAMPLE_BYTES],
        content[middle : middle + _SAMPLE_BYTES],
        content[-_SAMPLE_BYTES:],
    )
    return b"".join(parts)


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - most files are UTF-8

    best = from_bytes(sample, cp_isolation=_CANDIDATES).best()
    if best is None:
        raise SourceError("its character encoding is not known; save it as UTF-8")
    # Several give the same text for the sample; the rest of the file is likelier Western.
    return "cp1252" if "cp1252" in best.could_be_from_charset else str(best.encoding)

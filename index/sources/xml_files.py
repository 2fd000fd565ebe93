"""XML as it comes from strangers: no entity is expanded, no DTD read, nothing fetched.

Knows how documents are told apart and taken apart, not what any of them means.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from index.errors import SourceError

# What ends at its first end mark is not tried again with a later one: of forty comments without an
# element after them there would be a billion readings.
_ROOT = re.compile(
    r"\s*(?>(?:<\?.{0,2000}?\?>|<!--.{0,4000}?-->"
    r"|<!DOCTYPE[^\[>]{0,500}(?:\[.{0,4000}?\]\s*)?>)\s*)*+<(?P<name>[A-Za-z_][\w.:-]{0,80})",
    re.DOTALL | re.IGNORECASE,
)
_ENTITY_DECLARATION = re.compile(rb"<!ENTITY", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
# Declarations stand before the root element, which is looked for this far.
_PROLOG_BYTES = 65_536


def root_name(head: bytes) -> str | None:
    """The name of the root element with its prefix, or None if this does not begin as XML."""
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "latin-1")
    found = _ROOT.match(head.decode(encoding, "replace"))
    return found["name"] if found else None


def parse_xml(content: bytes) -> Any:
    """The root element of a whole document.

    Raises:
        SourceError: If it is not well-formed, or declares entities of its own.
    """
    from lxml import etree  # noqa: PLC0415  most sources are no XML

    refuse_entities(content[:_PROLOG_BYTES])
    try:
        root = etree.fromstring(content, _parser(etree))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"its XML is broken: {error}") from error
    if root is None:
        raise SourceError("its XML is broken: there is no element in it")
    return root


def stream_elements(stream: BinaryIO, names: frozenset[str]) -> Iterator[Any]:
    """The elements with one of `names` (local, without namespace), freed as soon as the next comes.

    Raises:
        SourceError: Where the document breaks off; what stood before it was yielded.
    """
    from lxml import etree  # noqa: PLC0415

    refuse_entities(stream.read(_PROLOG_BYTES))
    stream.seek(0)
    try:
        events = etree.iterparse(
            stream, events=("end",), resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False,
        )  # fmt: skip
        for _, element in events:
            if local_name(element) in names:
                yield element
                _free(element)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"its XML is broken: {error}") from error


def refuse_entities(head: bytes) -> None:
    """Check that a document declares no entities: feeds need none, and attacks are made of them.

    Raises:
        SourceError: If it does.
    """
    if _ENTITY_DECLARATION.search(head.replace(b"\x00", b"")):
        raise SourceError("it declares entities of its own, which are never expanded")


def local_name(element: Any) -> str:
    """The element's name without its namespace; empty for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Any, *path: str) -> list[Any]:
    """The descendants down a path of local names."""
    found = [element]
    for name in path:
        found = [child for one in found for child in one if local_name(child) == name]
    return found


def child(element: Any, *path: str) -> Any | None:
    """The first descendant down a path of local names."""
    return next(iter(children(element, *path)), None)


def text_of(element: Any | None) -> str | None:
    """All text below an element on one line, or None where there is none."""
    if element is None:
        return None
    return " ".join("".join(element.itertext()).split()) or None


def child_text(element: Any, *path: str) -> str | None:
    """The text of the first descendant down a path of local names."""
    return text_of(child(element, *path))


def _parser(etree: Any) -> Any:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip


def _free(element: Any) -> None:
    element.clear(keep_tail=False)
    while element.getprevious() is not None:
        del element.getparent()[0]

"""HTML as a tree of what a reader would see, and fields that turn out to hold HTML.

Trees are lxml's; they come from trafilatura, whose parser settings bear broken pages.
"""

from __future__ import annotations

import html
import re
from typing import Any

from index.errors import SourceError
from index.sources.characters import clean_characters

_MARKUP = re.compile(
    r"</(?:p|div|span|a|li|ul|ol|h[1-6]|strong|em|b|i|figure|blockquote)>|<(?:br|p|div|img)\b[^<>]{0,400}>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,5});", re.IGNORECASE)
# An element that is shown to nobody, whatever the style sheets say.
_HIDING_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0+\s*(?:!|;|$)"
    r"|font-size\s*:\s*0*\.?0+\s*(?:[a-z%]{1,4}\s*)?(?:!|;|$)|color\s*:\s*transparent"
    r"|(?:left|top|right|bottom|text-indent|margin-left)\s*:\s*-\d{3,})",
    re.IGNORECASE,
)
_UNREAD = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg", "math",
                     "head", "select", "button", "textarea", "input"})  # fmt: skip
_BLOCKS = frozenset({"address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt",
                     "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
                     "hr", "li", "main", "ol", "p", "pre", "section", "table", "td", "th", "tr",
                     "ul"})  # fmt: skip
_SPACES = re.compile(r"\s+")
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>", re.IGNORECASE)


def parse_html(text: str) -> Any:
    """The tree of a page or of a fragment.

    Raises:
        SourceError: If no tree can be made of it.
    """
    from trafilatura import load_html

    # The parser refuses text that declares an encoding, and stops at controls.
    tree = load_html(_XML_DECLARATION.sub("", clean_characters(text), count=1))
    if tree is None:
        raise SourceError("no HTML in it that can be read")
    return tree


def drop_unseen(tree: Any) -> None:
    """Remove, in place, what a page carries but does not show."""
    unseen = [element for element in tree.iter() if _is_unseen(element)]
    for element in unseen:
        if element.getparent() is not None:
            element.drop_tree()


def _is_unseen(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag == "template":  # a comment has no name
        return True
    if element.tag in {"html", "body"}:  # hidden until a script runs, as many pages are
        return False
    attributes = element.attrib
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden", "").strip().lower() == "true"
        or _HIDING_STYLE.search(attributes.get("style", "")) is not None
    )


def visible_text(tree: Any) -> str:
    """The text of a tree with a blank line between blocks; changes the tree."""
    drop_unseen(tree)
    for element in [element for element in tree.iter() if element.tag in _UNREAD]:
        if element.getparent() is not None:
            element.drop_tree()
    for element in tree.iter():
        if element.tag == "pre":
            continue
        edge = "\n\n" if element.tag in _BLOCKS else ""
        # In HTML a line end is a space; only elements make lines.
        element.text = edge + _SPACES.sub(" ", element.text or "")
        element.tail = edge + _SPACES.sub(" ", element.tail or "")
    return str(tree.text_content())


def plain_field(text: str) -> str:
    """The body of a record as plain text, whether it is plain, escaped or HTML."""
    if _MARKUP.search(text):
        return visible_text(parse_html(text))
    return plain_line(text) or ""


def plain_line(text: str | None) -> str | None:
    """A field with its entities resolved: exports write "AT&amp;T"."""
    return html.unescape(text) if text and _ENTITY.search(text) else text

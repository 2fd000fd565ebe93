"""Words from outside as Slack shows them: never a mention, a link or markup of their own.

Blocks are made of rich text and plain text, whose words Slack does not read. What is left are the
two places that it does read: a message's `text`, and the Markdown of a stream.
"""

from __future__ import annotations

import re

from bot.answer import Citation, Sentence
from bot.plain import plain_line
from bot.slack.view.limits import URL, shorten
from index.urls import is_web_url

# Invisible, without width, and no break: it stands between what Slack would join to an address.
_JOINER = "\u2060"
_SCHEME = re.compile(r"(?<=[a-z]):(?=\S)", re.IGNORECASE)
_HOST = re.compile(r"(?<=[\w-])\.(?=[^\W\d_]{2,24}\b)")
_AT = re.compile(r"@(?=\w)")
_EMOJI = re.compile(r":(?=[\w+'-]{1,50}:)")
_MARKUP = re.compile(r"[\\`*~|\[\]]|(?<![^\W_])_|_(?![^\W_])")
# What would make a line of its own kind: a heading, a list, a rule.
_LINE_START = re.compile(r"^(#{1,6}(?=\s)|[-+=](?=[\s=-])|\d{1,9}(?=[.)]\s))")


def escape(text: str) -> str:
    """One line whose `<`, `>` and `&` are characters; addresses, @ and :emoji: are broken."""
    text = plain_line(text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _break_addresses(text)


def _break_addresses(text: str) -> str:
    text = _EMOJI.sub(f":{_JOINER}", text)
    text = _SCHEME.sub(f":{_JOINER}", text)
    text = _AT.sub(f"@{_JOINER}", text)
    return _HOST.sub(f".{_JOINER}", text)


def escape_markdown(text: str) -> str:
    """`escape`, and nothing in it is Markdown."""
    text = _MARKUP.sub(r"\\\g<0>", escape(text))
    return _LINE_START.sub(lambda found: _escape_start(found[1]), text)


def _escape_start(start: str) -> str:
    # A number is escaped at the stop that follows it: Markdown knows no `\1`.
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def stream_text(sentence: Sentence, citations: tuple[Citation, ...] = ()) -> str:
    """A sentence for a stream, with its marks and a space after it: `He led it. [1] `.

    Marks are plain: the sources, with their links, follow when the stream ends. `citations` are
    those that the sentence names; where they are given, only their numbers are shown.
    """
    known = {citation.number for citation in citations} or set(sentence.citations)
    marks = "".join(f"[{number}]" for number in sentence.citations if number in known)
    return f"{escape_markdown(sentence.text)} {marks}".rstrip() + " "


def fallback_text(text: str, limit: int) -> str:
    """A message's `text`: what notifications show, and readers of screens."""
    # An entity must not be cut in half, so it is shortened first; escaping makes it longer.
    while len(escaped := escape(text)) > limit:
        text = shorten(text, len(text) - max(len(escaped) - limit, 1))
    return escaped


def link_of(url: str) -> str | None:
    """The address if a reader may follow it: http(s), of one piece, not longer than Slack takes."""
    url = url.strip()
    is_clean = url == plain_line(url) and not re.search(r"[\s<>|\"`\\]", url)
    return url if is_clean and is_web_url(url) and len(url) <= URL else None

"""Which sentences of an article can be asked about without the rest of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.names import find_names
from index.sentences import split_sentences

_LEANS = re.compile(
    r"^(?:He|She|It|They|This|That|These|Those|His|Her|Its|Their|But|And|Yet|So|Then|There|Here|"
    r"However|Meanwhile|Also|Such|We|I|You)\b"
)
_QUOTE_MARKS = re.compile(r"[“”\"‘«»()\[\]]")
_DATELINE = re.compile(r"^[A-Z][A-Z .'’-]{2,}[,(].{0,60}?(?:--|—|–) ")
_PRONOUNS = re.compile(
    r"\b(?:he|she|him|her|his|they|them|their|this|these|those)\b", re.IGNORECASE
)
_WORDS = range(9, 36)


def standing_sentences(body: str) -> list[str]:
    """Sentences that can be understood alone: of middle length, with a name, leaning on nothing."""
    return [text for text in _texts(body) if _stands(text)]


def excerpts(body: str) -> list[str]:
    """Verbatim pieces of 15 to 60 words: a sentence that stands, with the next if it is short."""
    texts = list(split_sentences(body))
    found = []
    for place, span in enumerate(texts):
        text = span.of(body)
        if not _stands(text):
            continue
        end = span.end
        if len(text.split()) < 15 and place + 1 < len(texts):
            end = texts[place + 1].end
        piece = body[span.start : end]
        if 15 <= len(piece.split()) <= 60 and "\n" not in piece.strip():
            found.append(piece.strip())
    return found


def _texts(body: str) -> Iterator[str]:
    for span in split_sentences(body):
        yield span.of(body).strip()


def _stands(text: str) -> bool:
    return (
        len(text.split()) in _WORDS
        and text.endswith(".")
        and "\n" not in text
        and not _LEANS.match(text)
        and not _DATELINE.match(text)
        and not _QUOTE_MARKS.search(text)
        and not _PRONOUNS.search(text)
        and any(name.certain for name in find_names(text))
    )


def changed_words(before: str, after: str) -> str:
    """The words of `after` that `before` has not in that place; empty where words only went."""
    left, right = before.split(), after.split()
    start = _same(left, right)
    end = _same(left[start:][::-1], right[start:][::-1])
    return " ".join(right[start : len(right) - end]).strip(".,;:")


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words are equal from the beginning."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count

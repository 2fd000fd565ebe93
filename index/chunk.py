"""Cuts an article into the chunks that are embedded and found, and words them for both indexes.

A chunk is a verbatim slice of the body that begins and ends where sentences do. What is embedded
is that slice under a short header of title, outlet and date, which no quote ever holds. The module
knows nothing of models but how many tokens a text has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import accumulate, zip_longest
from typing import Protocol

from index.article import Article, Chunk
from index.moment import Moment, Precision
from index.sentences import split_sentences

_TITLE_CHARACTERS = 160
_OUTLET_CHARACTERS = 40
# A tokenizer may need a token more for a joined text than for its parts.
_SPARE_TOKENS = 8
_LEAST_TOKENS = 24

_CLAUSE_END = re.compile(r"(?:[,;:—–)\]][\"'”’]*|\s-)(?P<gap>\s+)")
_WORD_END = re.compile(r"(?P<gap>\s+)")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


class TokenWindow(Protocol):
    """The part of a model's card that limits a chunk."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of one text, as `count_tokens` counts, the model reads."""
        ...


class TokenCounter(Protocol):
    """The part of an embedder that cutting needs."""

    @property
    def card(self) -> TokenWindow:
        """What is known of the model."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens and prefix."""
        ...


class _Break(float, Enum):
    """The kind of place at which a part ends, and what it costs to end a chunk there.

    Filling costs (1 - fill)², so a paragraph's end is worth leaving a fifth of a chunk empty, and
    no sentence is cut while that can be helped.
    """

    PARAGRAPH = 0.0
    SENTENCE = 0.04
    CLAUSE = 1.0
    WORD = 2.0
    LETTER = 4.0


@dataclass(frozen=True, slots=True)
class _Part:
    """A run `[start, end)` of the body that is not divided any more."""

    start: int
    end: int
    after: _Break
    tokens: int = 0
    """0 until it is counted."""


def cut_article(
    article: Article,
    *,
    tokenizer: TokenCounter,
    chunk_tokens: int = 200,
    overlap_sentences: int = 0,
) -> list[Chunk]:
    """Cut an article into chunks of even size, in reading order.

    Chunks end at sentence ends, by preference at a paragraph's; only a sentence that is longer
    than a whole chunk is cut inside, at a clause, a word, or at last anywhere. Every character that
    is not white space lies in a chunk; a body of white space yields none.

    Args:
        article: Its body is cut; title, outlet and date count against the model's window.
        tokenizer: Counts the embedding model's tokens; called once for all but odd articles.
        chunk_tokens: Most tokens of a chunk's text; less where the window is narrower.
        overlap_sentences: How many sentences a chunk repeats of the one before, at most, and as
            far as they fit.

    Raises:
        ValueError: If `chunk_tokens` is below 1 or `overlap_sentences` below 0.
    """
    if chunk_tokens < 1 or overlap_sentences < 0:
        raise ValueError(f"cannot cut into {chunk_tokens} tokens with overlap {overlap_sentences}")
    header = render_header(article.title, article.outlet, article.published)
    parts = list(_sentence_parts(article.body))
    if not parts:
        return []
    texts = [header, *(article.body[part.start : part.end] for part in parts)]
    of_header, *of_parts = tokenizer.count_tokens(texts)
    room = max(_LEAST_TOKENS, tokenizer.card.max_tokens - of_header - _SPARE_TOKENS)
    limit = min(chunk_tokens, room)
    counted = [_counted(part, tokens) for part, tokens in zip(parts, of_parts, strict=True)]
    spans = _pack(_fit(article.body, counted, limit, tokenizer), limit, overlap_sentences)
    article_id, version = article.article_id, article.version
    return [
        Chunk(article_id, version, ordinal, start, article.body[start:end])
        for ordinal, (start, end) in enumerate(spans)
    ]


def render_header(title: str | None, outlet: str | None, published: Moment | None) -> str:
    """`Title | Outlet | November 16, 2023`, without what is not known; long names are cut short.

    A guessed date is left out: it is no part of a version's identity, and one version must always
    be embedded alike.
    """
    names = [_shorten(title, _TITLE_CHARACTERS), _shorten(outlet, _OUTLET_CHARACTERS)]
    return " | ".join(name for name in [*names, _in_words(published)] if name)


def passage_text(title: str | None, outlet: str | None, published: Moment | None, text: str) -> str:
    """A chunk as it is embedded: its header on a line of its own, then the chunk's `text`."""
    header = render_header(title, outlet, published)
    return f"{header}\n{text}" if header else text


def lexical_text(title: str | None, outlet: str | None, published: Moment | None, text: str) -> str:
    """A chunk as it is indexed by words: `passage_text` led by the ISO date.

    Questions hold either form of a date, and an index of words must match both.
    """
    if published is None or published.is_guess:
        return passage_text(title, outlet, published, text)
    digits = published.isoformat()[:10]
    return f"{digits} {passage_text(title, outlet, published, text)}"


def _shorten(name: str | None, characters: int) -> str:
    flat = " ".join((name or "").split())
    if len(flat) <= characters:
        return flat
    return flat[:characters].rsplit(" ", 1)[0] + "…"


def _in_words(published: Moment | None) -> str:
    if published is None or published.is_guess:
        return ""
    # Not strftime: its month names follow the process's locale.
    start = published.start
    if published.precision == Precision.YEAR:
        return str(start.year)
    month = _MONTHS[start.month - 1]
    if published.precision == Precision.MONTH:
        return f"{month} {start.year}"
    return f"{month} {start.day}, {start.year}"


def _sentence_parts(body: str) -> Iterator[_Part]:
    spans = split_sentences(body)
    for span, following in zip_longest(spans, spans[1:]):
        gap = body[span.end : following.start] if following else "\n"
        yield _Part(span.start, span.end, _Break.PARAGRAPH if "\n" in gap else _Break.SENTENCE)


def _fit(body: str, parts: list[_Part], limit: int, tokenizer: TokenCounter) -> list[_Part]:
    """Divide what exceeds `limit` tokens into clauses, those into words, those into halves."""
    # A word of 2**24 characters is halved down to one.
    for within in (_Break.CLAUSE, _Break.WORD, *[_Break.LETTER] * 24):
        if all(part.tokens <= limit for part in parts):
            break
        pieces: list[_Part] = []
        for part in parts:
            pieces.extend(_divide(body, part, within) if part.tokens > limit else [part])
        fresh = [body[piece.start : piece.end] for piece in pieces if not piece.tokens]
        counts = iter(tokenizer.count_tokens(fresh) if fresh else [])
        parts = [piece if piece.tokens else _counted(piece, next(counts)) for piece in pieces]
    return parts


def _counted(part: _Part, tokens: int) -> _Part:
    # No text is free: parts without a token would let a chunk grow without end.
    return replace(part, tokens=max(1, tokens))


def _divide(body: str, part: _Part, within: _Break) -> Iterator[_Part]:
    """The part in uncounted pieces, or as it was when there is no place to cut it."""
    start = part.start
    for end, following in _cuts(body, part, within):
        yield _Part(start, end, within)
        start = following
    yield part if start == part.start else _Part(start, part.end, part.after)


def _cuts(body: str, part: _Part, within: _Break) -> Iterator[tuple[int, int]]:
    """Where the part may be cut: the end of a piece and the start of the next."""
    if within is _Break.LETTER:
        middle = (part.start + part.end) // 2
        if part.start < middle:
            yield middle, middle
        return
    pattern = _CLAUSE_END if within is _Break.CLAUSE else _WORD_END
    for found in pattern.finditer(body, part.start, part.end):
        yield found.span("gap")


def _pack(parts: list[_Part], limit: int, overlap: int) -> list[tuple[int, int]]:
    """Join parts to chunks so that the sum of their costs is least: the spans, in order.

    A chunk costs the square of what it leaves empty, so that few and even chunks win, and a
    breaking cost by the place at which it ends.
    """
    total = [0, *accumulate(part.tokens for part in parts)]
    best = [0.0] + [float("inf")] * len(parts)
    came_from = [0] * (len(parts) + 1)
    for end in range(1, len(parts) + 1):
        for start in range(end - 1, -1, -1):
            if total[end] - total[start] > limit and start < end - 1:
                break
            first = _lead(total, start, end, limit, overlap) if overlap else start
            size = total[end] - total[first]
            cost = best[start] + (1 - size / limit) ** 2 + parts[end - 1].after
            if cost < best[end]:
                best[end], came_from[end] = cost, start
    spans = []
    end = len(parts)
    while end:
        start = came_from[end]
        first = _lead(total, start, end, limit, overlap)
        spans.append((parts[first].start, parts[end - 1].end))
        end = start
    return spans[::-1]


def _lead(total: list[int], start: int, end: int, limit: int, overlap: int) -> int:
    """The part with which the chunk of parts `[start, end)` begins, overlap included."""
    first = start
    while first > max(0, start - overlap) and total[end] - total[first - 1] <= limit:
        first -= 1
    return first

"""How the reading model takes a question or a claim and a text: as one row of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from index.models import ReadingModel

if TYPE_CHECKING:
    from tokenizers import Encoding


class Row(NamedTuple):
    """`<s> first </s> header sentences </s>`; what does not fit is cut from the end."""

    tokens: list[int]
    spans: list[tuple[int, int]]
    """Of each sentence: its first token and the one after its last; the same where it was cut."""
    offsets: list[list[tuple[int, int]]]
    """Of each token of each sentence: its characters."""


def lay_out(
    model: ReadingModel,
    encode: Callable[[str], Encoding],
    marks: tuple[int, int],
    first: str,
    header: str,
    sentences: Sequence[str],
) -> Row:
    """Make a row of what `encode` gives for each text, without special tokens.

    Args:
        model: How much of its window each part may fill.
        encode: The model's tokenizer.
        marks: The ids of `<s>` and `</s>`.
        first: The question or the claim.
        header: Title, outlet and date; may be empty.
        sentences: The text's.
    """
    begin, end = marks
    tokens = [begin, *encode(first).ids[: model.question_tokens], end]
    tokens += encode(header).ids[: model.header_tokens]
    spans, offsets = [], []
    for sentence in sentences:
        encoded = encode(sentence)
        room = max(0, model.window_tokens - 1 - len(tokens))
        start = len(tokens)
        tokens += encoded.ids[:room]
        spans.append((start, len(tokens)))
        offsets.append(encoded.offsets[:room])
    return Row([*tokens, end], spans, offsets)

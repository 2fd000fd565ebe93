"""A question or a claim and a passage as the network takes them: one row of tokens.

`index.models.layout` makes the row, here as in `bot.reading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from index.models import ReadingModel
from index.models.layout import Row as LaidOut
from index.models.layout import lay_out

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from index.models.training.examples import Example

# Passages come back with each of their questions, and again in each epoch.
_REMEMBERED_TEXTS = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """An example in tokens."""

    tokens: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    """Of each sentence: its first token and the one after its last; the same where it was cut."""
    answer: tuple[int, int] | None
    """The first and the last token of the answer; None without one, or where it was cut."""


class Encoder:
    """Turns examples into rows of tokens."""

    def __init__(self, tokenizer: Tokenizer, model: ReadingModel) -> None:
        self._model = model
        self._begin, self._end = _id_of("<s>", tokenizer), _id_of("</s>", tokenizer)
        self.padding = _id_of("<pad>", tokenizer)
        """What fills the rows of a batch up to the longest."""

        @lru_cache(_REMEMBERED_TEXTS)
        def encode(text: str) -> Encoding:
            return tokenizer.encode(text, add_special_tokens=False)

        self._tokenize = encode

    def count_tokens(self, example: Example) -> int:
        """About how long the row will be: without header, and nothing cut."""
        texts = (example.text, *example.sentences)
        return sum(len(self._tokenize(text).ids) for text in texts)

    def encode(self, example: Example) -> Row:
        """One row; the answer is looked for in the first gold sentence that holds it."""
        marks = (self._begin, self._end)
        row = lay_out(
            self._model, self._tokenize, marks, example.text, example.header, example.sentences
        )
        return Row(tuple(row.tokens), tuple(row.spans), _place(example, row))


def _place(example: Example, row: LaidOut) -> tuple[int, int] | None:
    for place, sentence in enumerate(example.sentences):
        if example.answer and place in example.gold:
            found = _find(example.answer, sentence, row.offsets[place], row.spans[place][0])
            if found is not None:
                return found
    return None


def _id_of(piece: str, tokenizer: Tokenizer) -> int:
    found = tokenizer.token_to_id(piece)
    if found is None:
        raise ValueError(f"the tokenizer has no {piece}")
    return found


def _find(
    answer: str, sentence: str, offsets: list[tuple[int, int]], start: int
) -> tuple[int, int] | None:
    """The first and the last token of the answer, in a sentence whose first token is `start`."""
    first = sentence.find(answer)
    if first < 0:
        return None
    last = first + len(answer)
    # A token may lie half inside; one without characters stands for no word.
    inside = [n for n, (a, b) in enumerate(offsets) if b > first and a < last and b > a]
    return (start + inside[0], start + inside[-1]) if inside else None

"""A question or a claim and a passage as the network takes them: one row of tokens.

`<s> question </s> header sentences </s>`; what does not fit is cut from the end. `bot.reading`
builds the same row, as a test holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from index.models import ReadingModel

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
        model = self._model
        tokens = [self._begin, *self._tokenize(example.text).ids[: model.question_tokens]]
        tokens.append(self._end)
        tokens += self._tokenize(example.header).ids[: model.header_tokens]
        spans, answer = [], None
        for place, sentence in enumerate(example.sentences):
            start = len(tokens)
            encoded = self._tokenize(sentence)
            room = max(0, model.window_tokens - 1 - start)
            tokens += encoded.ids[:room]
            spans.append((start, len(tokens)))
            if answer is None and example.answer and place in example.gold:
                answer = _find(example.answer, sentence, encoded.offsets[:room], start)
        return Row((*tokens, self._end), tuple(spans), answer)


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

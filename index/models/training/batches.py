"""Examples as tensors, some dozens at a time.

Importing this module loads torch, which only the `train` extra brings.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from index.models.training.encoding import Encoder, Row
from index.models.training.examples import Example, Task

# One sentence of ten answers: without a greater weight the loss would be that of the nine others.
_GOLD_SENTENCE_WEIGHT, _OTHER_SENTENCE_WEIGHT = 1.5, 0.35
# Rows of about one length stand together, shuffled a little: little padding, yet no fixed batches.
_LENGTH_JITTER = 40
# What cross_entropy leaves out.
_IGNORED = -100


class Batch(NamedTuple):
    """Rows of one length, and what is right of them."""

    tokens: Tensor
    """(rows, tokens), int64; filled up with padding."""
    mask: Tensor
    """(rows, tokens): 1 on what is no padding."""
    asked: Tensor
    """(rows,): whether the row asks a question; it makes a claim otherwise."""
    holds: Tensor
    """(rows,): 1.0 where the text answers, or supports."""
    weight: Tensor
    """(rows,)."""
    allowed: Tensor
    """(rows, tokens): where an answer may start or end; the first token says that there is none."""
    span: Tensor
    """(2, rows): the tokens where the answer starts and ends, 0 for none; of a claim, and where
    the answer was cut off, what the loss leaves out."""
    sentences: Tensor
    """(sentences, 3): of each sentence of a question its row, first token and the one after."""
    gold: Tensor
    """(sentences,): 1.0 where a sentence answers."""
    sentence_weight: Tensor
    """(sentences,)."""

    def on(self, device: str) -> Batch:
        """The batch on a device."""
        return Batch(*(tensor.to(device, non_blocking=True) for tensor in self))


def build_batch(pairs: Sequence[tuple[Example, Row]], padding: int) -> Batch:
    """Fill rows up to the longest with the token `padding`, and say what is right of each."""
    shape = len(pairs), max(len(row.tokens) for _, row in pairs)
    tokens, mask = torch.full(shape, padding), torch.zeros(shape, dtype=torch.long)
    allowed = torch.zeros(shape, dtype=torch.bool)
    allowed[:, 0] = True
    for place, (_, row) in enumerate(pairs):
        tokens[place, : len(row.tokens)] = torch.tensor(row.tokens)
        mask[place, : len(row.tokens)] = 1
        allowed[place, row.spans[0][0] : row.spans[-1][1]] = True
    sentences = [one for place, pair in enumerate(pairs) for one in _sentences(place, *pair)]
    # A batch of claims alone has no sentence to judge: one that weighs nothing stands for none.
    sentences = sentences or [((0, 0, 1), 0.0, 0.0)]
    return Batch(
        tokens,
        mask,
        asked=torch.tensor([example.task is Task.QUESTION for example, _ in pairs]),
        holds=torch.tensor([float(example.holds) for example, _ in pairs]),
        weight=torch.tensor([example.weight for example, _ in pairs]),
        allowed=allowed,
        span=torch.tensor([_span(*pair) for pair in pairs]).T,
        sentences=torch.tensor([place for place, _, _ in sentences]),
        gold=torch.tensor([gold for _, gold, _ in sentences]),
        sentence_weight=torch.tensor([weight for _, _, weight in sentences]),
    )


def load_batches(
    examples: Sequence[Example], encoder: Encoder, size: int, draw: random.Random, workers: int
) -> Iterable[Batch]:
    """Batches of about one length each, in a random order, built by other processes if any."""
    lengths = [encoder.count_tokens(one) + draw.random() * _LENGTH_JITTER for one in examples]
    order = sorted(range(len(examples)), key=lengths.__getitem__)
    groups = [order[first : first + size] for first in range(0, len(order), size)]
    draw.shuffle(groups)
    loader: Iterable[Batch] = DataLoader(
        _Batches(examples, groups, encoder),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=8 if workers else None,
        # Each process has the texts that are in tokens already.
        multiprocessing_context="fork" if workers else None,
    )
    return loader


class _Batches:
    """The batches of an epoch by number, each built when it is asked for."""

    def __init__(
        self, examples: Sequence[Example], groups: Sequence[Sequence[int]], encoder: Encoder
    ) -> None:
        self._examples, self._groups, self._encoder = examples, groups, encoder

    def __len__(self) -> int:
        return len(self._groups)

    def __getitem__(self, number: int) -> Batch:
        some = [self._examples[n] for n in self._groups[number]]
        pairs = [(example, self._encoder.encode(example)) for example in some]
        return build_batch(pairs, self._encoder.padding)


def _sentences(
    place: int, example: Example, row: Row
) -> list[tuple[tuple[int, int, int], float, float]]:
    """Of each sentence of a question: where it is, whether it answers, and its weight."""
    if example.task is not Task.QUESTION:
        return []
    found = []
    for number, (first, last) in enumerate(row.spans):
        if last > first:
            gold = number in example.gold
            share = _GOLD_SENTENCE_WEIGHT if gold else _OTHER_SENTENCE_WEIGHT
            found.append(((place, first, last), float(gold), share * example.weight))
    return found


def _span(example: Example, row: Row) -> tuple[int, int]:
    if row.answer:
        return row.answer
    # An answer that was cut off is neither there nor missing; a claim has none to find.
    known = example.task is Task.QUESTION and not example.gold
    return (0, 0) if known else (_IGNORED, _IGNORED)

"""What a network's mistakes cost, and what a small one misses of its teachers.

Importing this module loads torch, which only the `train` extra brings.
"""

from __future__ import annotations

from torch import Tensor, where
from torch.nn import functional

from index.models.training.batches import Batch
from index.models.training.network import Said

# A claim is one decision, a question four, and both tasks are to be learned.
_CLAIM_WEIGHT = 2.0
# Start and end count half each: together as much as one decision.
_SPAN_WEIGHT = 0.5
# Low enough for softmax to give nothing, high enough for bfloat16.
_IMPOSSIBLE = -1e4
_START, _END, _EVIDENCE = 0, 1, 2
_ANSWERS, _SUPPORTS = 0, 1
# A pupil learns more from its teachers' doubts than from what is right; their states between the
# layers show it the way, where the outcome alone would not.
_RIGHT_SHARE, _TEACHERS_SHARE, _LAYERS_SHARE = 0.4, 0.6, 0.5


def loss_of(batch: Batch, said: Said) -> Tensor:
    """What the mistakes cost, a mean over the rows."""
    asked = batch.asked.float()
    costs = _binary(_text_logits(batch, said), batch.holds)
    total = (costs * batch.weight * _task_weight(batch)).sum()
    for head in (_START, _END):
        costs = functional.cross_entropy(
            _span_logits(batch, said, head), batch.span[head], reduction="none"
        )
        total = total + (costs * batch.weight * asked).sum() * _SPAN_WEIGHT
    costs = _binary(_evidence(batch, said), batch.gold)
    total = total + (costs * batch.sentence_weight).sum()
    return total / len(asked)


def lesson_of(batch: Batch, said: Said, teachers: list[Said]) -> Tensor:
    """The loss of a pupil: what is right, what its teachers say, and how the first comes to it."""
    taught = Said(
        tokens=_mean([one.tokens for one in teachers]),
        texts=_mean([one.texts for one in teachers]),
        layers=teachers[0].layers,
    )
    return (
        _RIGHT_SHARE * loss_of(batch, said)
        + _TEACHERS_SHARE * _difference(batch, said, taught)
        + _LAYERS_SHARE * _distance(batch, said, taught)
    )


def _difference(batch: Batch, said: Said, taught: Said) -> Tensor:
    """Like `loss_of`, with the teachers' probabilities in the place of what is right."""
    asked = batch.asked.float()
    costs = _binary(_text_logits(batch, said), _text_logits(batch, taught).sigmoid())
    total = (costs * _task_weight(batch)).sum()
    for head in (_START, _END):
        right = _span_logits(batch, taught, head).softmax(1)
        costs = -(right * _span_logits(batch, said, head).log_softmax(1)).sum(1)
        total = total + (costs * asked).sum() * _SPAN_WEIGHT
    costs = _binary(_evidence(batch, said), _evidence(batch, taught).sigmoid())
    total = total + (costs * batch.sentence_weight).sum()
    return total / len(asked)


def _distance(batch: Batch, said: Said, taught: Said) -> Tensor:
    """Mean squared distance of each layer's states to those of the teacher's layer above it."""
    step = len(taught.layers) // len(said.layers)
    mask = batch.mask.unsqueeze(-1).float()
    numbers = mask.sum() * said.layers[0].shape[-1]
    pairs = zip(said.layers, taught.layers[step - 1 :: step], strict=True)
    distances = [((mine.float() - its.float()) ** 2 * mask).sum() / numbers for mine, its in pairs]
    return _mean(distances)


def _text_logits(batch: Batch, said: Said) -> Tensor:
    """(rows,): of the head that the row's task asks."""
    return where(batch.asked, said.texts[:, _ANSWERS], said.texts[:, _SUPPORTS])


def _task_weight(batch: Batch) -> Tensor:
    return where(batch.asked, 1.0, _CLAIM_WEIGHT)


def _span_logits(batch: Batch, said: Said, head: int) -> Tensor:
    """(rows, tokens): of the start or the end of the answer, nowhere but where it may be."""
    return said.tokens[:, :, head].masked_fill(~batch.allowed, _IMPOSSIBLE)


def _evidence(batch: Batch, said: Said) -> Tensor:
    """(sentences,): the mean over the tokens of each."""
    sums = functional.pad(said.tokens[:, :, _EVIDENCE].cumsum(1), (1, 0))
    row, first, last = batch.sentences.unbind(1)
    return (sums[row, last] - sums[row, first]) / (last - first)


def _binary(logits: Tensor, right: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, right, reduction="none")


def _mean(tensors: list[Tensor]) -> Tensor:
    return sum(tensors[1:], tensors[0]) / len(tensors)

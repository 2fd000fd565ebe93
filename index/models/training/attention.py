"""Attention for training on a processor.

PyTorch's own spends half of a training step on it there: its backward pass is not made for heads
so narrow, and repeats the forward one. This one keeps the weights instead, some 35 MB a layer in
bfloat16 (32 rows of 213 tokens, 12 heads), and takes a third of the time.

Importing this module loads torch and transformers, which only the `train` extra brings.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, eager_mask

LEAN = "lean"
"""The name by which transformers finds it."""


class _Attention(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
    """softmax(bias + q kᵀ) v, of shape (heads of all rows, tokens, width of a head)."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, bias: Tensor) -> Tensor:
        weights = torch.softmax(torch.baddbmm(bias, query, key.transpose(1, 2)), -1)
        ctx.save_for_backward(query, key, value, weights)
        return torch.bmm(weights, value)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        query, key, value, weights = ctx.saved_tensors
        gradient = gradient.contiguous()
        of_weights = torch.bmm(gradient, value.transpose(1, 2))
        of_scores = torch._softmax_backward_data(of_weights, weights, -1, weights.dtype)
        return (
            torch.bmm(of_scores, key),
            torch.bmm(of_scores.transpose(1, 2), query),
            torch.bmm(weights.transpose(1, 2), gradient),
            None,
        )


def _attend(
    module: Any,  # noqa: ARG001
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    scaling: float,
    **_: Any,
) -> tuple[Tensor, None]:
    """As transformers calls it, with tensors of shape (rows, heads, tokens, width of a head).

    There is no dropout: it would cost as much as all the rest.
    """
    rows, heads, tokens, width = query.shape
    kind = torch.bfloat16 if torch.is_autocast_enabled("cpu") else query.dtype

    def flat(tensor: Tensor) -> Tensor:
        return tensor.to(kind).reshape(rows * heads, tokens, width)

    bias = torch.zeros((), dtype=kind)
    if mask is not None:
        # Every token sees the same others: all but the padding of its row.
        bias = mask[:, :, :1].to(kind).expand(rows, heads, 1, tokens)
        bias = bias.reshape(rows * heads, 1, tokens)
    with torch.autocast("cpu", enabled=False):
        found = _Attention.apply(flat(query) * scaling, flat(key), flat(value), bias)
    return found.view(rows, heads, tokens, width).transpose(1, 2).contiguous(), None


AttentionInterface.register(LEAN, _attend)
AttentionMaskInterface.register(LEAN, eager_mask)

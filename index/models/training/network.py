"""The network in PyTorch: an encoder with two heads, and its weights.

Importing this module loads torch and transformers, which only the `train` extra brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from index.models.bert_graph import BertWeights
from index.models.training.attention import LEAN
from index.models.training.batches import Batch
from index.models.training.weights import FROZEN, HEADS

# In the encoder as in BERT, and before the heads.
DROPOUT = 0.1
# Ten times the products of float32 in a second; on others bfloat16 is slower.
_HAS_AMX = torch.cpu._is_amx_tile_supported()


class Said(NamedTuple):
    """What a network says of a batch: logits, float32, and how it came to them."""

    tokens: Tensor
    """(rows, tokens, 3): whether the answer starts, ends, and stands in the sentence of each."""
    texts: Tensor
    """(rows, 2): whether the text answers, whether it supports."""
    layers: tuple[Tensor, ...]
    """What comes out of each layer of the encoder: (rows, tokens, width)."""


def build_network(base: BertWeights, dropout: float) -> Any:
    """An encoder with the weights of the base, and new heads.

    The word embeddings are frozen: they are half the weights, few of the words occur in the
    passages, and the shipped file of the base holds them already.
    """
    heads = {name: nn.Linear(base.width, outputs) for name, outputs in HEADS.items()}
    bert = BertModel(_configuration(base, dropout), add_pooling_layer=False)
    bert.load_state_dict(_tensors(base.tensors))
    bert.get_parameter(FROZEN).requires_grad_(False)
    return nn.ModuleDict({"bert": bert, "drop": nn.Dropout(dropout), **heads})


def load_heads(network: Any, tensors: Mapping[str, Any]) -> None:
    """Give the heads the weights of others, by their names in a file of weights."""
    for name in HEADS:
        parts = {part: tensors[f"{name}.{part}"] for part in ("weight", "bias")}
        network[name].load_state_dict(_tensors(parts))


def run(network: Any, batch: Batch) -> Said:
    """What the network says; in bfloat16 on CUDA, and on a processor that is made for it."""
    device = batch.tokens.device.type
    with torch.autocast(device, torch.bfloat16, enabled=device == "cuda" or _HAS_AMX):
        encoded = network["bert"](
            input_ids=batch.tokens, attention_mask=batch.mask, output_hidden_states=True
        )
        hidden = network["drop"](encoded.last_hidden_state)
        tokens, texts = network["token"](hidden), network["text"](hidden[:, 0])
    # The first of the states is what goes into the first layer.
    return Said(tokens.float(), texts.float(), encoded.hidden_states[1:])


def float16_weights(network: Any) -> bytes:
    """A safetensors file of all that was trained; see `index.models.training.weights`."""
    tensors = {
        name.removeprefix("bert."): tensor.detach().to(torch.float16).contiguous().cpu()
        for name, tensor in network.state_dict().items()
        if not name.endswith(FROZEN)
    }
    content: bytes = safetensors.torch.save(tensors)
    return content


def freeze_layers(network: Any, count: int) -> None:
    """Keep the lowest layers of the encoder, and what is below them, as they are."""
    if count:
        network["bert"].embeddings.requires_grad_(False)
    for layer in network["bert"].encoder.layer[:count]:
        layer.requires_grad_(False)


def _configuration(base: BertWeights, dropout: float) -> BertConfig:
    def rows(name: str) -> int:
        return int(base.tensors[f"{name}.weight"].shape[0])

    return BertConfig(
        vocab_size=rows("embeddings.word_embeddings"),
        hidden_size=base.width,
        num_hidden_layers=base.layers,
        num_attention_heads=base.heads,
        intermediate_size=rows("encoder.layer.0.intermediate.dense"),
        max_position_embeddings=rows("embeddings.position_embeddings"),
        type_vocab_size=rows("embeddings.token_type_embeddings"),
        layer_norm_eps=base.epsilon,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        attn_implementation="sdpa" if torch.cuda.is_available() else LEAN,
    )


def _tensors(arrays: Mapping[str, Any]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}

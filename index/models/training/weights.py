"""The file of weights that a training writes: float16, by the names of a BERT checkpoint.

It holds all but the word embeddings, which are the base's; the heads are `token` and `text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from index.errors import ModelError
from index.models.bert_graph import BertWeights, Floats

FROZEN = "embeddings.word_embeddings.weight"
"""What is not trained."""
HEADS: Mapping[str, int] = {"token": 3, "text": 2}
"""How many logits each head gives; see `index.models.bert_graph.build_reading_graph`."""

HEAD_PREFIXES = tuple(f"{head}." for head in HEADS)

_LAYER = "encoder.layer."


def round_base(base: BertWeights) -> BertWeights:
    """The base as training sees it and a file of weights keeps it: rounded to float16."""
    tensors = {
        name: tensor.astype(np.float16).astype(np.float32) for name, tensor in base.tensors.items()
    }
    return BertWeights(tensors, heads=base.heads, epsilon=base.epsilon)


def load_weights(path: Path, base: BertWeights) -> BertWeights:
    """The whole network: what was trained, over a base of as many layers or more.

    Raises:
        ModelError: If the file cannot be read, or holds other tensors than a training of this
            base writes; the first is named.
    """
    try:
        trained = {name: tensor.astype(np.float32) for name, tensor in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"{path} cannot be read: {error}. "
            "Make it with: python -m index.models.training train --out FOLDER"
        ) from error
    layers = len({name.split(".")[2] for name in trained if name.startswith(_LAYER)})
    cut = keep_layers(round_base(base), range(layers))
    _demand_shapes(path, trained, cut)
    return BertWeights({**cut.tensors, **trained}, heads=base.heads, epsilon=base.epsilon)


def keep_layers(weights: BertWeights, kept: range) -> BertWeights:
    """The network with some of its layers alone, numbered anew; what is not there is left out."""
    number = {str(old): str(new) for new, old in enumerate(kept)}
    tensors = {}
    for name, tensor in weights.tensors.items():
        if not name.startswith(_LAYER):
            tensors[name] = tensor
        elif (old := name.split(".")[2]) in number:
            tensors[name.replace(f"{_LAYER}{old}.", f"{_LAYER}{number[old]}.")] = tensor
    return BertWeights(tensors, heads=weights.heads, epsilon=weights.epsilon)


def _demand_shapes(path: Path, trained: Mapping[str, Floats], base: BertWeights) -> None:
    """All of the base but its word embeddings, and both heads: nothing less, nothing else."""
    expected = {name: tensor.shape for name, tensor in base.tensors.items() if name != FROZEN}
    for head, outputs in HEADS.items():
        expected |= {f"{head}.weight": (outputs, base.width), f"{head}.bias": (outputs,)}
    found = {name: tensor.shape for name, tensor in trained.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise ModelError(
                f"{path} does not fit the base: tensor {name} has the shape {found.get(name)}, "
                f"and {expected.get(name)} was expected."
            )

"""Trained weights and the base's word embeddings to the graph that ships.

The same weights give the same bytes under the same onnx and onnxruntime.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from index.models import MODEL_FILE
from index.models.bert_graph import BertWeights, build_reading_graph, save_quantized
from index.models.training.weights import load_weights


def export(weights: Path, base: BertWeights, out: Path) -> str:
    """Write `model.onnx` into `out`; gives its sha256.

    Raises:
        ModelError: If the weights cannot be read, or do not fit the base.
    """
    whole = load_weights(weights, base)
    out.mkdir(parents=True, exist_ok=True)
    save_quantized(build_reading_graph(whole), out / MODEL_FILE)
    return hashlib.sha256((out / MODEL_FILE).read_bytes()).hexdigest()

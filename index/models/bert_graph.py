"""BERT weights to an ONNX graph, and that graph to eight bits.

Knows the architecture and onnxruntime's fused operators; knows nothing of files' origins. The
pooling is part of the graph: what comes out is one vector of length one for each text.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]

# The domain of onnxruntime's own operators: attention and GELU in one step each.
_FUSED = "com.microsoft"


@dataclass(frozen=True, slots=True)
class BertWeights:
    """The float32 tensors of a BERT encoder under the names that PyTorch checkpoints give them."""

    tensors: Mapping[str, Floats]
    """Dense weights have shape (outputs, inputs)."""
    heads: int
    epsilon: float
    """What layer normalization adds to the variance."""

    @property
    def width(self) -> int:
        """Size of the hidden state, and of the embedding."""
        return int(self.tensors["embeddings.word_embeddings.weight"].shape[1])

    @property
    def layers(self) -> int:
        """How many encoder layers there are."""
        prefix = "encoder.layer."
        return 1 + max(int(name.split(".")[2]) for name in self.tensors if name.startswith(prefix))

    def kernel(self, name: str) -> Floats:
        """The weight of a dense layer as ONNX multiplies it: (inputs, outputs)."""
        return self.tensors[f"{name}.weight"].T

    def scale(self, name: str) -> Floats:
        """The weight of a layer normalization."""
        return self.tensors[f"{name}.weight"]

    def bias(self, name: str) -> Floats:
        """The bias of a layer."""
        return self.tensors[f"{name}.bias"]


def build_graph(weights: BertWeights) -> onnx.ModelProto:
    """Build the encoder, float32 throughout.

    Inputs `input_ids` and `attention_mask` are int64 of shape (texts, tokens); outputs are
    `last_hidden_state` (texts, tokens, width) and `sentence_embedding` (texts, width).
    """
    graph = _Graph()
    hidden = _add_embeddings(graph, weights)
    # The fused attention wants its mask in int32, the mean wants it in float32.
    mask = graph.node("Cast", ["attention_mask"], to=TensorProto.INT32)
    counted = graph.node("Cast", ["attention_mask"], to=TensorProto.FLOAT)
    hidden = _add_layers(graph, weights, hidden, mask)
    graph.output("Identity", [hidden], "last_hidden_state")
    _add_mean(graph, hidden, counted)
    return graph.model(
        {
            "last_hidden_state": ["b", "s", weights.width],
            "sentence_embedding": ["b", weights.width],
        }
    )


def build_reading_graph(weights: BertWeights) -> onnx.ModelProto:
    """Build the encoder with the two heads of the reading model, float32 throughout.

    The inputs are those of `build_graph`. Outputs are logits: `tokens` (texts, tokens, 3), whether
    an answer starts, ends, and stands in the sentence of each token; `texts` (texts, 2), whether
    the text answers the question before it, and whether it supports the claim before it.
    """
    graph = _Graph()
    hidden = _add_embeddings(graph, weights)
    mask = graph.node("Cast", ["attention_mask"], to=TensorProto.INT32)
    hidden = _add_layers(graph, weights, hidden, mask)
    _add_head(graph, weights, "token", hidden, "tokens")
    first = graph.node("Gather", [hidden, graph.integers("first", [0])], axis=1)
    whole = graph.node("Squeeze", [first, graph.integers("sqax", [1])])
    _add_head(graph, weights, "text", whole, "texts")
    return graph.model({"tokens": ["b", "s", 3], "texts": ["b", 2]})


def save_quantized(model: onnx.ModelProto, path: Path) -> None:
    """Write the graph with its matrices in int8; activations are quantized as they come.

    The same graph gives the same bytes under the same onnx and onnxruntime.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        float_path = Path(folder) / "float32.onnx"
        onnx.save(model, str(float_path))
        quantize_dynamic(
            float_path,
            path,
            weight_type=QuantType.QInt8,
            per_channel=True,
            # Seven bits: without VNNI the products of two full bytes overflow their sum.
            reduce_range=True,
            op_types_to_quantize=["MatMul", "Attention", "Gather"],
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )


class _Graph:
    """The nodes and constants of a graph in the making."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, name: str, array: NDArray[Any]) -> str:
        """Add a constant; its name is returned."""
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def integers(self, name: str, value: list[int]) -> str:
        """Add a constant of type int64; its name is returned."""
        return self.constant(name, np.array(value, np.int64))

    def node(
        self, operator: str, inputs: Sequence[str], *, domain: str = "", **attributes: Any
    ) -> str:
        """Add a node; the name of its one result is returned."""
        result = f"{operator}_{len(self._nodes)}"
        node = helper.make_node(operator, inputs, [result], domain=domain, **attributes)
        self._nodes.append(node)
        return result

    def output(self, operator: str, inputs: Sequence[str], name: str) -> None:
        """Add a node whose result is an output of the graph."""
        self._nodes.append(helper.make_node(operator, inputs, [name]))

    def model(self, shapes: Mapping[str, Sequence[str | int]]) -> onnx.ModelProto:
        """Close the graph, whose outputs have the shapes given by name."""
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "s"])
            for name in ("input_ids", "attention_mask")
        ]
        outputs = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
            for name, shape in shapes.items()
        ]
        # Fixed versions: newer defaults would change the bytes.
        return helper.make_model(
            helper.make_graph(self._nodes, "enc", inputs, outputs, self._constants),
            opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(_FUSED, 1)],
            ir_version=9,
        )


def _add_embeddings(graph: _Graph, weights: BertWeights) -> str:
    """Words plus positions plus the first token type, normalized: (texts, tokens, width)."""
    table = weights.tensors["embeddings.word_embeddings.weight"]
    words = graph.node("Gather", [graph.constant("we", table), "input_ids"])
    shape = graph.node("Shape", ["input_ids"])
    positions = (
        weights.tensors["embeddings.position_embeddings.weight"]
        + weights.tensors["embeddings.token_type_embeddings.weight"][0]
    )
    length = graph.node("Gather", [shape, graph.integers("one1", [1])])
    # A Slice, not a Gather of a Range: an optimizer of onnxruntime breaks that at opset 20.
    placed = graph.node(
        "Slice",
        [
            graph.constant("pe", positions),
            graph.integers("s0", [0]),
            length,
            graph.integers("sax", [0]),
        ],
    )
    name = "embeddings.LayerNorm"
    scale = graph.constant("lnw", weights.scale(name))
    bias = graph.constant("lnb", weights.bias(name))
    total = graph.node("Add", [words, placed])
    return graph.node("LayerNormalization", [total, scale, bias], axis=-1, epsilon=weights.epsilon)


def _add_layers(graph: _Graph, weights: BertWeights, hidden: str, mask: str) -> str:
    for layer in range(weights.layers):
        hidden = _add_layer(graph, weights, layer, hidden, mask)
    return hidden


def _add_head(graph: _Graph, weights: BertWeights, name: str, hidden: str, output: str) -> None:
    """A dense layer whose result is an output; too small to gain anything from eight bits."""
    kernel = graph.constant(f"{name}w", weights.kernel(name))
    product = graph.node("MatMul", [hidden, kernel])
    graph.output("Add", [product, graph.constant(f"{name}b", weights.bias(name))], output)


def _add_layer(graph: _Graph, weights: BertWeights, layer: int, hidden: str, mask: str) -> str:
    """One encoder layer: attention, then the feed-forward part, each added and normalized."""
    name = f"encoder.layer.{layer}"
    attended = _add_attention(graph, weights, layer, [hidden, mask])
    hidden = _add_norm(graph, weights, f"{name}.attention.output", f"l{layer}a", [attended, hidden])
    inner = f"{name}.intermediate.dense"
    wide = graph.node("MatMul", [hidden, graph.constant(f"iw{layer}", weights.kernel(inner))])
    bias = graph.constant(f"ib{layer}", weights.bias(inner))
    wide = graph.node("BiasGelu", [wide, bias], domain=_FUSED)
    outer = graph.constant(f"fw{layer}", weights.kernel(f"{name}.output.dense"))
    narrow = graph.node("MatMul", [wide, outer])
    return _add_norm(graph, weights, f"{name}.output", f"l{layer}f", [narrow, hidden])


def _add_attention(
    graph: _Graph, weights: BertWeights, layer: int, hidden_and_mask: Sequence[str]
) -> str:
    """Self-attention and its output projection, whose bias the next node adds."""
    hidden, mask = hidden_and_mask
    name = f"encoder.layer.{layer}.attention"
    parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
    kernel = np.concatenate([weights.kernel(part) for part in parts], axis=1)
    bias = np.concatenate([weights.bias(part) for part in parts])
    projection = [graph.constant(f"qkvw{layer}", kernel), graph.constant(f"qkvb{layer}", bias)]
    attended = graph.node(
        "Attention", [hidden, *projection, mask], domain=_FUSED, num_heads=weights.heads
    )
    output = graph.constant(f"ow{layer}", weights.kernel(f"{name}.output.dense"))
    return graph.node("MatMul", [attended, output])


def _add_norm(
    graph: _Graph, weights: BertWeights, name: str, short: str, pair: Sequence[str]
) -> str:
    """Add the dense layer's bias and the residual, then normalize: `pair` is (output, residual).

    In three steps: onnxruntime's fused one takes four times as long, a quarter of a whole run.
    """
    output, residual = pair
    norm = f"{name}.LayerNorm"
    bias = graph.constant(f"{short}b", weights.bias(f"{name}.dense"))
    total = graph.node("Add", [graph.node("Add", [output, bias]), residual])
    scale = graph.constant(f"{short}g", weights.scale(norm))
    shift = graph.constant(f"{short}bb", weights.bias(norm))
    return graph.node("LayerNormalization", [total, scale, shift], axis=-1, epsilon=weights.epsilon)


def _add_mean(graph: _Graph, hidden: str, counted: str) -> None:
    """The mean over the tokens that the mask counts, scaled to length one."""
    mask = graph.node("Unsqueeze", [counted, graph.integers("axm1", [2])])
    masked = graph.node("Mul", [hidden, mask])
    tokens_axis = graph.integers("ax1", [1])
    total = graph.node("ReduceSum", [masked, tokens_axis], keepdims=0)
    count = graph.node("ReduceSum", [mask, tokens_axis], keepdims=0)
    mean = graph.node("Div", [total, count])
    length = graph.node("ReduceL2", [mean, graph.integers("axl", [1])], keepdims=1)
    graph.output("Div", [mean, length], "sentence_embedding")

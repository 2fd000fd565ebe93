"""Opens the files of a model that ships with Dateline; none is read unless its hash is right.

Knows files, tokenizers and onnxruntime; knows nothing of what a model is for.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tokenizers import Tokenizer

from index.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


class ShippedModel(Protocol):
    """What is known of a model before its files are read."""

    @property
    def name(self) -> str:
        """Its name, which is that of its folder too."""
        ...

    @property
    def sha256_by_file(self) -> dict[str, str]:
        """The files that ship, each with the hash that it must have."""
        ...

    @property
    def remedy(self) -> str:
        """How to make the files anew, as a command."""
        ...


def checked_path(model: ShippedModel, folder: Path, name: str) -> Path:
    """The path of a file that is there and has its hash.

    Raises:
        ModelError: If it is missing or altered.
    """
    path = folder / name
    remedy = f"Install Dateline again, or make the file anew: {model.remedy}"
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"The model {model.name} cannot be read: {error}. {remedy}") from error
    if found != model.sha256_by_file[name]:
        raise ModelError(
            f"The model {model.name} is altered or damaged: {path} does not "
            f"have the expected sha256. {remedy}"
        )
    return path


def open_tokenizer(path: Path) -> Tokenizer:
    """A tokenizer that neither cuts nor pads, and takes what looks like a special token as text."""
    tokenizer = Tokenizer.from_file(str(path))
    # Upstream's file of all-MiniLM-L6-v2 cuts and pads to 128 tokens.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # A text that spells "[SEP]" is text.
    tokenizer.encode_special_tokens = True
    return tokenizer


def open_session(path: Path) -> InferenceSession:
    """A graph ready to run, one thread a run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # The threads are ours, one a text: no waiting inside a run, none left to a forked child.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(path),
        options,
        providers=["CPUExecutionProvider"],
        # The graph does in steps what is slower in one: see `index.models.bert_graph`.
        disabled_optimizers=["SkipLayerNormFusion", "BiasSkipLayerNormFusion"],
    )


def available_processors() -> int:
    """Processors that this process may run on, which in a container are fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def plain(text: str) -> str:
    """Text without lone surrogates, which the tokenizer refuses."""
    return text.encode("utf-8", "replace").decode("utf-8")

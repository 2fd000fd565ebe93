"""Files of records: JSON lines, one JSON list, or a YAML list. Knows places, not meanings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from index.errors import UsageError


class _TextLoader(yaml.SafeLoader):
    """Leaves every scalar text: YAML would make the answers `no` and 2023-11-16 other types."""


_TextLoader.yaml_implicit_resolvers = {}


@dataclass(frozen=True, slots=True)
class Record:
    """One object of a file, and where it stands."""

    fields: dict[str, Any]
    place: str
    """For messages: `sets/a.jsonl line 3`, or `queries.json item 3` inside a JSON list."""


def read_records(path: Path) -> Iterator[Record]:
    """Read the objects of a `.jsonl`, `.ndjson`, `.json`, `.yaml` or `.yml` file, in order.

    A `.json` file may hold one list, or an object on each line as published sets often do.

    Raises:
        UsageError: If the file cannot be read or decoded, or an item is no object.
    """
    text = _read_text(path)
    if path.suffix.lower() in {".yaml", ".yml"}:
        return _read_yaml(text, path)
    if text.lstrip().startswith("["):
        return _read_list(text, path)
    return _read_lines(text, path)


def read_json(path: Path) -> Any:
    """Read one JSON value.

    Raises:
        UsageError: If the file cannot be read, or is not JSON.
    """
    return _parse_json(_read_text(path), place=str(path))


def write_records(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write one object a line as UTF-8. The file is whole or, after a kill, not there.

    Raises:
        UsageError: If the place cannot be written to.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            for record in records:
                stream.write(json.dumps(record, ensure_ascii=False) + "\n")
        partial.replace(path)
    except OSError as error:
        raise UsageError(
            f"Cannot write {path}: {error.strerror or error}. Name a folder that you may write to."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: not UTF-8 text (byte {error.start}). Save the file as UTF-8."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"Cannot read {path}: {reason}. Check the path.") from error


def _read_lines(text: str, path: Path) -> Iterator[Record]:
    # Not splitlines(): U+2028 and the like may stand unescaped inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            place = f"{path} line {number}"
            yield Record(_as_object(_parse_json(line, place=place), place), place)


def _read_list(text: str, path: Path) -> Iterator[Record]:
    for number, item in enumerate(_parse_json(text, place=str(path)), start=1):
        place = f"{path} item {number}"
        yield Record(_as_object(item, place), place)


def _read_yaml(text: str, path: Path) -> Iterator[Record]:
    try:
        loader = _TextLoader(text)
        root = loader.get_single_node()
        if not isinstance(root, yaml.SequenceNode):
            raise UsageError(f"{path}: not a YAML list. Start each item with a dash.")
        for node in root.value:
            place = f"{path} line {node.start_mark.line + 1}"
            yield Record(_as_object(loader.construct_object(node, deep=True), place), place)
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: not YAML: {reason}. Mend that line.") from error


def _parse_json(text: str, *, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{place}: not JSON: {error}. Mend or remove it.") from error
    except RecursionError as error:
        raise UsageError(f"{place}: nested too deeply. Remove it.") from error


def _as_object(value: Any, place: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise UsageError(
        f"{place}: a {type(value).__name__} where an object is needed. "
        'Write {"id": …, "question": …, …}.'
    )

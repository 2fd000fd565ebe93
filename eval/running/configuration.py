"""What of the bot a run may change: read from `--with NAME=VALUE`, or from a matrix in TOML.

    [no-rerank]
    rerank = false

    [small-chunks]
    chunk_tokens = 50

Each table of a matrix is one configuration; what it does not name is as it ships.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.question_schema import explain_errors
from eval.subject import CONFIGURATIONS
from index.errors import UsageError
from index.search.retrieve import RetrievalSettings


class Configuration(BaseModel):
    """One configuration; the defaults are what ships."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    legs: Literal["default", "dense", "bm25", "fused", "unranked"] = "default"
    """Which searches are fused, by the names of `dateline eval retrieval`."""
    rerank: bool = True
    """Whether the best sentence of a passage lifts it."""
    passages: Annotated[int, Field(ge=1, le=100)] = 15
    """The most passages that an answer is made from."""
    chunk_tokens: Annotated[int, Field(ge=10, le=1_000)] = 200
    """The most tokens of a chunk. The library has to be cut so: by `--sample` or `--articles`."""
    verify: bool = True
    """Whether a language model's sentences are checked before they are shown."""
    embedding_model: str | None = None
    """An embedded model; None for the one that the environment sets."""
    model: str | None = None
    """A language model; None for the one that the environment sets, if any."""
    prompts: Path | None = None
    """A folder with prompts that stand in for those of the same name."""

    @property
    def retrieval(self) -> RetrievalSettings:
        """The knobs of retrieval."""
        settings = CONFIGURATIONS[self.legs]
        return settings if self.rerank else replace(settings, rerank=0.0)

    def describe(self) -> dict[str, str]:
        """Every choice by name, for a run's file."""
        return {f"configuration {name}": str(value) for name, value in self}


def read_choices(choices: Iterable[str]) -> Configuration:
    """Read `NAME=VALUE` pairs; values are written as in TOML, text also without quotes.

    Raises:
        UsageError: If a pair is none, or a name or value is not known.
    """
    fields: dict[str, Any] = {}
    for choice in choices:
        name, equals, value = choice.partition("=")
        if not equals:
            raise UsageError(f"--with {choice!r}: write NAME=VALUE, for example rerank=false.")
        fields[name.strip()] = _read_value(value.strip())
    return _check(fields, "--with")


def load_matrix(path: Path) -> dict[str, Configuration]:
    """Read the configurations of a matrix by name, in file order.

    Raises:
        UsageError: If the file cannot be read or names something that is not known.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise UsageError(f"{path} is no TOML: {error}.") from error
    if not tables:
        raise UsageError(f"{path} holds no configuration. Write one as a table: [no-rerank].")
    return {name: _read_table(path, name, table) for name, table in tables.items()}


def _read_table(path: Path, name: str, table: object) -> Configuration:
    if not isinstance(table, Mapping):
        raise UsageError(f"{path}: {name} stands outside a table. Write it below [a-name].")
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        # The name becomes a file's.
        raise UsageError(f"{path}: [{name}]: use letters, digits, dots and dashes only.")
    configuration = _check(dict(table), f"{path} [{name}]")
    if configuration.prompts is None:
        return configuration
    return configuration.model_copy(update={"prompts": path.parent / configuration.prompts})


def _read_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        return text


def _check(fields: dict[str, Any], place: str) -> Configuration:
    problems, configuration = explain_errors(Configuration, fields)
    if configuration is None:
        known = ", ".join(Configuration.model_fields)
        raise UsageError(f"{place}: {problems} Known: {known}.")
    return configuration

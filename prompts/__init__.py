"""What is said to language models: one Markdown file a prompt, with `$name` slots.

Knows nothing of questions or articles: whoever fills a slot has made its text safe before.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text with slots."""

    name: str
    text: str

    @property
    def slots(self) -> frozenset[str]:
        """Names of the slots; each has to be filled."""
        return frozenset(string.Template(self.text).get_identifiers())

    @property
    def sha256(self) -> str:
        """Hexadecimal hash of the text, by which a report tells which prompt was measured."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def fill(self, **values: str) -> str:
        """The text with every slot filled; what looks like a slot in a value stays as it is.

        Raises:
            ValueError: If a slot is not filled, or a value belongs to no slot.
        """
        if missing := sorted(self.slots - values.keys()):
            raise ValueError(f"prompt {self.name}: nothing fills ${', $'.join(missing)}")
        if unknown := sorted(values.keys() - self.slots):
            raise ValueError(f"prompt {self.name}: there is no slot ${', $'.join(unknown)}")
        return string.Template(self.text).substitute(values)


PromptLoader = Callable[[str], Prompt]
"""Gives a prompt by its name."""


def load_prompt(name: str) -> Prompt:
    """Load the prompt that stands in `<name>.md`, without the newline at its end.

    Raises:
        ValueError: If there is no such prompt, or a `$` in it begins no slot and is not doubled.
    """
    file = resources.files("prompts").joinpath(f"{name}.md")
    if not file.is_file():
        raise ValueError(f"there is no prompt {name!r}")
    return _read_prompt(name, file.read_text(encoding="utf-8"))


def load_prompt_from(folder: Path) -> PromptLoader:
    """A loader that looks into `folder` first: to try a prompt before it ships."""

    def load(name: str) -> Prompt:
        file = folder / f"{name}.md"
        own = load_prompt(name)
        return _read_prompt(name, file.read_text(encoding="utf-8")) if file.is_file() else own

    return load


def _read_prompt(name: str, text: str) -> Prompt:
    text = text.rstrip("\n")
    if not string.Template(text).is_valid():
        raise ValueError(f"prompt {name}: a $ begins no slot; write $$ for the sign itself")
    return Prompt(name, text)

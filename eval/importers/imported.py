"""What an importer hands over, and how it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.dataset import GoldQuestion, save_questions
from eval.record_files import Record, write_records
from index.errors import UsageError


@dataclass(frozen=True, slots=True)
class ImportedSet:
    """A public set as ours."""

    articles: tuple[dict[str, Any], ...]
    """Objects for `dateline ingest`: url, title, outlet, author, published_at, section, body."""
    questions: tuple[GoldQuestion, ...]
    credit: str
    """Who made the set and under which licence; it is written beside the copy."""
    left_out: tuple[str, ...] = ()
    """What could not be used, one sentence each."""


def write_imported(imported: ImportedSet, folder: Path) -> None:
    """Write `articles.jsonl`, `questions.jsonl` and `CREDIT.txt` into `folder`.

    Raises:
        UsageError: If the folder cannot be written to.
    """
    write_records(folder / "articles.jsonl", imported.articles)
    save_questions(folder / "questions.jsonl", imported.questions)
    (folder / "CREDIT.txt").write_text(imported.credit + "\n", encoding="utf-8")


def text_of(record: Record, field: str) -> str:
    """The text in a field that the set always fills.

    Raises:
        UsageError: If it is missing, blank or no text.
    """
    value = record.fields.get(field)
    if isinstance(value, str) and value.strip():
        return value
    raise UsageError(
        f"{record.place}: {field}: text is needed, found {shorten(value)}. "
        "Is this the format that you named?"
    )


def objects_of(record: Record, field: str) -> list[Record]:
    """The objects in a list; an absent list is empty.

    Raises:
        UsageError: If it is no list of objects.
    """
    value = record.fields.get(field) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise UsageError(
            f"{record.place}: {field}: a list of objects is needed, found "
            f"{shorten(value)}. Is this the format that you named?"
        )
    return [Record(item, f"{record.place}, {field}[{number}]") for number, item in enumerate(value)]


def texts_of(record: Record, field: str) -> list[str]:
    """The texts in a list without the blank ones; an absent list is empty.

    Raises:
        UsageError: If it is no list of texts.
    """
    value = record.fields.get(field) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(
            f"{record.place}: {field}: a list of texts is needed, found "
            f"{shorten(value)}. Is this the format that you named?"
        )
    return [item for item in value if item.strip()]


def shorten(value: object) -> str:
    """A value as it looks in a message: 60 characters at most."""
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."

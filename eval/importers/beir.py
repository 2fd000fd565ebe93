"""BEIR folders: a corpus, queries and graded relevance, for measuring search alone."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion, GoldQuote
from eval.importers.imported import ImportedSet, text_of
from eval.record_files import Record, read_records
from index.errors import UsageError

_CREDIT = (
    "Made from a folder in the format of BEIR by Nandan Thakur and others, NeurIPS 2021, "
    "https://github.com/beir-cellar/beir.\n"
    "Each set in that format has a licence of its own: see where the folder came from."
)
# The first that is there; BEIR reports the test split.
_SPLITS = ("test", "dev", "validation", "train")


def import_beir(folder: Path) -> ImportedSet:
    """Read `corpus.jsonl`, `queries.jsonl` and the relevance in `qrels/test.tsv`.

    Documents become articles at `beir:ID`. The gold is whole documents with their grades, so
    `dateline eval retrieval` measures such a set and `dateline eval run` cannot tell right answers.

    Raises:
        UsageError: If a file is missing or not in the published shape.
    """
    relevant = read_relevant(folder)
    articles = read_corpus(folder, prefix="beir:", outlet=folder.name)
    known = {article["url"] for article in articles}
    questions: list[GoldQuestion] = []
    left_out: list[str] = []
    for record in read_records(folder / "queries.jsonl"):
        key = text_of(record, "_id")
        grades = relevant.get(key)
        if grades is None:  # of another split
            continue
        gold = tuple(
            GoldQuote(url, grade=grade)
            for name, grade in grades.items()
            if (url := f"beir:{name}") in known
        )
        if gold:
            questions.append(
                GoldQuestion(
                    f"beir-{key}",
                    text_of(record, "text"),
                    Expectation(Status.ANSWERED),
                    gold,
                    tags=("retrieval-only",),
                )
            )
        else:
            left_out.append(f"{record.place}: no relevant document in the corpus")
    if not questions:
        raise UsageError(f"{folder}: no query has a relevant document. Is this a BEIR folder?")
    return ImportedSet(tuple(articles), tuple(questions), _CREDIT, tuple(left_out))


def read_corpus(folder: Path, *, prefix: str, outlet: str) -> list[dict[str, Any]]:
    """The documents of `corpus.jsonl` as articles at `prefix` and their id; blank ones left out.

    Raises:
        UsageError: If the file is missing or not in the published shape.
    """
    articles = []
    for record in read_records(folder / "corpus.jsonl"):
        text = record.fields.get("text")
        if not isinstance(text, str):
            raise UsageError(f"{record.place}: text: text is needed. Is this a BEIR folder?")
        if text.strip():
            articles.append(_read_document(record, prefix, outlet))
    return articles


def _read_document(record: Record, prefix: str, outlet: str) -> dict[str, Any]:
    document = {
        "url": f"{prefix}{text_of(record, '_id')}",
        "title": str(record.fields.get("title") or "").strip(),
        "outlet": outlet,
        "body": text_of(record, "text").strip(),
    }
    return {name: value for name, value in document.items() if value}


def read_relevant(folder: Path) -> dict[str, dict[str, int]]:
    """Grades above 0 by document, by query, of the first split that the folder has.

    Raises:
        UsageError: If there is none, or a line is not `query-id`, `corpus-id`, `score`.
    """
    paths = [folder / "qrels" / f"{split}.tsv" for split in _SPLITS]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise UsageError(f"{folder} holds no qrels/test.tsv. Name the folder of a BEIR set.")
    relevant: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for number, row in enumerate(csv.reader(stream, delimiter="\t"), start=1):
            if number == 1 and row[2:3] == ["score"]:
                continue
            try:
                query, document, score = row
                grade = int(float(score))
            except ValueError as error:
                raise UsageError(
                    f"{path} line {number}: not query-id, corpus-id and score. Is this qrels?"
                ) from error
            if grade > 0:
                relevant.setdefault(query, {})[document] = grade
    return relevant

"""MTRAG and MTRAG-UN: conversations, each turn a question, some of them without an answer.

The generation tasks (`reference.jsonl`) bring the passages that people answered from; the retrieval
tasks are a folder with `*_questions.jsonl`, `qrels/dev.tsv` and the passages of one domain.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion, GoldQuote
from eval.importers.beir import read_corpus, read_relevant
from eval.importers.imported import ImportedSet, objects_of, text_of, texts_of
from eval.record_files import Record, read_records
from index.errors import UsageError

_CREDIT = (
    "Conversations, passages and answers: MTRAG by Yannis Katsis and others (TACL 2025) and "
    "MTRAG-UN by Sara Rosenthal and others (2026), IBM Research, "
    "https://github.com/IBM/mt-rag-benchmark, Apache-2.0.\n"
    "The passages are from Wikipedia (CC BY-SA), government sites, IBM Cloud's documents and FiQA."
)
# A clarification is asked for, or nothing is told: an answer is wrong in both.
_WITHOUT_ANSWER = frozenset({"UNANSWERABLE", "UNDERSPECIFIED", "CONVERSATIONAL"})
_TURN = re.compile(r"(?:^|\n)\|user\|:[ \t]*")


def import_mtrag(source: Path) -> ImportedSet:
    """Read a file of generation tasks, or a folder of generation or of retrieval tasks.

    Passages become articles at `mtrag:DOCUMENT`. Of earlier turns the user's are kept. The gold is
    the passages, whole; people's answers are references, never matched. Questions of one
    conversation share a story. Tags are the answerability, the kind of turn, the kinds of question
    and the domain, in lower case.

    Raises:
        UsageError: If nothing is found, or a record is not in a published shape.
    """
    if source.is_dir() and (asked := sorted(source.glob("*questions.jsonl"))):
        return _import_retrieval(source, asked)
    articles: dict[str, dict[str, Any]] = {}
    questions: dict[str, GoldQuestion] = {}
    left_out: list[str] = []
    for path in _find(source):
        for record in read_records(path):
            identity = f"mtrag-{text_of(record, 'task_id').replace('<::>', '-')}"
            if identity in questions:
                left_out.append(f"{record.place}: task {identity} stands in the set twice")
                continue
            passages = [_read_passage(one) for one in objects_of(record, "contexts")]
            articles |= {passage["url"]: passage for passage in passages}
            try:
                questions[identity] = _read_task(record, identity, passages)
            except _Unusable as reason:
                left_out.append(f"{record.place}: {reason}")
    return ImportedSet(
        tuple(articles.values()), tuple(questions.values()), _CREDIT, tuple(left_out)
    )


class _Unusable(Exception):
    """Says why a task is left out."""


def _find(source: Path) -> list[Path]:
    paths = [source] if source.is_file() else sorted(source.glob("*.jsonl"))
    if not paths:
        raise UsageError(f"{source} holds no .jsonl file. Name the file or folder of the set.")
    return paths


def _read_passage(record: Record) -> dict[str, Any]:
    passage = {
        "url": f"mtrag:{text_of(record, 'document_id')}",
        "title": record.fields.get("title"),
        "outlet": "MTRAG",
        "body": text_of(record, "text").strip(),
    }
    return {name: value for name, value in passage.items() if value}


def _read_task(record: Record, identity: str, passages: list[dict[str, Any]]) -> GoldQuestion:
    turns = objects_of(record, "input")
    asked = [text_of(turn, "text") for turn in turns if turn.fields.get("speaker") == "user"]
    if not asked or turns[-1].fields.get("speaker") != "user":
        raise _Unusable("input: the last turn is not the user's")
    answerability = _labels(record, "answerability", "Answerability")
    if not answerability:
        raise _Unusable("answerability: not told")
    silent = bool(_WITHOUT_ANSWER.intersection(answerability))
    if not silent and not passages:
        raise _Unusable("contexts: an answer is due, and no passage is given to show it from")
    references = tuple(text_of(one, "text") for one in objects_of(record, "targets"))
    status = Status.ABSTAINED if silent else Status.ANSWERED
    labels = (
        *answerability,
        *_labels(record, "Multi-Turn"),
        *_labels(record, "Question Type"),
        _domain(record),
    )
    return GoldQuestion(
        id=identity,
        text=asked[-1],
        expect=Expectation(status, references=() if silent else references),
        gold=() if silent else tuple(GoldQuote(passage["url"]) for passage in passages),
        tags=tuple(dict.fromkeys(label.lower() for label in labels if label and label != "N/A")),
        story=f"mtrag:{text_of(record, 'conversation_id')}",
        history=tuple(asked[:-1]),
        given=tuple(passage["url"] for passage in passages),
    )


def _labels(record: Record, *names: str) -> list[str]:
    """The labels in the first of the fields that is there: MTRAG-UN writes some in lower case."""
    for name in names:
        if record.fields.get(name):
            return texts_of(record, name)
    return []


def _domain(record: Record) -> str:
    """`clapnq`, also where the whole name of an index stands: `mt-rag-clapnq-elser-512-100-…`."""
    collection = str(record.fields.get("Collection") or "")
    return collection.removeprefix("mt-rag-").partition("-elser")[0]


def _import_retrieval(folder: Path, asked: list[Path]) -> ImportedSet:
    relevant = read_relevant(folder)
    articles = read_corpus(folder, prefix="mtrag:", outlet="MTRAG")
    known = {article["url"] for article in articles}
    questions: list[GoldQuestion] = []
    left_out: list[str] = []
    for record in (record for path in asked for record in read_records(path)):
        key = text_of(record, "_id")
        turns = [turn.strip() for turn in _TURN.split(text_of(record, "text")) if turn.strip()]
        gold = tuple(
            GoldQuote(url, grade=grade)
            for name, grade in relevant.get(key, {}).items()
            if (url := f"mtrag:{name}") in known
        )
        if not gold or not turns:
            left_out.append(f"{record.place}: no relevant passage in the corpus")
            continue
        questions.append(
            GoldQuestion(
                id=f"mtrag-{key.replace('<::>', '-')}",
                text=turns[-1],
                expect=Expectation(Status.ANSWERED),
                gold=gold,
                tags=("retrieval-only",),
                story=f"mtrag:{key.partition('<::>')[0]}",
                history=tuple(turns[:-1]),
            )
        )
    return ImportedSet(tuple(articles), tuple(questions), _CREDIT, tuple(left_out))

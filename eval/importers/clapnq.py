"""ClapNQ: one Wikipedia passage a question, with the sentences that people chose as evidence.

Published as JSON lines, the answerable and the unanswerable questions in files of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion, GoldQuote
from eval.importers.imported import ImportedSet, objects_of, text_of, texts_of
from eval.record_files import Record, read_records
from index.errors import UsageError

_CREDIT = (
    "Questions and evidence: ClapNQ by Sara Rosenthal and others (IBM Research), TACL 2025, "
    "https://github.com/primeqa/clapnq, Apache-2.0.\n"
    "The passages are from Wikipedia by way of Natural Questions, CC BY-SA 3.0."
)


def import_clapnq(source: Path) -> ImportedSet:
    """Read one file, or every `.jsonl` file of a folder.

    Each passage becomes an article at `clapnq:ID`. The answers are long, so they are kept as
    references and never matched; where people chose different sentences, each person's are a
    choice of their own. A question without an answer must be abstained from.

    Raises:
        UsageError: If nothing is found, or a record is not in the published shape.
    """
    articles: list[dict[str, Any]] = []
    questions: dict[str, GoldQuestion] = {}
    left_out: list[str] = []
    for path in _find(source):
        for record in read_records(path):
            identity = f"clapnq-{text_of(record, 'id')}"
            if identity in questions:
                left_out.append(f"{record.place}: id {identity} stands in the set twice")
                continue
            passages = _read_passages(record)
            articles += passages
            questions[identity] = _read_question(record, identity, passages)
    return ImportedSet(tuple(articles), tuple(questions.values()), _CREDIT, tuple(left_out))


def _find(source: Path) -> list[Path]:
    paths = [source] if source.is_file() else sorted(source.glob("*.jsonl"))
    if not paths:
        raise UsageError(f"{source} holds no .jsonl file. Name the file or folder of the set.")
    return paths


def _read_passages(record: Record) -> list[dict[str, Any]]:
    passages = objects_of(record, "passages")
    if not passages:
        raise UsageError(f"{record.place}: passages: one is needed. Is this really clapnq?")
    url = f"clapnq:{text_of(record, 'id')}"
    return [
        {
            "url": url if number == 0 else f"{url}/{number}",
            "title": text_of(passage, "title"),
            "outlet": "Wikipedia",
            "body": text_of(passage, "text"),
        }
        for number, passage in enumerate(passages)
    ]


def _read_question(record: Record, identity: str, passages: list[dict[str, Any]]) -> GoldQuestion:
    outputs = objects_of(record, "output")
    references = tuple(
        answer for output in outputs if (answer := str(output.fields.get("answer") or "").strip())
    )
    gold = _read_gold(outputs, passages)
    status = Status.ANSWERED if references or gold else Status.ABSTAINED
    return GoldQuestion(
        id=identity,
        text=text_of(record, "input"),
        expect=Expectation(status, references=references),
        gold=gold,
        tags=("answerable" if status is Status.ANSWERED else "unanswerable",),
        story=f"clapnq:{passages[0]['title']}",
        given=tuple(passage["url"] for passage in passages),
    )


def _read_gold(outputs: list[Record], passages: list[dict[str, Any]]) -> tuple[GoldQuote, ...]:
    choices = dict.fromkeys(
        tuple(sentences)
        for output in outputs
        if (sentences := texts_of(output, "selected_sentences"))
    )
    return tuple(
        GoldQuote(_url_of(sentence, passages), sentence, choice)
        for choice, sentences in enumerate(choices)
        for sentence in sentences
    )


def _url_of(sentence: str, passages: list[dict[str, Any]]) -> str:
    holders = [passage["url"] for passage in passages if sentence in passage["body"]]
    return str(holders[0] if holders else passages[0]["url"])

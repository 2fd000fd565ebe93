"""RealTime QA: weekly news quizzes, each question with the choices that were offered.

Published as `YYYYMMDD_qa.jsonl`, the pages that a web search found
beside it as `YYYYMMDD_gcs.jsonl`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion, GoldQuote
from eval.importers.imported import ImportedSet, objects_of, text_of, texts_of
from eval.record_files import Record, read_records
from index.errors import UsageError
from index.moment import Moment

_CREDIT = (
    "Questions and evidence: RealTime QA by Jungo Kasai and others, NeurIPS 2023, "
    "https://github.com/realtimeqa/realtimeqa_public.\n"
    "The quizzes and articles remain their publishers' (CNN, USA Today, The Week)."
)
_TAG = re.compile(r"<[^<>]*>")
_NONE = "none of the above"


def import_realtimeqa(source: Path) -> ImportedSet:
    """Read one `*_qa.jsonl` file, or every one of a folder and the folders in it.

    A question is asked as of its date; the right choice is its answer. The quiz's own evidence
    becomes an article at `realtimeqa:ID`, and so do the pages of `*_gcs.jsonl` at their URLs; a
    question with neither is left out. Files with "none of the above" (`*_qa_nota.jsonl`) ask the
    same questions again and are not read.

    Raises:
        UsageError: If nothing is found, or a record is not in the published shape.
    """
    articles: dict[str, dict[str, Any]] = {}
    questions: dict[str, GoldQuestion] = {}
    left_out: list[str] = []
    for path in _find(source):
        pages = _read_pages(path.with_name(path.name.replace("_qa.", "_gcs.")))
        for record in read_records(path):
            question = _read_question(record)
            own = _read_evidence(record)
            found = ([own] if own else []) + pages.get(text_of(record, "question_id"), [])
            if not found or question.id in questions:
                left_out.append(f"{record.place}: no evidence, or asked twice")
                continue
            articles |= {one["url"]: one for one in found if one["url"] not in articles}
            questions[question.id] = _with_gold(question, own, found)
    return ImportedSet(
        tuple(articles.values()), tuple(questions.values()), _CREDIT, tuple(left_out)
    )


def _find(source: Path) -> list[Path]:
    paths = [source] if source.is_file() else sorted(source.rglob("*_qa.jsonl"))
    if not paths:
        raise UsageError(f"{source} holds no *_qa.jsonl file. Name the file or folder of the set.")
    return paths


def _read_question(record: Record) -> GoldQuestion:
    choices, right = texts_of(record, "choices"), texts_of(record, "answer")
    try:
        answers = tuple(choices[int(place)] for place in right)
    except (ValueError, IndexError) as error:
        raise UsageError(f"{record.place}: answer: not the place of a choice.") from error
    if not answers or any(_NONE in answer.lower() for answer in answers):
        raise UsageError(f"{record.place}: answer: no right choice. Name the *_qa.jsonl file.")
    spellings = {"true": ("true", "yes"), "false": ("false", "no")}
    date = text_of(record, "question_date").replace("/", "-")
    return GoldQuestion(
        id=f"realtimeqa-{text_of(record, 'question_id')}",
        text=text_of(record, "question_sentence"),
        expect=Expectation(
            Status.ANSWERED,
            answers=tuple(spellings.get(answer.lower(), (answer,)) for answer in answers),
        ),
        tags=(str(record.fields.get("question_source") or "quiz").lower(),),
        story=f"realtimeqa:{text_of(record, 'question_id')}",
        as_of=_moment(date, record),
    )


def _moment(date: str, record: Record) -> Moment:
    try:
        return Moment.parse(date)
    except ValueError as error:
        raise UsageError(f"{record.place}: question_date: {date!r} is no date.") from error


def _read_evidence(record: Record) -> dict[str, Any] | None:
    marked = str(record.fields.get("evidence") or "")
    body = unescape(_TAG.sub("", marked)).strip()
    if not body:
        return None
    return {
        "url": f"realtimeqa:{text_of(record, 'question_id')}",
        "outlet": str(record.fields.get("question_source") or "RealTime QA"),
        "published_at": text_of(record, "question_date").replace("/", "-"),
        "body": body,
    }


def _read_pages(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The pages found for each question, by the question's id; none without the file."""
    if not path.is_file() or not path.name.endswith("_gcs.jsonl"):
        return {}
    return {
        text_of(record, "question_id"): list(_pages(objects_of(record, "search_result")))
        for record in read_records(path)
    }


def _pages(found: Iterable[Record]) -> Iterable[dict[str, Any]]:
    for page in found:
        url, body = str(page.fields.get("url") or ""), str(page.fields.get("text") or "").strip()
        if url and body:
            shown = {
                "url": url,
                "title": page.fields.get("title"),
                "outlet": urlsplit(url).netloc.removeprefix("www."),
                "published_at": str(page.fields.get("publish_date") or "").replace("/", "-"),
                "body": body,
            }
            yield {name: value for name, value in shown.items() if value}


def _with_gold(
    question: GoldQuestion, own: dict[str, Any] | None, found: list[dict[str, Any]]
) -> GoldQuestion:
    """The quiz's own evidence is gold; what a search found may or may not hold the answer."""
    gold = (GoldQuote(own["url"], own["body"]),) if own else ()
    return replace(question, gold=gold, given=tuple(one["url"] for one in found))

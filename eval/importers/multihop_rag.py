"""MultiHop-RAG: news articles, and questions whose answers take two to four of them.

Published as `corpus.json` and `MultiHopRAG.json`; slices of it as `*corpus.json` and
`*queries.json`. Every `fact` of the evidence is a verbatim piece of an article's body.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion, GoldQuote
from eval.importers.imported import ImportedSet, objects_of, text_of
from eval.record_files import Record, read_records
from index.errors import UsageError

_CREDIT = (
    "Questions and evidence: MultiHop-RAG by Yixuan Tang and Yi Yang, COLM 2024, "
    "https://github.com/yixuantt/MultiHop-RAG, ODC-BY 1.0.\n"
    "The text of the articles remains its publishers'."
)
_CORPUS_NAMES = ("corpus.json", "open_corpus.json")
_QUERY_NAMES = ("MultiHopRAG.json", "open_queries.json", "queries.json")


def import_multihop_rag(folder: Path) -> ImportedSet:
    """Read the corpus and the queries from one folder.

    Questions keep their type as a tag; a `null_query` must be abstained from. A question whose
    evidence is not in the corpus, as happens in slices, is left out and listed.

    Raises:
        UsageError: If a file is missing or not in the published shape.
    """
    articles, left_out = _read_articles(_find(folder, _CORPUS_NAMES))
    urls = {article["url"] for article in articles}
    questions: dict[str, GoldQuestion] = {}
    for record in read_records(_find(folder, _QUERY_NAMES)):
        question = _read_question(record)
        missing = sorted(question.gold_urls - urls)
        if missing:
            left_out.append(f"{record.place}: evidence outside the corpus: {missing[0]}")
        elif question.id in questions:
            left_out.append(f"{record.place}: asked twice")
        else:
            questions[question.id] = question
    return ImportedSet(
        tuple(articles), _with_stories(list(questions.values())), _CREDIT, tuple(left_out)
    )


def _find(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise UsageError(f"{folder} holds none of {', '.join(names)}. Name the folder of the set.")


def _read_articles(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    article_by_url: dict[str, dict[str, Any]] = {}
    left_out = []
    for record in read_records(path):
        url = text_of(record, "url")
        if url in article_by_url:
            left_out.append(f"{record.place}: {url} stands in the corpus twice")
            continue
        article = {
            "url": url,
            "title": record.fields.get("title"),
            "outlet": record.fields.get("source"),
            "author": record.fields.get("author"),
            "published_at": record.fields.get("published_at"),
            "section": record.fields.get("category"),
            "body": text_of(record, "body"),
        }
        article_by_url[url] = {name: value for name, value in article.items() if value}
    return list(article_by_url.values()), left_out


def _read_question(record: Record) -> GoldQuestion:
    text = text_of(record, "query")
    kind = text_of(record, "question_type").removesuffix("_query")
    if kind == "null":
        expect = Expectation(Status.ABSTAINED)
        gold: tuple[GoldQuote, ...] = ()
    else:
        expect = Expectation(Status.ANSWERED, answers=((text_of(record, "answer"),),))
        gold = tuple(
            GoldQuote(text_of(evidence, "url"), text_of(evidence, "fact"))
            for evidence in objects_of(record, "evidence_list")
        )
    # The set numbers its questions by place only, which changes with every slice of it.
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return GoldQuestion(f"multihop-rag-{digest}", text, expect, gold, tags=(kind,))


def _with_stories(questions: list[GoldQuestion]) -> tuple[GoldQuestion, ...]:
    """Name each question's story by the article of its evidence that most questions share."""
    uses = Counter(url for question in questions for url in question.gold_urls)
    return tuple(
        replace(question, story=max(question.gold_urls, key=lambda url: (uses[url], url)))
        if question.gold
        else question
        for question in questions
    )

"""Makes a reviewed opinion a case of a set, its evidence frozen beside it.

The set's own folder gets `NAME.articles.jsonl`: every article that the answer rested on, whole, in
the form that `dateline ingest` reads. A library made of that file answers the case years later,
whatever became of the archive that the question was asked of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.answer import Reason, Status
from eval.dataset import (
    Expectation,
    GoldQuestion,
    GoldQuote,
    load_questions,
    parse_question,
    render_question,
    save_questions,
)
from eval.inbox.pending import PendingCase
from eval.record_files import read_records, write_records
from index.article import Article
from index.errors import UsageError
from index.moment import Moment
from index.store.entry import StoredArticle


class Catalog(Protocol):
    """Where the articles are kept."""

    def article(self, article_id: str, version: str | None = None) -> StoredArticle | None:
        """One version of an article, the current one unless another is named."""
        ...


@dataclass(frozen=True, slots=True)
class Review:
    """What a reviewer found right. What is left out follows from what the reader said."""

    status: Status | None = None
    reason: Reason | None = None
    answers: tuple[tuple[str, ...], ...] = ()
    """What a right answer holds: every item, each in any of its spellings."""
    citations: tuple[int, ...] = ()
    """Numbers of the answer's citations that are right evidence."""
    quotes: tuple[str, ...] = ()
    """Other evidence: verbatim pieces of the articles that were found."""
    never: tuple[tuple[str, ...], ...] = ()
    tags: tuple[str, ...] = ()
    story: str = ""


@dataclass(frozen=True, slots=True)
class Promoted:
    """A case, and the articles that it needs."""

    question: GoldQuestion
    articles: tuple[Article, ...]


def build_case(pending: PendingCase, review: Review, catalog: Catalog) -> Promoted:
    """The case that a review makes of an opinion.

    Raises:
        UsageError: If the review does not say what is right, or names evidence that is not there.
    """
    articles = freeze_articles(pending, catalog)
    status = _status(pending, review)
    is_silent = status is Status.ABSTAINED
    gold = () if is_silent else tuple(_gold(pending, review, articles))
    if not is_silent and not (review.answers or review.never or gold):
        raise UsageError(
            f"What is a right answer to {pending.key}? Give --answer, --cite or --quote; "
            "or --status abstained."
        )
    expect = Expectation(
        status,
        reason=review.reason if is_silent else None,
        answers=() if is_silent else review.answers,
        never=() if is_silent else review.never,
    )
    question = GoldQuestion(
        id=pending.case_id,
        text=pending.question,
        expect=expect,
        gold=gold,
        tags=("feedback", pending.opinion, *review.tags),
        story=review.story or (gold[0].url if gold else pending.case_id),
        as_of=_as_of(pending, articles),
        history=pending.history,
        given=tuple(dict.fromkeys(article.url for article in articles)),
    )
    # As a set's file would have it: what cannot be loaded must not be promoted.
    return Promoted(parse_question(render_question(question), place=pending.key), articles)


def _as_of(pending: PendingCase, articles: Iterable[Article]) -> Moment | None:
    """The moment of asking; None where it would hide an undated article, as bounds do."""
    is_dated = all(article.published for article in articles)
    return Moment.of(pending.asked_as_of) if is_dated else None


def _status(pending: PendingCase, review: Review) -> Status:
    if review.status:
        return review.status
    if pending.calls_for_silence:
        return Status.ABSTAINED
    if pending.is_praise and pending.answer:
        return pending.answer.status
    return Status.ANSWERED


def freeze_articles(pending: PendingCase, catalog: Catalog) -> tuple[Article, ...]:
    """Every article that the answer cited or was near, in the version that it saw.

    Raises:
        UsageError: If the answer's articles were removed.
    """
    if pending.answer is None:
        raise UsageError(
            f"An article that the answer to {pending.key} cited was removed, and its text with it. "
            f"Run: dateline eval inbox dismiss {pending.key}"
        )
    seen = [(one.article_id, one.version) for one in pending.answer.citations]
    seen += [(one.article_id, one.version) for one in pending.answer.passages]
    stored = (catalog.article(*version) for version in dict.fromkeys(seen))
    return tuple(one.article for one in stored if one is not None)


def _gold(pending: PendingCase, review: Review, articles: Sequence[Article]) -> Iterable[GoldQuote]:
    numbers = review.citations
    if not numbers and not review.quotes and pending.is_praise and pending.answer:
        numbers = tuple(one.number for one in pending.answer.citations)
    for number in numbers:
        cited = pending.citation(number)
        yield GoldQuote(cited.url, cited.quote)
    for quote in review.quotes:
        holders = [article.url for article in articles if quote in article.body]
        if not holders:
            raise UsageError(
                f"“{quote[:60]}” is in none of the articles that were found for {pending.key}, "
                "letter by letter. Copy it from: dateline articles show ID"
            )
        yield GoldQuote(holders[0], quote)


def add_to_set(path: Path, promoted: Promoted) -> Path:
    """Add a case to a set, and its articles beside it; returns where the articles are.

    Raises:
        UsageError: If the set is no JSON lines, has the case already, or cannot be written.
    """
    if path.suffix.lower() not in {".jsonl", ".ndjson"}:
        raise UsageError(f"{path}: cases are promoted to JSON lines. Name a .jsonl file.")
    questions = load_questions(path) if path.exists() else []
    if any(one.id == promoted.question.id for one in questions):
        raise UsageError(f"{path} has {promoted.question.id} already. Dismiss the opinion.")
    beside = path.with_suffix(".articles.jsonl")
    kept = [record.fields for record in read_records(beside)] if beside.exists() else []
    lines = [*kept, *map(_render_article, promoted.articles)]
    # Articles first: a case is never there without its evidence.
    write_records(beside, _without_repeats(lines))
    save_questions(path, [*questions, promoted.question])
    return beside


def _without_repeats(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({tuple(sorted(line.items())): line for line in lines}.values())


def _render_article(article: Article) -> dict[str, Any]:
    shown = {
        "url": article.url,
        "title": article.title,
        "outlet": article.outlet,
        "author": article.byline,
        "published_at": article.published.isoformat() if article.published else None,
        "section": article.section,
        "language": article.language,
        "body": article.body,
    }
    return {name: value for name, value in shown.items() if value}

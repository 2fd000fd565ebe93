"""Whether a question set can be believed: its form, and its gold against the articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from eval.dataset import GoldQuestion, GoldQuote, parse_question
from eval.documents import document_key
from eval.metrics.matching import holds
from eval.record_files import read_records
from index.errors import UsageError
from index.store.entry import StoredArticle


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a set, or looks wrong."""

    where: str
    """The id of the question, or its place in the file where it cannot be read."""
    what: str
    is_doubt: bool = False
    """True for what may be right and should be looked at."""


class Articles(Protocol):
    """The articles that the questions are about."""

    def versions(self, url: str) -> tuple[StoredArticle, ...]:
        """Every version of an article, oldest first; none if it is not there."""
        ...


def read_for_check(path: Path) -> tuple[list[GoldQuestion], list[Fault]]:
    """Every question that can be read, and a fault for each that cannot.

    Raises:
        UsageError: If the file as a whole cannot be read.
    """
    questions: list[GoldQuestion] = []
    faults: list[Fault] = []
    for record in read_records(path):
        try:
            questions.append(parse_question(record.fields, place=record.place))
        except UsageError as error:
            faults.append(Fault(record.place, str(error).removeprefix(f"{record.place}: ")))
    return questions, faults


def check_form(questions: Iterable[GoldQuestion]) -> Iterator[Fault]:
    """What can be told without the articles: ids, repeats, tags and stories."""
    ids: set[str] = set()
    id_by_asked: dict[tuple[object, ...], str] = {}
    for one in questions:
        if one.id in ids:
            yield Fault(one.id, "the id stands in the set twice")
        ids.add(one.id)
        scope = (one.as_of, one.since, one.until, one.outlet, one.history, one.given, one.without)
        asked = (" ".join(one.text.casefold().split()), *scope)
        if asked in id_by_asked:
            yield Fault(one.id, f"asks the same as {id_by_asked[asked]}")
        id_by_asked.setdefault(asked, one.id)
        if one.expect.must_abstain and one.gold:
            yield Fault(one.id, "must be abstained from, yet has gold")
        if not one.tags:
            yield Fault(one.id, "has no tags, so no table shows it apart", is_doubt=True)
        if not one.story:
            yield Fault(one.id, "has no story: it counts as one of its own", is_doubt=True)


def check_gold(questions: Iterable[GoldQuestion], articles: Articles) -> Iterator[Fault]:
    """What needs the articles: that gold is there, verbatim, and known at the moment of asking."""
    for question in questions:
        for gold in question.gold:
            yield from _check_quote(question, gold, articles.versions(gold.url))
        for url in question.given:
            if not articles.versions(url):
                yield Fault(question.id, f"given: no article at {url}")
        yield from _check_answers(question, articles)


def _check_quote(
    question: GoldQuestion, gold: GoldQuote, versions: tuple[StoredArticle, ...]
) -> Iterator[Fault]:
    shown = f"“{gold.quote[:60]}”"
    holding = [one for one in versions if gold.quote in one.article.body]
    if not versions:
        yield Fault(question.id, f"gold: no article at {gold.url}")
    elif not holding:
        yield Fault(question.id, f"gold: {shown} is not in {gold.url}, letter by letter")
    elif not any(_is_known(one, question) for one in holding):
        yield Fault(question.id, f"gold: {shown} is not to be seen under the question's bounds")


def _is_known(stored: StoredArticle, question: GoldQuestion) -> bool:
    asked = question.to_question()
    published = stored.article.published
    if asked.as_of and (stored.visible_from is None or stored.visible_from > asked.as_of):
        return False
    if asked.since and (published is None or published.end < asked.since):
        return False
    return not (asked.until and (published is None or published.start > asked.until))


def _check_answers(question: GoldQuestion, articles: Articles) -> Iterator[Fault]:
    """Doubts whether the gold tells what is expected; a reckoned date need not stand in it."""
    urls = dict.fromkeys(document_key(gold.url) for gold in question.gold)
    texts = [one.article.body for url in urls for one in articles.versions(url)]
    if not texts or question.expect.by_source:
        return
    for spellings in question.expect.answers:
        wanted = [one for one in spellings if one.casefold() not in {"yes", "no"}]
        if wanted and not any(holds(text, one) for text in texts for one in wanted):
            yield Fault(question.id, f"answer {wanted[0]!r} is not in the gold's articles", True)

"""Measures search alone: are the gold facts and documents among the passages shown?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from eval.dataset import GoldQuestion, GoldQuote
from eval.documents import document_key
from eval.metrics.intervals import Estimate, estimate_mean
from eval.metrics.retrieval import (
    all_found_at,
    fact_recall_at,
    fact_recall_in_words,
    facts_carried,
    hit_at,
    ndcg_at,
    recall_at,
    reciprocal_rank,
)

WORDS_SHOWN = 2_000
"""The budget of the fair comparison: ten whole articles would hold nearly every fact."""


class Search(Protocol):
    """Finds passages for one question."""

    def __call__(self, question: GoldQuestion, limit: int) -> Sequence[Mapping[str, Any]]:
        """The contract's passage objects, best first; `url` and `text` are read."""
        ...


@dataclass(frozen=True, slots=True)
class RetrievalScore:
    """The figures of one question."""

    id: str
    tags: tuple[str, ...]
    cluster: str
    figures: dict[str, float]


def score_passages(
    question: GoldQuestion, passages: Sequence[Mapping[str, Any]]
) -> RetrievalScore | None:
    """Score the passages found for a question; None if it has no gold: it is skipped.

    Where evidence can be chosen in several ways, each figure is that of the best way.
    """
    if not question.gold:
        return None
    texts = [str(passage["text"]) for passage in passages]
    ranked = [document_key(str(passage["url"])) for passage in passages]
    by_choice = [_score_choice(choice, texts, ranked) for choice in question.choices]
    names = set.intersection(*(set(figures) for figures in by_choice))
    figures = {
        name: max(figures[name] for figures in by_choice) for name in by_choice[0] if name in names
    }
    return RetrievalScore(question.id, question.tags, question.cluster, figures)


def _score_choice(
    choice: Sequence[GoldQuote], texts: Sequence[str], ranked: Sequence[str]
) -> dict[str, float]:
    grades: dict[str, int] = {}
    for one in choice:
        key = document_key(one.url)
        grades[key] = max(one.grade, grades.get(key, 0))
    gold = frozenset(grades)
    return _score_facts(choice, texts) | {
        "document_recall_at_10": recall_at(ranked, gold, 10),
        "all_documents_at_10": all_found_at(ranked, gold, 10),
        "document_hit_at_1": hit_at(ranked, gold, 1),
        "mrr_at_10": reciprocal_rank(ranked, gold, 10),
        "ndcg_at_10": ndcg_at(ranked, grades, 10),
    }


def _score_facts(choice: Sequence[GoldQuote], texts: Sequence[str]) -> dict[str, float]:
    facts = frozenset(gold.quote for gold in choice if gold.quote)
    if not facts:  # the set only names articles
        return {}
    return {
        f"fact_recall_in_{WORDS_SHOWN}_words": fact_recall_in_words(texts, facts, WORDS_SHOWN),
        "fact_recall_at_4": fact_recall_at(texts, facts, 4),
        "fact_recall_at_10": fact_recall_at(texts, facts, 10),
        "fact_hit_at_10": float(bool(facts_carried(texts[:10], facts))),
    }


def measure_search(
    questions: Sequence[GoldQuestion],
    search: Search,
    *,
    limit: int,
    on_question: Callable[[GoldQuestion], None] = lambda _: None,
) -> list[RetrievalScore]:
    """Search for every question that has gold, and score what is found.

    Args:
        questions: The set.
        search: What is measured.
        limit: Passages to ask for; enough to fill `WORDS_SHOWN` words.
        on_question: Called after each question, in this thread.
    """
    scores = []
    for question in questions:
        if question.gold:
            score = score_passages(question, search(question, limit))
            scores += [score] if score else []
        on_question(question)
    return scores


def summarise_retrieval(scores: Sequence[RetrievalScore]) -> dict[str, Estimate]:
    """The mean of each figure over questions, by its name; empty without scores."""
    names = dict.fromkeys(name for score in scores for name in score.figures)
    estimates = {}
    for name in names:
        having = [score for score in scores if name in score.figures]
        estimates[name] = estimate_mean(
            [score.figures[name] for score in having], [score.cluster for score in having]
        )
    return {name: estimate for name, estimate in estimates.items() if estimate}

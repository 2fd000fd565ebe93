"""Which figures a report shows, in which order, and which way each is better."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.metrics.intervals import Estimate, estimate_mean, estimate_mean_of_means
from eval.record import CaseRecord

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Answers": (
        "accuracy", "answer_accuracy", "status_accuracy", "exact_match", "alias_match",
        "run_match", "token_f1",
    ),
    "Abstention": ("balanced_accuracy", "false_answers", "false_abstentions"),
    "Several answers": (
        "list_status", "list_items", "conflict_status", "conflict_sides", "silent_picks",
        "false_alarms",
    ),
    "Citations": (
        "exact_quotes", "valid_citations", "supported_by_cited", "supported_somewhere",
        "document_precision", "document_recall", "document_f1", "document_f1_answered",
        "sentence_precision", "sentence_recall", "sentence_f1", "sentence_f1_answered",
    ),
    "Retrieval": (
        "fact_recall_at_10", "document_recall_at_10", "all_documents_at_10", "document_hit_at_1",
        "mrr_at_10", "ndcg_at_10",
    ),
}  # fmt: skip
HEADLINE = (
    "accuracy", "balanced_accuracy", "false_answers", "false_abstentions", "document_f1",
    "supported_by_cited", "exact_quotes",
)  # fmt: skip
"""What is shown of every tag, and on top of a page."""
LOWER_IS_BETTER = frozenset({"false_answers", "false_abstentions", "silent_picks", "false_alarms"})
_BALANCED = "balanced_accuracy"


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of the cases that share a tag."""

    name: str
    cases: int
    failed: int
    figures: dict[str, Estimate]


def group_figures(name: str, records: Sequence[CaseRecord], wanted: Iterable[str]) -> Group:
    """The mean of each wanted figure that applies to any of the cases, from the recorded scores."""
    figures = {}
    for figure in wanted:
        estimate = _balanced(records) if figure == _BALANCED else _mean(records, figure)
        if estimate:
            figures[figure] = estimate
    return Group(name, len(records), sum(one.failed for one in records), figures)


def tags_of(records: Iterable[CaseRecord]) -> list[str]:
    """Every tag, in order of first use."""
    return list(dict.fromkeys(tag for one in records for tag in one.question.tags))


def _mean(records: Sequence[CaseRecord], figure: str) -> Estimate | None:
    having = [one for one in records if figure in one.scores]
    return estimate_mean(
        [one.scores[figure] for one in having], [one.question.cluster for one in having]
    )


def _balanced(records: Sequence[CaseRecord]) -> Estimate | None:
    sides = [
        [one for one in records if figure in one.scores]
        for figure in ("false_answers", "false_abstentions")
    ]
    values = [
        [1.0 - one.scores[figure] for one in side]
        for side, figure in zip(sides, ("false_answers", "false_abstentions"), strict=True)
    ]
    return estimate_mean_of_means(
        values, [[one.question.cluster for one in side] for side in sides]
    )

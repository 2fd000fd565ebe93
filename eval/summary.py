"""From the scores of cases to figures, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bot.answer import Status
from eval.metrics.abstention import RiskPoint, area_under_risk_coverage, risk_coverage
from eval.metrics.citations import Agreement
from eval.metrics.intervals import Estimate, estimate_mean, estimate_mean_of_means
from eval.metrics.support import SentenceSupport
from eval.runner import Score
from eval.scoring import SEVERAL, Bodies, CaseScore, score_case

EVERYTHING = "all"
"""The name of the group that holds every case."""


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """The figures of the cases that share a tag."""

    name: str
    """The tag, or `EVERYTHING`."""
    cases: int
    failed: int
    figures: dict[str, Estimate] = field(default_factory=dict)
    """By the names in `FIGURES`; a figure that applies to none of the cases is left out."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The figures of a run."""

    groups: tuple[GroupSummary, ...]
    """Everything first, then each tag in order of first use."""
    risk_curve: tuple[RiskPoint, ...]
    risk_area: float | None
    """Area under the risk-coverage curve; None if some answer has no confidence, or the set cannot
    tell whether it is right."""
    exact_quotes: int
    checked_quotes: int
    unknown_quotes: int
    """Quotes whose article could not be looked up."""


_Read = Callable[[CaseScore], float | bool | None]


def _documents(read: Callable[[Agreement], float]) -> _Read:
    return lambda score: None if score.documents is None else read(score.documents)


def _sentences(read: Callable[[Agreement], float]) -> _Read:
    return lambda score: None if score.sentences is None else read(score.sentences)


def _of_expected(status: Status, read: _Read) -> _Read:
    return lambda score: read(score) if score.expected is status else None


def _support(read: Callable[[SentenceSupport], int | None]) -> _Read:
    def read_share(score: CaseScore) -> float | None:
        count = read(score.support) if score.support else None
        return None if score.support is None or count is None else count / score.support.sentences

    return read_share


def _found(name: str) -> _Read:
    return lambda score: score.retrieval.get(name)


def _shows_unsupported(score: CaseScore) -> bool:
    """Whether anything is shown that its own citations do not bear out; silence shows nothing."""
    support = score.support
    return bool(score.error) or bool(support and support.by_cited < support.sentences)


def _mean(marks: Sequence[bool]) -> float | None:
    return sum(marks) / len(marks) if marks else None


def _of_answered(read: _Read) -> _Read:
    return lambda score: None if score.abstained else read(score)


FIGURES: dict[str, _Read] = {
    "accuracy": lambda score: score.is_right,
    "answer_accuracy": lambda score: None if score.must_abstain else score.is_right,
    "status_accuracy": lambda score: score.status_is_right,
    "false_answers": lambda score: not score.abstained if score.must_abstain else None,
    "false_abstentions": lambda score: (
        None if score.must_abstain or score.may_abstain else score.abstained
    ),
    "exact_match": lambda score: score.exact,
    "alias_match": lambda score: score.alias,
    "run_match": lambda score: score.run,
    "token_f1": lambda score: score.f1,
    "list_status": _of_expected(Status.AMBIGUOUS, lambda score: score.status is Status.AMBIGUOUS),
    "list_items": _of_expected(Status.AMBIGUOUS, lambda score: score.items),
    "conflict_status": _of_expected(
        Status.CONFLICTING, lambda score: score.status is Status.CONFLICTING
    ),
    "conflict_sides": _of_expected(Status.CONFLICTING, lambda score: score.items),
    "silent_picks": lambda score: score.silent_pick,
    "false_alarms": _of_expected(Status.ANSWERED, lambda score: score.status in SEVERAL),
    "document_precision": _of_answered(_documents(lambda cited: cited.precision)),
    "document_recall": _documents(lambda cited: cited.recall),
    "document_f1": _documents(lambda cited: cited.f1),
    "document_f1_answered": _of_answered(_documents(lambda cited: cited.f1)),
    "sentence_precision": _of_answered(_sentences(lambda cited: cited.precision)),
    "sentence_recall": _sentences(lambda cited: cited.recall),
    "sentence_f1": _sentences(lambda cited: cited.f1),
    "sentence_f1_answered": _of_answered(_sentences(lambda cited: cited.f1)),
    "valid_citations": lambda score: score.valid_citations,
    "exact_quotes": lambda score: _mean(score.exact_quotes),
    "supported_by_cited": _support(lambda support: support.by_cited),
    "unsupported_answers": _shows_unsupported,
    "supported_somewhere": _support(lambda support: support.somewhere),
    "fact_recall_at_4": _found("fact_recall_at_4"),
    "fact_recall_at_10": _found("fact_recall_at_10"),
    "document_recall_at_10": _found("document_recall_at_10"),
    "all_documents_at_10": _found("all_documents_at_10"),
    "document_hit_at_1": _found("document_hit_at_1"),
    "mrr_at_10": _found("mrr_at_10"),
    "ndcg_at_10": _found("ndcg_at_10"),
}
"""What is read off each case. Precision is a mean over answers given, for silence points at
nothing; recall and F1 are means over every question with evidence, silence counting 0, unless
their name ends in `answered`."""
OF_PASSAGES = frozenset(
    {
        "supported_somewhere", "fact_recall_at_4", "fact_recall_at_10", "document_recall_at_10",
        "all_documents_at_10", "document_hit_at_1", "mrr_at_10", "ndcg_at_10",
    }
)  # fmt: skip
"""Those that need the passages that were found, which a baseline does not keep."""
BALANCED = "balanced_accuracy"
"""1 - mean of the rates of false answers and false abstentions."""


def read_figures(score: CaseScore) -> dict[str, float]:
    """Every figure that applies to one case; a yes is 1.0, a no 0.0."""
    values = {figure: read(score) for figure, read in FIGURES.items()}
    return {figure: float(value) for figure, value in values.items() if value is not None}


def scores_by(bodies: Bodies | None) -> Score:
    """Scores outcomes by name, their quotes checked against `bodies`."""
    return lambda question, outcome: read_figures(score_case(question, outcome, bodies))


def summarise(scores: Sequence[CaseScore]) -> RunSummary:
    """Figures over everything and for each tag."""
    tags = dict.fromkeys(tag for score in scores for tag in score.tags)
    groups = [_summarise_group(EVERYTHING, scores)]
    groups += [
        _summarise_group(tag, [score for score in scores if tag in score.tags]) for tag in tags
    ]
    confidences, right = _judged_answers(scores)
    return RunSummary(
        groups=tuple(groups),
        risk_curve=tuple(risk_coverage(confidences, right, questions=len(scores))),
        risk_area=area_under_risk_coverage(confidences, right),
        exact_quotes=sum(sum(score.exact_quotes) for score in scores),
        checked_quotes=sum(len(score.exact_quotes) for score in scores),
        unknown_quotes=sum(score.unknown_quotes for score in scores),
    )


def _judged_answers(scores: Sequence[CaseScore]) -> tuple[list[float], list[bool]]:
    """Confidence and rightness of each answer given; nothing unless both are known of all.

    A set without short answers can only tell that an answer is wrong, never that it is right: a
    curve over what it can tell would show nothing but errors.
    """
    answers = [score for score in scores if not score.abstained and score.error is None]
    known = [
        (score.confidence, score.is_right)
        for score in answers
        if score.confidence is not None and score.is_right is not None
    ]
    if len(known) < len(answers):
        return [], []
    return [confidence for confidence, _ in known], [is_right for _, is_right in known]


def _summarise_group(name: str, scores: Sequence[CaseScore]) -> GroupSummary:
    figures = {figure: _estimate(scores, read) for figure, read in FIGURES.items()}
    figures[BALANCED] = _estimate_balanced(scores)
    return GroupSummary(
        name=name,
        cases=len(scores),
        failed=sum(score.error is not None for score in scores),
        figures={figure: estimate for figure, estimate in figures.items() if estimate},
    )


def _estimate(scores: Iterable[CaseScore], read: _Read) -> Estimate | None:
    read_off = [(value, score.cluster) for score in scores if (value := read(score)) is not None]
    return estimate_mean(
        [float(value) for value, _ in read_off], [cluster for _, cluster in read_off]
    )


def _estimate_balanced(scores: Sequence[CaseScore]) -> Estimate | None:
    sides = [
        [score for score in scores if score.must_abstain],
        [score for score in scores if not score.must_abstain and not score.may_abstain],
    ]
    return estimate_mean_of_means(
        [[float(score.abstained is score.must_abstain) for score in side] for side in sides],
        [[score.cluster for score in side] for side in sides],
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    # Rounded first, or 0.95 · 20 might come out a hair above 19 and take the 20th.
    return ranked[max(0, math.ceil(round(share * len(ranked), 9)) - 1)] if ranked else None

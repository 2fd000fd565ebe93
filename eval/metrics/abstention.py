"""Whether the bot keeps silent when it should, and only then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class AbstentionErrors:
    """Both ways to be wrong about answering at all."""

    false_answers: float | None
    """Share answered of the questions that must be abstained from; None if there are none."""
    false_abstentions: float | None
    """Share abstained from of the questions that have an answer; None if there are none."""

    @property
    def balanced(self) -> float | None:
        """Mean of the two rates, whatever the mix of questions; None if one is not known."""
        if self.false_answers is None or self.false_abstentions is None:
            return None
        return (self.false_answers + self.false_abstentions) / 2

    @property
    def balanced_accuracy(self) -> float | None:
        """1 - balanced error; silence always, or never, scores 0.5."""
        return None if self.balanced is None else 1.0 - self.balanced


def abstention_errors(must_abstain: Sequence[bool], abstained: Sequence[bool]) -> AbstentionErrors:
    """Error rates over cases; the two sequences run in parallel.

    Raises:
        ValueError: If their lengths differ.
    """
    pairs = list(zip(must_abstain, abstained, strict=True))
    return AbstentionErrors(
        false_answers=_share([not silent for must, silent in pairs if must]),
        false_abstentions=_share([silent for must, silent in pairs if not must]),
    )


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """What happens if only answers of at least some confidence are shown."""

    threshold: float
    coverage: float
    """Share of all questions that are then answered, 0 to 1."""
    risk: float
    """Share of those answers that are wrong."""


def risk_coverage(
    confidences: Sequence[float], right: Sequence[bool], *, questions: int
) -> list[RiskPoint]:
    """The risk-coverage curve (El-Yaniv and Wiener 2010), highest threshold first.

    Args:
        confidences: Of the answers that were given; abstentions are not among them.
        right: For each, whether it is right. An answer where none was due is wrong.
        questions: How many were asked, abstentions included.

    Raises:
        ValueError: If the lengths differ, or there are more answers than questions.
    """
    _check_counts(confidences, right, questions)
    points: list[RiskPoint] = []
    shown = wrong = 0
    for confidence, group in _by_confidence(confidences, right):
        shown += len(group)
        wrong += group.count(False)
        points.append(RiskPoint(confidence, shown / questions, wrong / shown))
    return points


def area_under_risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """AURC (Geifman and El-Yaniv 2017): the mean risk over the n ways to show the best k answers.

    AURC = 1/n · Σ_{k=1..n} wrong(k) / k, where wrong(k) counts the wrong ones among the k most
    confident. Answers of equal confidence are spread evenly over their ranks, so that the order
    of a file changes nothing. 0 is perfect; None if nothing was answered.

    Raises:
        ValueError: If the lengths differ.
    """
    _check_counts(confidences, right, len(right))
    total = shown = 0
    wrong = area = 0.0
    for _, group in _by_confidence(confidences, right):
        share = group.count(False) / len(group)
        for _ in group:
            shown += 1
            wrong += share
            area += wrong / shown
        total = shown
    return area / total if total else None


def _by_confidence(
    confidences: Sequence[float], right: Sequence[bool]
) -> list[tuple[float, list[bool]]]:
    ranked = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    return [
        (confidence, [is_right for _, is_right in pairs])
        for confidence, pairs in groupby(ranked, key=lambda pair: pair[0])
    ]


def _check_counts(confidences: Sequence[float], right: Sequence[bool], questions: int) -> None:
    if len(confidences) != len(right) or len(right) > questions:
        raise ValueError(
            f"{len(confidences)} confidences, {len(right)} answers, {questions} questions"
        )
    if any(math.isnan(confidence) for confidence in confidences):
        raise ValueError("a confidence is not a number")


def _share(marks: Sequence[bool]) -> float | None:
    return sum(marks) / len(marks) if marks else None

"""Whether a question with several right answers is answered with all of them."""

from __future__ import annotations

from collections.abc import Sequence

from eval.metrics.matching import holds


def items_held(text: str, answers: Sequence[Sequence[str]]) -> float:
    """Share of the expected items that the text holds, each in any of its spellings.

    |items held| / |items|; the rule of `holds`.

    Raises:
        ValueError: If `answers` is empty.
    """
    if not answers:
        raise ValueError("no answer to compare with: such a question is not scored by its text")
    return sum(any(holds(text, one) for one in spellings) for spellings in answers) / len(answers)


def is_silent_pick(text: str, answers: Sequence[Sequence[str]], *, told_apart: bool) -> bool:
    """True if one of several right answers is given as if it were the only one.

    Args:
        text: The answer.
        answers: The expected items, of which several are due.
        told_apart: Whether the answer says that there are several, or that reports disagree.
    """
    return not told_apart and 0.0 < items_held(text, answers) < 1.0

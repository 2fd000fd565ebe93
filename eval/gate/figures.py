"""The figures that decide, and which way is up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of `eval.summary.FIGURES`."""

    name: str
    is_yes_or_no: bool
    more_is_better: bool = True


# Few, since each further one makes every other harder to pass (Holm): one for what is right, one
# for silence where it is due, one for how it is told, and for evidence and search one each way.
GATED = (
    Figure("accuracy", is_yes_or_no=True),
    Figure("status_accuracy", is_yes_or_no=True),
    Figure("false_answers", is_yes_or_no=True, more_is_better=False),
    # Over every case: a mean over answers says nothing of answers that should not have been given.
    Figure("unsupported_answers", is_yes_or_no=True, more_is_better=False),
    Figure("document_f1", is_yes_or_no=False),
    Figure("sentence_f1", is_yes_or_no=False),
    # Among the first four: in a small archive every ranking finds everything among the first ten.
    Figure("fact_recall_at_4", is_yes_or_no=False),
)

"""An old run under today's metrics: nothing is asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eval.dataset import GoldQuestion, digest_questions
from eval.provenance import digest_scoring
from eval.record import CaseRecord
from eval.run_file import Run, RunFile
from eval.runner import Score
from eval.summary import OF_PASSAGES


def save_rescored(run: Run, questions: Sequence[GoldQuestion], score: Score, path: Path) -> None:
    """Write a run anew, its answers held against `questions` as they are now.

    Cases that the set has no more are left out. What the file does not hold cannot be measured
    anew, and stays as it was: passages in a baseline, bodies where no library is at hand.

    Raises:
        UsageError: If the file cannot be written, or holds something else than a run.
    """
    question_by_id = {question.id: question for question in questions}
    config = run.config | {
        "questions": digest_questions(questions),
        "scoring code": digest_scoring(),
    }
    with RunFile(path, config, run.about, fresh=True) as run_file:
        for record in run.records:
            question = question_by_id.get(record.outcome.id)
            if question:
                scores = {**_carry_over(record, question), **score(question, record.outcome)}
                run_file.append(replace(record, question=question, scores=scores))
        if run.notes:
            run_file.end(run.notes)


def _carry_over(record: CaseRecord, question: GoldQuestion) -> dict[str, float]:
    """The recorded scores that stand where today's metrics give none for want of text."""
    answer = record.outcome.answer
    if answer is None:
        return {}
    names = {"exact_quotes"}
    # Held against other evidence than now, they would say nothing.
    if "passages" not in answer and record.question.choices == question.choices:
        names |= OF_PASSAGES
    return {name: value for name, value in record.scores.items() if name in names}

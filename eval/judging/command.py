"""`dateline eval judge`: a language model's second opinion, with its agreement beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import OK, PARTLY_DONE
from bot.cli.options import CommonOptions, takes
from index.errors import UsageError

if TYPE_CHECKING:
    from eval.judging.agreement import Agreement
    from eval.judging.grader import Graded
    from eval.metrics.intervals import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOptions(CommonOptions):
    """Which run, by whom, against whose labels."""

    run_file: Annotated[
        Path, typer.Argument(metavar="RUN", help="The file that `dateline eval run` wrote.")
    ]
    model: Annotated[
        str, typer.Option("--model", metavar="NAME", help="The judge; name a dated version.")
    ]
    labels: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help='People\'s: lines of {"id", "label": "right"|"wrong"}.'),
    ] = None
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Keep every grade here.")
    ] = None


@takes(JudgeOptions)
def judge(options: JudgeOptions) -> int:
    """Let a language model grade a run's answers; its agreement with people and rules is told."""
    from bot.writer.llm import load_chat_model
    from bot.writer.settings import LlmSettings
    from eval.judging.agreement import by_case, compare, load_labels, rule_grades
    from eval.judging.grader import Grade, Grader
    from eval.metrics.intervals import estimate_mean
    from eval.record_files import write_records
    from eval.run_file import read_run
    from eval.show import open_progress

    llm = LlmSettings.from_env(os.environ, model=options.model)
    if llm is None:
        raise UsageError("No model can be asked. Set OPENAI_API_KEY or DATELINE_LLM_BASE_URL.")
    records = read_run(options.run_file).first_records
    labels = load_labels(options.labels) if options.labels else {}
    with closing(load_chat_model(llm)) as chat, open_progress() as progress:
        grader = Grader(chat)
        steps = progress.track(records, description="judging")
        graded = [one for record in steps if (one := grader.grade(record))]
        described = grader.describe()
    if options.out:
        write_records(options.out, [described, *map(asdict, graded)])
    grades = by_case(graded)
    story = {record.question.id: record.question.cluster for record in records}
    share = estimate_mean(
        [float(grade is Grade.RIGHT) for grade in grades.values()],
        [story[name] for name in grades],
    )
    agreements = [compare("judge and rules", grades, rule_grades(records))]
    if labels:
        agreements.insert(0, compare("judge and people", grades, labels))
        agreements.append(compare("rules and people", rule_grades(records), labels))
    _show(options, described, graded, share, agreements)
    return OK if len(grades) == len(graded) else PARTLY_DONE


def _show(
    options: JudgeOptions,
    described: dict[str, str],
    graded: Sequence[Graded],
    share: Estimate | None,
    agreements: Sequence[Agreement],
) -> None:
    ungraded = [one for one in graded if one.grade is None]
    if options.as_json:
        write_json(
            {
                "judge": described,
                "graded": len(graded) - len(ungraded),
                "ungraded": len(ungraded),
                "right": asdict(share) if share else None,
                "agreement": [asdict(one) for one in agreements],
            }
        )
        return
    console = open_console(sys.stdout)
    if share:
        bounds = f" ({share.low:.3f}–{share.high:.3f})" if share.low is not None else ""
        console.print(f"Right: {share.value:.3f}{bounds} of {share.cases:,} graded answers.")
    for one in agreements:
        kappa = "not defined" if one.kappa is None else f"{one.kappa:.2f}"
        console.print(f"{one.raters}: {one.agreed} of {one.cases} agree, kappa {kappa}.")
    if not options.labels:
        write_note("A judge that nobody has checked proves little: give --labels.")
    if ungraded:
        write_note(f"Ungraded: {len(ungraded):,}; the first, {ungraded[0].id}: {ungraded[0].said}")

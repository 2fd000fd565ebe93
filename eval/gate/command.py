"""`dateline eval gate`, `compare`, `bless` and `simulate`: is a run worse, and is that chance?"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import OK
from bot.cli.options import CommonOptions, takes
from eval.show import open_progress
from index.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from eval.gate.comparison import Rules
    from eval.gate.simulation import Trial
    from eval.gate.verdict import Verdict
    from eval.run_file import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOptions(CommonOptions):
    """When a change counts."""

    level: Annotated[
        float,
        typer.Option(min=0.0001, max=0.5, metavar="P", help="Chance of any false alarm."),
    ] = 0.05
    least_drop: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, metavar="X", help="A smaller drop of a mean is none."),
    ] = 0.01
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the result as Markdown.")
    ] = None

    def rules(self) -> Rules:
        """The rules that were chosen."""
        from eval.gate.comparison import Rules

        return Rules(level=self.level, least_drop=self.least_drop)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOptions(RuleOptions):
    """Which run, and what it is held against."""

    run_file: Annotated[
        Path, typer.Argument(metavar="RUN", help="The file that `dateline eval run` wrote.")
    ]
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Else the blessed run of the set in eval/baselines."),
    ] = None
    floors: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The absolute floors; else eval/floors.json, where there is one."
        ),
    ] = None


@takes(GateOptions)
def gate(options: GateOptions) -> int:
    """Hold a run against the blessed baseline, case by case, and against the floors.

    Exits with 0 for a pass, 6 for a regression, 7 where the two cannot be compared.
    """
    from eval.gate.baseline import baseline_path
    from eval.gate.floors import FLOORS
    from eval.gate.verdict import judge
    from eval.run_file import read_run

    run = read_run(options.run_file)
    path = options.baseline or baseline_path(run.config.get("set", ""))
    if options.baseline and not path.exists():
        raise UsageError(f"There is no baseline {path}. Make one: dateline eval bless RUN")
    baseline = read_run(path) if path.exists() else None
    floors = options.floors or (FLOORS if FLOORS.exists() else None)
    verdict = judge(run, baseline, floors_file=floors, rules=options.rules())
    return _show(options, verdict, run, baseline)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions(RuleOptions):
    """Two runs."""

    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A run, or a baseline.")]
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="The run that may be worse.")]


@takes(CompareOptions)
def compare(options: CompareOptions) -> int:
    """Compare two runs case by case, without floors.

    Exits with 0 for a pass, 6 for a regression, 7 where the two cannot be compared.
    """
    from eval.gate.verdict import judge
    from eval.run_file import read_run

    before, after = read_run(options.before), read_run(options.after)
    verdict = judge(after, before, floors_file=None, rules=options.rules())
    return _show(options, verdict, after, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlessOptions(CommonOptions):
    """Which run."""

    run_file: Annotated[
        Path, typer.Argument(metavar="RUN", help="The file that `dateline eval run` wrote.")
    ]
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Else the set's place in eval/baselines."),
    ] = None
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why the baseline moves; it is kept.")
    ] = None


@takes(BlessOptions)
def bless(options: BlessOptions) -> int:
    """Make a run the baseline that later ones are held against; commit the file."""
    from eval.gate.baseline import baseline_path
    from eval.gate.baseline import bless as write_baseline
    from eval.run_file import read_run

    run = read_run(options.run_file)
    path = options.out or baseline_path(run.config.get("set", "set"))
    write_baseline(run, path, reason=options.reason)
    if options.as_json:
        write_json({"baseline": str(path), "cases": len(run.record_by_key)})
    else:
        open_console(sys.stdout).print(f"{len(run.record_by_key):,} cases in {path}. Commit it.")
    if run.about.get("commit", "").endswith("+"):
        write_note("It was made with changes that are not committed.")
    return OK


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateOptions(CommonOptions):
    """What to simulate."""

    pairs: Annotated[int, typer.Option(min=10, metavar="N", help="Pairs of runs for each row.")] = (
        1_000
    )
    cases: Annotated[int, typer.Option(min=10, max=5_000, metavar="N", help="Cases of a run.")] = (
        200
    )
    drops: Annotated[
        list[float] | None,
        typer.Option(
            "--drop", min=0.0, max=0.5, metavar="X", help="True drop of accuracy; repeatable."
        ),
    ] = None


@takes(SimulateOptions)
def simulate(options: SimulateOptions) -> int:
    """Check the gate by pairs of made-up runs, of which it is known whether one is worse."""
    from eval.gate.simulation import Scenario
    from eval.gate.simulation import simulate as run_trial

    drops = options.drops or [0.0, 0.05, 0.1, 0.15]
    trials = []
    with open_progress() as progress:
        task = progress.add_task("comparing", total=len(drops) * options.pairs)
        for drop in drops:
            trial = run_trial(
                Scenario(cases=options.cases, drop=drop),
                pairs=options.pairs,
                on_pair=lambda: progress.advance(task),
            )
            trials.append(trial)
    if options.as_json:
        write_json({"trials": [_render_trial(trial) for trial in trials]})
    else:
        open_console(sys.stdout).print(_trials_table(trials))
    return OK


def _trials_table(trials: list[Trial]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("true drop", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("cases", "pairs", "stated", "measured", "±", "any figure"):
        table.add_column(heading, justify="right")
    for trial in trials:
        scenario = trial.scenario
        sign = "≥" if scenario.drop else "≤"
        table.add_row(
            f"{scenario.drop:.2f}" if scenario.drop else "none",
            f"{scenario.cases:,}",
            f"{trial.pairs:,}",
            f"{sign} {trial.stated:.3f}",
            f"{trial.rate:.3f}",
            f"{trial.margin:.3f}",
            f"{trial.alarms / trial.pairs:.3f}",
        )
    return table


def _render_trial(trial: Trial) -> dict[str, Any]:
    return {
        "drop": trial.scenario.drop,
        "cases": trial.scenario.cases,
        "pairs": trial.pairs,
        "stated": trial.stated,
        "measured": trial.rate,
        "margin": trial.margin,
        "any_figure": trial.alarms / trial.pairs,
    }


def _show(options: RuleOptions, verdict: Verdict, run: Run, baseline: Run | None) -> int:
    from eval.gate.report import (
        render_changes_table,
        render_details,
        render_headline,
        render_markdown,
        render_verdict,
    )

    if options.markdown:
        text = render_markdown(verdict, run, baseline)
        try:
            options.markdown.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"Cannot write {options.markdown}: {error.strerror}.") from error
    if options.as_json:
        write_json(render_verdict(verdict))
        return verdict.decision.value
    console = open_console(sys.stdout)
    console.print(render_headline(verdict), soft_wrap=True, markup=False, highlight=False)
    if verdict.comparison and verdict.comparison.changes:
        console.print(render_changes_table(verdict.comparison))
    for line in render_details(verdict, run, baseline):
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    return verdict.decision.value

"""All that a report shows of a run, as types; `html.py`, `markdown.py` and `junit.py` write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eval.metrics.abstention import RiskPoint, area_under_risk_coverage, risk_coverage
from eval.metrics.intervals import Estimate
from eval.record import CaseKey, CaseRecord
from eval.reports.articles import Cited, CitedArticle, collect_cited
from eval.reports.cases import Flip, ReportCase, Verdict, build_case, read_answer
from eval.reports.figures import HEADLINE, SECTIONS, Group, group_figures, tags_of
from eval.run_file import Run
from eval.scoring import Bodies
from eval.summary import percentile

EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier run, for the plot over runs."""

    name: str
    """When it began, or the name of its file."""
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Report:
    """A run, beside a baseline if there is one."""

    title: str
    config: Mapping[str, str]
    about: Mapping[str, str]
    baseline_about: Mapping[str, str]
    """Empty without a baseline."""
    changed_config: tuple[tuple[str, str, str], ...]
    """Name, the baseline's value and this run's, of all that could make a difference."""
    groups: tuple[Group, ...]
    """Everything first, then each tag."""
    baseline_groups: tuple[Group, ...]
    cases: tuple[ReportCase, ...]
    """Worse ones first, then other flips, then failed and wrong ones, then the rest."""
    articles: tuple[CitedArticle, ...]
    risk_points: tuple[RiskPoint, ...]
    risk_area: float | None
    milliseconds: tuple[float, ...]
    tokens: int
    cost_usd: float | None
    past: tuple[Past, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def has_baseline(self) -> bool:
        """Whether there is something to compare with."""
        return bool(self.baseline_groups)

    @property
    def everything(self) -> Group:
        """The figures over all cases."""
        return self.groups[0]

    def before(self, figure: str, group: str = EVERYTHING) -> Estimate | None:
        """The baseline's value of a figure."""
        for one in self.baseline_groups:
            if one.name == group:
                return one.figures.get(figure)
        return None

    def flips(self, *kinds: Flip) -> list[ReportCase]:
        """The cases that flipped in one of these ways."""
        return [case for case in self.cases if case.flip in kinds]

    def time_at(self, share: float) -> float | None:
        """The time within which that share of answers came, in milliseconds."""
        return percentile(self.milliseconds, share)


def build_report(
    run: Run,
    baseline: Run | None = None,
    *,
    past: Sequence[Past] = (),
    bodies: Bodies | None = None,
    notes: Sequence[str] = (),
) -> Report:
    """Put a report together; of repeated cases the first is shown.

    Args:
        run: What is reported.
        baseline: What it is compared with.
        past: Earlier runs of the same set, oldest first.
        bodies: Where the text of cited articles is; without it only passages are shown.
        notes: Sentences to stand on top, such as a gate's verdict.
    """
    records = run.first_records
    cited = collect_cited(records, bodies) if bodies else Cited()
    before = baseline.record_by_key if baseline else {}
    cases = [
        build_case(one, before.get(CaseKey(one.question.id)), cited.anchors or {})
        for one in records
    ]
    points, area = _risk(records)
    costs = [one.cost_usd for one in run.records if one.cost_usd is not None]
    return Report(
        title=run.config.get("set", "run"),
        config=run.config,
        about=run.about,
        baseline_about=baseline.about if baseline else {},
        changed_config=_changed(baseline.config, run.config) if baseline else (),
        groups=tuple(build_groups(records)),
        baseline_groups=tuple(build_groups(baseline.first_records)) if baseline else (),
        cases=tuple(sorted(cases, key=_urgency)) if baseline else _unflipped(cases),
        articles=cited.articles,
        risk_points=tuple(points),
        risk_area=area,
        milliseconds=tuple(one.timings_ms["total"] for one in records if "total" in one.timings_ms),
        tokens=sum(one.tokens for one in run.records),
        cost_usd=sum(costs) if costs else None,
        past=tuple(past),
        notes=tuple(notes),
    )


def build_groups(records: Sequence[CaseRecord]) -> list[Group]:
    """Every figure over everything, and the headline figures of each tag."""
    every = [figure for figures in SECTIONS.values() for figure in figures]
    groups = [group_figures(EVERYTHING, records, every)]
    for tag in tags_of(records):
        tagged = [one for one in records if tag in one.question.tags]
        groups.append(group_figures(tag, tagged, HEADLINE))
    return groups


def read_past(name: str, run: Run) -> Past:
    """An earlier run's headline figures."""
    group = group_figures(EVERYTHING, run.first_records, HEADLINE)
    when = run.about.get("started", name)
    return Past(when[:16], {figure: one.value for figure, one in group.figures.items()})


def _unflipped(cases: Sequence[ReportCase]) -> tuple[ReportCase, ...]:
    return tuple(sorted(cases, key=lambda case: _VERDICTS.index(case.verdict)))


_FLIPS = (Flip.WORSE, Flip.BETTER, Flip.CHANGED, Flip.NEW, Flip.SAME)
_VERDICTS = (Verdict.FAILED, Verdict.WRONG, Verdict.UNJUDGED, Verdict.RIGHT)


def _urgency(case: ReportCase) -> tuple[int, int]:
    return _FLIPS.index(case.flip), _VERDICTS.index(case.verdict)


def _risk(records: Sequence[CaseRecord]) -> tuple[list[RiskPoint], float | None]:
    """The curve, if every answer has a confidence and the set can tell whether it is right."""
    confidences: list[float] = []
    right: list[bool] = []
    for record in records:
        answer = read_answer(record)
        if answer is None or answer.abstained:
            continue
        accuracy = record.scores.get("accuracy")
        if answer.confidence is None or accuracy is None:
            return [], None
        confidences.append(answer.confidence)
        right.append(accuracy == 1.0)
    points = risk_coverage(confidences, right, questions=len(records))
    return points, area_under_risk_coverage(confidences, right)


def _changed(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, before.get(name, "unset"), after.get(name, "unset"))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )

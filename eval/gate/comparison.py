"""Two runs of one set, case by case: what changed, whether it is worse, whether that is chance."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from eval.gate.figures import GATED, Figure
from eval.gate.paired import PairedScores, adjust_by_holm, interval_of_drop, p_of_drop
from eval.gate.power import Bar, design_effect, least_detectable
from eval.record import CaseRecord
from eval.run_file import Run


@dataclass(frozen=True, slots=True)
class Rules:
    """When a change counts as a regression."""

    level: float = 0.05
    """The chance of any false alarm, over all gated figures together."""
    least_drop: float = 0.01
    """A drop of the mean below this is never one, however sure it is."""
    least_paired: float = 0.9
    """Runs that share fewer of the baseline's cases than this cannot be compared."""
    least_steady: float = 0.5
    """Runs of whose shared cases fewer are steady than this cannot be compared: what is left says
    nothing of the rest."""
    churn: float = 0.02
    """What share of cases is taken to turn right, and wrong, by chance, for what is detectable."""

    def bar(self, figures: int = len(GATED)) -> Bar:
        """The strictest bar that one figure may have to pass."""
        return Bar(self.level / figures, self.least_drop)


class Finding(StrEnum):
    """What is said of one figure."""

    WORSE = "worse"
    """More than chance, and more than the least drop: a regression."""
    MAYBE_WORSE = "lower?"
    """Lower, but it may be chance or is below what matters."""
    SAME = "same"
    MAYBE_BETTER = "higher?"
    BETTER = "better"


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure before and after, over the cases that both runs have."""

    figure: Figure
    cases: int
    before: float
    after: float
    """Means as they are reported; for some figures less is better."""
    low: float | None
    high: float | None
    """95 % interval of after minus before; None with fewer than two stories."""
    p: float
    """Of a change for the worse as great by chance, alone."""
    p_adjusted: float
    """The same for all gated figures together (Holm)."""
    p_better: float
    """Of a change for the better as great by chance, alone."""
    worse: tuple[str, ...]
    """Ids of cases that fell, the furthest first."""
    better: tuple[str, ...]
    detectable: float | None
    """The smallest true drop that this comparison would catch four times of five; None if none."""
    finding: Finding

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class TagChange:
    """Where among the tags a figure changed."""

    tag: str
    cases: int
    worse: int
    better: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side."""

    changes: tuple[FigureChange, ...]
    """In the order of `GATED`."""
    tags: tuple[TagChange, ...]
    """By how much more turned wrong than right in the first gated figure; unchanged ones left out.
    """
    settings: tuple[tuple[str, str, str], ...]
    """What differs between the runs' configurations: name, before, after."""
    paired: int
    """Cases compared."""
    unpaired: tuple[str, ...]
    """Cases of either run that the other lacks or asks otherwise."""
    flaky: tuple[str, ...]
    """Cases whose repeats disagree in the baseline: they are left out."""
    newly_flaky: tuple[str, ...]
    """Cases whose repeats disagree only in the new run: they count, with their mean."""

    @property
    def regressions(self) -> tuple[FigureChange, ...]:
        """The figures that are worse."""
        return tuple(one for one in self.changes if one.finding is Finding.WORSE)


def compare_runs(before: Run, after: Run, rules: Rules | None = None) -> Comparison:
    """Compare two runs; whether they may be compared is for `eval.gate.comparable` to say."""
    rules = rules or Rules()
    old, new = _by_id(before), _by_id(after)
    flaky = {name for name in old if _is_flaky(old[name])}
    paired = [name for name in old if name in new and _asks_alike(old[name], new[name])]
    kept = [name for name in paired if name not in flaky]
    drafts = [
        change
        for figure in GATED
        if (change := _compare_figure(figure, kept, old, new, rules)) is not None
    ]
    changes = _judge(drafts, rules)
    return Comparison(
        changes=changes,
        tags=_find_tags(changes, kept, new),
        settings=_differences(before.config, after.config),
        paired=len(paired),
        unpaired=tuple(sorted({*old, *new} - set(paired))),
        flaky=tuple(sorted(flaky & set(paired))),
        newly_flaky=tuple(sorted(name for name in kept if _is_flaky(new[name]))),
    )


_Repeats = Sequence[CaseRecord]


def _by_id(run: Run) -> dict[str, _Repeats]:
    repeats: defaultdict[str, list[CaseRecord]] = defaultdict(list)
    for record in run.records:
        repeats[record.question.id].append(record)
    return dict(repeats)


def _is_flaky(repeats: _Repeats) -> bool:
    """Whether repeats of one case disagree on a gated yes or no."""
    names = [figure.name for figure in GATED if figure.is_yes_or_no]
    return any(len({record.scores.get(name) for record in repeats}) > 1 for name in names)


def _asks_alike(old: _Repeats, new: _Repeats) -> bool:
    """Whether both runs ask and expect the same; tags and story may have been tidied."""
    one, other = (replace(repeats[0].question, tags=(), story="") for repeats in (old, new))
    return one == other


def _mean(repeats: _Repeats, figure: Figure) -> float | None:
    """A case's score over its repeats, turned so that greater is better."""
    values = [record.scores[figure.name] for record in repeats if figure.name in record.scores]
    if not values:
        return None
    # A baseline keeps four decimals; what differs by less has not moved.
    mean = math.fsum(round(value, 4) for value in values) / len(values)
    return mean if figure.more_is_better else 1.0 - mean


def _compare_figure(
    figure: Figure,
    kept: Sequence[str],
    old: Mapping[str, _Repeats],
    new: Mapping[str, _Repeats],
    rules: Rules,
) -> FigureChange | None:
    both = [
        (name, before, after)
        for name in kept
        if (before := _mean(old[name], figure)) is not None
        and (after := _mean(new[name], figure)) is not None
    ]
    if not both:
        return None
    pairs = PairedScores(
        before=tuple(before for _, before, _ in both),
        after=tuple(after for _, _, after in both),
        stories=tuple(new[name][0].question.cluster for name, _, _ in both),
    )
    moved = sorted(both, key=lambda one: one[2] - one[1])
    interval = interval_of_drop(pairs)
    sign = 1 if figure.more_is_better else -1
    bounds = sorted(-sign * bound for bound in interval) if interval else (None, None)
    better = PairedScores(pairs.after, pairs.before, pairs.stories)
    return FigureChange(
        figure=figure,
        cases=pairs.cases,
        before=_reported(pairs.before, figure),
        after=_reported(pairs.after, figure),
        low=bounds[0],
        high=bounds[1],
        p=p_of_drop(pairs),
        p_adjusted=1.0,
        p_better=p_of_drop(better),
        worse=tuple(name for name, was, now in moved if now < was - 1e-9),
        better=tuple(name for name, was, now in reversed(moved) if now > was + 1e-9),
        detectable=_detectable(figure, pairs, rules),
        finding=Finding.SAME,
    )


def _reported(values: Sequence[float], figure: Figure) -> float:
    mean = math.fsum(values) / len(values)
    return mean if figure.more_is_better else 1.0 - mean


def _detectable(figure: Figure, pairs: PairedScores, rules: Rules) -> float | None:
    if not figure.is_yes_or_no:
        return None
    effect = design_effect(pairs.before, pairs.stories)
    return least_detectable(round(pairs.cases / effect), rules.churn, rules.bar())


def _judge(drafts: Sequence[FigureChange], rules: Rules) -> tuple[FigureChange, ...]:
    adjusted = adjust_by_holm([one.p for one in drafts])
    better = adjust_by_holm([one.p_better for one in drafts])
    return tuple(
        replace(draft, p_adjusted=p, finding=_find(draft, p, up, rules))
        for draft, p, up in zip(drafts, adjusted, better, strict=True)
    )


def _find(draft: FigureChange, p: float, p_better: float, rules: Rules) -> Finding:
    gain = draft.change if draft.figure.more_is_better else -draft.change
    if abs(gain) < 1e-9:
        return Finding.SAME
    matters = abs(gain) >= rules.least_drop - 1e-9
    if gain < 0:
        return Finding.WORSE if matters and p <= rules.level else Finding.MAYBE_WORSE
    return Finding.BETTER if matters and p_better <= rules.level else Finding.MAYBE_BETTER


def _find_tags(
    changes: Sequence[FigureChange], kept: Sequence[str], new: Mapping[str, _Repeats]
) -> tuple[TagChange, ...]:
    if not changes:
        return ()
    # A case counts once, whatever figures it changed in.
    worse = {name for change in changes for name in change.worse}
    better = {name for change in changes for name in change.better} - worse
    members: defaultdict[str, list[str]] = defaultdict(list)
    for name in kept:
        for tag in new[name][0].question.tags:
            members[tag].append(name)
    tags = [
        TagChange(tag, len(names), len(worse & set(names)), len(better & set(names)))
        for tag, names in members.items()
    ]
    changed = [tag for tag in tags if tag.worse or tag.better]
    return tuple(sorted(changed, key=lambda tag: (tag.better - tag.worse, tag.tag)))


def _differences(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, before.get(name, "unset"), after.get(name, "unset"))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )

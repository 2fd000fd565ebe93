"""Does the gate keep its word? Pairs of made-up runs, of which it is known whether one is worse.

Cases of a story are alike in difficulty, and partly change together; figures hang together as real
ones do. Every pair goes through the same comparison as real runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion
from eval.gate.comparison import Rules, compare_runs
from eval.gate.power import design_effect, power_of
from eval.record import CaseRecord, Outcome
from eval.run_file import Run

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.signedinteger]

_MUST_ABSTAIN = 0.25
_TOGETHER = 0.3
"""The share of changes that befall a whole story at once."""
_SAME_STATUS = 0.85
_OF_EVERY_CASE = frozenset({"accuracy", "status_accuracy", "unsupported_answers"})


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is simulated."""

    cases: int
    drop: float
    """The true drop of accuracy, in parts of all cases; 0 for no change."""
    churn: float = 0.03
    """What share of the cases turns right, and what share turns wrong beside the drop."""
    right: float = 0.6
    """Accuracy before."""
    story_cases: float = 4.0
    """Cases a story, on average."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one scenario."""

    scenario: Scenario
    pairs: int
    alarms: int
    """Pairs in which any gated figure was called worse."""
    accuracy_alarms: int
    """Pairs in which accuracy was."""
    stated: float
    """What is promised: at most so many false alarms, or at least so much power on accuracy."""

    @property
    def rate(self) -> float:
        """Alarms a pair: in any figure without a change, in accuracy with one."""
        return (self.accuracy_alarms if self.scenario.drop else self.alarms) / self.pairs

    @property
    def margin(self) -> float:
        """Half the width of the rate's 95 % interval."""
        return 1.96 * math.sqrt(max(self.rate * (1 - self.rate), 0.25 / self.pairs) / self.pairs)


def simulate(
    scenario: Scenario,
    *,
    pairs: int,
    seed: int = 1,
    rules: Rules | None = None,
    on_pair: Callable[[], None] = lambda: None,
) -> Trial:
    """Compare `pairs` pairs of made-up runs."""
    rules = rules or Rules()
    source = np.random.default_rng(seed)
    alarms = accuracy_alarms = 0
    stated: list[float] = []
    for _ in range(pairs):
        before, after = _make_pair(scenario, source)
        worse = {one.figure.name for one in compare_runs(before, after, rules).regressions}
        alarms += bool(worse)
        accuracy_alarms += "accuracy" in worse
        stated.append(_promise(scenario, before, after, rules))
        on_pair()
    return Trial(scenario, pairs, alarms, accuracy_alarms, math.fsum(stated) / pairs)


def _promise(scenario: Scenario, before: Run, after: Run, rules: Rules) -> float:
    if not scenario.drop:
        return rules.level
    stories = [record.question.cluster for record in before.records]
    drops = [
        was.scores["accuracy"] - now.scores["accuracy"]
        for was, now in zip(before.records, after.records, strict=True)
    ]
    worth = round(scenario.cases / design_effect(drops, stories))
    return power_of(worth, scenario.drop, scenario.churn, rules.bar())


def _make_pair(scenario: Scenario, source: np.random.Generator) -> tuple[Run, Run]:
    cases = scenario.cases
    story = source.integers(0, max(2, round(cases / scenario.story_cases)), size=cases)
    difficulty = source.normal(size=story.max() + 1)[story]
    ease = math.log(scenario.right / (1 - scenario.right)) * 1.2
    right = source.random(cases) < 1 / (1 + np.exp(difficulty - ease))
    must_abstain = source.random(cases) < _MUST_ABSTAIN
    now_right = _change(right, story, scenario, source)
    before = _scores(right, must_abstain, np.random.default_rng(source.integers(2**32)))
    after = _scores(now_right, must_abstain, np.random.default_rng(source.integers(2**32)))
    # What did not change in being right keeps its other scores too, but for a few.
    stays = (right == now_right) & (source.random(cases) > 2 * scenario.churn)
    for name, values in after.items():
        values[stays] = before[name][stays]
    return _as_run(before, story, must_abstain), _as_run(after, story, must_abstain)


def _change(right: Flags, story: Places, scenario: Scenario, source: np.random.Generator) -> Flags:
    """Which cases are right afterwards."""
    share = float(right.mean()) or 0.5
    falls = min(1.0, (scenario.churn + scenario.drop) / share)
    rises = min(1.0, scenario.churn / max(1 - share, 0.01))
    # Some stories change as one: their cases draw the same lot.
    own, shared = source.random(len(right)), source.random(story.max() + 1)[story]
    together = source.random(story.max() + 1)[story] < _TOGETHER
    lot = np.where(together, shared, own)
    return np.where(right, lot >= falls, lot < rises)


def _scores(right: Flags, must_abstain: Flags, source: np.random.Generator) -> dict[str, Floats]:
    cases = len(right)
    as_right = right.astype(np.float64)
    told = source.random(cases) < _SAME_STATUS
    status = np.where(told, as_right, source.integers(0, 2, cases))
    evidence = np.clip(0.75 * as_right + source.choice((0.0, 0.25, 0.5), cases) * 0.5, 0, 1)
    return {
        "accuracy": as_right,
        "status_accuracy": np.where(must_abstain, as_right, status),
        "false_answers": 1 - as_right,
        "document_f1": evidence,
        "sentence_f1": np.clip(evidence - source.choice((0.0, 0.2), cases), 0, 1),
        "unsupported_answers": np.where(source.random(cases) < 0.1, 1.0, 0.0),
        "fact_recall_at_4": np.where(source.random(cases) < 0.8, 1.0, 0.0),
    }


def _as_run(scores: dict[str, Floats], story: Places, must_abstain: Flags) -> Run:
    records = {}
    for place, silent in enumerate(must_abstain):
        applies = {
            name: float(values[place])
            for name, values in scores.items()
            if name in _OF_EVERY_CASE or (name == "false_answers") == silent
        }
        expect = Expectation(Status.ABSTAINED if silent else Status.ANSWERED)
        question = GoldQuestion(f"case-{place}", "?", expect, story=f"story-{story[place]}")
        record = CaseRecord(question, Outcome(question.id, {}), applies)
        records[record.key] = record
    return Run({}, {}, records, {"ended": True})

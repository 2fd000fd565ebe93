"""Fits the reader's weights: which sentence answers, and how sure one may be that it does.

Cases are split in two by story. Weights are fitted on one half and reported on the other, so that
what is reported was never seen; the shipped weights are those of the first half.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.answer import Reason
from bot.answerer import scope_of
from bot.confidence import load_calibrations, load_model
from bot.evidence import collect_candidates
from bot.reader import Reader, answers_in_parts
from bot.relevance import Judge, Judged
from bot.wiring import Bot
from eval.dataset import GoldQuestion

Floats = npt.NDArray[np.float64]

SENTENCE_FEATURES = (
    "evidence", "span", "answers", "coverage", "own_coverage", "nearness", "filled", "certain",
    "asked", "passage_similarity", "brevity", "denial", "quoted", "focus",
)  # fmt: skip

# The rules were made with these questions in view, so that their cases look easier than others.
_SIMPLE_SHRINK = 5.0
_WELL_APART = 0.95
# Few on purpose: with more, what is gained on one kind of archive is lost on another.
SIMPLE_SIGNALS = (
    "answers", "evidence", "span", "passage_similarity", "own_passage_similarity", "nearness",
    "focus", "best_coverage", "uncertain", "unknown_names", "unseen_people", "missing_outlets",
)  # fmt: skip
COMPOUND_SIGNALS = (
    "passage_similarity", "mean_coverage", "least_coverage",
    "missing_outlets", "unknown_names", "unseen_people",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ranked:
    """The read sentences of one question, and which of them hold its gold."""

    features: Floats
    """Shape (sentences, features)."""
    holds_gold: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """One question as the reader met it."""

    question: GoldQuestion
    source: str
    """The set that it comes from."""
    is_compound: bool
    signals: Mapping[str, float]
    is_barred: bool
    """Whether a rule withholds the answer whatever the signals say."""
    ranked: Ranked | None
    """None for a compound question, or where no sentence that was read holds gold."""

    @property
    def is_answerable(self) -> bool:
        """True unless any answer at all is wrong."""
        return not self.question.expect.must_abstain

    @property
    def can_calibrate(self) -> bool:
        """False where age alone decides: what the sentences say would answer."""
        return bool(self.signals) and self.question.expect.reason is not Reason.STALE

    @property
    def is_held(self) -> bool:
        """Whether it is kept for the report; decided by its story alone, for good."""
        return hashlib.sha256(self.question.cluster.encode()).digest()[0] % 2 == 1


def collect_cases(bot: Bot, questions: Iterable[GoldQuestion], source: str) -> list[Case]:
    """Read every question of `source` as the bot would, and keep what its judgement was made of."""
    calibrations = load_calibrations()
    judge = Judge(bot.library.terms, bot.passage_model, calibrations.sentence)
    reader = Reader(bot.library.terms, judge, calibrations)
    retriever = bot.retriever()
    cases = []
    for question in questions:
        if question.history:
            continue
        found = retriever.search(question.text, scope_of(question.to_question()), limit=15)
        candidates = collect_candidates(found.passages)
        if not candidates:
            continue
        if answers_in_parts(found.query):
            signals = reader.read(found).signals or {}
            cases.append(Case(question, source, True, signals, is_barred=False, ranked=None))
            continue
        weighed = reader.weigh(found, candidates)
        ranked = _rank(question, weighed.judged)
        cases.append(Case(question, source, False, weighed.signals, weighed.is_barred, ranked))
    return cases


def _rank(question: GoldQuestion, judged: Sequence[Judged]) -> Ranked | None:
    read = [one for one in judged if one.is_read]
    gold = [_squeeze(quote.quote) for quote in question.gold]
    holds = np.array(
        [
            any(quote in text or text in quote for quote in gold)
            for text in (_squeeze(one.candidate.text) for one in read)
        ]
    )
    if not holds.any():
        return None
    rows = [[one.features[name] for name in SENTENCE_FEATURES] for one in read]
    return Ranked(np.array(rows), holds)


def _squeeze(text: str) -> str:
    return re.sub(r"\W", "", text)


def fit_sentences(cases: Sequence[Ranked], *, shrink: float = 2.0) -> dict[str, float]:
    """Weights under which the sentences that hold gold come first.

    The listwise softmax likelihood of "some gold sentence is drawn", maximised by gradient
    ascent on standardised features, with a ridge penalty of `shrink` over all cases.
    """
    rows = np.vstack([case.features for case in cases])
    scale = rows.std(axis=0) + 1e-9
    weights = np.zeros(rows.shape[1])
    for _ in range(400):
        gradient = -shrink * weights
        for case in cases:
            scaled = case.features / scale
            drawn = _softmax(scaled @ weights)
            wanted = drawn * case.holds_gold
            gradient += scaled.T @ (wanted / wanted.sum() - drawn)
        # A penalty greater than the number of cases would make the steps overshoot.
        weights += 0.3 * gradient / max(len(cases), shrink)
    return dict(zip(SENTENCE_FEATURES, (weights / scale).tolist(), strict=True))


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum())


def top_share(cases: Sequence[Ranked], weights: Mapping[str, float]) -> float:
    """Share of cases whose first sentence holds gold."""
    vector = np.array([weights[name] for name in SENTENCE_FEATURES])
    return float(np.mean([c.holds_gold[np.argmax(c.features @ vector)] for c in cases]))


def fit_confidence(
    cases: Sequence[Case], names: Sequence[str], *, shrink: float = 1.0
) -> dict[str, Any]:
    """A logistic model of "this question can be answered", both classes weighing the same.

    Newton's method on standardised signals with a ridge penalty of `shrink`. The threshold is
    the one with the best mean of both classes' hit rates, once the rules had their say, each set
    weighing the same.
    """
    # Those that a rule withholds too: without them hardly any near miss is left to learn from.
    rows = np.array([[case.signals[name] for name in names] for case in cases])
    answerable = np.array([case.is_answerable for case in cases], float)
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    design = np.column_stack([(rows - mean) / scale, np.ones(len(rows))])
    balance = np.where(answerable == 1, 0.5 / answerable.mean(), 0.5 / (1 - answerable.mean()))
    ridge = np.append(np.full(len(names), shrink), 1e-6)
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        gradient = design.T @ (balance * (chance - answerable)) + ridge * weights
        curvature = (design * (balance * chance * (1 - chance))[:, None]).T @ design
        weights -= np.linalg.solve(curvature + np.diag(ridge), gradient)
    own = weights[:-1] / scale
    bias = float(weights[-1] - own @ mean)
    barred = np.array([case.is_barred for case in cases])
    sources = np.array([case.source for case in cases])
    chance = np.where(barred, 0.0, 1 / (1 + np.exp(-(rows @ own + bias))))
    return {
        "bias": round(bias, 4),
        "weights": {name: round(float(w), 4) for name, w in zip(names, own, strict=True)},
        "threshold": round(_best_threshold(chance, answerable == 1, sources), 3),
    }


def _best_threshold(
    chance: Floats, answerable: npt.NDArray[np.bool_], sources: npt.NDArray[np.str_]
) -> float:
    candidates = np.linspace(0.1, 0.8, 71)
    balanced = [
        np.mean([_balance(chance[own] >= at, answerable[own]) for own in _by_source(sources)])
        for at in candidates
    ]
    # Not the best itself, which is often a lone peak, but one of those as good within a point: the
    # lowest where the classes lie well apart, else one in their upper half.
    good = np.flatnonzero(np.array(balanced) >= max(balanced) - 0.01)
    is_apart = max(balanced) > _WELL_APART
    return float(candidates[good[0 if is_apart else 2 * len(good) // 3]])


def _by_source(sources: npt.NDArray[np.str_]) -> list[npt.NDArray[np.bool_]]:
    return [sources == one for one in np.unique(sources)]


def _balance(shown: npt.NDArray[np.bool_], answerable: npt.NDArray[np.bool_]) -> float:
    """The mean of the shares rightly answered and rightly withheld, of those that there are."""
    shares = [(shown == answerable)[answerable == one] for one in (True, False)]
    return float(np.mean([share.mean() for share in shares if share.size]))


def balanced_share(cases: Sequence[Case], model: Mapping[str, Any]) -> float:
    """Mean of the shares rightly answered and rightly withheld."""
    kept = {True: [], False: []}  # type: dict[bool, list[bool]]
    for case in cases:
        score = model["bias"] + sum(
            weight * case.signals[name] for name, weight in model["weights"].items()
        )
        is_sure = 1 / (1 + np.exp(-score)) >= model["threshold"]
        is_shown = is_sure and not case.is_barred
        kept[case.is_answerable].append(bool(is_shown) == case.is_answerable)
    return float(np.mean([np.mean(hits) for hits in kept.values() if hits]))


def calibrate(cases: Sequence[Case]) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """Fit everything on one half of the cases and measure it on both.

    Returns:
        What `bot/calibration.json` holds, and for each fitted part its figure on the half that
        was fitted and on the half that was held.
    """
    halves = {
        "fitted": [c for c in cases if not c.is_held],
        "held": [c for c in cases if c.is_held],
    }
    ranked = {half: [c.ranked for c in some if c.ranked] for half, some in halves.items()}
    sentence = fit_sentences(ranked["fitted"])
    model: dict[str, Any] = load_model()
    model["sentence"] = {name: round(w, 3) for name, w in sentence.items()}
    figures = {
        "first sentence holds gold": {h: top_share(some, sentence) for h, some in ranked.items()}
    }
    parts = (
        ("simple", False, SIMPLE_SIGNALS, _SIMPLE_SHRINK),
        ("compound", True, COMPOUND_SIGNALS, 1.0),
    )
    for part, is_compound, names, shrink in parts:
        kept = {
            half: [c for c in some if c.is_compound == is_compound and c.can_calibrate]
            for half, some in halves.items()
        }
        if not all({c.is_answerable for c in some} == {True, False} for some in kept.values()):
            # Nothing to tell apart: what ships stays.
            continue
        model[part] = fit_confidence(kept["fitted"], names, shrink=shrink)
        figures[f"{part}: balanced abstention"] = {
            half: balanced_share(some, model[part]) for half, some in kept.items()
        }
    return model, figures

"""Weights are fitted on one half of the cases; its measures are redone here by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bot.answer import Reason, Status
from bot.confidence import parse_calibrations
from bot.wiring import Bot
from eval.calibrate import (
    COMPOUND_SIGNALS,
    SENTENCE_FEATURES,
    SIMPLE_SIGNALS,
    Case,
    Ranked,
    balanced_share,
    calibrate,
    collect_cases,
    fit_confidence,
    fit_sentences,
    top_share,
)
from eval.dataset import Expectation, GoldQuestion, GoldQuote

WIDTH = len(SENTENCE_FEATURES)
NO_WEIGHTS = dict.fromkeys(SENTENCE_FEATURES, 0.0)


def ranked(gold: list[bool], **features: list[float]) -> Ranked:
    rows = np.zeros((len(gold), WIDTH))
    for name, values in features.items():
        rows[:, SENTENCE_FEATURES.index(name)] = values
    return Ranked(rows, np.array(gold))


def case(
    story: str, *, answerable: bool = True, reason: Reason | None = None, compound: bool = False,
    holds: Ranked | None = None, barred: bool = False, **signals: float,
) -> Case:  # fmt: skip
    status = Status.ANSWERED if answerable else Status.ABSTAINED
    question = GoldQuestion(story, "Who?", Expectation(status, reason), story=story)
    return Case(question, "set", compound, signals, is_barred=barred, ranked=holds)


def test_the_share_of_first_sentences_that_hold_gold_is_counted() -> None:
    right = ranked([False, True], coverage=[0.2, 0.9])
    wrong = ranked([True, False], coverage=[0.2, 0.9])
    by_coverage = NO_WEIGHTS | {"coverage": 1.0}

    # One of two; of three, two.
    assert top_share([right, wrong], by_coverage) == 0.5
    assert top_share([right, right, wrong], by_coverage) == pytest.approx(2 / 3)


def test_fitting_finds_the_feature_that_marks_gold() -> None:
    cases = [
        ranked([True, False, False], coverage=[0.9, 0.4, 0.1], brevity=[-2.0, -1.0, -3.0]),
        ranked([False, True, False], coverage=[0.2, 0.8, 0.3], brevity=[-1.0, -3.0, -2.0]),
        ranked([False, False, True], coverage=[0.1, 0.3, 0.7], brevity=[-3.0, -2.0, -1.0]),
    ]
    weights = fit_sentences(cases, shrink=0.1)

    assert weights["coverage"] > 0
    assert weights["denial"] == 0.0
    assert top_share(cases, weights) == 1.0


def test_a_greater_penalty_shrinks_the_weights() -> None:
    cases = [ranked([True, False], coverage=[0.9, 0.1])]

    loose, tight = (fit_sentences(cases, shrink=shrink)["coverage"] for shrink in (0.1, 10.0))
    assert 0 < tight < loose


def test_both_classes_weigh_the_same_however_many_they_are() -> None:
    model = {"bias": 0.0, "weights": {"coverage": 1.0}, "threshold": 0.5}
    # Confidence is 0.5 or more where coverage is not negative. Answerable: 3 of 4 are shown.
    # Unanswerable: 1 of 2 is withheld. (3/4 + 1/2) / 2 = 0.625.
    cases = [
        *(case(f"a{n}", coverage=value) for n, value in enumerate([1.0, 2.0, 3.0, -1.0])),
        case("b0", answerable=False, coverage=-1.0),
        case("b1", answerable=False, coverage=1.0),
    ]

    assert balanced_share(cases, model) == pytest.approx(0.625)


def test_a_fitted_confidence_parts_what_can_be_parted() -> None:
    cases = [
        *(case(f"a{n}", coverage=0.8 + n / 100) for n in range(10)),
        *(case(f"b{n}", answerable=False, coverage=0.2 + n / 100) for n in range(3)),
    ]
    model = fit_confidence(cases, ["coverage"], shrink=0.01)

    assert model["weights"]["coverage"] > 0
    assert balanced_share(cases, model) == 1.0
    middle = model["bias"] + model["weights"]["coverage"] * 0.5
    assert 0.2 < 1 / (1 + math.exp(-middle)) < 0.8


def test_where_signals_tell_nothing_the_larger_class_does_not_win() -> None:
    cases = [
        *(case(f"a{n}", coverage=0.5) for n in range(9)),
        case("b", answerable=False, coverage=0.5),
    ]

    # Both classes weigh the same, so the chance is one half and its log-odds are zero.
    model = fit_confidence(cases, ["coverage"])
    assert model["bias"] + 0.5 * model["weights"]["coverage"] == pytest.approx(0.0, abs=1e-3)


def test_of_thresholds_that_part_as_well_the_lowest_is_taken() -> None:
    cases = [
        *(case(f"a{n}", coverage=1.0) for n in range(4)),
        *(case(f"b{n}", answerable=False, coverage=0.0) for n in range(4)),
    ]
    model = fit_confidence(cases, ["coverage"], shrink=0.001)
    withheld = 1 / (1 + math.exp(-model["bias"]))

    # Thresholds are tried in steps of 0.01 from 0.1.
    assert model["threshold"] == pytest.approx(max(0.1, withheld), abs=0.011)


def test_what_a_rule_withholds_needs_no_threshold() -> None:
    likely = [case(f"a{n}", coverage=0.5 + n / 20) for n in range(8)]
    barred = [case(f"b{n}", answerable=False, barred=True, coverage=0.5 + n / 20) for n in range(8)]
    free = [case(f"b{n}", answerable=False, coverage=0.5 + n / 20) for n in range(8)]

    # With nothing left to withhold, every answer that is right can be shown.
    assert balanced_share(likely + barred, fit_confidence(likely + barred, ["coverage"])) == 1.0
    assert balanced_share(likely + free, fit_confidence(likely + free, ["coverage"])) < 0.8


def test_a_signal_that_never_varies_gets_no_weight_worth_the_name() -> None:
    cases = [case("a", coverage=0.9, moon=1.0), case("b", answerable=False, coverage=0.1, moon=1.0)]
    weights = fit_confidence(cases, ["coverage", "moon"])["weights"]

    assert weights["coverage"] > 0
    assert weights["moon"] == pytest.approx(0.0, abs=1e-3)


def test_a_story_is_on_one_side_for_good() -> None:
    assert {case("flood").is_held for _ in range(3)} in ({True}, {False})
    assert case("flood", answerable=False).is_held == case("flood").is_held
    sides = [case(f"story {n}").is_held for n in range(400)]
    assert 0.4 < sum(sides) / len(sides) < 0.6


def test_what_age_alone_decides_calibrates_nothing() -> None:
    assert not case("a", answerable=False, reason=Reason.STALE, coverage=1.0).can_calibrate
    assert not case("a").can_calibrate
    assert case("a", answerable=False, reason=Reason.NO_EVIDENCE, coverage=1.0).can_calibrate


def test_a_calibration_is_of_the_shape_that_the_bot_loads() -> None:
    shown = dict.fromkeys({*SIMPLE_SIGNALS, *COMPOUND_SIGNALS}, 0.9)
    hidden = dict.fromkeys(shown, 0.1)
    cases = [
        case(
            f"{n} {compound} {answerable}", answerable=answerable, compound=compound,
            holds=None if compound else ranked([True, False], coverage=[0.9, 0.1]),
            **(shown if answerable else hidden),
        )
        for n in range(12)
        for compound in (False, True)
        for answerable in (False, True)
    ]  # fmt: skip
    model, figures = calibrate(cases)
    calibrations = parse_calibrations(model)

    assert calibrations.simple.weights.keys() == set(SIMPLE_SIGNALS)
    assert calibrations.compound.weights.keys() == set(COMPOUND_SIGNALS)
    assert calibrations.simple.confidence(shown) > calibrations.simple.confidence(hidden)
    assert all(figure == {"fitted": 1.0, "held": 1.0} for figure in figures.values())


def test_cases_are_collected_as_the_bot_meets_them(sample_bot: Bot) -> None:
    gold = GoldQuote(
        "https://meridianwire.example/world/2023/11/16/pyongyang-moscow-committee-protocol",
        "The Russian delegation was led by Alexander Kozlov",
    )
    answered = GoldQuestion(
        "q1", "Who led the Russian delegation?", Expectation(Status.AMBIGUOUS), (gold,)
    )
    withheld = GoldQuestion(
        "q2", "Who is the prime minister of Canada?", Expectation(Status.ABSTAINED)
    )
    follow_up = GoldQuestion(
        "q3", "And when?", Expectation(Status.ANSWERED), history=("Who led it?",)
    )
    first, second = collect_cases(sample_bot, [answered, withheld, follow_up], "set")

    assert first.is_answerable
    assert first.ranked
    assert first.ranked.holds_gold.any()
    assert first.ranked.features.shape[1] == WIDTH
    assert first.source == "set"
    assert set(SIMPLE_SIGNALS) <= first.signals.keys()
    assert not second.is_answerable
    assert second.ranked is None

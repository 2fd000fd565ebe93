"""Confidence is a logistic model of named signals; some tell what the archive knows."""

from __future__ import annotations

import json
import math

import pytest

from bot.confidence import Calibration, load_calibrations, parse_calibrations
from bot.signals import unknown_names, unseen_people
from bot.wiring import Bot

HALF = Calibration(bias=-2.0, weights={"coverage": 4.0}, threshold=0.5)


def test_confidence_is_the_logistic_function_of_the_weighted_signals() -> None:
    # -2 + 4 * 0.5 = 0, and 1 / (1 + e^0) = 0.5; -2 + 4 * 1 = 2.
    assert HALF.confidence({"coverage": 0.5}) == 0.5
    assert HALF.confidence({"coverage": 1.0}) == pytest.approx(1 / (1 + math.exp(-2)))


def test_a_signal_without_a_weight_changes_nothing() -> None:
    assert HALF.confidence({"coverage": 0.5, "moon": 9.0}) == 0.5


def test_a_weighed_signal_that_is_missing_is_an_error_not_a_zero() -> None:
    with pytest.raises(KeyError, match="coverage"):
        HALF.confidence({"moon": 1.0})


@pytest.mark.parametrize("value", [1e9, -1e9])
def test_extreme_signals_do_not_overflow(value: float) -> None:
    assert 0.0 <= HALF.confidence({"coverage": value}) <= 1.0


def test_the_shipped_weights_are_complete() -> None:
    calibrations = load_calibrations()

    for model in (calibrations.simple, calibrations.compound):
        assert 0.0 < model.threshold < 1.0
        assert model.weights
    assert {"evidence", "span", "coverage"} <= calibrations.sentence.keys()


def test_an_answer_is_likelier_the_nearer_its_sentence() -> None:
    simple = load_calibrations().simple
    signals = dict.fromkeys(simple.weights, 0.0) | {"answers": -0.5}
    near = signals | {"answers": 0.5}
    unknown = near | {"unknown_names": 1.0}

    assert simple.confidence(signals) < simple.confidence(near)
    assert simple.confidence(unknown) < simple.confidence(near)


def test_weights_that_lack_a_part_are_refused() -> None:
    model = {"simple": {"bias": 0, "weights": {}, "threshold": 0.5}}

    with pytest.raises(KeyError, match="compound"):
        parse_calibrations(json.loads(json.dumps(model)))


def test_a_name_with_a_word_that_no_article_holds_is_unknown(sample_bot: Bot) -> None:
    def unknown(question: str) -> list[str]:
        return unknown_names(sample_bot.retriever().read(question), sample_bot.library.terms)

    assert unknown("When did Xanthippa Quornby meet Sergei Lavrov?") == ["Xanthippa Quornby"]
    assert unknown("When did Sergei Lavrov arrive in Pyongyang?") == []


def test_a_person_is_unseen_whose_names_never_stand_together(sample_bot: Bot) -> None:
    def unseen(question: str) -> list[str]:
        return unseen_people(sample_bot.retriever().read(question), sample_bot.library.terms)

    assert unseen("When did Sergei Putin arrive?") == ["Sergei Putin"]
    assert unseen("When did Sergei Lavrov arrive?") == []
    assert unseen("When did the Bank of Pyongyang open?") == []


def test_an_outlet_that_is_named_is_no_unknown_name(sample_bot: Bot) -> None:
    query = sample_bot.retriever().read("What did Le Monde say about the ferry?")

    assert unknown_names(query, sample_bot.library.terms) == []
    assert query.missing_outlets == ("Le Monde",)

"""The probability that what was read answers the question, fitted where the answers are known.

A logistic model over a handful of named signals; its weights stand in `calibration.json`, which
`dateline eval calibrate` writes. Nothing here is specific to a topic, an outlet or a set.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the logistic model, for one kind of question."""

    bias: float
    weights: Mapping[str, float]
    threshold: float
    """Below this probability an answer is withheld."""

    def confidence(self, signals: Mapping[str, float]) -> float:
        """Probability that the question is answered, 0 to 1.

        Raises:
            KeyError: If a signal that has a weight is missing.
        """
        score = self.bias + sum(weight * signals[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


@dataclass(frozen=True, slots=True)
class Calibrations:
    """Everything that `dateline eval calibrate` fits."""

    simple: Calibration
    compound: Calibration
    sentence: Mapping[str, float]
    """Weights of a sentence's features (`bot.relevance.Judged.features`)."""


def load_calibrations() -> Calibrations:
    """The shipped weights."""
    return parse_calibrations(load_model())


def load_model() -> dict[str, Any]:
    """The shipped weights in the JSON form."""
    text = resources.files("bot").joinpath("calibration.json").read_text(encoding="utf-8")
    model: dict[str, Any] = json.loads(text)
    return model


def parse_calibrations(model: Mapping[str, Any]) -> Calibrations:
    """Read the JSON form.

    Raises:
        KeyError: If a part is missing.
    """
    return Calibrations(
        simple=Calibration(**model["simple"]),
        compound=Calibration(**model["compound"]),
        sentence=model["sentence"],
    )

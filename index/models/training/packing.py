"""Passages as they are written by hand, with one-letter keys, to passages as they are kept.

The short form is one JSON object a line: `t` title, `o` outlet, `d` day, `s` sentences, `q`
[question, answer, sentences], `n` questions without an answer, and where there are claims `c`
[claim, sentences], `x` [claim, sentences, kind]. Nothing else of the project knows it.
"""

from __future__ import annotations

import json
from typing import Any

from index.models.training.passages import TrainingPassage, parse_passage


def parse_short(line: str) -> TrainingPassage:
    """Read one line of the short form.

    Raises:
        ValueError: If it has another form; the message names the key.
    """
    record = json.loads(line)
    if isinstance(record, dict):
        record = {"c": [], "x": []} | record
    if not isinstance(record, dict) or set(record) != set("todsqncx"):
        raise ValueError("not an object with the keys t, o, d, s, q, n, c and x")
    spelled = {
        "title": record["t"],
        "outlet": record["o"],
        "published": record["d"],
        "sentences": record["s"],
        "questions": _named(record, "q", ("question", "answer", "sentences")),
        "unanswered": record["n"],
        "claims": _named(record, "c", ("claim", "sentences")),
        "false_claims": _named(record, "x", ("claim", "sentences", "kind")),
    }
    return parse_passage(json.dumps(spelled))


def _named(record: dict[str, Any], key: str, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows under a key, their places named."""
    if not isinstance(record[key], list):
        raise ValueError(f"{key}: no list")
    for row in record[key]:
        if not isinstance(row, list) or len(row) != len(names):
            raise ValueError(f"{key}: {row!r} is not [{', '.join(names)}]")
    return [dict(zip(names, row, strict=True)) for row in record[key]]

"""What a reading model gets right on passages that it was not trained on.

Knows logits and what is right; knows nothing of the network that gave them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.models.training.encoding import Encoder, Row
from index.models.training.examples import Example, Task, held_out_examples
from index.models.training.passages import TrainingPassage

Floats = NDArray[np.float32]

# Longer than any answer that was trained on.
_MOST_ANSWER_TOKENS = 40
_UNREAD = -20.0
_START, _END, _EVIDENCE = 0, 1, 2
_ANSWERS, _SUPPORTS = 0, 1


class Logits(NamedTuple):
    """What a network says of one row; see `index.models.bert_graph.build_reading_graph`."""

    tokens: Floats
    """(tokens, 3): whether the answer starts, ends, and stands in the sentence of each."""
    text: Floats
    """(2,): whether the text answers, and whether it supports."""


ReadRows = Callable[[Sequence[Row]], Iterable[Logits]]
"""A network at work: logits of rows, in their order."""


@dataclass(frozen=True, slots=True)
class Separation:
    """How well a logit tells two kinds apart, true above and false below."""

    true: int
    false: int
    auc: float
    """The chance that a true one has the higher logit."""
    kept: float
    """The share of the true ones above 0."""
    caught: float
    """The share of the false ones at 0 or below."""

    @property
    def balanced_accuracy(self) -> float:
        """The mean of `kept` and `caught`: .5 is chance."""
        return (self.kept + self.caught) / 2


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one measurement; shares are of 1."""

    passages: int
    sentence_hit: float
    """Of the answered questions: how often the sentence of most evidence is one that answers."""
    span_f1: float
    """Of the answered questions: overlap of the best span of tokens with the answer's tokens, the
    harmonic mean of precision and recall; of the whole text, as if there were always an answer."""
    answerable: Separation
    """Questions with an answer, against near misses."""
    support: Separation | None
    """Claims, against false claims; None where the passages have none."""
    caught_by_kind: dict[str, tuple[int, float]]
    """Of the false claims with one kind of error: how many there are, and the share caught."""


def measure(passages: Sequence[TrainingPassage], encoder: Encoder, read: ReadRows) -> Figures:
    """Put everything that was written for the passages to a network.

    Raises:
        ValueError: If there is no passage.
    """
    if not passages:
        raise ValueError("no passage to measure on")
    examples = [example for one in passages for example in held_out_examples(one)]
    kinds = [false.kind for one in passages for false in one.false_claims]
    rows = [encoder.encode(example) for example in examples]
    seen = list(zip(examples, rows, read(rows), strict=True))
    answered = [one for one in seen if one[0].gold]
    false = [logits for one, _, logits in seen if one.task is Task.CLAIM and not one.holds]
    return Figures(
        passages=len(passages),
        sentence_hit=_mean(_best_sentence(row, said) in one.gold for one, row, said in answered),
        span_f1=_mean(
            _overlap(row.answer, _best_span(row, said)) for _, row, said in answered if row.answer
        ),
        answerable=_separate(seen, Task.QUESTION, _ANSWERS),
        support=_separate(seen, Task.CLAIM, _SUPPORTS) if kinds else None,
        caught_by_kind=_count_caught(kinds, false),
    )


def as_record(figures: Figures) -> dict[str, Any]:
    """The figures as they are kept in JSON, rounded to three digits."""
    record = asdict(figures)
    for name in ("answerable", "support"):
        separation: Separation | None = getattr(figures, name)
        if separation:
            record[name]["balanced_accuracy"] = separation.balanced_accuracy
    rounded: dict[str, Any] = _rounded(record)
    return rounded


def render_table(figures: Figures) -> str:
    """The figures as Markdown."""
    answerable, support = figures.answerable, figures.support
    rows = [
        ("passages held out", "", str(figures.passages)),
        ("sentence that answers", f"{answerable.true} questions", _short(figures.sentence_hit)),
        ("words that answer, F1", f"{answerable.true} questions", _short(figures.span_f1)),
        *_separation_rows("answered or near miss", answerable),
        *(_separation_rows("claim supported or not", support) if support else ()),
    ]
    rows += [
        (f"false claim caught: {kind}", f"{count} claims", _short(share))
        for kind, (count, share) in figures.caught_by_kind.items()
    ]
    lines = ["| what | of | figure |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def auc(true: Sequence[float], false: Sequence[float]) -> float:
    """The chance that one of `true` is above one of `false`, a tie being half a chance.

    Raises:
        ValueError: If either is empty.
    """
    if not true or not false:
        raise ValueError("both kinds are needed to tell them apart")
    lower = np.sort(np.array(false))
    below = np.searchsorted(lower, true, "left") + np.searchsorted(lower, true, "right")
    return float(below.sum() / (2 * len(true) * len(false)))


_Seen = tuple[Example, Row, Logits]


def _separate(seen: Sequence[_Seen], task: Task, head: int) -> Separation:
    logits: dict[bool, list[float]] = {True: [], False: []}
    for example, _, said in seen:
        if example.task is task:
            logits[example.holds].append(float(said.text[head]))
    true, false = logits[True], logits[False]
    return Separation(
        len(true),
        len(false),
        auc(true, false),
        kept=_mean(one > 0 for one in true),
        caught=_mean(one <= 0 for one in false),
    )


def _count_caught(kinds: Sequence[str], false: Sequence[Logits]) -> dict[str, tuple[int, float]]:
    caught: dict[str, list[bool]] = {kind: [] for kind in sorted(set(kinds))}
    for kind, logits in zip(kinds, false, strict=True):
        caught[kind].append(float(logits.text[_SUPPORTS]) <= 0)
    return {kind: (len(some), _mean(some)) for kind, some in caught.items()}


def _best_sentence(row: Row, logits: Logits) -> int:
    """The sentence whose tokens have the most evidence on average."""
    means = [
        float(logits.tokens[first:last, _EVIDENCE].mean()) if last > first else _UNREAD
        for first, last in row.spans
    ]
    return int(np.argmax(means))


def _best_span(row: Row, logits: Logits) -> tuple[int, int]:
    """The first and the last token of what is most likely the answer, header left out."""
    first, last = row.spans[0][0], row.spans[-1][1]
    starts, ends = logits.tokens[first:last, _START], logits.tokens[first:last, _END]
    sums = starts[:, None] + ends[None, :]
    # An answer ends where it starts or later, and not far from there.
    allowed = np.tril(np.triu(np.ones_like(sums)), _MOST_ANSWER_TOKENS - 1)
    start, end = divmod(int(np.argmax(np.where(allowed, sums, -np.inf))), len(ends))
    return first + start, first + end


def _overlap(gold: tuple[int, int], found: tuple[int, int]) -> float:
    shared = min(gold[1], found[1]) - max(gold[0], found[0]) + 1
    together = gold[1] - gold[0] + 1 + found[1] - found[0] + 1
    return 2 * max(0, shared) / together


def _separation_rows(name: str, separation: Separation) -> list[tuple[str, str, str]]:
    both = f"{separation.true} and {separation.false}"
    return [
        (f"{name}, AUC", both, _short(separation.auc)),
        (f"{name}, balanced accuracy at 0", both, _short(separation.balanced_accuracy)),
        (f"{name}: true kept", str(separation.true), _short(separation.kept)),
        (f"{name}: false caught", str(separation.false), _short(separation.caught)),
    ]


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return round(value, 3) if isinstance(value, float) else value


def _short(share: float) -> str:
    """A share as `.938`."""
    return f"{share:.3f}".removeprefix("0")

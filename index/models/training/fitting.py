"""Training: one epoch of examples after the other, with a schedule that was found by trial.

Importing this module loads torch, which only the `train` extra brings.
"""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import transformers
from torch.nn.utils import clip_grad_norm_

from index.errors import UsageError
from index.models.bert_graph import BertWeights
from index.models.training import network as net
from index.models.training.batches import Batch, build_batch, load_batches
from index.models.training.encoding import Encoder, Row
from index.models.training.examples import Example, ExampleMaker, Task
from index.models.training.figures import Logits, ReadRows
from index.models.training.losses import lesson_of, loss_of
from index.models.training.passages import TrainingPassage
from index.models.training.weights import HEAD_PREFIXES, keep_layers, round_base

# A lower rate found the sentence for .738 of the questions where this one found .783 (after eight
# epochs of 385 passages). A pupil lacks every second layer that it was used to, and bears more.
_LEARNING_RATE, _PUPIL_LEARNING_RATE = 1e-4, 3e-4
# To go on from weights that are good already.
_FURTHER_LEARNING_RATE = 6e-5
_MEASURED_ROWS = 96
# A shorter memory of the squares than Adam's .999: there are only some thousand steps.
_BETAS = (0.9, 0.98)
_WEIGHT_DECAY = 0.02
_GREATEST_GRADIENT = 1.0
# The rate climbs over the first steps, then falls in a line to a last fiftieth.
_WARM_UP_STEPS = 200
_LEAST_RATE_SHARE = 0.02
_SECONDS_BETWEEN_REPORTS = 30
# As many as keep one GPU busy.
_MOST_WORKERS = 6


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be chosen of a training."""

    epochs: int
    seed: int
    layers: int
    """Of the encoder: those of the base, or with a teacher fewer."""
    batch_rows: int
    """A step's examples. Fewer need less memory, and are for trials."""
    frozen_layers: int = 0
    """The lowest of the encoder that stay as they are: without them a step takes less time."""
    minutes: float | None = None
    """The longest it may take; by then the rate has fallen to its end, however far it came."""
    rehearsed: float = 0.0
    """What share of the examples of what was learned before is shown again, not to be forgotten."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of a training."""

    weights: bytes
    """A file of weights; see `index.models.training.weights`."""
    record: dict[str, Any]
    """By what it was trained, for the report."""
    read: ReadRows
    """The network at work, as trained, before its weights are rounded."""


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier training, to go on from."""

    weights: BertWeights
    passages: Sequence[TrainingPassage]
    """What it was trained on."""


def fit(
    passages: Sequence[TrainingPassage],
    base: BertWeights,
    teachers: Sequence[BertWeights],
    before: Before | None,
    encoder: Encoder,
    settings: Settings,
    report: Callable[[str], None],
) -> Fitted:
    """Train a network on passages, on the GPU if there is one; `report` is told of each epoch.

    With teachers it begins as the first of them, from which layers are left out evenly; after an
    earlier training it goes on from there, at a lower rate and without dropout. The seed decides
    the examples, the new heads and the dropout. On a GPU the sums of a kernel come in no fixed
    order, so that two trainings differ all the same.

    Raises:
        UsageError: If the layers of the base or of the teacher are no multiple of those wanted.
    """
    torch.manual_seed(settings.seed)
    network = _first_network(base, teachers, before, settings.layers)
    net.freeze_layers(network, settings.frozen_layers)
    rate = (
        _PUPIL_LEARNING_RATE if teachers else _FURTHER_LEARNING_RATE if before else _LEARNING_RATE
    )
    fitter = _Fitter(network, teachers, encoder, rate, report)
    started = time.monotonic()
    count, steps = fitter.fit(passages, before.passages if before else (), settings)
    record = {
        "epochs": settings.epochs,
        "seed": settings.seed,
        "layers": settings.layers,
        "teachers": len(teachers),
        "examples_an_epoch": count,
        "steps": steps,
        "batch_rows": settings.batch_rows,
        "frozen_layers": settings.frozen_layers,
        "minutes": settings.minutes,
        "rehearsed": settings.rehearsed if before else None,
        "learning_rate": rate,
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "seconds": round(time.monotonic() - started),
    }
    return Fitted(net.float16_weights(fitter.network), record, fitter.read)


class _Fitter:
    """A network in training."""

    def __init__(
        self,
        network: Any,
        teachers: Sequence[BertWeights],
        encoder: Encoder,
        rate: float,
        report: Callable[[str], None],
    ) -> None:
        self._rate = rate
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self.network = network.to(self._device)
        self._teachers = [
            _whole_network(one, dropout=0).to(self._device).eval() for one in teachers
        ]
        self._encoder = encoder
        self._report = report

    def fit(
        self,
        passages: Sequence[TrainingPassage],
        learned: Sequence[TrainingPassage],
        settings: Settings,
    ) -> tuple[int, int]:
        """Train; gives how many examples the first epoch had, and how many steps were made."""
        draw = random.Random(settings.seed)  # noqa: S311
        maker, rehearsal = ExampleMaker(passages), ExampleMaker(learned)

        def make_epoch() -> list[Example]:
            again = rehearsal.make_epoch(draw)
            return maker.make_epoch(draw) + again[: round(settings.rehearsed * len(again))]

        examples = make_epoch()
        count = len(examples)
        steps = settings.epochs * math.ceil(count / settings.batch_rows)
        optimizer = _build_optimizer(self.network, self._rate)
        pace = _Pace(steps, settings.minutes)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: _rate_share(step, pace.left(step))
        )
        made = 0
        for epoch in range(1, settings.epochs + 1):
            if epoch > 1:
                examples = make_epoch()
            batches = load_batches(
                examples, self._encoder, settings.batch_rows, draw, self._workers()
            )
            made_now, loss = self._fit_epoch(batches, optimizer, schedule, pace)
            made += made_now
            self._report(
                f"epoch {epoch} of {settings.epochs}: step {made}, loss {loss:.3f}, "
                f"{pace.seconds:.0f} s"
            )
            if pace.is_over:
                break
        return count, made

    def read(self, rows: Sequence[Row]) -> list[Logits]:
        """Logits of rows, in their order."""
        self.network.eval()
        found: dict[int, Logits] = {}
        order = sorted(range(len(rows)), key=lambda n: len(rows[n].tokens))
        for first in range(0, len(order), _MEASURED_ROWS):
            places = order[first : first + _MEASURED_ROWS]
            found |= zip(places, self._read([rows[n] for n in places]), strict=True)
        return [found[n] for n in range(len(rows))]

    def _read(self, rows: Sequence[Row]) -> list[Logits]:
        nothing = Example(Task.CLAIM, "", "", (), False)
        batch = build_batch([(nothing, row) for row in rows], self._encoder.padding)
        with torch.no_grad():
            said = net.run(self.network, batch.on(self._device))
        tokens, texts = said.tokens.cpu().numpy(), said.texts.cpu().numpy()
        return [
            Logits(tokens[place, : len(row.tokens)], texts[place]) for place, row in enumerate(rows)
        ]

    def _fit_epoch(
        self, batches: Iterable[Batch], optimizer: Any, schedule: Any, pace: _Pace
    ) -> tuple[int, float]:
        """Once through the batches, or until time is up; gives the steps made and the mean loss."""
        self.network.train()
        # Kept on the device: to fetch each would make the GPU wait.
        total, steps, told = torch.zeros((), device=self._device), 0, time.monotonic()
        for batch in batches:
            loss = self._loss(batch.on(self._device))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            clip_grad_norm_(self.network.parameters(), _GREATEST_GRADIENT)
            optimizer.step()
            schedule.step()
            total, steps = total + loss.detach(), steps + 1
            if time.monotonic() > told + _SECONDS_BETWEEN_REPORTS:
                told = time.monotonic()
                self._report(f"step {steps} of this epoch: mean loss {float(total) / steps:.3f}")
            if pace.is_over:
                break
        return steps, float(total) / steps

    def _workers(self) -> int:
        """How many processes build batches: a GPU outruns one."""
        return min(_MOST_WORKERS, (os.cpu_count() or 1) - 1) if self._device == "cuda" else 0

    def _loss(self, batch: Batch) -> Any:
        said = net.run(self.network, batch)
        if not self._teachers:
            return loss_of(batch, said)
        with torch.no_grad():
            taught = [net.run(teacher, batch) for teacher in self._teachers]
        return lesson_of(batch, said, taught)


def _first_network(
    base: BertWeights, teachers: Sequence[BertWeights], before: Before | None, layers: int
) -> Any:
    """A network before its training."""
    source = before.weights if before else teachers[0] if teachers else round_base(base)
    if not 0 < layers <= source.layers or source.layers % layers:
        raise UsageError(
            f"{source.layers} layers cannot be thinned out evenly to {layers}. "
            "Give --layers a divisor of them."
        )
    step = source.layers // layers
    kept = keep_layers(source, range(step - 1, source.layers, step))
    return _whole_network(kept, dropout=0 if before else net.DROPOUT)


def _whole_network(weights: BertWeights, dropout: float) -> Any:
    """A network with these weights; its heads are new if they are not among them."""
    heads = {name: one for name, one in weights.tensors.items() if name.startswith(HEAD_PREFIXES)}
    encoder = {name: one for name, one in weights.tensors.items() if name not in heads}
    network = net.build_network(BertWeights(encoder, weights.heads, weights.epsilon), dropout)
    if heads:
        net.load_heads(network, heads)
    return network


def _build_optimizer(network: Any, rate: float) -> Any:
    """AdamW that decays matrices only: biases and norms have nothing to gain from being small."""
    trained = [one for one in network.parameters() if one.requires_grad]
    groups = [
        {"params": [one for one in trained if one.ndim > 1], "weight_decay": _WEIGHT_DECAY},
        {"params": [one for one in trained if one.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=_BETAS)


class _Pace:
    """How far a training has come: by its steps, or by the clock where that ends it sooner."""

    def __init__(self, steps: int, minutes: float | None) -> None:
        self._steps = steps
        self._limit = math.inf if minutes is None else 60 * minutes
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._started

    @property
    def is_over(self) -> bool:
        """Whether its time is up."""
        return self.seconds >= self._limit

    def left(self, step: int) -> float:
        """The share of it that is still to come at a step, 0 to 1."""
        return max(0.0, 1 - max(step / self._steps, self.seconds / self._limit))


def _rate_share(step: int, left: float) -> float:
    """What of the learning rate holds at a step, with a share of the training still to come."""
    return min(1.0, (step + 1) / _WARM_UP_STEPS) * max(_LEAST_RATE_SHARE, left)

"""What is counted, for Prometheus."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from index.errors import LibraryError

_ANSWER_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)
_ACK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)

logger = logging.getLogger(__name__)


class Metrics:
    """The counters of one process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "dateline_slack_requests",
            "Events, commands and clicks that arrived, and what became of them",
            ["kind", "outcome"],
            registry=self._registry,
        )
        self._answers = Counter(
            "dateline_slack_answers",
            "Questions done with, by their outcome",
            ["outcome"],
            registry=self._registry,
        )
        self._answer_seconds = Histogram(
            "dateline_slack_answer_seconds",
            "From a question's arrival to its answer",
            buckets=_ANSWER_SECONDS,
            registry=self._registry,
        )
        self._ack_seconds = Histogram(
            "dateline_slack_ack_seconds",
            "From a request's arrival to its acknowledgement",
            buckets=_ACK_SECONDS,
            registry=self._registry,
        )

    @property
    def registry(self) -> CollectorRegistry:
        """Where further metrics may register."""
        return self._registry

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show what `read` gives whenever somebody looks, and NaN where the library fails it."""

        def look() -> float:
            try:
                return read()
            except LibraryError as error:
                # Else nothing at all could be read, not even that the library is away.
                logger.warning("%s cannot be read: %s", name, error)
                return math.nan

        gauge = Gauge(f"dateline_slack_{name}", meaning, registry=self._registry)
        gauge.set_function(look)

    def count_request(self, kind: str, outcome: str) -> None:
        """One request arrived."""
        self._requests.labels(kind, outcome).inc()

    def count_answer(self, outcome: str, seconds: float) -> None:
        """One question was done with, `seconds` after it arrived."""
        self._answers.labels(outcome).inc()
        self._answer_seconds.observe(max(0.0, seconds))

    def time_ack(self, seconds: float) -> None:
        """One request was acknowledged."""
        self._ack_seconds.observe(seconds)

    def render(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)

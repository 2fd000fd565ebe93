"""What Prometheus reads of answers and of the library: rates, latencies, freshness.

Labels are made of our own words, of outlets' names and of watched sources' keys only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from bot.answer import Answer, Question
from bot.telemetry.survey import Survey
from bot.telling import Telling
from index.errors import LibraryError

CONTENT_TYPE = CONTENT_TYPE_LATEST
_UP = "1 if the library can be read"
_STAGE_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 90)
# Signals of a written answer, as `bot.writer.answerer` counts them.
_DRAFTED = ("rejected", "repaired", "elsewhere")

logger = logging.getLogger(__name__)


class StreamingAnswerer(Protocol):
    """What tells verified sentences while it goes on."""

    def stream(self, question: Question) -> Telling:
        """Sentences, and in the end the answer."""
        ...


class AnswerMeter:
    """Counts what became of questions."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answers = Counter(
            "dateline_answers",
            "Questions answered or declined, by status, reason and who wrote",
            ["status", "reason", "writer"],
            registry=registry,
        )
        self._stages = Histogram(
            "dateline_stage_seconds",
            "Time that a stage of an answer took",
            ["stage"],
            buckets=_STAGE_SECONDS,
            registry=registry,
        )
        self._sentences = Counter(
            "dateline_sentences",
            "Sentences shown; and of those that a language model drafted, what the checker did",
            ["outcome"],
            registry=registry,
        )
        self._tokens = Counter(
            "dateline_tokens",
            "Tokens of the language model, by kind",
            ["kind"],
            registry=registry,
        )

    def observe(self, answer: Answer) -> None:
        """Count one answer."""
        reason = answer.reason.value if answer.reason else ""
        self._answers.labels(answer.status.value, reason, answer.writer).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)
        self._sentences.labels("shown").inc(len(answer.sentences))
        if answer.writer == "llm":
            for outcome in _DRAFTED:
                self._sentences.labels(outcome).inc(answer.signals.get(outcome, 0.0))
        for kind, tokens in answer.usage.items():
            self._tokens.labels(kind.removesuffix("_tokens")).inc(tokens)


class MeteredAnswerer:
    """Passes questions on, and counts their answers."""

    def __init__(self, answerer: StreamingAnswerer, meter: AnswerMeter) -> None:
        self._answerer = answerer
        self._meter = meter

    def stream(self, question: Question) -> Telling:
        """Sentences, and in the end the answer."""
        answer = yield from self._answerer.stream(question)
        self._meter.observe(answer)
        return answer


class LibraryCollector(Collector):
    """Reads the library whenever Prometheus asks."""

    def __init__(self, survey: Callable[[], Survey]) -> None:
        self._survey = survey

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering does not read the library."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The gauges as they stand now; of a library that cannot be read, that alone."""
        try:
            survey = self._survey()
        except LibraryError as error:
            logger.warning("the library cannot be surveyed: %s", error)
            yield _gauge("dateline_library_up", _UP, 0)
            return
        yield _gauge("dateline_library_up", _UP, 1)
        yield _gauge("dateline_articles", "Articles in the library", survey.articles)
        yield _gauge("dateline_chunks", "Chunks in the library", survey.chunks)
        yield _gauge("dateline_unread_sources", "Sources that could not be read", survey.failures)
        yield _gauge(
            "dateline_revision", "Grows whenever something in the library changes", survey.revision
        )
        yield _by(
            "dateline_outlet_newest_timestamp_seconds",
            "Publication time of the newest article of an outlet",
            "outlet",
            ((one.name, one.newest) for one in survey.outlets),
        )
        sources = survey.sources
        yield _by(
            "dateline_source_read_timestamp_seconds",
            "When a watched source was last read without a failure",
            "source",
            ((one.key, one.read_at) for one in sources),
        )
        yield _by(
            "dateline_source_newest_timestamp_seconds",
            "Publication time of the newest story that a watched source listed",
            "source",
            ((one.key, one.newest_at) for one in sources),
        )
        yield _by(
            "dateline_source_failures",
            "Failures in a row of a watched source",
            "source",
            ((one.key, one.tries) for one in sources),
        )
        yield _by(
            "dateline_source_lag_seconds",
            "Smoothed time from a story's publication to its reading",
            "source",
            ((one.key, one.lag_seconds) for one in sources),
        )


def render_survey(survey: Survey) -> bytes:
    """The library's gauges alone, as text for Prometheus."""
    registry = CollectorRegistry()
    registry.register(LibraryCollector(lambda: survey))
    return generate_latest(registry)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def _by(name: str, meaning: str, label: str, rows: Iterable[tuple[str, float | None]]) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for key, value in rows:
        if value is not None:
            family.add_metric([key], value)
    return family

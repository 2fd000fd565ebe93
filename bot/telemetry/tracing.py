"""Traces by OpenTelemetry: kept to be shown, sent to a collector over OTLP, or both.

The customary `OTEL_…` variables of its SDK hold; without `OTEL_EXPORTER_OTLP_ENDPOINT` nothing is
sent anywhere.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)

from bot.telemetry.settings import TraceSettings
from index.tracing import Fact, Span

_PREFIX = "dateline."
# A command must not hang at its end for a collector that is away.
_FLUSH_MS = 2_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Measured:
    """A span that ended."""

    name: str
    depth: int
    """0 for the first of a trace."""
    milliseconds: float
    facts: dict[str, Fact]


class _Noted:
    """A span of OpenTelemetry as the core sees it."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def note(self, **facts: Fact) -> None:
        """Add what became known."""
        self._span.set_attributes(_attributes(facts))


def current_trace_id() -> str | None:
    """Of the trace that goes on in this thread, 32 hexadecimal digits; None outside of one."""
    context = get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None


class OpenTelemetryTracer:
    """Measures with OpenTelemetry's SDK."""

    def __init__(self, provider: TracerProvider, kept: _Keeper | None = None) -> None:
        self._tracer = provider.get_tracer("dateline")
        self._kept = kept

    @property
    def trace_id(self) -> str | None:
        """Of the trace that goes on in this thread."""
        return current_trace_id()

    def span(self, name: str, **facts: Fact) -> AbstractContextManager[Span]:
        """Measure the block; if it raises, the span says so and by which type only."""
        return self._measure(name, facts, None)

    def begin(self, name: str, key: str, **facts: Fact) -> AbstractContextManager[Span]:
        """Measure the block in the trace of `key`: its id is made from the key alone."""
        return self._measure(name, facts, set_span_in_context(NonRecordingSpan(_context_of(key))))

    @contextmanager
    def _measure(
        self, name: str, facts: Mapping[str, Fact], context: Context | None
    ) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name,
            context=context,
            attributes=_attributes(facts),
            # An exception's text may hold what was asked, or an article's words.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield _Noted(span)
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def record(self, name: str, milliseconds: float, **facts: Fact) -> None:
        """Add a span that ended now."""
        end = time.time_ns()
        start = end - int(milliseconds * 1_000_000)
        span = self._tracer.start_span(name, attributes=_attributes(facts), start_time=start)
        span.end(end)

    def measured(self) -> list[Measured]:
        """What ended since the last call, in the order in which it began; empty if not kept."""
        return self._kept.take() if self._kept else []


class _Keeper(SpanExporter):
    """Keeps spans in memory, to be shown."""

    def __init__(self) -> None:
        self._spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._spans += spans
        return SpanExportResult.SUCCESS

    def take(self) -> list[Measured]:
        spans = sorted(self._spans, key=lambda one: (one.start_time or 0, -(one.end_time or 0)))
        self._spans = []
        parents = {
            span.context.span_id: span.parent.span_id if span.parent else None
            for span in spans
            if span.context
        }
        return [_measure(span, parents) for span in spans]


class _CalmExporter(SpanExporter):
    """Says once, in one line, that spans cannot be sent."""

    def __init__(self, exporter: SpanExporter, endpoint: str) -> None:
        self._exporter = exporter
        self._endpoint = endpoint
        self._is_told = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._exporter.export(spans)
        except Exception:  # traces must never end the work that they are about
            logger.debug("failed", exc_info=True)
            result = SpanExportResult.FAILURE
        if result is not SpanExportResult.SUCCESS and not self._is_told:
            self._is_told = True
            logger.warning("traces cannot be sent to %s", self._endpoint)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = _FLUSH_MS) -> bool:
        return self._exporter.force_flush(timeout_millis)


@contextmanager
def open_open_telemetry(
    settings: TraceSettings, *, keeps: bool = False
) -> Iterator[OpenTelemetryTracer]:
    """A tracer that sends to the settings' collector, if any; what is left is sent at the end.

    Args:
        settings: Where to send.
        keeps: Keep what was measured, for `measured`.
    """
    provider = TracerProvider(resource=Resource.create({"service.name": settings.service}))
    keeper = _Keeper() if keeps else None
    if keeper:
        provider.add_span_processor(SimpleSpanProcessor(keeper))
    if settings.endpoint:
        provider.add_span_processor(BatchSpanProcessor(_exporter(settings.shown_endpoint)))
    try:
        yield OpenTelemetryTracer(provider, keeper)
    finally:
        provider.force_flush(_FLUSH_MS)
        provider.shutdown()


def _exporter(endpoint: str) -> SpanExporter:
    # Costs 0.1 s of CPU: only where spans are sent.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )

    # What its library logs holds addresses and stack traces; `_CalmExporter` says it in a line.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    return _CalmExporter(OTLPSpanExporter(timeout=_FLUSH_MS / 1000), endpoint)


def _context_of(key: str) -> SpanContext:
    digest = hashlib.sha256(f"dateline trace {key}".encode()).digest()
    return SpanContext(
        trace_id=int.from_bytes(digest[:16], "big") or 1,
        span_id=int.from_bytes(digest[16:24], "big") or 1,
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


def _attributes(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    return {f"{_PREFIX}{name}": fact for name, fact in facts.items()}


def _measure(span: ReadableSpan, parents: Mapping[int, int | None]) -> Measured:
    depth, parent = 0, span.parent.span_id if span.parent else None
    while parent is not None and parent in parents:
        depth += 1
        parent = parents[parent]
    facts = {
        name.removeprefix(_PREFIX): fact
        for name, fact in (span.attributes or {}).items()
        if isinstance(fact, bool | int | float | str)
    }
    milliseconds = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
    return Measured(span.name, depth, milliseconds, facts)

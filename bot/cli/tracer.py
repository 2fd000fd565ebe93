"""The tracer of one command: none unless it is asked for, since measuring costs its imports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.telemetry.settings import TraceSettings
from index.tracing import Tracer, Untraced

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def open_tracer(*, shows: bool = False) -> Iterator[Tracer]:
    """A tracer that sends where the environment says, and keeps what `show_spans` shows."""
    settings = TraceSettings.from_env(os.environ)
    if settings.endpoint is None and not shows:
        yield Untraced()
        return
    from bot.telemetry.tracing import open_open_telemetry

    with open_open_telemetry(settings, keeps=shows) as tracer:
        yield tracer


def show_spans(tracer: Tracer, trace_id: str | None, console: Console) -> None:
    """Write the trace's id and what each stage took."""
    from bot.cli.page import Page
    from bot.telemetry.tracing import OpenTelemetryTracer

    if not isinstance(tracer, OpenTelemetryTracer) or trace_id is None:
        return
    page = Page(console)
    page.line(("trace", "bold"), f" {trace_id}")
    for one in tracer.measured():
        facts = "  ".join(f"{name}={fact}" for name, fact in one.facts.items())
        indent = 2 + 2 * one.depth
        page.line(f"{one.name} {one.milliseconds:.1f} ms  {facts}".rstrip(), indent=indent)

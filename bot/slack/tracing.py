"""Measures a question in Slack, under an id that the process that took it used as well."""

from __future__ import annotations

import time

from bot.slack.pool import TaskHandler
from bot.slack.state import Task
from index.tracing import Tracer


class TracedHandler:
    """Passes questions on to a handler, each in its trace."""

    def __init__(self, handler: TaskHandler, tracer: Tracer) -> None:
        self._handler = handler
        self._tracer = tracer

    def handle(self, task: Task) -> None:
        """See a question through; nothing is raised."""
        asked = task.asked
        with self._tracer.begin(
            "slack.question",
            asked.trace_key,
            kind=asked.kind.value,
            attempts=task.attempts,
            waited_ms=round((time.time() - task.received_at) * 1000),
        ):
            self._handler.handle(task)

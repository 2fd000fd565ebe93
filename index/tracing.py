"""Spans: what a stage of an answer took, under one trace id. Knows no tracing library.

A span carries numbers and words of ours, never the text of a question or an article.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Fact = bool | int | float | str
"""What a span may carry: counts, a status, a name that our own code gave."""


class Span(Protocol):
    """A stage that is going on."""

    def note(self, **facts: Fact) -> None:
        """Add what became known."""
        ...


class Tracer(Protocol):
    """Measures stages; those that begin inside another belong to it."""

    @property
    def trace_id(self) -> str | None:
        """Of the trace that goes on in this thread, 32 hexadecimal digits; None outside of one."""
        ...

    def span(self, name: str, **facts: Fact) -> AbstractContextManager[Span]:
        """Measure what happens in the block."""
        ...

    def begin(self, name: str, key: str, **facts: Fact) -> AbstractContextManager[Span]:
        """Measure the block as a part of the trace that `key` names, in whichever process."""
        ...

    def record(self, name: str, milliseconds: float, **facts: Fact) -> None:
        """Add a stage that ended now, for what cannot be a block."""
        ...


class Untraced:
    """Measures nothing."""

    trace_id = None

    def span(self, name: str, **facts: Fact) -> AbstractContextManager[Span]:  # noqa: ARG002
        """A block that is not measured."""
        return _ignore()

    def begin(self, name: str, key: str, **facts: Fact) -> AbstractContextManager[Span]:  # noqa: ARG002
        """A block that is not measured."""
        return _ignore()

    def record(self, name: str, milliseconds: float, **facts: Fact) -> None:
        """Nothing."""


class _Ignored:
    def note(self, **facts: Fact) -> None:
        """Nothing."""


@contextmanager
def _ignore() -> Iterator[Span]:
    yield _Ignored()

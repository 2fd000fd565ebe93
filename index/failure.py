"""What could not be read, told on one line: names and reasons come from hostile input."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from index.errors import DatelineError, SourceError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """One file or record that did not become an article."""

    source: str
    """On one line: `news/a.jsonl line 3`."""
    reason: str
    """On one line, for the person who can mend it."""

    def __post_init__(self) -> None:
        # Both are made from hostile input, and both are printed in terminals and lists.
        object.__setattr__(self, "source", printable(self.source))
        object.__setattr__(self, "reason", printable(self.reason))


def failure_of(source: str, error: Exception) -> Failure:
    """The failure of the one file, record or address that could not be read.

    What nobody foresaw is logged with its trace, and costs no more than that either: an archive is
    read from thousands of strangers, and one of them may not end the run.

    Raises:
        DatelineError: `error` itself, if it is not of the source: the library's, say.
    """
    if isinstance(error, SourceError):
        return Failure(source, str(error))
    if isinstance(error, DatelineError):
        raise error
    logger.error("unforeseen source=%s", printable(source), exc_info=error)
    return Failure(source, f"it cannot be read: unforeseen {type(error).__name__}: {error}")


def printable(text: str) -> str:
    """`text` on one line: control characters, newlines and lone surrogates are escaped."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )

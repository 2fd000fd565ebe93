"""What could not be read, told on one line: names and reasons come from hostile input."""

from __future__ import annotations

from dataclasses import dataclass


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


def printable(text: str) -> str:
    """`text` on one line: control characters, newlines and lone surrogates are escaped."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )

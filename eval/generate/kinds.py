"""The kinds of test that can be generated."""

from __future__ import annotations

from enum import StrEnum


class TestKind(StrEnum):
    """What a generated question tests; its first tag."""

    __test__ = False  # pytest would take it for a test

    EXCERPT = "excerpt"
    """Where is this from? The citation must tell headline, outlet, date and address."""
    REMOVED = "removed"
    """The same with the article, and every one that says the same, hidden: abstain."""
    EARLIER = "earlier"
    """The same as of the day before it was published: abstain."""
    ON_THE_DAY = "on-the-day"
    """The same as of the day on which it was published: the article is there."""
    CLAIM = "claim"
    """Is it true that … what an article says: confirm it."""
    CORRUPTED = "corrupted"
    """The same with a number, date, name or denial changed: must not be confirmed."""

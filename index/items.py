"""What a reader of sources yields beside articles and failures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from index.article import Article
from index.failure import Failure
from index.notice import Notice


@dataclass(frozen=True, slots=True)
class Unread:
    """Articles that need no reading: what they were read from did not change since."""

    articles: int


@dataclass(frozen=True, slots=True)
class Remark:
    """A notice of an article that the library may hold, without a new text of it."""

    url: str
    """Of the article."""
    notice: Notice


class Outcome(StrEnum):
    """How a fetch of an address ended."""

    READ = "read"
    UNCHANGED = "unchanged"
    GONE = "gone"
    WAITING = "waiting"
    """It was not fetched yet: a list named it."""
    REMOVED = "removed"
    """Its article was removed from the library, and no watcher brings it back."""
    REFUSED = "refused"
    """For good: forbidden by robots.txt or our rules, too large, no story in it."""
    FAILED = "failed"
    """For now: the network, the server, or too many requests."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a fetch of an address came to; yielded after the articles that it gave."""

    url: str
    """As it was asked for, in its canonical spelling."""
    outcome: Outcome
    at: datetime
    etag: str | None = None
    last_modified: str | None = None
    hint: str | None = None
    """What the list that named it said of it; see `Link.hint`."""
    listed_by: str | None = None
    """The address of that list."""
    article_url: str | None = None
    """The article that was read there."""
    articles: int = 0
    reason: str | None = None
    """Why it failed or was refused, on one line."""
    retry_after_seconds: float | None = None
    """What the server asked for."""
    aliases: tuple[str, ...] = ()
    """Other addresses at which the article was found."""
    is_twin: bool = False
    """Whether another address is the story's own; then nobody comes back to this one."""
    due_at: datetime | None = None
    """When a watcher fetches it next; None for never by itself."""


Item = Article | Failure | Unread | Remark | Visit
"""What a source gives, in order; an article's `Visit` comes after it."""

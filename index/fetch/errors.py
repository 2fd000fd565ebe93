"""How a fetch fails: for now, or for good."""

from __future__ import annotations

from index.errors import SourceError


class FetchRefused(SourceError):
    """Trying again would change nothing: our rules, the site's rules, or the answer forbid it."""


class FetchFailed(SourceError):
    """The network or the server failed; later it may do better."""

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        """What the server asked for."""

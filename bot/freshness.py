"""Questions about now, and evidence from then."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from index.moment import Moment

# What is asked of this moment cannot be told from a story older than this.
_FRESH_FOR = timedelta(days=30)
_NOW = re.compile(
    r"\b(?:now|today|tonight|currently|current(?=\s+\w)(?!\s+(?:account|affairs))"
    r"|at\s+(?:the\s+moment|present)|right\s+now"
    r"|these\s+days|nowadays|still|this\s+(?:morning|evening|week)|as\s+of\s+(?:now|today))\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:in|of|during)\s+(?:the\s+year\s+)?(?:[A-Z][a-z]+\s+)?((?:19|20)\d\d)\b")
# "A rip current kill two": of what flows. "The current mayor": of now.
_FLOWING = re.compile(
    r"\b(?:rip|ocean|sea|tidal|electric|direct|alternating|strong|under|gulf|a)\s+current\b",
    re.IGNORECASE,
)
# "Were ships still waiting when it ended?" is about then; "stood still" is not about time.
_STILL_THEN = re.compile(
    r"\b(?:was|were|had|did)\b.{0,60}?\b(?:still|currently)\b"
    r"|\b(?:stands?|stood|standing|sits?|sat|sitting|holds?|held|keeps?|kept)\s+still\b",
    re.IGNORECASE | re.DOTALL,
)
# "Who bought USA Today?"
_NAMED = re.compile(r"(?<=[\w,’'“\"] )(?:Today|Now|Current|Tonight)\b")


def asks_about_now(question: str) -> bool:
    """Whether `question` is about the state of things at the moment it is asked."""
    plain = _NAMED.sub("", _FLOWING.sub("", _STILL_THEN.sub("", question)))
    return bool(_NOW.search(plain))


def is_stale(question: str, evidence: Iterable[Moment | None], now: datetime) -> bool:
    """Whether a question about now would be answered from old stories only.

    Args:
        question: As it was asked.
        evidence: When the stories that answer were published; None for an undated one.
        now: The moment from which it is asked, aware.
    """
    years = [int(year) for year in _YEAR.findall(question)]
    # A year that is over: the question is about then, whatever else it says.
    if not asks_about_now(question) or (years and max(years) < now.year):
        return False
    newest = max((moment.end for moment in evidence if moment), default=None)
    # Nothing can be said of the age of undated stories; the answer says that they are undated.
    return newest is not None and now - newest > _FRESH_FOR


def tell_age(evidence: Iterable[Moment | None]) -> str:
    """Why stale evidence is withheld, with the day of the newest of it."""
    newest = max((moment.start for moment in evidence if moment), default=None)
    told = f"; the newest is of {newest.day} {newest:%B %Y}" if newest else ""
    return f"The stories on this are too old to tell how it is now{told}."

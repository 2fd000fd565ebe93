"""What readers must know of a story beside its text: that it was corrected, or taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

WITHDRAWN = "The outlet withdrew the page."
"""The text of the notice of a page that is gone for good (410)."""


class NoticeKind(StrEnum):
    """What became of a story; the graver counts where there are several."""

    CORRECTED = "corrected"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Notice:
    """A correction or a retraction of one article."""

    kind: NoticeKind
    text: str
    """One line: the outlet's own words, or what was seen: `The page was withdrawn (410).`"""
    at: datetime | None = None
    """From when on it is known, aware; None for as long as the version stands."""


def graver(one: Notice | None, other: Notice | None) -> Notice | None:
    """The one of two notices that counts."""
    if one is None or other is None:
        return one or other
    return other if other.kind is NoticeKind.RETRACTED is not one.kind else one

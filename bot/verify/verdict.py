"""What the checker says of one sentence, as types."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from index.article import Passage


class Fault(StrEnum):
    """Why a sentence may not be shown."""

    NO_SOURCE = "no_source"
    """It cites nothing."""
    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    COMPARISON = "comparison"
    """A direction (rose, fell) or the roles of two names (who beat whom) are the other way."""
    ATTRIBUTION = "attribution"
    """It states as a fact what the article only reports that somebody said."""
    SPEAKER = "speaker"
    """It gives the words to somebody else, or alters what stands in quotation marks."""
    HEDGE = "hedge"
    """It states as certain what the article calls possible or planned."""
    UNSUPPORTED = "unsupported"
    """The cited text does not speak of it, or it says nothing that a text could bear out."""
    ELSEWHERE = "elsewhere"
    """A passage that it does not cite proves it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a sentence."""

    fault: Fault
    what: str
    """The words of the sentence that it is about."""
    why: str
    """What is wrong, in words that a writer can mend it by."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a cited passage that supports a claim."""

    passage: Passage
    start: int
    """Offset in the version's body."""
    end: int

    @property
    def text(self) -> str:
        """The body's characters from `start` to `end`."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the cited passages prove a sentence."""

    ok: bool
    faults: tuple[Finding, ...] = ()
    """Empty exactly when `ok`."""
    quotes: tuple[Quote, ...] = ()
    """What proves it; of a failed sentence, the nearest that the cited passages have."""
    elsewhere: Passage | None = None
    """The passage of `others` that proves what the cited ones do not."""

"""Which part of the archive a question may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Slice:
    """What outlets published in sections; no outlets means all of them, and so with sections."""

    outlets: frozenset[str] = frozenset()
    """Outlet keys (`outlet_key`)."""
    sections: frozenset[str] = frozenset()
    """Names of sections, in any case. An article without a section is in none of them."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The visible slice of the archive. The empty scope sees the current version of everything.

    All times are aware. An article that is not dated is inside a scope without times only: what
    cannot be shown to be old enough is never shown.
    """

    as_of: datetime | None = None
    """Nothing published, and no version made, after this instant is seen."""
    since: datetime | None = None
    """First instant of publication that is seen."""
    until: datetime | None = None
    """Last instant of publication that is seen."""
    outlets: frozenset[str] = frozenset()
    """Outlet keys (`outlet_key`); empty means every outlet."""
    slices: tuple[Slice, ...] = ()
    """What the asker may see at all: an article in any of them; empty means everything. Unlike
    `outlets`, which the question names, nothing in a question widens or narrows it."""


def outlet_key(name: str) -> str:
    """The form under which outlets are compared: "The  Verge " and "the verge" are one outlet."""
    words = name.casefold().split()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)

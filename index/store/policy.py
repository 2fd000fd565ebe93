"""When so much was stored since the dense index was made that making it anew pays."""

from __future__ import annotations

from typing import NamedTuple


class MergePolicy(NamedTuple):
    """When the delta has grown enough to build a generation of the dense index."""

    rows: int
    """Never at so many new chunks or fewer."""
    share: float
    """Nor at this share of the generation that stands, or less."""
    begin: bool
    """Whether the first generation is built however small it is."""

    def asks(self, delta: int, base: int | None) -> bool:
        """Whether `delta` new chunks beside a generation of `base` (None: none) are too many."""
        if base is None and self.begin:
            return delta > 0
        return delta > max(self.rows, self.share * (base or 0))

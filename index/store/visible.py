"""Which versions a scope may see: asked of the catalog, and of arrays held in memory.

Both forms of the rule stand here, side by side, because they must never differ. A version is seen
at an instant from its `visible_from` until before its `visible_until`; without an instant, exactly
the current versions are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, or_, select, true

from index.scope import Scope
from index.store.schema import epoch, versions

NEVER = np.iinfo(np.int64).max
"""Stands for a time that never comes: an undated version begins then, a current one ends then."""

Mask = NDArray[np.bool_]
Keys = NDArray[np.int64]

_COLUMNS = (
    versions.c.version_key,
    versions.c.visible_from,
    versions.c.visible_until,
    versions.c.published_start,
    versions.c.published_end,
    versions.c.is_current,
    versions.c.outlet_key,
)


def visible_rows(scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions that `versions` rows inside `scope` fulfil, all of them."""
    columns = versions.c
    rules: list[ColumnElement[bool]] = []
    if scope.as_of is None:
        rules.append(columns.is_current == true())
    else:
        instant = epoch(scope.as_of)
        rules.append(columns.visible_from <= instant)
        rules.append(or_(columns.visible_until.is_(None), columns.visible_until > instant))
    if scope.since is not None:
        rules.append(columns.published_start >= epoch_up(scope.since))
    if scope.until is not None:
        rules.append(columns.published_end <= epoch(scope.until))
    if scope.outlets:
        rules.append(columns.outlet_key.in_(sorted(scope.outlets)))
    return rules


@dataclass(frozen=True, slots=True, eq=False)
class VersionTable:
    """Every version's key and times as arrays of one length, in the order of the keys."""

    keys: Keys
    visible_from: Keys
    visible_until: Keys
    published_start: Keys
    published_end: Keys
    is_current: Mask
    outlets: NDArray[np.int32]
    """Index into `outlet_keys`."""
    outlet_keys: tuple[str, ...]

    @classmethod
    def load(cls, connection: Connection) -> VersionTable:
        """Read the versions that the catalog holds."""
        rows = connection.execute(select(*_COLUMNS).order_by(versions.c.version_key)).all()
        return cls._of([tuple(row) for row in rows])

    @classmethod
    def _of(cls, rows: Sequence[tuple[object, ...]]) -> VersionTable:
        columns = tuple(zip(*rows, strict=True)) or ((),) * len(_COLUMNS)
        keys, begin, end, start, last, current, outlets = columns
        codes = {name: code for code, name in enumerate(dict.fromkeys(outlets))}
        return cls(
            keys=np.array(keys, dtype=np.int64),
            visible_from=_times(begin, NEVER),
            visible_until=_times(end, NEVER),
            published_start=_times(start, -NEVER),
            published_end=_times(last, NEVER),
            is_current=np.array(current, dtype=np.bool_),
            outlets=np.array([codes[name] for name in outlets], dtype=np.int32),
            outlet_keys=tuple(str(name) for name in codes),
        )

    def places(self, keys: Keys) -> NDArray[np.int32]:
        """Where each key stands in the table; unknown ones stand at its end, `len(self.keys)`."""
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.int32)
        places = np.searchsorted(self.keys, keys)
        known = self.keys[np.minimum(places, len(self.keys) - 1)] == keys
        return np.where(known, places, len(self.keys)).astype(np.int32)

    def mask(self, scope: Scope) -> Mask:
        """Which places `scope` may see; one longer than the table, its last always unseen."""
        seen = np.zeros(len(self.keys) + 1, dtype=np.bool_)
        seen[:-1] = self._seen_at(scope) & self._published_in(scope)
        if scope.outlets:
            wanted = [code for code, name in enumerate(self.outlet_keys) if name in scope.outlets]
            seen[:-1] &= np.isin(self.outlets, wanted)
        return seen

    def _seen_at(self, scope: Scope) -> Mask:
        if scope.as_of is None:
            return self.is_current
        instant = epoch(scope.as_of)
        seen: Mask = (self.visible_from <= instant) & (instant < self.visible_until)
        return seen

    def _published_in(self, scope: Scope) -> Mask:
        inside = np.ones(len(self.keys), dtype=np.bool_)
        if scope.since is not None:
            inside &= self.published_start >= epoch_up(scope.since)
        if scope.until is not None:
            inside &= self.published_end <= epoch(scope.until)
        return inside


def epoch_up(when: datetime) -> int:
    """The first whole second that is not before `when`."""
    return math.ceil(when.timestamp())


def _times(values: Sequence[object], unknown: int) -> Keys:
    return np.array([unknown if value is None else value for value in values], dtype=np.int64)

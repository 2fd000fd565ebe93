"""Which versions a scope may see: asked of the catalog, and of arrays held in memory.

Both forms of the rule stand here, side by side, because they must never differ. A version is seen
at an instant from its `visible_from` until before its `visible_until`; without an instant, exactly
the current versions are.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from index.scope import Scope, Slice
from index.store.schema import epoch, versions

NEVER = np.iinfo(np.int64).max
"""Stands for a time that never comes: an undated version begins then, a current one ends then."""

Mask = NDArray[np.bool_]
Keys = NDArray[np.int64]

# Lowered by the database, so that both forms of the rule compare the same text.
_SECTION = func.lower(func.coalesce(versions.c.section, ""))
_COLUMNS = (
    versions.c.version_key,
    versions.c.visible_from,
    versions.c.visible_until,
    versions.c.published_start,
    versions.c.published_end,
    versions.c.is_current,
    versions.c.outlet_key,
    _SECTION,
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
    if scope.slices:
        rules.append(or_(*map(_slice_rule, scope.slices)))
    return rules


def _slice_rule(part: Slice) -> ColumnElement[bool]:
    rules: list[ColumnElement[bool]] = [true()]
    if part.outlets:
        rules.append(versions.c.outlet_key.in_(sorted(part.outlets)))
    if part.sections:
        rules.append(_SECTION.in_(sorted(_lowered(part.sections))))
    return and_(*rules)


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
    sections: NDArray[np.int32]
    """Index into `section_names`."""
    section_names: tuple[str, ...]
    """As the database lowers them; empty for articles without one."""

    @classmethod
    def load(cls, connection: Connection) -> VersionTable:
        """Read the versions that the catalog holds."""
        rows = connection.execute(select(*_COLUMNS).order_by(versions.c.version_key)).all()
        return cls._of([tuple(row) for row in rows])

    @classmethod
    def _of(cls, rows: Sequence[tuple[object, ...]]) -> VersionTable:
        columns = tuple(zip(*rows, strict=True)) or ((),) * len(_COLUMNS)
        keys, begin, end, start, last, current, outlets, sections = columns
        outlet_codes, section_codes = _code(outlets), _code(sections)
        return cls(
            keys=np.array(keys, dtype=np.int64),
            visible_from=_times(begin, NEVER),
            visible_until=_times(end, NEVER),
            published_start=_times(start, -NEVER),
            published_end=_times(last, NEVER),
            is_current=np.array(current, dtype=np.bool_),
            outlets=np.array([outlet_codes[str(name)] for name in outlets], dtype=np.int32),
            outlet_keys=tuple(outlet_codes),
            sections=np.array([section_codes[str(name)] for name in sections], dtype=np.int32),
            section_names=tuple(section_codes),
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
            seen[:-1] &= _among(self.outlets, self.outlet_keys, scope.outlets)
        if scope.slices:
            seen[:-1] &= np.logical_or.reduce([self._in_slice(part) for part in scope.slices])
        return seen

    def _in_slice(self, part: Slice) -> Mask:
        inside = np.ones(len(self.keys), dtype=np.bool_)
        if part.outlets:
            inside &= _among(self.outlets, self.outlet_keys, part.outlets)
        if part.sections:
            inside &= _among(self.sections, self.section_names, _lowered(part.sections))
        return inside

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


def _code(names: Sequence[object]) -> dict[str, int]:
    return {str(name): code for code, name in enumerate(dict.fromkeys(names))}


def _among(codes: NDArray[np.int32], names: Sequence[str], wanted: Collection[str]) -> Mask:
    chosen = [code for code, name in enumerate(names) if name in wanted]
    mask: Mask = np.isin(codes, chosen)
    return mask


def _lowered(names: Collection[str]) -> frozenset[str]:
    """Each name as a database may lower it: SQLite lowers ASCII letters only."""
    lowered = {name.lower() for name in names}
    ascii_only = {"".join(c.lower() if c.isascii() else c for c in name) for name in names}
    return frozenset(lowered | ascii_only)


def epoch_up(when: datetime) -> int:
    """The first whole second that is not before `when`."""
    return math.ceil(when.timestamp())


def _times(values: Sequence[object], unknown: int) -> Keys:
    return np.array([unknown if value is None else value for value in values], dtype=np.int64)

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
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, true

from index.scope import Scope, Slice, outlet_key
from index.store.schema import changes, epoch, versions

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
    versions.c.outlet,
)

_ARRAYS = (
    "keys", "visible_from", "visible_until", "published_start", "published_end", "is_current",
    "outlets", "sections", "spellings",
)  # fmt: skip
_NAMES = ("outlet_keys", "section_names", "spelling_names")


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
    """Every version's key and times as arrays of one length, in the order of the keys.

    A removed version keeps its place, unseen by any scope, so that places stay what they are while
    the table follows the catalog.
    """

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
    spellings: NDArray[np.int32]
    """Index into `spelling_names`."""
    spelling_names: tuple[str, ...]
    """Outlets as articles print them; empty for articles without one."""

    @classmethod
    def load(cls, connection: Connection) -> VersionTable:
        """Read the versions that the catalog holds."""
        return cls._of(_read(connection, select(*_COLUMNS)), None)

    @classmethod
    def _of(cls, rows: Sequence[tuple[object, ...]], before: VersionTable | None) -> VersionTable:
        """Rows as a table of their own; names have the numbers that they have in `before`."""
        columns = tuple(zip(*rows, strict=True)) or ((),) * len(_COLUMNS)
        keys, begin, end, start, last, current, outlets, sections, spellings = columns
        outlet_codes = _code(outlets, before.outlet_keys if before else ())
        section_codes = _code(sections, before.section_names if before else ())
        spelled = [name or "" for name in spellings]
        spelling_codes = _code(spelled, before.spelling_names if before else ())
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
            spellings=np.array([spelling_codes[str(name)] for name in spelled], dtype=np.int32),
            spelling_names=tuple(spelling_codes),
        )

    def advance(self, connection: Connection, since: int) -> VersionTable:
        """The table as the catalog stands now, made from this one, which was read at `since`.

        Costs what changed, and a copy of the arrays; every place stays what it was.
        """
        rows = _read(connection, select(*_COLUMNS).where(versions.c.revision > since))
        gone = connection.scalars(
            select(changes.c.version_key).where(
                changes.c.revision > since, changes.c.kind == "removed"
            )
        ).all()
        if not rows and not gone:
            return self
        table = self._replace(VersionTable._of(rows, self))
        places = table.places(np.array(gone, dtype=np.int64))
        places = places[places >= 0]
        table.is_current[places] = False
        table.visible_from[places] = NEVER
        table.visible_until[places] = -NEVER
        return table

    def _replace(self, fresh: VersionTable) -> VersionTable:
        """The rows of both, those of `fresh` in place of older ones of the same key."""
        places = self.places(fresh.keys)
        known, new = places >= 0, places < 0
        merged: dict[str, Any] = {}
        for name in _ARRAYS:
            old, put = getattr(self, name), getattr(fresh, name)
            # New keys are greater than all before: they grow with every write.
            merged[name] = np.concatenate([old, put[new]])
            merged[name][places[known]] = put[known]
        merged |= {name: getattr(fresh, name) for name in _NAMES}
        return VersionTable(**merged)

    def count_outlets(self) -> dict[str, int]:
        """Outlets by name with the number of their current articles, the largest first.

        An outlet spelled in several ways is named as most of its articles name it.
        """
        current = self.spellings[self.is_current]
        counts = np.bincount(current, minlength=len(self.spelling_names))
        spelled = sorted(
            (-int(count), name, outlet_key(name))
            for count, name in zip(counts, self.spelling_names, strict=True)
            if count and name
        )
        names: dict[str, str] = {}
        sizes: dict[str, int] = {}
        for count, name, key in spelled:
            names.setdefault(key, name)
            sizes[key] = sizes.get(key, 0) - count
        largest = sorted(sizes, key=lambda key: (-sizes[key], names[key]))
        return {names[key]: sizes[key] for key in largest}

    def places(self, keys: Keys) -> NDArray[np.int32]:
        """Where each key stands in the table; -1 for those that it does not hold."""
        if not len(self.keys):
            return np.full(len(keys), -1, dtype=np.int32)
        places = np.searchsorted(self.keys, keys)
        known = self.keys[np.minimum(places, len(self.keys) - 1)] == keys
        return np.where(known, places, -1).astype(np.int32)

    def mask(self, scope: Scope) -> Mask:
        """Which places `scope` may see; one longer than the table, its last, -1, always unseen."""
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


def _code(names: Sequence[object], known: Sequence[str]) -> dict[str, int]:
    return {str(name): code for code, name in enumerate(dict.fromkeys([*known, *names]))}


def _read(connection: Connection, query: Select[Any]) -> list[tuple[object, ...]]:
    # Sorted here: asked for it, a database reads by the key's index, all rows for a few.
    return sorted((tuple(row) for row in connection.execute(query)), key=itemgetter(0))


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

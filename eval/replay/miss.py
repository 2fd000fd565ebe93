"""Says of a request that is not recorded which part of it changed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.replay.recordings import Recording
from eval.replay.request import CanonicalRequest, Message

_FENCE = re.compile(r"^=== (?P<kind>\w+) <key (?P<number>\d+)> begins ===$")
_AROUND = 24
_MOST_CHANGES = 4


def explain_miss(request: CanonicalRequest, near: Sequence[Recording], wanted: str) -> str:
    """One line: that nothing is recorded, and how the nearest recording differs.

    Args:
        request: What was sent.
        near: Recordings that it might have been meant for.
        wanted: What was looked for, in words: the case, its repeat.
    """
    if not near:
        return f"no recording for {wanted}: nothing of this kind ({request.kind}) is recorded"
    nearest = max(near, key=lambda one: _likeness(request, one.request))
    file = nearest.path.name if nearest.path else nearest.case_id
    changes = list(_changes(nearest.request, request))
    if not changes:
        return (
            f"no recording for {wanted}: {file} is the same request of another repeat or "
            "occurrence; record this one too"
        )
    more = f"; and {len(changes) - _MOST_CHANGES} more" if len(changes) > _MOST_CHANGES else ""
    told = "; ".join(changes[:_MOST_CHANGES])
    return f"no recording for {wanted}: against {file}, {told}{more}"


def _likeness(one: CanonicalRequest, other: CanonicalRequest) -> float:
    return sum(
        difflib.SequenceMatcher(None, ours.text, theirs.text, autojunk=False).quick_ratio()
        for ours, theirs in zip(one.messages, other.messages, strict=False)
    ) - abs(len(one.messages) - len(other.messages))


def _changes(was: CanonicalRequest, now: CanonicalRequest) -> Iterator[str]:
    yield from _changed_parameters(was.parameters, now.parameters)
    for place, (old, new) in enumerate(zip(was.messages, now.messages, strict=False), start=1):
        if old != new:
            yield from _changed_message(place, old, new)
    if len(was.messages) != len(now.messages):
        yield f"there are {len(now.messages)} messages, not {len(was.messages)}"


def _changed_parameters(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*was, *now}):
        old, new = was.get(name, "unset"), now.get(name, "unset")
        if old != new:
            yield f"{name} is {new!r}, was {old!r}"


def _changed_message(place: int, was: Message, now: Message) -> Iterator[str]:
    if was.role != now.role:
        yield f"message {place} is of {now.role}, was of {was.role}"
    old, new = was.text.split("\n"), now.text.split("\n")
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for action, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if action == "equal":
            continue
        line = new_start if action != "delete" else old_start
        text = new if action != "delete" else old
        where = f"message {place} ({now.role}) line {line + 1}{_inside(text, line)}"
        yield f"{where}: {_compare(old[old_start:old_end], new[new_start:new_end])}"


def _inside(lines: Sequence[str], line: int) -> str:
    """Which passage a line stands in."""
    for above in range(min(line, len(lines) - 1), -1, -1):
        if found := _FENCE.match(lines[above]):
            return f" in {found['kind']} <key {found['number']}>"
        if lines[above].endswith(" ends ==="):
            return ""
    return ""


def _compare(old: Sequence[str], new: Sequence[str]) -> str:
    if not old:
        return f"new: {_shorten(new[0])}"
    if not new:
        return f"gone: {_shorten(old[0])}"
    was, now = old[0], new[0]
    start = next(
        (at for at, (a, b) in enumerate(zip(was, now, strict=False)) if a != b),
        min(len(was), len(now)),
    )
    return f"at character {start + 1} {_window(now, start)}, was {_window(was, start)}"


def _window(text: str, at: int) -> str:
    left, right = max(0, at - _AROUND), at + _AROUND
    shown = text[left:right]
    return f"“{'…' if left else ''}{shown}{'…' if right < len(text) else ''}”"


def _shorten(text: str) -> str:
    return f"“{text[: 2 * _AROUND]}{'…' if len(text) > 2 * _AROUND else ''}”"

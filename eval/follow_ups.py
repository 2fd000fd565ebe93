"""How near rewritten follow-ups come to those that people wrote, word by word.

Reads the published MTRAG files (Apache-2.0, IBM): each record holds the user turns of one
conversation up to a question, and a second file the same question as a person made it stand alone.
No article is read and nothing is searched: those sets' corpora are not needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.answer import Turn
from bot.conversation import rewrite_follow_up
from eval.metrics.tokens import plain_tokens
from eval.record_files import read_records
from index.errors import UsageError
from index.names import find_names

_TURN = re.compile(r"(?:^|\n)\|user\|:[ \t]*")
_ID = re.compile(r"^(?P<conversation>.+?)<::>(?P<turn>\d+)$")
# How a question is put, not what it is about.
_EMPTY_WORDS = frozenset(
    "of in on at by for to from with without and or but nor as is are was were be been being "
    "am do does did done has have had having can could will would shall should may might must "
    "what which who whom whose when where why how there here that this these those it its he "
    "she they them his her their i you we me us my your our please tell know about more any "
    "some if so not no than then also just get got during into s t re ve d ll m".split()
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One question of a conversation, and how a person made it stand alone."""

    id: str
    conversation: str
    turns: tuple[str, ...]
    """Earlier questions, the oldest first; never empty."""
    question: str
    human: str


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near one text comes to the human's, in shares from 0 to 1; None where none is defined."""

    name_recall: float | None
    """Share of the human's names that it holds."""
    recall: float | None
    """Share of the human's content words that it holds."""
    precision: float | None
    """Share of its content words that the human has too."""
    added_recall: float | None
    """Share of the words that the human added to the question which it added too."""
    added_precision: float | None
    """Share of the words that it added which the human added too."""


@dataclass(frozen=True, slots=True)
class Row:
    """Mean nearness of one way to put the questions."""

    group: str
    way: str
    questions: int
    means: dict[str, float | None]
    """By the names of `Nearness`, over the questions for which each is defined."""


def load_follow_ups(questions: Path, rewrites: Path) -> list[FollowUp]:
    """Read the questions that have earlier turns, in file order.

    Raises:
        UsageError: If a file cannot be read or is not of this kind.
    """
    human_by_id = {key: turns[-1] for key, turns in _read_turns(rewrites)}
    follow_ups = []
    for key, turns in _read_turns(questions):
        found = _ID.match(key)
        if found is None or key not in human_by_id:
            raise UsageError(f"{questions}: {key[:80]!r} has no rewrite in {rewrites}.")
        if len(turns) > 1:
            conversation, human = found["conversation"], human_by_id[key]
            follow_ups.append(FollowUp(key, conversation, tuple(turns[:-1]), turns[-1], human))
    if not follow_ups:
        raise UsageError(f"{questions} holds no question with earlier turns.")
    return follow_ups


def _read_turns(path: Path) -> Iterable[tuple[str, list[str]]]:
    for record in read_records(path):
        key, text = record.fields.get("_id"), record.fields.get("text")
        if not isinstance(key, str) or not isinstance(text, str):
            raise UsageError(f'{record.place}: expected an object {{"_id", "text"}}.')
        turns = [turn.strip() for turn in _TURN.split(text) if turn.strip()]
        if turns:
            yield key, turns


def rewrite(follow_up: FollowUp) -> str:
    """The question as the bot makes it stand alone, from questions only."""
    turns: tuple[Turn, ...] = ()
    for question in follow_up.turns:
        earlier = rewrite_follow_up(question, turns)
        turns = (*turns, Turn(question, (), standalone=earlier.text if earlier.changed else None))
    return rewrite_follow_up(follow_up.question, turns).text


def measure_follow_ups(follow_ups: Sequence[FollowUp]) -> list[Row]:
    """Rows for both halves (of conversations, by id) and for the questions that people changed."""
    conversations = sorted({one.conversation for one in follow_ups})
    first = set(conversations[: (len(conversations) + 1) // 2])
    groups = {
        "first half": [one for one in follow_ups if one.conversation in first],
        "second half": [one for one in follow_ups if one.conversation not in first],
    }
    for name, half in list(groups.items()):
        groups[f"{name}, dependent"] = [one for one in half if _is_dependent(one)]
    rows = []
    for name, members in groups.items():
        for way, text_of in (("last turn", lambda one: one.question), ("rewritten", rewrite)):
            scores = [compare(one, text_of(one)) for one in members]
            rows.append(Row(name, way, len(members), _means(scores)))
    return rows


def _is_dependent(follow_up: FollowUp) -> bool:
    """Whether the human's rewrite takes words from earlier turns that the question has not."""
    earlier = {word for turn in follow_up.turns for word in _content(turn)}
    return bool((_content(follow_up.human) - _content(follow_up.question)) & earlier)


def compare(follow_up: FollowUp, text: str) -> Nearness:
    """Compare one way to put a question with the human's."""
    human, own, asked = map(_content, (follow_up.human, text, follow_up.question))
    added, own_added = human - asked, own - asked
    names = [plain_tokens(name.text) for name in find_names(follow_up.human)]
    given = plain_tokens(text)
    held = [_holds(given, name) for name in names if name]
    return Nearness(
        name_recall=sum(held) / len(held) if held else None,
        recall=_share(human & own, human),
        precision=_share(human & own, own),
        added_recall=_share(added & own_added, added),
        added_precision=_share(added & own_added, own_added),
    )


def _content(text: str) -> set[str]:
    """What a text is about: its words but for empty ones, plurals without their ending."""
    words = (word for word in plain_tokens(text) if word not in _EMPTY_WORDS)
    return {word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words}


def _holds(given: Sequence[str], name: Sequence[str]) -> bool:
    size = len(name)
    return any(list(given[at : at + size]) == list(name) for at in range(len(given) - size + 1))


def _share(part: set[str], whole: set[str]) -> float | None:
    return len(part) / len(whole) if whole else None


def _means(scores: Sequence[Nearness]) -> dict[str, float | None]:
    means: dict[str, float | None] = {}
    for name in Nearness.__slots__:
        values = [value for score in scores if (value := getattr(score, name)) is not None]
        means[name] = sum(values) / len(values) if values else None
    return means

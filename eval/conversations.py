"""Whole conversations put to the bot: with its memory, and each question alone for comparison.

A turn is right or wrong as any question of a set is; the answers before it are the bot's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.answer import Answer, Question, render_answer
from bot.conversation import Conversation
from eval.dataset import GoldQuestion, parse_question
from eval.record import Outcome
from eval.record_files import read_records
from eval.scoring import score_case
from index.errors import UsageError

_TURN_FIELDS = frozenset({"question", "expect", "gold"})
_FIELDS = frozenset({"id", "turns", "story", "tags"})


class Answerer(Protocol):
    """The bot inside this process."""

    def answer(self, question: Question) -> Answer:
        """The answer to one question."""
        ...


@dataclass(frozen=True, slots=True)
class GoldConversation:
    """One conversation of a set."""

    id: str
    turns: tuple[GoldQuestion, ...]
    """Each as a question of its own; its id is the conversation's and the turn's number."""


@dataclass(frozen=True, slots=True)
class TurnScore:
    """One turn, asked in one way."""

    id: str
    number: int
    """From 1."""
    tags: tuple[str, ...]
    is_right: bool
    cites_gold: bool | None
    """Whether a gold article is cited; None for a turn without gold."""
    cites_gold_only: bool | None
    """Whether nothing else is: a long list can hold the right answer by chance."""
    looked_up: str
    """The question as it was looked up."""
    answer: str


def load_conversations(path: Path) -> list[GoldConversation]:
    """Read a set of conversations, in file order.

    Raises:
        UsageError: If the file cannot be read or breaks the format; the message names the place.
    """
    conversations = [_parse(record.fields, record.place) for record in read_records(path)]
    if not conversations:
        raise UsageError(f"{path} holds no conversation.")
    return conversations


def _parse(fields: dict[str, Any], place: str) -> GoldConversation:
    turns = fields.get("turns")
    name = fields.get("id")
    if not isinstance(name, str) or not isinstance(turns, list) or not turns:
        raise UsageError(f'{place}: expected {{"id", "turns": [{{"question", "expect"}}]}}.')
    if unknown := sorted(fields.keys() - _FIELDS):
        raise UsageError(f"{place}: unknown field {unknown[0]!r}.")
    shared: dict[str, Any] = {key: fields[key] for key in ("story", "tags") if key in fields}
    return GoldConversation(
        name,
        tuple(
            _parse_turn(turn, {**shared, "id": f"{name}.{number}"}, place)
            for number, turn in enumerate(turns, start=1)
        ),
    )


def _parse_turn(turn: Any, shared: dict[str, Any], place: str) -> GoldQuestion:
    if not isinstance(turn, dict) or turn.keys() - _TURN_FIELDS:
        raise UsageError(f'{place}: a turn is {{"question", "expect", "gold"?}}.')
    return parse_question({**shared, **turn}, place=place)


def ask_in_conversation(
    conversations: Sequence[GoldConversation], answerer: Answerer
) -> Iterator[TurnScore]:
    """Ask every turn with the turns before it remembered, as `dateline chat` does."""
    for conversation in conversations:
        talk = Conversation(answerer)
        for number, turn in enumerate(conversation.turns, start=1):
            yield _score(turn, number, talk.ask(turn.to_question()))


def ask_alone(conversations: Sequence[GoldConversation], answerer: Answerer) -> Iterator[TurnScore]:
    """Ask every turn as if nothing had been said before."""
    for conversation in conversations:
        for number, turn in enumerate(conversation.turns, start=1):
            yield _score(turn, number, answerer.answer(turn.to_question()))


def _score(turn: GoldQuestion, number: int, answer: Answer) -> TurnScore:
    score = score_case(turn, Outcome(turn.id, render_answer(answer)))
    documents = score.documents
    cites_gold = documents.recall > 0 if documents else None
    return TurnScore(
        id=turn.id,
        number=number,
        tags=turn.tags,
        is_right=bool(score.is_right),
        cites_gold=cites_gold,
        cites_gold_only=cites_gold and documents.precision == 1 if documents else None,
        looked_up=answer.standalone_question or answer.question.text,
        answer=answer.text or f"({answer.reason.value if answer.reason else answer.status.value})",
    )

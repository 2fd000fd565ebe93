"""Follow-ups made to stand alone by a language model, held to what was said; rules else.

What the model writes is only ever looked up. A name or a number that nobody in the conversation
used is an invention, and sends us back to the rules.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from bot.answer import Turn
from bot.conversation.rewriting import Rewrite, rewrite_follow_up
from bot.verify.reading import read_claim
from bot.writer.chat import Message
from bot.writer.draft import Drafter
from bot.writer.fence import draw_keys, fence, make_key
from index.names import find_names
from index.remote.patience import ServerFailed
from index.sources.characters import clean_characters, clean_line
from prompts import PromptLoader, load_prompt

_LONGEST = 400
_MOST_TURNS = 6
_LONGEST_TURN = 1_000

logger = logging.getLogger(__name__)


class ModelRewriter:
    """Rewrites with a model; the rules are its fallback."""

    def __init__(
        self,
        drafter: Drafter,
        *,
        make_key: Callable[[], str] = make_key,
        load_prompt: PromptLoader = load_prompt,
    ) -> None:
        self._drafter = drafter
        self._make_key = make_key
        self._system = load_prompt("rewrite.system")
        self._user = load_prompt("rewrite.user")

    def __call__(self, question: str, turns: Sequence[Turn]) -> Rewrite:
        """The question as it is looked up; `turns` hold the oldest first."""
        by_rules = rewrite_follow_up(question, turns)
        if not turns or not question.strip():
            return by_rules
        try:
            written = self._ask(question, turns)
        except ServerFailed as failure:
            logger.info("rewriting failed why=%s", failure)
            return by_rules
        if not written or not _is_held_to(written, question, turns):
            return by_rules
        if written.casefold().rstrip("?. ") == question.casefold().rstrip("?. "):
            return Rewrite(question, False, "")
        return Rewrite(written, True, "model")

    def _ask(self, question: str, turns: Sequence[Turn]) -> str | None:
        """What the model wrote; None if that is not one line."""
        said = clean_characters("\n".join(_render(turn) for turn in turns[-_MOST_TURNS:]))
        asked = clean_characters(question)
        keys = draw_keys(2, [said, asked], self._make_key)
        user = self._user.fill(
            conversation=fence("conversation", keys[0], said),
            question=fence("question", keys[1], asked),
        )
        messages = (Message("system", self._system.fill()), Message("user", user))
        lines = [one.text for one in self._drafter.draft(messages, self._drafter.open_budget())]
        is_usable = len(lines) == 1 and len(lines[0]) <= _LONGEST
        return clean_line(lines[0], limit=_LONGEST) if is_usable else None


def _render(turn: Turn) -> str:
    answer = " ".join(turn.answer or ())[:_LONGEST_TURN]
    return f"Asked: {turn.question[:_LONGEST_TURN]}\nAnswered: {answer or 'nothing'}"


def _is_held_to(written: str, question: str, turns: Sequence[Turn]) -> bool:
    """Whether every name and number was said before, and most of the question is still there."""
    said = " ".join([question, *map(_render, turns), *(one.standalone or "" for one in turns)])
    known = {word.root for word in read_claim(said, None).words}
    words = read_claim(written, None).words
    if any(word.is_item and word.root not in known for word in words):
        return False
    if any(part.casefold() not in said.casefold() for part in _name_words(written)):
        return False
    asked = {word.root for word in read_claim(question, None).words if word.is_item}
    return asked <= {word.root for word in words}


def _name_words(text: str) -> list[str]:
    return [word for name in find_names(text) for word in name.text.split()]

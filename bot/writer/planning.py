"""Takes a question apart that needs several articles: bounded look-ups, each with its own evidence.

A look-up is only ever searched for. What a model writes here is no evidence and is never shown as
an answer; a plan that cannot be had leaves the question as it is.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from bot.answer import Question, Step
from bot.answerer import PassageFinder, scope_of
from bot.hostility import is_hostile
from bot.writer.chat import Message
from bot.writer.draft import Budget, Drafter
from bot.writer.fence import draw_keys, fence, make_key
from index.article import Passage
from index.remote.patience import ServerFailed
from index.sources.characters import clean_characters, clean_line
from prompts import Prompt, load_prompt

SINGLE = "SINGLE"
"""What the model writes, alone, where the question is one look-up."""
MOST_LOOKUPS = 4
_LEAST_LOOKUPS = 2
_LONGEST_LOOKUP = 300
# What two or more reports have to be held against each other for.
_COMPARES = re.compile(
    r"\b(?:agree|disagree|differ\w*|consisten\w*|inconsisten\w*|contradict\w*|same|both|compared?"
    r"|earlier|later|before|after|which\s+(?:came\s+)?first|than|respectively|whereas)\b",
    re.IGNORECASE,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was looked up for one question, and what it found."""

    steps: tuple[Step, ...]
    passages: tuple[Passage, ...]
    """The best of every look-up before the second best of any; each once, none hostile."""


class Planner:
    """Plans the look-ups of a hard question, and makes them."""

    def __init__(
        self,
        drafter: Drafter,
        finder: PassageFinder,
        *,
        passages_each: int = 4,
        make_key: Callable[[], str] = make_key,
        load_prompt: Callable[[str], Prompt] = load_prompt,
    ) -> None:
        """`passages_each`: the most passages that one look-up brings."""
        self._drafter = drafter
        self._finder = finder
        self._passages_each = passages_each
        self._make_key = make_key
        self._system = load_prompt("plan.system")
        self._user = load_prompt("plan.user")

    def is_hard(self, question: str) -> bool:
        """Whether a question may need several articles held against each other."""
        return self._finder.read(question).is_compound or bool(_COMPARES.search(question))

    def gather(self, question: Question, budget: Budget) -> Evidence | None:
        """Look up what a hard question needs; None where it is one look-up, or no plan came."""
        try:
            lookups = self._plan(question.text, budget)
        except ServerFailed as failure:
            logger.info("planning failed why=%s", failure)
            return None
        if len(lookups) < _LEAST_LOOKUPS:
            return None
        found = [self._look_up(question, lookup) for lookup in lookups]
        steps = tuple(
            Step(lookup, tuple(one.chunk_id for one in passages))
            for lookup, passages in zip(lookups, found, strict=True)
        )
        logger.info("planned lookups=%d passages=%d", len(steps), sum(map(len, found)))
        return Evidence(steps, _interleave(found))

    def _plan(self, question: str, budget: Budget) -> list[str]:
        text = clean_characters(question)
        [key] = draw_keys(1, [text], self._make_key)
        system = self._system.fill(
            least_lookups=str(_LEAST_LOOKUPS), most_lookups=str(MOST_LOOKUPS), single=SINGLE
        )
        user = self._user.fill(question=fence("question", key, text), single=SINGLE)
        lookups: dict[str, None] = {}
        messages = (Message("system", system), Message("user", user))
        for sketch in self._drafter.draft(messages, budget):
            if sketch.text.strip("`. ") == SINGLE:
                break
            if line := clean_line(sketch.text, limit=_LONGEST_LOOKUP):
                lookups[line] = None
            if len(lookups) == MOST_LOOKUPS:
                break
        return list(lookups)

    def _look_up(self, question: Question, lookup: str) -> list[Passage]:
        focus = question.focus.articles if question.focus else frozenset()
        found = self._finder.search(
            lookup, scope_of(question), limit=self._passages_each, prefer=focus
        )
        return [one for one in found.passages if not is_hostile(one.text)]


def _interleave(found: Sequence[Sequence[Passage]]) -> tuple[Passage, ...]:
    by_chunk: dict[str, Passage] = {}
    for rank in zip_longest(*found):
        for passage in rank:
            if passage is not None:
                by_chunk.setdefault(passage.chunk_id, passage)
    return tuple(by_chunk.values())

"""A second opinion by a language model on sentences that the rules have let through.

Off unless it is asked for. It can only take a sentence away: what the rules rejected it is never
shown, and a reply that is no clear verdict changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from bot.verify import Quote
from bot.writer.chat import Message
from bot.writer.draft import Budget, Drafter
from bot.writer.fence import draw_keys, fence, make_key
from index.remote.patience import ServerFailed
from index.sources.characters import clean_characters
from prompts import PromptLoader, load_prompt

_REJECTED = "UNSUPPORTED"

logger = logging.getLogger(__name__)


class SupportJudge:
    """Asks a model whether quotes say what a sentence says."""

    def __init__(
        self,
        drafter: Drafter,
        *,
        make_key: Callable[[], str] = make_key,
        load_prompt: PromptLoader = load_prompt,
    ) -> None:
        self._drafter = drafter
        self._make_key = make_key
        self._system = load_prompt("judge.system")
        self._user = load_prompt("judge.user")

    def rejects(self, sentence: str, quotes: Sequence[Quote], budget: Budget) -> bool:
        """Whether the model says that the quotes do not bear the sentence out."""
        texts = [clean_characters(sentence), *(clean_characters(one.text) for one in quotes)]
        own_key, *keys = draw_keys(len(texts), texts, self._make_key)
        shown = [fence("quote", key, text) for key, text in zip(keys, texts[1:], strict=True)]
        user = self._user.fill(
            statement=fence("statement", own_key, texts[0]), quotes="\n\n".join(shown)
        )
        messages = (Message("system", self._system.fill()), Message("user", user))
        try:
            sketches = list(self._drafter.draft(messages, budget))
        except ServerFailed as failure:
            logger.info("judging failed why=%s", failure)
            return False
        # One word, or it is no verdict: "SUPPORTED" stands in "UNSUPPORTED".
        return [sketch.text.strip("`'\"*. ") for sketch in sketches] == [_REJECTED]

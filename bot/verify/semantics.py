"""What the reading model says of a claim beside the sentences that speak of it.

It has no last word: where the rules find a fault the sentence falls whatever the model says. It
vouches for a paraphrase that passed every rule but has too few of the article's words. A veto over
what the rules let through was tried: it would drop a quarter of the faithful sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.reading import Text
from bot.verify.reading import Source, Statement

# A logit, from the contrast set's open half: what the model all but disowns lies below -3.
_VOUCHED = -0.5


class SupportModel(Protocol):
    """Tells how far texts bear out a claim."""

    def supports(self, claim: str, texts: Sequence[Text]) -> list[float]:
        """Whether each text bears out a claim: a logit for each."""
        ...


class Support:
    """Asks the model, where there is one."""

    def __init__(self, model: SupportModel | None) -> None:
        self._model = model

    def vouches(self, claim: str, source: Source, statement: Statement) -> bool:
        """Whether a sentence, with those around it, bears out the claim in other words."""
        if self._model is None:
            return False
        alone, before = [statement], source.before(statement, 1)
        texts = [
            Text.of(statement.passage, (one.reading.text for one in some))
            for some in (alone, [*before, *alone])
        ]
        return max(self._model.supports(claim, texts)) >= _VOUCHED

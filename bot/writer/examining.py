"""One sentence of the model before the passages that it cites: shown, or rejected with reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from bot.hostility import find_link
from bot.verify import Fault, Finding, Quote, Verdict
from bot.writer.marks import Sketch
from index.article import Passage


class SentenceVerifier(Protocol):
    """What examining needs of `bot.verify`."""

    def verify(
        self, sentence: str, cited: Sequence[Passage], others: Sequence[Passage] = ()
    ) -> Verdict:
        """Whether `cited` prove `sentence`, or one of `others` does."""
        ...


class Examiner:
    """Examines the sentences of one answer."""

    def __init__(
        self,
        verifier: SentenceVerifier,
        passage_by_key: Mapping[str, Passage],
        rejects: Callable[[str, Sequence[Quote]], bool] = lambda *_: False,
    ) -> None:
        """Tell what examines.

        Args:
            verifier: The rules.
            passage_by_key: What may be cited.
            rejects: A second opinion on what the rules let through; it can only take away.
        """
        self._verifier = verifier
        self._passage_by_key = passage_by_key
        self._rejects = rejects

    def examine(self, sketch: Sketch) -> Verdict:
        """The verdict on one sentence; a mark that stands for nothing fails the whole of it."""
        invented = [key for key in sketch.keys if key not in self._passage_by_key]
        if invented:
            why = f"[{invented[0]}] is not the key of any passage."
            return Verdict(False, (Finding(Fault.NO_SOURCE, invented[0], why),))
        if found := find_link(sketch.text):
            why = "It holds a link or markup; write plain words."
            return Verdict(False, (Finding(Fault.UNSUPPORTED, found, why),))
        cited = [self._passage_by_key[key] for key in sketch.keys]
        if not cited:
            # Without a key there is nothing that it could have meant another one by.
            return self._verifier.verify(sketch.text, ())
        others = [one for key, one in self._passage_by_key.items() if key not in sketch.keys]
        verdict = self._verifier.verify(sketch.text, cited, others)
        if verdict.ok and self._rejects(sketch.text, verdict.quotes):
            why = "A second reader does not find this in the cited text; keep closer to its words."
            return Verdict(False, (Finding(Fault.UNSUPPORTED, sketch.text, why),), verdict.quotes)
        return verdict

"""A model's answer, sentence by sentence, of which only what the passages prove is let through."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.answer import Told
from bot.verify import Quote
from bot.writer.chat import Usage
from bot.writer.draft import Budget, Drafter, Ending
from bot.writer.examining import Examiner, SentenceVerifier
from bot.writer.judging import SupportJudge
from bot.writer.prompt import Brief, PromptWriter, Rejected
from bot.writer.sheet import Sheet, is_elsewhere
from index.article import Passage
from index.remote.patience import ServerFailed

# Less than this could not hold a sentence.
_LEAST_REPAIR_TOKENS = 60
_LEAST_REPAIR_SECONDS = 1.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """What came of one answer."""

    told: tuple[Told, ...]
    rejected: tuple[Rejected, ...]
    """What the model wrote at first and was not let through, mended later or not."""
    repaired: int
    """Sentences that were let through only after the model wrote them again."""
    said: str | None
    """The `Yes` or `No` that the reply opened with."""
    ending: Ending
    usage: Usage
    requests: int
    verify_ms: float
    write_ms: float
    """Waiting for the model; without verifying."""

    @property
    def elsewhere(self) -> int:
        """Sentences rejected because only a passage that they do not cite proves them."""
        return sum(map(is_elsewhere, self.rejected))


class Writer:
    """Answers from passages with a language model."""

    def __init__(
        self,
        drafter: Drafter,
        prompts: PromptWriter,
        verifier: SentenceVerifier,
        judge: SupportJudge | None = None,
    ) -> None:
        self._drafter = drafter
        self._prompts = prompts
        self._verifier = verifier
        self._judge = judge

    @property
    def model(self) -> str:
        """The model's name."""
        return self._drafter.model

    def open_budget(self) -> Budget:
        """What one answer may cost, from its first request to its last; its time runs from now."""
        return self._drafter.open_budget()

    def write(
        self,
        question: str,
        passages: Sequence[Passage],
        asked_at: datetime,
        *,
        lookups: Sequence[str] = (),
        budget: Budget | None = None,
    ) -> Generator[Told, None, Written]:
        """Answer `question` from `passages` (best first, not empty).

        Args:
            question: What is asked.
            passages: What may be cited.
            asked_at: The moment of asking.
            lookups: What the passages were looked up for, where that was more than the question.
            budget: What may still be spent on the answer; without one, all of it.

        Yields:
            Sentences as soon as they are proved.

        Raises:
            ServerFailed: If no sentence could be had of the model.
        """
        started = time.perf_counter()
        brief = self._prompts.brief(question, passages, asked_at, lookups)
        budget = budget or self.open_budget()
        sheet = Sheet(self._examiner(brief, budget))
        ending = yield from self._draft(brief, budget, sheet)
        if ending is Ending.WHOLE and sheet.rejected:
            yield from self._repair(brief, budget, sheet)
        spent_ms = (time.perf_counter() - started) * 1000
        return _finish(sheet, ending, budget, spent_ms)

    def _examiner(self, brief: Brief, budget: Budget) -> Examiner:
        judge = self._judge
        if judge is None:
            return Examiner(self._verifier, brief.passage_by_key)

        def rejects(sentence: str, quotes: Sequence[Quote]) -> bool:
            return judge.rejects(sentence, quotes, budget)

        return Examiner(self._verifier, brief.passage_by_key, rejects)

    def _draft(self, brief: Brief, budget: Budget, sheet: Sheet) -> Generator[Told, None, Ending]:
        sketches = self._drafter.draft(brief.messages, budget)
        while True:
            try:
                sketch = next(sketches)
            except StopIteration as end:
                ending: Ending = end.value
                return ending
            if told := sheet.enter(sketch):
                yield told

    def _repair(self, brief: Brief, budget: Budget, sheet: Sheet) -> Generator[Told, None, None]:
        """Ask once for all rejected sentences; those that fail again are dropped for good."""
        if (
            budget.tokens_left < _LEAST_REPAIR_TOKENS
            or budget.deadline.remaining() < _LEAST_REPAIR_SECONDS
        ):
            return
        messages = self._prompts.repair(brief, sheet.draft, sheet.rejected)
        try:
            for sketch in self._drafter.draft(messages, budget):
                if told := sheet.enter_again(sketch):
                    yield told
        except ServerFailed as failure:
            # What was proved stands; the rest stays dropped.
            logger.info("repair failed why=%s", failure)


def _finish(sheet: Sheet, ending: Ending, budget: Budget, spent_ms: float) -> Written:
    written = Written(
        told=sheet.told,
        rejected=sheet.rejected,
        repaired=sheet.repaired,
        said=sheet.said,
        ending=ending,
        usage=budget.usage,
        requests=budget.requests,
        verify_ms=sheet.verify_ms,
        write_ms=spent_ms - sheet.verify_ms,
    )
    logger.info(
        "wrote sentences=%d rejected=%d repaired=%d elsewhere=%d requests=%d",
        len(written.told),
        len(written.rejected),
        written.repaired,
        written.elsewhere,
        written.requests,
    )
    for one in written.rejected:
        faults = ",".join(finding.fault for finding in one.findings)
        logger.debug("rejected faults=%s text=%r keys=%s", faults, one.sketch.text, one.sketch.keys)
    return written

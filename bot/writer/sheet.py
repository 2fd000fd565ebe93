"""The growing answer: sentences that were let through, numbered, and those that were not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Citation, Sentence, Told
from bot.verify import Fault, Quote, Verdict
from bot.writer.examining import Examiner
from bot.writer.marks import Sketch
from bot.writer.prompt import Rejected
from bot.writer.ruling import split_opening


class Sheet:
    """Takes the model's sentences one by one."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner
        self._number_by_span: dict[tuple[str, str, int, int], int] = {}
        self._told: dict[str, Told] = {}
        self._rejected: list[Rejected] = []
        self._verify_seconds = 0.0
        self.said: str | None = None
        """The `Yes` or `No` that the reply opened with; it is no part of what is examined."""
        self.repaired = 0
        """Sentences that were let through only after the model wrote them again."""

    @property
    def told(self) -> tuple[Told, ...]:
        """What was let through."""
        return tuple(self._told.values())

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """What the model wrote at first and was not let through."""
        return tuple(self._rejected)

    @property
    def draft(self) -> str:
        """The rejected sentences as the model wrote them, one a line."""
        sketches = [one.sketch for one in self._rejected]
        marks = ["".join(f"[{key}]" for key in sketch.keys) for sketch in sketches]
        return "\n".join(
            f"{one.text} {mark}".strip() for one, mark in zip(sketches, marks, strict=True)
        )

    @property
    def verify_ms(self) -> float:
        """Time spent on examining."""
        return self._verify_seconds * 1000

    def enter(self, sketch: Sketch) -> Told | None:
        """Let a sentence through if it is proved, and new."""
        opening, text = split_opening(sketch.text)
        if opening and not self._told:
            self.said = self.said or opening
        if opening and not text:
            return None
        sketch = replace(sketch, text=text)
        verdict = self._examine(sketch)
        if not verdict.ok:
            self._rejected.append(Rejected(sketch, verdict.faults))
            return None
        return self._tell(sketch, verdict.quotes)

    def enter_again(self, sketch: Sketch) -> Told | None:
        """The same for one that was written again; it has no further chance."""
        sketch = replace(sketch, text=split_opening(sketch.text)[1])
        verdict = self._examine(sketch)
        told = self._tell(sketch, verdict.quotes) if verdict.ok else None
        self.repaired += told is not None
        return told

    def _examine(self, sketch: Sketch) -> Verdict:
        start = time.perf_counter()
        try:
            return self._examiner.examine(sketch)
        finally:
            self._verify_seconds += time.perf_counter() - start

    def _tell(self, sketch: Sketch, quotes: Sequence[Quote]) -> Told | None:
        if sketch.text in self._told:
            return None
        citations = tuple(self._cite(quote) for quote in quotes)
        numbers = tuple(sorted({one.number for one in citations}))
        told = Told(Sentence(sketch.text, numbers), citations)
        self._told[sketch.text] = told
        return told

    def _cite(self, quote: Quote) -> Citation:
        passage = quote.passage
        span = (passage.article_id, passage.version, quote.start, quote.end)
        return Citation(
            number=self._number_by_span.setdefault(span, len(self._number_by_span) + 1),
            article_id=passage.article_id,
            version=passage.version,
            url=passage.url,
            title=passage.title,
            outlet=passage.outlet,
            published=passage.published,
            start=quote.start,
            end=quote.end,
            quote=quote.text,
        )


def is_elsewhere(rejected: Rejected) -> bool:
    """Whether only a passage that the sentence does not cite proves it."""
    return any(finding.fault is Fault.ELSEWHERE for finding in rejected.findings)

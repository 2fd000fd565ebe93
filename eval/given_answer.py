"""An answer as the command line contract shows it, checked and cut down to what is measured."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from bot.answer import Reason, Status

_MARK = re.compile(r"\[\d{1,6}\]")


@dataclass(frozen=True, slots=True)
class GivenCitation:
    """One entry of `citations`."""

    number: int
    url: str
    article_id: str
    version: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What the bot said."""

    status: Status
    reason: Reason | None
    text: str
    """The sentences without their citation marks."""
    numbers: frozenset[int]
    """Every citation number that a sentence points with, also those that lead nowhere."""
    citations: tuple[GivenCitation, ...]
    confidence: float | None
    milliseconds: float | None
    """What the bot itself measured, from question to answer."""

    @property
    def abstained(self) -> bool:
        """True if the bot declined."""
        return self.status is Status.ABSTAINED

    @property
    def dangling(self) -> int:
        """How many distinct numbers lead to no citation."""
        return len(self.numbers - {citation.number for citation in self.citations})

    @property
    def cited_urls(self) -> frozenset[str]:
        """The articles cited. One that is listed but that no sentence points to counts too."""
        return frozenset(citation.url for citation in self.citations)


def parse_answer(fields: dict[str, Any]) -> GivenAnswer:
    """Read one answer of the contract.

    Raises:
        ValueError: If it breaks the contract; the message names the fields.
    """
    try:
        record = _AnswerRecord.model_validate(fields)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in error.errors(include_url=False)[:3]
        )
        raise ValueError(f"the answer breaks the contract: {faults}") from error
    sentences = [sentence.text for sentence in record.sentences]
    return GivenAnswer(
        status=record.status,
        reason=record.reason,
        text=" ".join(sentences) if sentences else _MARK.sub("", record.answer),
        numbers=frozenset(n for sentence in record.sentences for n in sentence.citations),
        citations=tuple(GivenCitation(**citation.model_dump()) for citation in record.citations),
        confidence=record.confidence,
        milliseconds=record.timings_ms.get("total"),
    )


class _Part(BaseModel):
    # The contract may grow: fields that are not measured are of no concern here.
    model_config = ConfigDict(extra="ignore", frozen=True)


class _SentencePart(_Part):
    text: str
    citations: list[int] = []


class _CitationPart(_Part):
    number: int
    url: str
    article_id: str
    version: str
    start: int
    end: int
    quote: str


class _AnswerRecord(_Part):
    status: Status
    reason: Reason | None = None
    answer: str = ""
    sentences: list[_SentencePart] = []
    citations: list[_CitationPart] = []
    confidence: FiniteFloat | None = Field(default=None, ge=0, le=1)
    timings_ms: dict[str, FiniteFloat] = {}

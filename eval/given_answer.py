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
    title: str | None = None
    outlet: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class GivenSentence:
    """One entry of `sentences`."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What the bot said."""

    status: Status
    reason: Reason | None
    text: str
    """The sentences without their citation marks."""
    numbers: frozenset[int]
    """Every citation number that a sentence points with, also those that lead nowhere."""
    sentences: tuple[GivenSentence, ...]
    citations: tuple[GivenCitation, ...]
    passages: tuple[dict[str, Any], ...]
    """What was found, best first: `url`, `text`, `title`, `outlet`, `version` and `start`."""
    tells_passages: bool
    """Whether what was found came along; a baseline leaves it out."""
    prompt_tokens: int
    completion_tokens: int
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
    def sources(self) -> str:
        """What the citations tell of their articles: headline, outlet, date, address."""
        told = ((one.title, one.outlet, one.published, one.url) for one in self.citations)
        return "\n".join(" | ".join(part for part in parts if part) for parts in told)

    def quotes_of(self, sentence: GivenSentence) -> list[str]:
        """The quotes that a sentence points to; numbers that lead nowhere have none."""
        return [one.quote for one in self.citations if one.number in sentence.numbers]

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
        sentences=tuple(GivenSentence(one.text, tuple(one.citations)) for one in record.sentences),
        citations=tuple(GivenCitation(**citation.model_dump()) for citation in record.citations),
        passages=tuple(one.model_dump() for one in record.passages),
        tells_passages="passages" in record.model_fields_set,
        prompt_tokens=record.usage.get("prompt_tokens", 0),
        completion_tokens=record.usage.get("completion_tokens", 0),
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
    title: str | None = None
    outlet: str | None = None
    published: str | None = None


class _PassagePart(_Part):
    url: str
    text: str
    title: str | None = None
    outlet: str | None = None
    version: str = ""
    start: int = 0


class _AnswerRecord(_Part):
    status: Status
    reason: Reason | None = None
    answer: str = ""
    sentences: list[_SentencePart] = []
    citations: list[_CitationPart] = []
    passages: list[_PassagePart] = []
    usage: dict[str, int] = {}
    confidence: FiniteFloat | None = Field(default=None, ge=0, le=1)
    timings_ms: dict[str, FiniteFloat] = {}

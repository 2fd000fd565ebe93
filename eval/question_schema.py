"""The shape of a set's records, as pydantic checks it. `dataset.py` turns them into our types."""

from __future__ import annotations

from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from bot.answer import Reason, Status
from index.moment import Moment


def _check_moment(text: str) -> str:
    Moment.parse(text)
    return text


def _as_one_or_more(value: Any) -> Any:
    """An item with one spelling may be written without its brackets."""
    return [value] if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Date = Annotated[Text, AfterValidator(_check_moment)]
Spellings = Annotated[list[Text], BeforeValidator(_as_one_or_more), Field(min_length=1)]


class _Record(BaseModel):
    # An unknown field is most often a slip of the pen, and would be ignored in silence.
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoldRecord(_Record):
    """One object of `gold`."""

    url: Text
    quote: str = ""
    choice: Annotated[int, Field(ge=0)] = 0
    grade: Annotated[int, Field(ge=1)] = 1


class ExpectRecord(_Record):
    """The object `expect`."""

    status: Status
    reason: Reason | None = None
    answers: list[Spellings] = []
    references: list[Text] = []
    never: list[Spellings] = []
    may_abstain: bool = False
    by_source: bool = False

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.status is Status.ABSTAINED and self.may_abstain:
            raise ValueError("status is abstained, so leave may_abstain out")
        if self.by_source and not self.answers:
            raise ValueError("by_source needs answers: what the citations must tell")
        if self.status is Status.ABSTAINED and self.answers:
            raise ValueError("status is abstained, so leave answers out")
        if self.status is not Status.ABSTAINED and self.reason:
            raise ValueError("reason belongs to status abstained only")
        return self


class QuestionRecord(_Record):
    """One object of a set."""

    id: Text
    question: Text
    expect: ExpectRecord
    gold: list[GoldRecord] = []
    tags: list[Text] = []
    story: str = ""
    as_of: Date | None = None
    since: Date | None = None
    until: Date | None = None
    outlet: Text | None = None
    history: list[Text] = []
    given: list[Text] = []
    without: list[Text] = []

    @model_validator(mode="after")
    def _can_be_measured(self) -> Self:
        expect = self.expect
        if expect.status is not Status.ABSTAINED and not (
            expect.answers or expect.references or expect.never or self.gold
        ):
            raise ValueError(
                "nothing to measure an answer by: give expect.answers, or quotes in gold"
            )
        return self


RecordT = TypeVar("RecordT", bound=BaseModel)


def explain_errors(schema: type[RecordT], fields: dict[str, Any]) -> tuple[str, RecordT | None]:
    """Check `fields`; gives the record, or one sentence that names each faulty field."""
    try:
        return "", schema.model_validate(fields)
    except ValidationError as error:
        problems = (
            f"{'.'.join(map(str, problem['loc'])) or 'question'}: {problem['msg']}"
            for problem in error.errors(include_url=False)
        )
        return "; ".join(problems) + ".", None

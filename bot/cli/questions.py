"""What was typed, or stands on a line of a batch, to a `Question`."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import typer

from bot.answer import Question
from bot.cli.options import CommonOptions
from index.errors import UsageError
from index.scope import outlet_key

_MOST_CHARACTERS = 10_000

Edge = Literal["first", "last"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeOptions(CommonOptions):
    """Which part of the archive is asked, and how much of it is read."""

    as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Ask from the end of this day: nothing later is seen."),
    ] = None
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only what was published on this day or later."),
    ] = None
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only what was published on this day or earlier."),
    ] = None
    outlet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what this outlet published.")
    ] = None
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=200, help="The most passages to find.")
    ] = 15

    def filters(self) -> Filters:
        """The filters, read.

        Raises:
            UsageError: If a date cannot be read.
        """
        return Filters.read(self.as_of, self.since, self.until, self.outlet)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionOptions(ScopeOptions):
    """A question, and from where it is asked."""

    question: Annotated[
        str | None, typer.Argument(metavar="QUESTION", help="The question; - reads it from stdin.")
    ] = None
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help='Read one JSON object a line, such as {"id": "q1", "question": "…"}, and write '
            "one result a line; - reads stdin.",
        ),
    ] = None
    trace: Annotated[
        bool, typer.Option("--trace", metavar="", help="Show on stderr how the result was found.")
    ] = False

    def refuse_question_beside_batch(self) -> None:
        """Check that questions come from one place only.

        Raises:
            UsageError: If they do not.
        """
        if self.question is not None:
            raise UsageError("Give a QUESTION or --batch FILE, not both.")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which part of the archive is asked; times are aware."""

    as_of: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    outlet: str | None = None

    def ask(self, text: str, **more: Any) -> Question:
        """A question within these filters; `more` are further fields of it."""
        return Question(
            text,
            as_of=self.as_of,
            since=self.since,
            until=self.until,
            outlet=self.outlet,
            **more,
        )

    def or_else(self, others: Filters) -> Filters:
        """These filters, with those of `others` where these have none.

        Raises:
            UsageError: If they leave nothing to be seen.
        """
        filters = Filters(
            self.as_of or others.as_of,
            self.since or others.since,
            self.until or others.until,
            self.outlet or others.outlet,
        )
        filters._refuse_contradiction()
        return filters

    def _refuse_contradiction(self) -> None:
        latest = min(filter(None, (self.as_of, self.until)), default=None)
        if self.since and latest and latest < self.since:
            raise UsageError(
                f"Nothing lies between since {self.since:%Y-%m-%d} and {latest:%Y-%m-%d}. "
                "Turn the dates around."
            )

    @classmethod
    def read(
        cls, as_of: str | None, since: str | None, until: str | None, outlet: str | None
    ) -> Filters:
        """Read filters as people write them; a day means its last second, but for `since`.

        Raises:
            UsageError: If a date cannot be read, or they leave nothing to be seen.
        """
        filters = cls(
            read_instant("as-of", as_of, "last"),
            read_instant("since", since, "first"),
            read_instant("until", until, "last"),
            outlet,
        )
        filters._refuse_contradiction()
        return filters


_DAYS_OF = {"d": 1, "w": 7, "m": 30, "y": 365}


def read_instant(name: str, text: str | None, edge: Edge) -> datetime | None:
    """The first or the last second of a date: `2023`, `2023-11-16`, `16 November 2023 10:00`.

    Raises:
        UsageError: If `text` is no date, or one with two meanings.
    """
    if text is None:
        return None
    from index.dates import parse_date

    moment = parse_date(text)
    if moment is None:
        raise UsageError(
            f"{name}: cannot read the date {text[:60]!r}. "
            "Write it as 2023-11-16, 2023-11 or 16 November 2023."
        )
    return moment.start if edge == "first" else moment.end


def read_age(name: str, text: str, now: datetime | None = None) -> datetime:
    """The instant that lies an age ago (`30d`, `8w`, `6m`, `2y`), or the first of a date.

    A month counts 30 days and a year 365.

    Raises:
        UsageError: If it is neither.
    """
    from datetime import UTC, datetime, timedelta

    number, unit = text.strip()[:-1], text.strip()[-1:].lower()
    if number.isdecimal() and unit in _DAYS_OF and len(number) <= 5:
        days = int(number) * _DAYS_OF[unit]
        now = now or datetime.now(UTC)
        if days < (now - datetime(1, 1, 2, tzinfo=UTC)).days:
            return now - timedelta(days=days)
    instant = read_instant(name, text, "first")
    assert instant is not None
    return instant


def read_question(text: str | None) -> str:
    """The text of a question, as it was typed but for space around it.

    Raises:
        UsageError: If there is none, or it is too long to be one.
    """
    question = (text or "").strip()
    if not question:
        raise UsageError('There is no question. Write it in quotes: "who led the delegation?"')
    if len(question) > _MOST_CHARACTERS:
        raise UsageError(
            f"The question has {len(question):,} characters; {_MOST_CHARACTERS:,} is the most. "
            "Shorten it."
        )
    return question


def check_outlet(name: str | None, held: Collection[str]) -> None:
    """Refuse an outlet that the library does not hold.

    Args:
        name: As it was typed; None asks of every outlet.
        held: The library's outlets.

    Raises:
        UsageError: Naming the nearest of those held.
    """
    if name is None:
        return
    name_by_key = {outlet_key(one): one for one in held}
    key = outlet_key(name)
    if key in name_by_key:
        return
    inside = [one for one in name_by_key if key and key in one]
    near = [*inside, *difflib.get_close_matches(key, name_by_key, n=3, cutoff=0.6)]
    names = list(dict.fromkeys(name_by_key[one] for one in near))[:5]
    remedy = f"Did you mean {' or '.join(map(repr, names))}?" if names else "See: dateline stats"
    raise UsageError(f"The library holds nothing from the outlet {name[:80]!r}. {remedy}")

"""`dateline eval inbox`: what readers said, reviewed and promoted to a question set."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.options import CommonOptions, takes
from bot.plain import plain_line
from index.errors import UsageError

if TYPE_CHECKING:
    from bot.given import FeedbackBook
    from bot.wiring import Bot
    from eval.inbox.pending import PendingCase
    from eval.inbox.promote import Review

inbox_app = typer.Typer(
    help="Review what readers said of answers, and make cases of it.", no_args_is_help=True
)

_KEY = Annotated[str, typer.Argument(metavar="KEY", help="From `dateline eval inbox list`.")]
_Choice = TypeVar("_Choice")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions(CommonOptions):
    """Which opinions to list."""

    all: Annotated[bool, typer.Option("--all", help="Those that were reviewed too.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOptions(CommonOptions):
    """Which opinion."""

    key: _KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteOptions(CommonOptions):
    """Which opinion, into which set, and what is right."""

    key: _KEY
    to: Annotated[Path, typer.Option("--to", metavar="SET", help="A .jsonl set; made if absent.")]
    status: Annotated[
        str | None,
        typer.Option(metavar="STATUS", help="answered, ambiguous, conflicting or abstained."),
    ] = None
    reason: Annotated[
        str | None, typer.Option(metavar="REASON", help="Of an abstention, if one is due.")
    ] = None
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            metavar="TEXT",
            help="What a right answer holds, spellings apart by ' / '; repeat for each item.",
        ),
    ] = None
    cite: Annotated[
        list[int] | None,
        typer.Option("--cite", metavar="N", help="A citation that is right; repeatable."),
    ] = None
    quote: Annotated[
        list[str] | None,
        typer.Option("--quote", metavar="TEXT", help="Other evidence, verbatim; repeatable."),
    ] = None
    never: Annotated[
        list[str] | None,
        typer.Option("--never", metavar="TEXT", help="What no answer may hold; repeatable."),
    ] = None
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="Another tag; repeatable.")
    ] = None
    story: Annotated[
        str | None, typer.Option(metavar="NAME", help="The story; else the first gold article.")
    ] = None


@inbox_app.command("list", epilog="Example: dateline eval inbox list --library ~/news")
@takes(ListOptions)
def list_(options: ListOptions) -> None:
    """List opinions that nobody has reviewed, the oldest first."""
    with _open(options) as (_, book, pending):
        shown = pending(book.list_feedback(unreviewed=not options.all))
    if options.as_json:
        write_json({"pending": [_render(one) for one in shown]})
        return
    console = open_console(sys.stdout)
    for one in shown:
        line = f"{one.key}  {one.feedback.at:%Y-%m-%d}  {one.opinion}: {one.question}"
        console.print(plain_line(line), markup=False, soft_wrap=True)
    write_note(f"{len(shown):,} in the inbox. Next: dateline eval inbox show KEY")


@inbox_app.command(epilog="Example: dateline eval inbox show 3fa1c200 --library ~/news")
@takes(KeyOptions)
def show(options: KeyOptions) -> None:
    """Show one opinion with the answer and its evidence."""
    from eval.inbox.pending import find_pending

    with _open(options) as (_, book, pending):
        one = find_pending(pending(book.list_feedback(unreviewed=False)), options.key)
    if options.as_json:
        write_json(_render(one))
        return
    console = open_console(sys.stdout)
    for line in _describe(one):
        console.print(plain_line(line), markup=False, soft_wrap=True)


@inbox_app.command(
    epilog="Example: dateline eval inbox promote 3fa1c200 --to sets/feedback.jsonl "
    '--answer "Oleg Kozhemyako / Kozhemyako" --cite 1'
)
@takes(PromoteOptions)
def promote(options: PromoteOptions) -> None:
    """Make a case of an opinion, its articles frozen beside the set, and take it off the inbox."""
    from eval.inbox.pending import find_pending
    from eval.inbox.promote import add_to_set, build_case

    review = _read_review(options)
    with _open(options) as (bot, book, pending):
        one = find_pending(pending(book.list_feedback(unreviewed=False)), options.key)
        promoted = build_case(one, review, bot.library.catalog)
        beside = add_to_set(options.to, promoted)
        book.mark_reviewed(one.feedback.given.answer_id, one.feedback.user)
    if options.as_json:
        articles = len(promoted.articles)
        write_json({"id": promoted.question.id, "set": str(options.to), "articles": articles})
    else:
        write_note(
            f"{promoted.question.id} is in {options.to}, its {len(promoted.articles):,} articles "
            f"in {beside}."
        )


@inbox_app.command(epilog="Example: dateline eval inbox dismiss 3fa1c200 --library ~/news")
@takes(KeyOptions)
def dismiss(options: KeyOptions) -> None:
    """Take an opinion off the inbox without making a case of it."""
    from eval.inbox.pending import find_pending

    with _open(options) as (_, book, pending):
        one = find_pending(pending(book.list_feedback()), options.key)
        book.mark_reviewed(one.feedback.given.answer_id, one.feedback.user)
    write_note(f"{one.key} is off the inbox.")


@contextmanager
def _open(options: CommonOptions) -> Iterator[tuple[Bot, FeedbackBook, Any]]:
    """The bot, its feedback, and what makes pending cases of feedback."""
    from bot.given import FeedbackBook, GivenAnswers
    from bot.wiring import Bot
    from eval.inbox.pending import collect_pending

    with Bot.open(options.read_settings()) as bot:
        database = bot.library.catalog.database
        given = GivenAnswers(database)
        yield bot, FeedbackBook(database), lambda feedback: collect_pending(feedback, given)


def _read_review(options: PromoteOptions) -> Review:
    from bot.answer import Reason, Status
    from eval.inbox.promote import Review

    return Review(
        status=_read_choice(Status, options.status, "status"),
        reason=_read_choice(Reason, options.reason, "reason"),
        answers=tuple(map(_spellings, options.answer or ())),
        citations=tuple(options.cite or ()),
        quotes=tuple(options.quote or ()),
        never=tuple(map(_spellings, options.never or ())),
        tags=tuple(options.tag or ()),
        story=options.story or "",
    )


def _spellings(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(" / ") if part.strip())


def _read_choice(kind: type[_Choice], name: str | None, what: str) -> _Choice | None:
    if name is None:
        return None
    try:
        return kind(name)  # type: ignore[call-arg]  # an enumeration of text
    except ValueError as error:
        known = ", ".join(one.value for one in kind)  # type: ignore[attr-defined]
        raise UsageError(f"There is no {what} {name!r}. Choose from: {known}.") from error


def _describe(one: PendingCase) -> Iterator[str]:
    yield f"{one.key}  {one.opinion}"
    for earlier in one.history:
        yield f"before it: {earlier}"
    yield f"question:  {one.question}"
    yield f"as of:     {one.asked_as_of:%Y-%m-%d %H:%M} UTC"
    if one.feedback.comment:
        yield f"comment:   {one.feedback.comment}"
    answer = one.answer
    if answer is None:
        yield "answer:    gone with an article that it cited"
        return
    yield f"answer:    {answer.status.value}{f' ({answer.reason.value})' if answer.reason else ''}"
    for sentence in answer.sentences:
        yield f"  {sentence.text} {''.join(f'[{number}]' for number in sentence.citations)}"
    for cited in answer.citations:
        yield f"  [{cited.number}] {cited.outlet} · {cited.url} “{cited.quote}”"


def _render(one: PendingCase) -> dict[str, Any]:
    from bot.answer import render_answer

    return {
        "key": one.key,
        "opinion": one.opinion,
        "comment": one.feedback.comment,
        "at": one.feedback.at.isoformat(),
        "question": one.question,
        "as_of": one.asked_as_of.isoformat(),
        "history": list(one.history),
        "answer": render_answer(one.answer) if one.answer else None,
        "reviewed": one.feedback.reviewed_at is not None,
    }

"""`dateline ask`: one answer, or one for each line of a batch."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.answer import Answer, Question, Status, render_answer
from bot.cli.batch import run_batch
from bot.cli.console import open_console, write_json
from bot.cli.edge import ABSTAINED, OK, UNSETTLED
from bot.cli.options import takes
from bot.cli.questions import QuestionOptions, check_outlet
from bot.cli.stdin import read_typed_question

if TYPE_CHECKING:
    from bot.settings import BotSettings
    from bot.wiring import Bot

_CODE_BY_STATUS = {
    Status.ANSWERED: OK,
    Status.AMBIGUOUS: UNSETTLED,
    Status.CONFLICTING: UNSETTLED,
    Status.ABSTAINED: ABSTAINED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions(QuestionOptions):
    """How to ask."""

    offline: Annotated[
        bool,
        typer.Option(
            "--offline", metavar="", help="Use no network. Answers are quotes in any case."
        ),
    ] = False
    sample: Annotated[
        bool,
        typer.Option(
            "--sample", metavar="", help="Ask the sample archive that ships with Dateline."
        ),
    ] = False


@takes(AskOptions)
def ask(options: AskOptions) -> int:
    """Answer a question from the archive, each sentence with the quotes that it rests on.

    Exits with 3 where the archive does not say, with 4 where it says several things.
    """
    if options.batch is not None:
        options.refuse_question_beside_batch()
        with _open(options) as bot:
            return run_batch(options.batch, _batch_answerer(bot, options), options.filters())
    question = read_typed_question(options)
    with _open(options) as bot:
        check_outlet(question.outlet, bot.library.outlets())
        answer = bot.answerer(passage_limit=options.limit).answer(question)
        _show(answer, bot, options)
    return _CODE_BY_STATUS[answer.status]


def _open(options: AskOptions) -> Bot:
    from bot.wiring import Bot

    settings = options.read_settings()
    return Bot.open_filled(_with_sample(settings, options) if options.sample else settings)


def _with_sample(settings: BotSettings, options: AskOptions) -> BotSettings:
    from bot.cli.sample import prepare_sample

    folder = options.library or settings.sample_library
    settings = dataclasses.replace(settings, library=folder)
    prepare_sample(settings)
    return settings


def _batch_answerer(bot: Bot, options: AskOptions) -> Callable[[Question], dict[str, Any]]:
    answerer = bot.answerer(passage_limit=options.limit)

    def answer(question: Question) -> dict[str, Any]:
        check_outlet(question.outlet, bot.library.outlets())
        return render_answer(answerer.answer(question))

    return answer


def _show(answer: Answer, bot: Bot, options: AskOptions) -> None:
    if options.as_json:
        write_json(render_answer(answer))
    else:
        from bot.cli.answer_view import show_answer

        show_answer(answer, open_console(sys.stdout))
    if options.trace:
        from bot.cli.trace import show_answer_trace

        show_answer_trace(answer, bot, open_console(sys.stderr))

"""`dateline ask`: one answer, or one for each line of a batch."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from bot.answer import Answer, Question, Status, render_answer
from bot.cli.batch import run_batch
from bot.cli.console import open_console, write_json
from bot.cli.edge import ABSTAINED, OK, UNSETTLED
from bot.cli.options import takes
from bot.cli.questions import QuestionOptions, check_outlet
from bot.cli.stdin import read_typed_question
from bot.cli.tracer import open_tracer, show_spans
from index.errors import UsageError

if TYPE_CHECKING:
    from bot.settings import BotSettings
    from bot.wiring import Bot
    from index.tracing import Tracer

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
            "--offline", metavar="", help="Use no network and no language model: quotes only."
        ),
    ] = False
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The language model that writes; else DATELINE_LLM_MODEL."
        ),
    ] = None
    sample: Annotated[
        bool,
        typer.Option(
            "--sample", metavar="", help="Ask the sample archive that ships with Dateline."
        ),
    ] = False

    def read_settings(self) -> BotSettings:
        """The operator's settings, with what was given on the command line before them.

        Raises:
            UsageError: If a variable of the environment or an option cannot be used.
        """
        from bot.settings import BotSettings

        if self.offline and self.model:
            raise UsageError("Give --model NAME or --offline, not both.")
        settings = BotSettings.from_env(os.environ, model=self.model, offline=self.offline)
        return dataclasses.replace(settings, library=self.library or settings.library)


@takes(AskOptions)
def ask(options: AskOptions) -> int:
    """Answer a question from the archive, each sentence with the quotes that it rests on.

    Exits with 3 where the archive does not say, with 4 where it says several things.
    """
    if options.batch is not None:
        options.refuse_question_beside_batch()
        with open_tracer() as tracer, _open(options, tracer) as (_, answer_one):
            return run_batch(
                options.batch, lambda one: render_answer(answer_one(one)), options.filters()
            )
    question = read_typed_question(options)
    with open_tracer(shows=options.trace) as tracer, _open(options, tracer) as (bot, answer_one):
        answer = answer_one(question)
        _show(answer, bot, options)
        if options.trace:
            show_spans(tracer, answer.trace_id, open_console(sys.stderr))
    return _CODE_BY_STATUS[answer.status]


@contextmanager
def _open(
    options: AskOptions, tracer: Tracer
) -> Iterator[tuple[Bot, Callable[[Question], Answer]]]:
    """The library, and what answers one question of it."""
    from bot.parts import Parts
    from bot.wiring import Bot

    settings = options.read_settings()
    settings = _with_sample(settings, options) if options.sample else settings
    with Bot.open_filled(settings, Parts(tracer=tracer)) as bot:
        answerer = bot.answerer(passage_limit=options.limit, llm=settings.llm)
        console = open_console(sys.stdout)
        is_shown = options.batch is None and not options.as_json
        # Quotes are there at once: only what a model writes is worth watching.
        is_watched = is_shown and console.is_terminal and settings.llm is not None

        def answer(question: Question) -> Answer:
            check_outlet(question.outlet, bot.library.outlets())
            with tracer.span("ask") as span:
                answer = _answer(question)
                span.note(status=answer.status.value, citations=len(answer.citations))
                return answer

        def _answer(question: Question) -> Answer:
            if not is_watched:
                return answerer.answer(question)
            from bot.cli.live import watch

            return watch(answerer.stream(question), console)

        yield bot, answer


def _with_sample(settings: BotSettings, options: AskOptions) -> BotSettings:
    from bot.cli.sample import prepare_sample
    from index.settings import IndexSettings

    folder = options.library or settings.sample_library
    # Whatever model the user's own library is made with: the samples are read with the default one.
    settings = dataclasses.replace(settings, library=folder, index=IndexSettings())
    prepare_sample(settings)
    return settings


def _show(answer: Answer, bot: Bot, options: AskOptions) -> None:
    if options.as_json:
        write_json(render_answer(answer))
    else:
        from bot.cli.answer_view import show_answer

        show_answer(answer, open_console(sys.stdout))
    if options.trace:
        from bot.cli.trace import show_answer_trace

        show_answer_trace(answer, bot, open_console(sys.stderr))

"""`dateline search`: the passages that a question finds, and nothing made of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from bot.answer import Question, render_passage
from bot.cli.batch import run_batch
from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import OK
from bot.cli.options import takes
from bot.cli.questions import QuestionOptions, check_outlet
from bot.cli.stdin import read_typed_question

if TYPE_CHECKING:
    from bot.wiring import Bot
    from index.search.retrieve import Found


@takes(QuestionOptions)
def search(options: QuestionOptions) -> int:
    """Find the passages nearest to a question, best first, without answering it."""
    from bot.wiring import Bot

    if options.batch is not None:
        options.refuse_question_beside_batch()
        with Bot.open_filled(options.read_settings()) as bot:
            return run_batch(
                options.batch,
                lambda question: _render(question, _find(bot, question, options.limit)),
                options.filters(),
            )
    question = read_typed_question(options)
    with Bot.open_filled(options.read_settings()) as bot:
        found = _find(bot, question, options.limit)
        _show(question, found, options)
    return OK


def _find(bot: Bot, question: Question, limit: int) -> Found:
    from bot.answerer import scope_of

    check_outlet(question.outlet, bot.library.outlets())
    return bot.retriever().search(question.text, scope_of(question), limit=limit)


def _render(question: Question, found: Found) -> dict[str, Any]:
    from bot.standing import leave_out

    passages = [render_passage(passage) for passage in found.passages]
    taken_back = [render_passage(passage) for passage in leave_out(found, ())]
    rest = {"left_out": taken_back} if taken_back else {}
    return {"id": question.id, "question": question.text, "passages": passages, **rest}


def _show(question: Question, found: Found, options: QuestionOptions) -> None:
    if options.as_json:
        write_json(_render(question, found))
    else:
        from bot.cli.answer_view import show_passages
        from bot.standing import leave_out, tell_retracted

        show_passages(found.passages, open_console(sys.stdout))
        if note := tell_retracted(leave_out(found, ())):
            write_note(note[0].upper() + note[1:])
    if options.trace:
        from bot.cli.trace import show_search_trace

        show_search_trace(found.query, found.passages, open_console(sys.stderr))

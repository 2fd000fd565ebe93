"""`dateline chat`: a conversation on the terminal, or one question a line from a pipe."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from bot.answer import Answer, Question, render_answer
from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import OK
from bot.cli.options import takes
from bot.cli.questions import Filters, ScopeOptions, check_outlet, read_question
from bot.plain import plain_line
from index.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from bot.conversation import Conversation
    from bot.settings import BotSettings

_PROMPT = "> "
_GREETING = "Ask about the archive. /sources, /new, /help, /quit."
_HELP = (
    "/sources  the sources of the last answer, in full\n"
    "/new      forget what was said\n"
    "/quit     leave; Ctrl-D does too"
)
# More than any question may have; a line that never ends is not kept.
_MOST_LINE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions(ScopeOptions):
    """Which part of the archive is talked to."""

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


@takes(ChatOptions)
def chat(options: ChatOptions) -> int:
    """Talk with the archive: a question may lean on the ones before it.

    From a pipe it reads one question a line; with --json it writes one object a line.
    """
    from bot.conversation import Conversation
    from bot.wiring import Bot

    filters, settings = options.filters(), options.read_settings()
    with Bot.open_filled(settings) as bot:
        check_outlet(filters.outlet, bot.library.outlets())
        conversation = Conversation(bot.answerer(passage_limit=options.limit, llm=settings.llm))
        show = _show_json if options.as_json else _show_page
        writes = settings.llm is not None
        _Chat(conversation, filters, show, open_console(sys.stdout), writes=writes).run()
    return OK


class _Chat:
    """Reads lines until there are no more, and does what each says."""

    def __init__(
        self,
        conversation: Conversation,
        filters: Filters,
        show: Callable[[Answer, Console], None],
        console: Console,
        *,
        writes: bool,
    ) -> None:
        self._conversation = conversation
        self._filters = filters
        self._show = show
        self._console = console
        self._is_live = sys.stdin.isatty() and console.is_terminal and show is not _show_json
        # Quotes are there at once: only what a model writes is worth watching.
        self._is_watched = self._is_live and writes

    def run(self) -> None:
        """Talk until the input ends."""
        if self._is_live:
            self._console.print(_GREETING, style="dim")
        for line in self._lines():
            if line.lower() in {"/quit", "/exit", "/q"}:
                return
            try:
                self._heed(line)
            except UsageError as error:
                write_note(f"error: {error}")
                if self._show is _show_json:
                    write_json({"error": {"message": str(error), "type": "UsageError"}})

    def _heed(self, line: str) -> None:
        if line.startswith("/"):
            self._obey(line.lower())
            return
        self._show(self._answer(self._filters.ask(read_question(line))), self._console)
        if self._is_live:
            self._console.print()

    def _answer(self, question: Question) -> Answer:
        if not self._is_watched:
            return self._conversation.ask(question)
        from bot.cli.live import watch

        return watch(self._conversation.stream(question), self._console)

    def _obey(self, command: str) -> None:
        """Do what a line that begins with a stroke asks.

        Raises:
            UsageError: If there is no such command.
        """
        if command == "/new":
            self._conversation.forget()
        elif command == "/sources":
            self._show_sources()
        elif command == "/help":
            write_note(_HELP) if not self._is_live else self._console.print(_HELP)
        else:
            raise UsageError(f"There is no {plain_line(command)[:40]}. Type /help.")

    def _show_sources(self) -> None:
        from bot.cli.answer_view import show_passages

        answer = self._conversation.last_answer
        if answer is None:
            write_note("Nothing was asked yet.")
        elif self._show is _show_json:
            write_json({"citations": render_answer(answer)["citations"]})
        else:
            cited = {citation.article_id for citation in answer.citations}
            show_passages(
                [one for one in answer.passages if one.article_id in cited], self._console
            )

    def _lines(self) -> Iterator[str]:
        """What is typed, line by line; the first Ctrl-C drops a line, Ctrl-D ends the talk."""
        while True:
            try:
                line = self._read()
            except KeyboardInterrupt:
                if not self._is_live:
                    raise
                self._console.print()
                continue
            except EOFError:
                if self._is_live:
                    self._console.print()
                return
            if line.strip():
                yield line.strip()

    def _read(self) -> str:
        if self._is_live:
            import readline  # noqa: F401  gives `input` its line editing

            return input(_PROMPT)
        line = sys.stdin.buffer.readline(_MOST_LINE)
        if not line:
            raise EOFError
        rest = line
        while rest and not rest.endswith(b"\n"):
            # The tail of what is refused as too long is no question.
            rest = sys.stdin.buffer.readline(_MOST_LINE)
        return line.decode("utf-8", "replace")


def _show_json(answer: Answer, _: Console) -> None:
    write_json(render_answer(answer))


def _show_page(answer: Answer, console: Console) -> None:
    from bot.cli.answer_view import show_answer

    if answer.standalone_question:
        console.print(f"({plain_line(answer.standalone_question)})", style="dim", soft_wrap=True)
    show_answer(answer, console)

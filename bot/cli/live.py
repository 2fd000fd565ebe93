"""An answer on a terminal while it is being written: what is verified is seen at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answer import Answer, Told
from bot.plain import plain_line
from bot.telling import Telling, hear

if TYPE_CHECKING:
    from rich.console import Console

_WAITING = "Reading the articles …"


def watch(telling: Telling, console: Console) -> Answer:
    """Show verified sentences as they come; at the end they make way for the whole answer.

    The whole is shown by whoever called: a list is then in its order, with its sources.
    """
    from rich.live import Live
    from rich.text import Text

    page = Text(_WAITING, style="dim")
    with Live(page, console=console, transient=True, refresh_per_second=8) as live:

        def show(told: Told) -> None:
            nonlocal page
            page = Text() if page.plain == _WAITING else page
            marks = "".join(f"[{number}]" for number in told.sentence.citations)
            page.append(f"{plain_line(told.sentence.text)} ").append(f"{marks}\n", style="cyan")
            live.update(page, refresh=True)

        return hear(telling, show)

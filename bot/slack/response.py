"""Answers a slash command: to its asker alone, by the address that came with it."""

from __future__ import annotations

import logging

from slack_sdk.webhook import WebhookClient

from bot.slack.delivery import LeaseLost
from bot.slack.state import QuestionLedger, Task
from bot.slack.view import Message, ShownAnswer, render_answer, render_interrupted
from bot.slack.workspace import SlackRefused, SlackUnreachable

_TIMEOUT_SECONDS = 20

logger = logging.getLogger(__name__)


class CommandDelivery:
    """The message that answers a slash command. It cannot be found again or replaced."""

    def __init__(self, ledger: QuestionLedger, task: Task) -> None:
        self._ledger = ledger
        self._task = task
        self._was_interrupted = False

    @property
    def mark(self) -> str:
        """Stands for the command."""
        return f"{self._task.asked.channel}:{self._task.asked.ts}"

    def recover(self) -> None:
        """Mind that an earlier try may have shown its answer: then it is not shown again."""
        self._was_interrupted = self._task.is_posting

    def tell(self, text: str) -> None:
        """Nothing: such an answer comes in one piece."""

    def finish(self, shown: ShownAnswer) -> None:
        """Show a whole answer; it has no name."""
        self.put(render_answer(shown))

    def put(self, message: Message) -> None:
        """Show a message.

        Raises:
            LeaseLost: If the command is no longer this worker's.
            SlackRefused: If it cannot be shown: the address is good for half an hour only.
            SlackUnreachable: If it is not known whether it is shown.
        """
        if self._was_interrupted:
            message = render_interrupted()
        if not self._ledger.is_current(self._task) or not self._ledger.note_posting(self._task):
            raise LeaseLost
        self.whisper(message)

    def whisper(self, message: Message) -> None:
        """Show a message to the asker."""
        respond(self._task.asked.response_url, message)


def respond(address: str | None, message: Message) -> None:
    """Show a message to whoever did what `address` came with; the bot need not be there.

    Raises:
        SlackRefused: If it cannot be shown.
        SlackUnreachable: If it is not known whether it is shown.
    """
    if not address:
        raise SlackRefused("response_url", "missing")
    post = message.as_post()
    try:
        told = WebhookClient(address, timeout=_TIMEOUT_SECONDS, retry_handlers=[]).send(
            text=post["text"],
            blocks=post["blocks"],
            response_type="ephemeral",
            replace_original=False,
            unfurl_links=False,
            unfurl_media=False,
        )
    except OSError as error:
        raise SlackUnreachable(f"response_url: {type(error).__name__}") from error
    if told.status_code >= 500:
        raise SlackUnreachable(f"response_url: {told.status_code}")
    if told.status_code != 200:
        raise SlackRefused("response_url", str(told.status_code))

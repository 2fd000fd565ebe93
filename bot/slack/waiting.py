"""Tells those who wait how many questions are answered before theirs."""

from __future__ import annotations

import logging

from bot.slack.state import QuestionLedger
from bot.slack.view import render_queue_position
from bot.slack.workspace import SlackRefused, SlackUnreachable, WorkspaceFinder

logger = logging.getLogger(__name__)


class QueueTeller:
    """Puts a place in the queue under a question."""

    def __init__(self, find_workspace: WorkspaceFinder, ledger: QuestionLedger) -> None:
        self._find_workspace = find_workspace
        self._ledger = ledger

    def tell(self, channel: str, ts: str, before: int) -> None:
        """Tell that `before` questions are answered first; nothing is raised."""
        asked = self._ledger.find(channel, ts)
        if asked is None or asked.response_url:
            return
        message = render_queue_position(before)
        try:
            workspace = self._find_workspace(asked.team, asked.enterprise)
            try:
                # Goes away by itself when the answer is posted.
                workspace.set_status(channel, asked.thread, message.text)
            except SlackRefused:
                thread = asked.thread if asked.thread != ts else None
                workspace.whisper(channel, asked.asker, message, thread=thread)
        except (SlackRefused, SlackUnreachable) as error:
            logger.info("a place in the queue could not be told: %s", error)

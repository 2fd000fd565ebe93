"""Runs the bot in Slack as a process: opens the library, minds signals, closes everything."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

from bot.parts import Parts
from bot.settings import BotSettings
from bot.slack.settings import SlackSettings
from bot.slack.wiring import SlackBot
from bot.wiring import Bot
from index.tracing import Tracer

logger = logging.getLogger(__name__)


def serve(settings: BotSettings, slack: SlackSettings, tracer: Tracer) -> None:
    """Answer in Slack until SIGTERM or SIGINT; `tracer` measures each question.

    Raises:
        UsageError: If a setting cannot be used.
        LibraryError: If there is no library, or none that can be used.
        SlackError: If Slack does not let the bot in.
    """
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {one: signal.signal(one, ask_to_stop) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        with Bot.open_filled(settings, Parts(tracer=tracer)) as bot:
            SlackBot(bot, slack, settings.llm).run(stop)
        logger.info("stopped")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""Runs the bot in Slack as a process: opens the library, minds signals, closes everything."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from bot.parts import Parts
from bot.settings import BotSettings
from bot.slack.settings import SlackSettings
from bot.slack.wiring import SlackBot
from bot.wiring import Bot
from index.tracing import Tracer

logger = logging.getLogger(__name__)

_SWITCH_SECONDS = 0.0005


def serve(
    settings: BotSettings, slack: SlackSettings, tracer: Tracer, *, on_ready: Callable[[str], None]
) -> None:
    """Answer in Slack until SIGTERM or SIGINT.

    `tracer` measures each question, and `on_ready` is given one line when the bot can be asked.

    Raises:
        UsageError: If a setting cannot be used.
        LibraryError: If there is no library, or none that can be used.
        SlackError: If Slack does not let the bot in.
    """
    stop = threading.Event()
    # Answering computes; whoever acknowledges a click must not wait five milliseconds for each of
    # the workers, at every step.
    sys.setswitchinterval(_SWITCH_SECONDS)

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {one: signal.signal(one, ask_to_stop) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        with Bot.open_filled(settings, Parts(tracer=tracer)) as bot:
            service = SlackBot(bot, slack, settings.llm)
            service.run(stop, on_ready=lambda: on_ready(_describe(service, slack)))
        logger.info("stopped")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _describe(service: SlackBot, slack: SlackSettings) -> str:
    where = f" at {slack.host} port {service.port}" if service.port is not None else ""
    return f"Dateline is in Slack ({slack.mode.value} mode{where}). Ctrl-C or SIGTERM stops it."

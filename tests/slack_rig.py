"""Runs the bot in Slack against the loopback Slack, in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.slack.settings import Mode, OAuthSettings, SlackSettings
from bot.slack.wiring import SlackBot
from bot.wiring import Bot
from bot.writer.settings import LlmSettings
from index.store.library import Library
from tests.slack.server import LoopbackSlack

QUESTION = "who led the Russian delegation in November 2023?"


@dataclass
class Rig:
    """A loopback Slack and a bot in it."""

    slack: LoopbackSlack
    bot: Bot
    service: SlackBot
    extra: list[SlackBot] = field(default_factory=list)

    @property
    def ledger(self) -> Any:
        return self.service._store.ledger

    @property
    def given(self) -> Any:
        return self.service._store.given

    @property
    def book(self) -> Any:
        return self.service._store.book

    def settle(self, seconds: float = 15.0) -> None:
        """Wait until everything was handed over and every question is done with."""
        assert self.slack.courier.wait_until_idle(seconds)
        self.slack.wait_for(lambda: self.ledger.count_waiting() == 0, seconds)


def copy_bot(sample: Bot, folder: Path) -> Bot:
    """A bot over a library of its own, with what `sample` holds."""
    shutil.copytree(sample.library.folder, folder)
    return Bot(Library.open(folder, sample.embedder.card), sample.embedder)


def settings_for(slack: LoopbackSlack, mode: Mode, **more: Any) -> SlackSettings:
    values: dict[str, Any] = {
        "mode": mode,
        "bot_token": slack.bot_token,
        "app_token": slack.app_token if mode is Mode.SOCKET else None,
        "signing_secret": slack.signing_secret if mode is Mode.HTTP else None,
        "port": 0 if mode is Mode.HTTP else None,
        "api_url": slack.api_url,
        "workers": 2,
        **more,
    }
    if values.get("oauth"):
        values["bot_token"] = None
    return SlackSettings(**values)


@contextmanager
def run_bot(
    sample: Bot,
    folder: Path,
    *,
    mode: Mode = Mode.SOCKET,
    llm: LlmSettings | None = None,
    wrap: Callable[[Any], Any] = lambda answerer: answerer,
    prepare: Callable[[LoopbackSlack], dict[str, Any]] = lambda _: {},
    **more: Any,
) -> Iterator[Rig]:
    """A rig that is stopped at the end.

    `prepare` sets the scene and may add settings, `wrap` stands between the bot and its answers.
    """
    with LoopbackSlack() as slack, copy_bot(sample, folder) as bot:
        settings = settings_for(slack, mode, **more, **prepare(slack))
        service = SlackBot(bot, settings, llm, wrap(bot.answerer(llm=llm)))
        service.start()
        try:
            if mode is Mode.HTTP:
                slack.courier.http_urls = [f"http://127.0.0.1:{service.port}/slack/events"]
            else:
                assert slack.courier.sockets.wait_for(1, 10)
            yield Rig(slack, bot, service)
        finally:
            with slack.courier.sockets.greeting():
                service.stop()


__all__ = ["QUESTION", "Mode", "OAuthSettings", "Rig", "copy_bot", "run_bot", "settings_for"]

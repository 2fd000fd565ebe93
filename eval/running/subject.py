"""The bot of a run, opened as its specification says. A worker process is told nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.parts import Parts
from bot.settings import BotSettings
from bot.wiring import Bot
from bot.writer.settings import LlmSettings
from eval.replay.mode import ReplayMode
from eval.runner import Ask
from eval.running.configuration import Configuration
from eval.subject import ask_bot, describe_bot
from index.moment import Moment, utc_now
from prompts import PromptLoader, load_prompt, load_prompt_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """Everything that makes a bot to be measured, but for keys, which stay in the environment."""

    library: Path
    made: bool = False
    """Whether the library was made for the run: then it lies in its folder, whatever servers the
    environment names."""
    configuration: Configuration = field(default_factory=Configuration)
    offline: bool = False
    """Whether quotes are all that is wanted, whatever model is set."""
    given: bool = False
    """Whether each question may use only the articles that it came with."""
    now: Moment | None = None
    """The moment of asking, for questions without an as-of; None for the clock."""
    replay: ReplayMode = ReplayMode.OFF
    recordings: Path | None = None
    """The folder of recorded requests; needed unless `replay` is off."""

    def to_json(self) -> str:
        """One line, for a worker's command line."""
        return json.dumps(
            {
                "library": str(self.library),
                "made": self.made,
                "configuration": self.configuration.model_dump(mode="json"),
                "offline": self.offline,
                "given": self.given,
                "now": self.now.isoformat() if self.now else None,
                "replay": self.replay.value,
                "recordings": str(self.recordings) if self.recordings else None,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Specification:
        """The inverse of `to_json`."""
        fields = json.loads(text)
        return cls(
            library=Path(fields["library"]),
            made=fields["made"],
            configuration=Configuration.model_validate(fields["configuration"]),
            offline=fields["offline"],
            given=fields["given"],
            now=Moment.parse(fields["now"]) if fields["now"] else None,
            replay=ReplayMode(fields["replay"]),
            recordings=Path(fields["recordings"]) if fields["recordings"] else None,
        )

    def describe(self) -> dict[str, str]:
        """The choices that could change a result, for a run's file."""
        return self.configuration.describe() | {
            "offline": str(self.offline),
            "given": str(self.given),
            "now": self.now.isoformat() if self.now else "the clock",
            "replay": self.replay.value,
        }


@dataclass(frozen=True, slots=True)
class Subject:
    """A bot that is open, and can be asked."""

    bot: Bot
    ask: Ask
    described: Mapping[str, str]
    """What of library and models could change a result."""


@contextmanager
def open_subject(specification: Specification, environ: Mapping[str, str]) -> Iterator[Subject]:
    """Open the bot that a specification describes.

    Raises:
        UsageError: If a setting, the recordings or the prompts cannot be used.
        LibraryError: If the library cannot.
    """
    settings = _read_settings(specification, environ)
    with ExitStack() as stack:
        recorder = None
        if specification.recordings and specification.replay is not ReplayMode.OFF:
            from eval.replay.transport import open_recorder  # noqa: PLC0415  it loads httpx

            recorder = stack.enter_context(
                open_recorder(specification.recordings, specification.replay, settings)
            )
            settings = recorder.fill(settings, model=specification.configuration.model)
        parts = _choose_parts(specification, recorder.transport if recorder else None)
        bot = stack.enter_context(Bot.open_filled(settings, parts))
        ask = ask_bot(
            bot,
            given=specification.given,
            passages=specification.configuration.passages,
            llm=settings.llm,
        )
        described = describe_bot(bot) | describe_llm(settings.llm)
        yield Subject(bot, recorder.watching(ask) if recorder else ask, described)


@contextmanager
def open_library(specification: Specification, environ: Mapping[str, str]) -> Iterator[Bot]:
    """The same bot, only to look into its library.

    Raises:
        LibraryError: If the library cannot be used.
    """
    with Bot.open_filled(_read_settings(specification, environ)) as bot:
        yield bot


def _read_settings(specification: Specification, environ: Mapping[str, str]) -> BotSettings:
    chosen = specification.configuration
    named = {"DATELINE_EMBEDDING_MODEL": chosen.embedding_model} if chosen.embedding_model else {}
    settings = BotSettings.from_env(
        {**environ, **named}, model=chosen.model, offline=specification.offline
    )
    if specification.made:
        return settings.in_files(specification.library)
    return replace(settings, library=specification.library)


def _choose_parts(specification: Specification, transport: Any) -> Parts:
    chosen = specification.configuration
    verifier = None
    if not chosen.verify:
        from eval.running.trusting import TrustingVerifier  # noqa: PLC0415  few runs need it

        verifier = TrustingVerifier()
    now = specification.now.end if specification.now else None
    return Parts(
        retrieval=chosen.retrieval,
        chunk_tokens=chosen.chunk_tokens,
        clock=(lambda: now) if now else utc_now,
        verifier=verifier,
        transport=transport,
        load_prompt=_prompts(chosen.prompts),
    )


def _prompts(folder: Path | None) -> PromptLoader:
    return load_prompt_from(folder) if folder else load_prompt


def describe_llm(llm: LlmSettings | None) -> dict[str, str]:
    """What of the language model could change a result."""
    if llm is None:
        return {"model": "none"}
    return {
        "model": llm.model,
        "model server": "OpenAI" if llm.is_openai else "another",
        # An address may tell of a house's network: its hash tells servers apart.
        "model address": f"sha256:{hashlib.sha256(llm.base_url.encode()).hexdigest()}",
        "model tokens": f"{llm.completion_tokens} of {llm.context_tokens}",
        "model patience": f"{llm.timeout_seconds:g} s of {llm.deadline_seconds:g} s",
        "model judges": str(llm.judges),
    }

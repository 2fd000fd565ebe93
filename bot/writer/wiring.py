"""Builds the writing answerer from its parts."""

from __future__ import annotations

from bot.answerer import PassageFinder
from bot.parts import Parts
from bot.reading import PassageModel
from bot.verify import Verifier
from bot.writer.answerer import OfflineAnswerer, WritingAnswerer
from bot.writer.chat import ChatModel
from bot.writer.draft import Drafter
from bot.writer.examining import SentenceVerifier
from bot.writer.judging import SupportJudge
from bot.writer.planning import Planner
from bot.writer.prompt import PromptWriter
from bot.writer.rewriting import ModelRewriter
from bot.writer.settings import LlmSettings
from bot.writer.settling import Settler
from bot.writer.writing import Writer
from index.remote.patience import Clock, RetryPolicy
from prompts import PromptLoader, load_prompt

# What a repair adds to the prompt: the sentences again, and why they were rejected.
_REPAIR_TOKENS = 500


def build_writing_answerer(
    offline: OfflineAnswerer,
    finder: PassageFinder,
    chat: ChatModel,
    model: PassageModel,
    settings: LlmSettings,
    parts: Parts,
) -> WritingAnswerer:
    """The answerer that has `chat` write beside `offline`, and looks up by `finder`."""
    verifier = parts.verifier or Verifier(model)
    drafter = Drafter(chat, settings, RetryPolicy(), Clock())
    writer = build_writer(chat, model, settings, verifier=verifier, load_prompt=parts.load_prompt)
    return WritingAnswerer(
        offline,
        writer,
        Settler(verifier),
        planner=Planner(drafter, finder, load_prompt=parts.load_prompt),
        clock=parts.clock,
        tracer=parts.tracer,
    )


def build_writer(
    chat: ChatModel,
    model: PassageModel | None,
    settings: LlmSettings,
    *,
    policy: RetryPolicy | None = None,
    clock: Clock | None = None,
    verifier: SentenceVerifier | None = None,
    load_prompt: PromptLoader = load_prompt,
) -> Writer:
    """The writer around a model."""
    drafter = Drafter(chat, settings, policy or RetryPolicy(), clock or Clock())
    room = settings.context_tokens - settings.completion_tokens - _REPAIR_TOKENS
    prompts = PromptWriter(prompt_tokens=room, load_prompt=load_prompt)
    judge = SupportJudge(drafter, load_prompt=load_prompt) if settings.judges else None
    return Writer(drafter, prompts, verifier or Verifier(model), judge)


def build_rewriter(chat: ChatModel, settings: LlmSettings, parts: Parts) -> ModelRewriter:
    """What has `chat` make follow-ups stand alone."""
    drafter = Drafter(chat, settings, RetryPolicy(), Clock())
    return ModelRewriter(drafter, load_prompt=parts.load_prompt)

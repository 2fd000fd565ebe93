"""The conversation that asks a model for an answer.

Passages and question come from outside. Each stands in a block whose lines carry a key that
nobody outside can know and that occurs in none of the texts, so no text can close its block,
open another, or be cited in another's place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.verify import Finding
from bot.writer.chat import Message
from bot.writer.fence import draw_keys, fence, make_key
from bot.writer.marks import Sketch
from index.article import Passage
from index.sources.characters import clean_characters, clean_line
from prompts import PromptLoader, load_prompt

NO_ANSWER = "NO_ANSWER"
"""What the model writes, alone, where the passages do not answer."""
SENTENCE_LIMIT = 6
_BYTES_PER_TOKEN = 3
_MOST_FINDING_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Brief:
    """What the model is asked, and which passage each key stands for."""

    messages: tuple[Message, ...]
    passage_by_key: Mapping[str, Passage]
    """Keys in lower case, in the order of the prompt."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A sentence that was not let through, and why."""

    sketch: Sketch
    findings: tuple[Finding, ...]


def count_tokens(text: str) -> int:
    """About how many tokens `text` is, rather too many than too few.

    English has four to five bytes a token and Cyrillic four to six; counting exactly would take
    a vocabulary for each model, which is fetched from the network.
    """
    return len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN + 1


class PromptWriter:
    """Writes the messages of one conversation with the model."""

    def __init__(
        self,
        *,
        prompt_tokens: int,
        make_key: Callable[[], str] = make_key,
        load_prompt: PromptLoader = load_prompt,
    ) -> None:
        """Load the prompts.

        Args:
            prompt_tokens: The most that the first request may have; passages beyond it, which
                are the less fitting ones, are left out.
            make_key: Makes the keys; each is used once.
            load_prompt: Gives the prompts by their names.
        """
        self._prompt_tokens = prompt_tokens
        self._make_key = make_key
        self._system = load_prompt("answer.system")
        self._user = load_prompt("answer.user")
        self._repair = load_prompt("repair.user")

    def brief(
        self,
        question: str,
        passages: Sequence[Passage],
        asked_at: datetime,
        lookups: Sequence[str] = (),
    ) -> Brief:
        """Ask `question` of the passages, which stand best first; at least one is shown.

        Args:
            question: What is asked.
            passages: What may be cited.
            asked_at: The moment of asking.
            lookups: What the passages were looked up for, where that was more than the question.
        """
        texts = [_render_passage(passage) for passage in passages]
        question = clean_characters("\n- ".join((question, *lookups)))
        own_key, *keys = draw_keys(len(passages) + 1, [question, *texts], self._make_key)
        system = self._system.fill(sentence_limit=str(SENTENCE_LIMIT), no_answer=NO_ANSWER)
        blocks = [fence("passage", key, text) for key, text in zip(keys, texts, strict=True)]
        blocks = self._fitting(blocks, count_tokens(system + question + self._user.text))
        user = self._user.fill(
            asked_on=f"{asked_at:%A}, {asked_at.day} {asked_at:%B %Y}",
            passages="\n\n".join(blocks),
            question=fence("question", own_key, question),
            no_answer=NO_ANSWER,
        )
        # Fewer blocks than keys where not all fit.
        shown = dict(zip(keys[: len(blocks)], passages, strict=False))
        return Brief((Message("system", system), Message("user", user)), shown)

    def repair(self, brief: Brief, draft: str, rejected: Sequence[Rejected]) -> tuple[Message, ...]:
        """The same conversation, going on after `draft` with why sentences were rejected."""
        findings = "\n".join(_render_rejected(one) for one in rejected)
        again = self._repair.fill(findings=findings, no_answer=NO_ANSWER)
        return (*brief.messages, Message("assistant", draft), Message("user", again))

    def _fitting(self, blocks: Sequence[str], spent: int) -> list[str]:
        """The first blocks, as many as fit beside what is `spent`; one in any case."""
        left = self._prompt_tokens - spent
        fitting: list[str] = []
        for block in blocks:
            left -= count_tokens(block)
            if left < 0 and fitting:
                break
            fitting.append(block)
        return fitting


def _render_passage(passage: Passage) -> str:
    published = passage.published.isoformat() if passage.published else "unknown"
    heading = (
        f"outlet: {clean_line(passage.outlet or 'unknown', limit=120)}",
        f"published: {published}",
        f"title: {clean_line(passage.title or 'untitled', limit=300)}",
    )
    return "\n".join((*heading, "", clean_characters(passage.text).strip()))


def _render_rejected(rejected: Rejected) -> str:
    """One line; the sentence stands in JSON's quotes, which it cannot close."""
    text = clean_line(rejected.sketch.text, limit=_MOST_FINDING_CHARACTERS)
    keys = "".join(f"[{key}]" for key in rejected.sketch.keys)
    whys = " ".join(finding.why for finding in rejected.findings)
    why = clean_line(whys, limit=_MOST_FINDING_CHARACTERS)
    return f"- {json.dumps(text, ensure_ascii=False)} {keys}: {why}"

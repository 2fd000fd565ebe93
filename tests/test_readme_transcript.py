"""The page of ten questions shows what is answered today."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.wiring import Bot
from eval.transcript import load_askings, write_transcript

PAGE = Path(__file__).parent.parent / "docs" / "transcript.md"


@pytest.mark.timeout(300)
def test_the_transcript_is_current(sample_bot: Bot) -> None:
    written = write_transcript(sample_bot.answerer(), load_askings())

    assert PAGE.read_text(encoding="utf-8") == written, (
        "answers changed: run dateline eval transcript --out docs/transcript.md, and read the diff"
    )


def test_there_are_ten_questions_of_different_kinds() -> None:
    askings = load_askings()

    assert len({one.kind for one in askings}) == len(askings) == 10

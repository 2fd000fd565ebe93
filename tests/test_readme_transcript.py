"""The page of ten questions shows what is answered today."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.__main__ import main
from eval.transcript import load_askings

PAGE = Path(__file__).parent.parent / "docs" / "transcript.md"


def test_the_transcript_is_current(sample_library: Any, tmp_path: Path) -> None:
    """Made as the command makes it: which of two copies is cited hangs on how they were read."""
    page = tmp_path / "page.md"
    library = sample_library.copy(tmp_path / "library")

    assert main(["eval", "transcript", "--library", str(library), "--out", str(page)]) == 0

    assert PAGE.read_text(encoding="utf-8") == page.read_text(encoding="utf-8"), (
        "answers changed: run dateline eval transcript --out docs/transcript.md, and read the diff"
    )


def test_there_are_ten_questions_of_different_kinds() -> None:
    askings = load_askings()

    assert len({one.kind for one in askings}) == len(askings) == 10

"""Notes of correction and retraction, and what only sounds like them."""

from __future__ import annotations

import time

import pytest

from index.corrections import find_notice
from index.notice import NoticeKind

LEAD = "The board voted on Tuesday to rebuild the pier.\n\nWork begins in May.\n\n"

CORRECTED = [
    "Correction: An earlier version of this article misstated the cost.",
    "CORRECTION: The name of the chairwoman is Quill.",
    "Correction (March 5, 2024): The cost is 14 million.",
    "Correction, Nov. 3: The cost is 14 million.",
    "Correction on March 5 — the cost is 14 million.",
    "Corrections and clarifications: the cost is 14 million.",
    "Clarification: the vote was not final.",
    "• This article was amended on 5 March 2024 because the sum was wrong.",
    "This story has been corrected to show that the cost is 14 million.",
    "(This March 5 story has been corrected to fix the sum in paragraph 2)",
    "This article has since been updated to correct the spelling of a name.",
    "An earlier version of this article gave a wrong sum.",
    "A previous version of this story misidentified the chairwoman.",
    "(Corrects spelling of name in paragraph 3)",
    "Editor's note: This report incorrectly said that the vote was final.",
    "Editors’ note: A quotation in the piece was misstated.",
]
RETRACTED = [
    "This article has been retracted because its central claim was wrong.",
    "This story was withdrawn on March 5.",
    "Editor's note: This story has been retracted.",
    "[This article has been removed at the request of the agency.]",
    "The Harbour Post has retracted this article.",
    "We have withdrawn this story.",
    "This page is no longer available.",
]
NEITHER = [
    "The minister issued a correction: taxes would rise after all.",
    "The journal said that the article had been retracted in May.",
    "“This article has been retracted,” the journal wrote.",
    '"Correction: it was me," he said.',
    "Prison officers face a correction of pay. The department of corrections: a history.",
    "The bill was amended on Tuesday.",
    "This law was amended on Tuesday and this practice was withdrawn.",
    "An earlier version of the bill had failed.",
    "This article was updated on March 5.",
    "She withdrew her candidacy; the statue was removed.",
    "The correct answer is four.",
    "This report has been praised by the opposition, who corrected nobody.",
    "Editor's note: This is the second of three parts.",
]


@pytest.mark.parametrize("note", CORRECTED)
def test_a_correction_is_noticed_at_either_end(note: str) -> None:
    for body in (LEAD + note, f"{note}\n\n{LEAD}"):
        found = find_notice("Board votes", body)
        assert found
        assert found.kind is NoticeKind.CORRECTED
        assert found.text in " ".join(note.split())


@pytest.mark.parametrize("note", RETRACTED)
def test_a_retraction_is_noticed_before_a_correction(note: str) -> None:
    for body in (note, LEAD + note, f"{CORRECTED[0]}\n\n{LEAD}{note}"):
        found = find_notice("Board votes", body)
        assert found
        assert found.kind is NoticeKind.RETRACTED


@pytest.mark.parametrize("text", NEITHER)
def test_a_story_about_corrections_is_not_corrected(text: str) -> None:
    assert find_notice("Board votes", f"{LEAD}{text}\n\n{text}") is None


def test_titles_tell_too() -> None:
    kinds = {
        "Retracted: Board votes": NoticeKind.RETRACTED,
        "RETRACTION — Board votes": NoticeKind.RETRACTED,
        "[Withdrawn] - Board votes": NoticeKind.RETRACTED,
        "CORRECTED-Board votes": NoticeKind.CORRECTED,
        "Board votes (corrected)": NoticeKind.CORRECTED,
        "Retractions of papers reach a record": None,
        "Kill the bill: protesters march": None,
        "Correction officers strike": None,
    }
    for title, kind in kinds.items():
        found = find_notice(title, LEAD)
        assert (found.kind if found else None) is kind, title


def test_a_long_story_of_lures_costs_little() -> None:
    lures = ("This " + "a, " * 3 + "story corrected version editor's note: " * 3 + "\n") * 3_000
    started = time.process_time()
    find_notice("x", lures)
    find_notice("x", "correct " + "This " * 50_000)
    find_notice("x", "correct\n" + "(" * 100_000)
    assert time.process_time() - started < 1

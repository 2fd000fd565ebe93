"""Answers and passages as people read them. Every word of them may come from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.answer import Answer, Citation, Reason, Sentence, Status
from bot.cli.page import Page
from bot.hostility import without_addresses
from index.article import Passage
from index.moment import Moment, Precision
from index.notice import Notice

if TYPE_CHECKING:
    from rich.console import Console

_NEAREST = 2
_EXCERPT_CHARACTERS = 280
_INDENT = 4

_OPENING = {
    Status.AMBIGUOUS: "There are several answers, newest first:",
    Status.CONFLICTING: "The sources disagree, newest first:",
}
_WHY = {
    Reason.NO_EVIDENCE: "Articles come near this, but none of them says it.",
    Reason.OUT_OF_CORPUS: "The archive does not cover this.",
    Reason.STALE: "What the archive has on this is too old.",
    Reason.UNVERIFIED: "Nothing that was found could be verified.",
}


def show_answer(answer: Answer, console: Console) -> None:
    """Write an answer with its numbered sources, or why there is none with what came nearest."""
    page = Page(console)
    if answer.status is Status.ABSTAINED:
        _show_abstention(answer, page)
        return
    if answer.status is Status.ANSWERED:
        page.line(*(piece for sentence in answer.sentences for piece in _pieces(sentence)))
    else:
        page.line((_OPENING[answer.status], "bold"))
        for sentence in answer.sentences:
            page.line(*_pieces(sentence), indent=2, first="-")
    if answer.note:
        page.line((f"({answer.note})", "dim"))
    page.blank()
    page.line(("Sources", "bold"))
    notices = {(one.article_id, one.version): one.notice for one in answer.passages}
    for citation in answer.citations:
        _show_citation(citation, page)
        _show_notice(notices.get((citation.article_id, citation.version)), page)


def show_passages(passages: Sequence[Passage], console: Console) -> None:
    """Write what a search found, best first."""
    page = Page(console)
    if not passages:
        page.line("Nothing was found.")
    for number, passage in enumerate(passages, start=1):
        _show_passage(passage, page, f"{number:>2}")


def show_date(published: Moment | None) -> str:
    """A publication day as people read it: `2023-11-16`, `undated`, `2023-11-16 (file date)`."""
    if published is None:
        return "undated"
    day = Moment(published.start, min(published.precision, Precision.DAY)).isoformat()
    return f"{day} (file date)" if published.is_guess else day


def _pieces(sentence: Sentence) -> list[str | tuple[str, str]]:
    marks = "".join(f"[{number}]" for number in sentence.citations)
    return [f"{sentence.text} ", (f"{marks} ", "cyan")]


def _show_abstention(answer: Answer, page: Page) -> None:
    why = answer.note or (_WHY[answer.reason] if answer.reason else "")
    page.line(("No answer.", "bold"), f" {why}")
    nearest = answer.passages[:_NEAREST]
    if nearest:
        page.blank()
        page.line(("Nearest passages", "bold"))
    for passage in nearest:
        _show_passage(passage, page, " -")


def _show_citation(citation: Citation, page: Page) -> None:
    heading = _heading(citation.outlet, citation.published, citation.title)
    page.line(*heading, indent=_INDENT, first=f"{citation.number:>2}")
    page.line(f"“{citation.quote}”", indent=_INDENT)
    page.link(citation.url, indent=_INDENT)


def _show_passage(passage: Passage, page: Page, mark: str) -> None:
    heading = _heading(passage.outlet, passage.published, passage.title)
    page.line(*heading, indent=_INDENT, first=mark)
    page.line(_excerpt(passage.text), indent=_INDENT)
    page.link(passage.url, indent=_INDENT)
    _show_notice(passage.notice, page)


def _show_notice(notice: Notice | None, page: Page) -> None:
    if notice is not None:
        page.line((f"{notice.kind.value}: {notice.text}", "yellow"), indent=_INDENT)


def _heading(
    outlet: str | None, published: Moment | None, title: str | None
) -> list[str | tuple[str, str]]:
    return [
        # Terminals make links of whatever looks like one.
        (without_addresses(outlet or "unknown outlet"), "bold"),
        f" · {show_date(published)} · ",
        (without_addresses(title or "untitled"), "italic"),
    ]


def _excerpt(text: str) -> str:
    if len(text) <= _EXCERPT_CHARACTERS:
        return text
    whole_words, _, _ = text[:_EXCERPT_CHARACTERS].rpartition(" ")
    return f"{whole_words or text[:_EXCERPT_CHARACTERS]} …"

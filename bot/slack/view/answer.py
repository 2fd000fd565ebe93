"""An answer as a message: sentences with marks, numbered sources, what it stands on, buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from bot.answer import Answer, Citation, Reason, Status
from bot.plain import plain_line
from bot.slack.view import ids
from bot.slack.view.blocks import (
    Piece,
    actions,
    bullets,
    button,
    context,
    link,
    quotation,
    rich_text,
    section,
    text,
)
from bot.slack.view.dates import tell_day, tell_instant, tell_short_day
from bot.slack.view.feedback import render_thumbs
from bot.slack.view.limits import FALLBACK_TEXT, MESSAGE_CHARACTERS, PARAGRAPH, Block, shorten
from bot.slack.view.markup import fallback_text
from bot.slack.view.message import Message, ShownAnswer
from bot.slack.view.plan import Detail, fit
from bot.slack.view.prose import Line, Prose, fit_list, fit_running
from bot.slack.view.sources import list_sources, render_sources_list, show_numbers
from index.article import Passage

_NEAREST = 3
_MOST_LINKED_MARKS = 6
# What is left to the blocks under a stream, however long the stream was.
_SMALLEST_TAIL = 5_000
_OPENING = {
    Status.AMBIGUOUS: "There are several answers, newest first",
    Status.CONFLICTING: "The sources disagree, newest first",
}
_WHY = {
    Reason.NO_EVIDENCE: "Articles come near this, but none of them says it.",
    Reason.OUT_OF_CORPUS: "The archive does not cover this.",
    Reason.STALE: "What the archive has on this is too old.",
    Reason.UNVERIFIED: "Nothing that was found could be verified.",
}
# The rest of that note is for the log: it may hold a server's own words.
_FALLBACK_NOTE = "No language model wrote this"
_WARNING = re.compile(r"(?:\[\d+\])+ was corrected: |left out because it was taken back")
_MOST_WARNINGS = 5


def render_answer(shown: ShownAnswer) -> Message:
    """The whole answer in one message, whatever its length: see `bot.slack.view.plan`."""
    blocks = fit(partial(_compose, shown), MESSAGE_CHARACTERS)
    return Message(_fallback(shown.answer), blocks)


def render_sources(shown: ShownAnswer, *, streamed_characters: int = 0) -> Message:
    """What follows the sentences of a stream, for its end: sources, what it stands on, buttons."""
    limit = max(MESSAGE_CHARACTERS - streamed_characters, _SMALLEST_TAIL)
    blocks = fit(partial(_compose_tail, shown), limit)
    return Message(_fallback(shown.answer), blocks)


def _compose(shown: ShownAnswer, detail: Detail) -> list[Block]:
    answer = shown.answer
    asked = shorten(plain_line(answer.question.text), 300) if shown.shows_question else ""
    blocks = [rich_text(quotation(text(asked)))] if asked else []
    if answer.status is Status.ABSTAINED:
        return [*blocks, *_abstention(answer, detail), *_buttons(shown)]
    prose = _fit_prose(answer, detail.prose_characters)
    blocks += _body(answer, prose, detail)
    if cut := _tell_cut(prose):
        blocks.append(context(cut))
    return [*blocks, *_compose_tail(shown, detail)]


def _compose_tail(shown: ShownAnswer, detail: Detail) -> list[Block]:
    answer = shown.answer
    if answer.status is Status.ABSTAINED:
        return [*_abstention(answer, detail), *_buttons(shown)]
    sources = list_sources(answer.citations)
    listed = render_sources_list(sources, detail.source) if sources else []
    return [*_warnings(answer), *listed, *_standing(answer), *_buttons(shown)]


def _fit_prose(answer: Answer, limit: int) -> Prose:
    if answer.status is Status.ANSWERED:
        return fit_running(answer.sentences, limit)
    return fit_list(answer.sentences, limit)


def _tell_cut(prose: Prose) -> str | None:
    if not prose.left_out and not prose.is_cut:
        return None
    shown, whole = len(prose.lines), len(prose.lines) + prose.left_out
    what = f"{shown} of {whole} sentences" if prose.left_out else "sentences are shortened"
    return f"Too long for one message: {what}. Every source is listed."


def _body(answer: Answer, prose: Prose, detail: Detail) -> list[Block]:
    citations = {citation.number: citation for citation in answer.citations}
    if answer.status is Status.ANSWERED:
        return list(_paragraphs(prose.lines, citations, detail))
    opening = section(text(f"{_OPENING[answer.status]}:", bold=True))
    lists = [
        bullets(*(section(*_item(line, answer, citations, detail)) for line in lines))
        for lines in _by_paragraph(prose.lines)
    ]
    return [rich_text(opening, *lists[:1]), *map(rich_text, lists[1:])]


def _paragraphs(
    lines: Sequence[Line], citations: dict[int, Citation], detail: Detail
) -> Iterator[Block]:
    for together in _by_paragraph(lines):
        pieces: list[Piece] = []
        for line in together:
            words = f"{line.lead}: {line.text}" if line.lead else line.text
            pieces += [text(f"{words} "), *_marks(line.numbers, citations, detail), text(" ")]
        yield rich_text(section(*_joined(pieces[:-1])))


def _by_paragraph(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines in groups, each short enough for one block."""
    group: list[Line] = []
    length = 0
    for line in lines:
        if group and length + len(line.text) > PARAGRAPH:
            yield group
            group, length = [], 0
        group.append(line)
        length += len(line.text)
    if group:
        yield group


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbouring words without a style as one piece: every piece costs characters."""
    joined: list[Piece] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        if before and _is_bare(before) and _is_bare(piece):
            joined[-1] = text(before["text"] + piece["text"])
        else:
            joined.append(piece)
    return joined


def _is_bare(piece: Piece) -> bool:
    return piece["type"] == "text" and "style" not in piece


def _item(
    line: Line, answer: Answer, citations: dict[int, Citation], detail: Detail
) -> Iterator[Piece]:
    lead = line.lead
    if answer.status is Status.CONFLICTING:
        lead = _side(line, citations) or lead
    if lead:
        yield text(f"{lead}: ", bold=True)
    yield from _joined([text(f"{line.text} "), *_marks(line.numbers, citations, detail)])


def _side(line: Line, citations: dict[int, Citation]) -> str:
    """`Harbor Post, 7 October 2023`: who says it, and when it was published."""
    first = next((citations[one] for one in line.numbers if one in citations), None)
    if first is None:
        return ""
    outlet = shorten(plain_line(first.outlet or "") or "unknown outlet", 60)
    return f"{outlet}, {tell_day(first.published)}"


def _marks(numbers: Sequence[int], citations: dict[int, Citation], detail: Detail) -> list[Piece]:
    if not numbers:
        return []
    if not detail.links_marks or len(numbers) > _MOST_LINKED_MARKS:
        return [text(show_numbers(sorted(numbers)))]
    return [link(f"[{one}]", citations[one].url if one in citations else "") for one in numbers]


def _abstention(answer: Answer, detail: Detail) -> list[Block]:
    opening = section(text("No answer. ", bold=True), text(_why(answer)))
    nearest = _nearest(answer.passages)
    blocks = [rich_text(opening)]
    if nearest:
        pieces = [piece for passage in nearest for piece in _excerpt(passage, detail)]
        blocks.append(rich_text(section(text("Nearest passages", bold=True)), *pieces))
    if read_as := _read_as(answer):
        blocks.append(context(read_as))
    return blocks


def _why(answer: Answer) -> str:
    """Why there is no answer, in our own words only."""
    why = plain_line("; ".join(_notes(answer))) or (_WHY[answer.reason] if answer.reason else "")
    return shorten(why, 600) or "Nothing fits."


def _nearest(passages: Sequence[Passage]) -> list[Passage]:
    """The best passages, one an origin: copies of one story come near together."""
    by_origin: dict[str, Passage] = {}
    for passage in passages:
        by_origin.setdefault(passage.origin_id, passage)
    return list(by_origin.values())[:_NEAREST]


def _excerpt(passage: Passage, detail: Detail) -> Iterator[Piece]:
    title = shorten(plain_line(passage.title or "") or "untitled", detail.source.title_characters)
    outlet = shorten(plain_line(passage.outlet or "") or "unknown outlet", 60)
    url = passage.url if len(passage.url) <= detail.source.longest_url else ""
    yield section(
        text(f"{outlet}, {tell_short_day(passage.published)}: "), link(title or "untitled", url)
    )
    yield quotation(text(shorten(plain_line(passage.text), detail.excerpt_characters) or "…"))


def _warnings(answer: Answer) -> list[Block]:
    """What a reader must not miss: that a story was corrected, or another one taken back."""
    warnings = [note for note in _notes(answer) if _WARNING.match(note)][:_MOST_WARNINGS]
    if not warnings:
        return []
    lines = (shorten(plain_line(note), 260) for note in warnings)
    items = (section(text(line[0].upper() + line[1:])) for line in lines)
    return [rich_text(section(text("Please note", bold=True)), bullets(*items))]


def _notes(answer: Answer) -> list[str]:
    return _before_fallback([note for note in (answer.note or "").split("; ") if note])


def _standing(answer: Answer) -> list[Block]:
    """What the answer stands on, in small print."""
    fell_back = _FALLBACK_NOTE in (answer.note or "")
    notes = [note for note in _notes(answer) if not _WARNING.match(note)]
    if not any(note.startswith(("as of ", "undated")) for note in notes):
        notes.append(_tell_newest(answer.citations))
    asked = answer.question.as_of
    lines = [
        f"Asked as of {tell_instant(asked)}" if asked else "",
        *(shorten(plain_line(note), 200) for note in notes),
        _read_as(answer),
        _tell_writer(answer, fell_back=fell_back),
    ]
    return [context(*lines)]


def _before_fallback(notes: Sequence[str]) -> list[str]:
    """The notes without what a failed model left behind, whose own words may hold "; " too."""
    for at, note in enumerate(notes):
        if note.startswith(_FALLBACK_NOTE):
            return list(notes[:at])
    return list(notes)


def _tell_newest(citations: Sequence[Citation]) -> str:
    newest = max((one.published for one in citations if one.published), default=None)
    return f"as of {tell_day(newest)}" if newest else "undated"


def _read_as(answer: Answer) -> str:
    alone = plain_line(answer.standalone_question or "")
    return f"read as “{shorten(alone, 200)}”" if alone else ""


def _tell_writer(answer: Answer, *, fell_back: bool) -> str:
    if fell_back:
        return "quoted from the articles; the language model could not be used"
    if answer.writer == "llm":
        model = shorten(plain_line(answer.model or "a language model"), 60)
        return f"written by {model}, every sentence checked"
    return "quoted from the articles"


def _buttons(shown: ShownAnswer) -> list[Block]:
    quotes = len(shown.answer.citations)
    row: list[Piece] = []
    if quotes:
        label = "Show the quotes in their articles' own words"
        words = "Show quote" if quotes == 1 else f"Show {quotes} quotes"
        row.append(button(words, ids.SHOW_QUOTES, shown.answer_id, label=label))
    if shown.can_share:
        row.append(button("Share with channel", ids.SHARE, shown.answer_id))
    blocks = [actions(row)] if row else []
    return [*blocks, render_thumbs(shown.answer_id)] if shown.wants_feedback else blocks


def _fallback(answer: Answer) -> str:
    if answer.status is Status.ABSTAINED:
        return fallback_text(f"No answer. {_why(answer)}", FALLBACK_TEXT)
    return fallback_text(answer.text, FALLBACK_TEXT) or "An answer"

"""What stands above a story: title, outlet, byline, times, labelled lines.

The lines that are understood are taken out of the text; whatever is not stays in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from index.sources.credits import (
    NO_CREDITS,
    Credits,
    plain_byline,
    read_credits,
    read_line,
    read_name,
    split_day,
    without_note,
)
from index.sources.dateline import find_dateline
from index.sources.repeats import comparable
from index.urls import is_web_url

# A head of more lines is a page's menu, and nothing in it can be relied on.
_MOST_LINES = 12
_LABEL = re.compile(r"(?P<label>[A-Za-z][A-Za-z_ ]{1,22}?)\s*:\s*(?P<value>\S.*)")
_DATE_LABEL = re.compile(
    r"(?P<label>date|published|posted|updated|last updated|modified)(?:\s+on|\s+at)?"
    r"\s+(?P<value>\S.*)",
    re.IGNORECASE,
)
_NAME_BY_LABEL = {
    **dict.fromkeys(("title", "headline", "subject"), "title"),
    **dict.fromkeys(("outlet", "source", "publisher", "publication", "newspaper"), "outlet"),
    **dict.fromkeys(("by", "author", "authors", "byline", "written by"), "byline"),
    **dict.fromkeys(("url", "link", "permalink", "canonical"), "url"),
    **dict.fromkeys(("section", "category"), "section"),
    **dict.fromkeys(("language", "lang"), "language"),
}
_PUBLISHED_LABELS = frozenset(
    {"date", "published", "published on", "published at", "posted", "posted on", "first published",
     "publication date", "publish date", "pub date", "pubdate", "released", "issued",
     "date published", "published_at"}
)  # fmt: skip
_MODIFIED_LABELS = frozenset(
    {"updated", "updated on", "updated at", "last updated", "modified", "last modified",
     "date modified", "modified_at"}
)  # fmt: skip
_SENTENCE_END = re.compile(r"[.:;,]$")
_ABBREVIATED = re.compile(r"\b(?:[A-Z]\.){2,}$|\b(?:Inc|Corp|Co|Ltd|Jr|Sr|No|St)\.$|\.{3}$")
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_BY = re.compile(r"\bby\b", re.IGNORECASE)
# A standfirst between the title and the credits; the first paragraph of a story is seldom shorter.
_LONGEST_STANDFIRST = 45
# Credits stand within so many lines below it, a caption among them.
_CREDITS_WITHIN = 4


@dataclass(slots=True)
class Head:
    """What was read above the story; None where nothing was."""

    title: str | None = None
    outlet: str | None = None
    """From a labelled line."""
    byline: str | None = None
    """From a labelled line, as the section."""
    section: str | None = None
    language: str | None = None
    url: str | None = None
    credits: Credits = NO_CREDITS
    """From other lines, and every date."""
    story: list[str] = field(default_factory=list)
    """The paragraphs that remain, in order."""


def read_head(paragraphs: Sequence[str], title: str | None = None) -> Head:
    """Take the head off a text.

    Args:
        paragraphs: The whole text.
        title: The title, where the source tells it; else it is looked for.
    """
    head = Head(title=title)
    kept: list[str] = []
    place = 0
    while place < min(len(paragraphs), _MOST_LINES):
        paragraph = paragraphs[place]
        following = paragraphs[place + 1 :]
        if not _take(head, paragraph, following):
            begins = find_dateline(paragraph) or _is_prose(paragraph)
            if begins and not _is_standfirst(paragraph, following):
                break
            kept.append(paragraph)
        place += 1
    if head.credits.is_sure:
        kept = [line for line in kept if not _take_name(head, line)]
    rest = [*kept, *paragraphs[place:]]
    _read_foot(head, rest)
    shown = comparable(head.title) if head.title else None
    head.story = [p for p in rest if not shown or comparable(p) != shown]
    return head


def _take(head: Head, paragraph: str, following: Sequence[str]) -> bool:
    """Read one line into the head; False if it belongs to the story."""
    if _take_label(head, paragraph) or _is_title_again(head, paragraph):
        return True
    said = read_credits(paragraph)
    if said is not None and (head.title is not None or _stands_above(paragraph, said)):
        head.credits = head.credits.joined(said)
        return True
    if head.title is None and following and _looks_like_title(paragraph):
        if _is_kicker(paragraph, following[0]):
            head.section = head.section or paragraph
        else:
            head.title = paragraph
        return True
    return False


def _take_name(head: Head, line: str) -> bool:
    """Read a bare name that stands among the credits and says what they leave out."""
    said = read_name(line, head.credits)
    if said is None:
        return False
    head.credits = head.credits.joined(said)
    return True


def _is_standfirst(paragraph: str, following: Sequence[str]) -> bool:
    """Whether a sentence or two stand above credits: the story itself begins below them."""
    if len(paragraph.split()) > _LONGEST_STANDFIRST or find_dateline(paragraph):
        return False
    below = following[:_CREDITS_WITHIN]
    return any((said := read_credits(line)) is not None and said.is_sure for line in below)


def _stands_above(line: str, said: Credits) -> bool:
    """Whether credits may come before the title: "With Kim in Moscow" is one, "By Ana" is not."""
    return said.published is not None or (said.byline is not None and bool(_BY.search(line)))


def _is_title_again(head: Head, line: str) -> bool:
    return head.title is not None and comparable(line) == comparable(head.title)


def _take_label(head: Head, line: str) -> bool:
    found = _LABEL.fullmatch(line) or _DATE_LABEL.fullmatch(line)
    if not found:
        return False
    label, value = found["label"].lower().strip(), found["value"].strip()
    if label in _PUBLISHED_LABELS | _MODIFIED_LABELS:
        return _take_date(head, value, is_published=label in _PUBLISHED_LABELS)
    name = "url" if is_web_url(value) else _NAME_BY_LABEL.get(label)
    if name is None or len(value) > 300:
        return False
    if getattr(head, name) is None:
        setattr(head, name, plain_byline(value) if name == "byline" else value)
    return True


def _take_date(head: Head, value: str, *, is_published: bool) -> bool:
    """A date, and perhaps more after it: "2024-03-14 International"."""
    value, noted = without_note(value)
    dated = split_day(value)
    if dated is None:
        return False
    moment, rest = dated
    said = read_line(rest) if rest else NO_CREDITS
    if said is None and not _take_label(head, rest):
        if len(rest.split()) > 3 or _SENTENCE_END.search(rest):
            return False
        said = Credits(section=rest)
    day = Credits(published=moment) if is_published else Credits(modified=moment)
    head.credits = head.credits.joined(day).joined(said or NO_CREDITS).joined(noted)
    return True


def _looks_like_title(paragraph: str) -> bool:
    words = _WORD.findall(paragraph)
    if not words or len(words) > 30 or len(paragraph) > 250 or find_dateline(paragraph):
        return False
    ends = _SENTENCE_END.search(paragraph) and not _ABBREVIATED.search(paragraph)
    return not ends and any(char.isalpha() for char in paragraph)


def _is_kicker(line: str, following: str) -> bool:
    """A section's name above the title: "World", then a line of a title's length."""
    return (
        len(line.split()) <= 2
        and len(following.split()) >= 4
        and _looks_like_title(following)
        and read_line(following) is None
        and not _LABEL.fullmatch(following)
    )


def _is_prose(paragraph: str) -> bool:
    return len(paragraph.split()) > 30 or paragraph.rstrip("\"'”’)").endswith((".", "!", "?"))


def _read_foot(head: Head, paragraphs: list[str]) -> None:
    """Labelled dates may also stand below the story."""
    for paragraph in paragraphs[1:][-3:]:
        found = _LABEL.fullmatch(paragraph) or _DATE_LABEL.fullmatch(paragraph)
        if found and found["label"].lower() in _PUBLISHED_LABELS | _MODIFIED_LABELS:
            is_published = found["label"].lower() in _PUBLISHED_LABELS
            if _take_date(head, found["value"], is_published=is_published):
                paragraphs.remove(paragraph)

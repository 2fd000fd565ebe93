"""What stands above a story: title, outlet, byline, times, labelled lines.

The lines that are understood are taken out of the text; whatever is not stays in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from index.dates import parse_date
from index.dates.vocabulary import month_by_word, weekday_by_word
from index.moment import Moment, Precision
from index.sources.dateline import find_dateline, is_known_agency
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
_BYLINE = re.compile(
    r"(?:by|written by|story by|words by)\s*:?\s+(?P<names>\S.{1,90})", re.IGNORECASE
)
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_.'’]*(?:[-.'’][^\W\d_]*)*\.?")
_IN_NAMES = frozenset({"and", "de", "da", "di", "del", "della", "der", "den", "van", "von", "bin",
                       "ibn", "al", "el", "la", "le", "du", "dos", "e", "y", "with"})  # fmt: skip
_ROLE = re.compile(
    r",\s*(?:[\w' ]{0,40}\b(?:staff|writer|reporter|correspondent|editor|columnist|contributor"
    r"|bureau|news|press|post|times|agency|service|reuters|ap|afp)\b.{0,40})$"
    r"|\s+(?:for|in|at|of)\s+(?:the\s+)?[A-Z].{0,60}$",
    re.IGNORECASE,
)
_OUTLET_WORDS = frozenset(
    {"agency", "broadcasting", "bulletin", "chronicle", "courier", "daily", "dispatch", "examiner",
     "express", "gazette", "globe", "guardian", "herald", "independent", "international", "journal",
     "mail", "mirror", "monitor", "network", "news", "newswire", "observer", "online", "post",
     "press", "radio", "record", "register", "review", "sentinel", "standard", "star", "sun",
     "telegraph", "television", "times", "today", "tribune", "wire", "weekly"}
)  # fmt: skip
_SEPARATOR = re.compile(r"\s+[|•·‧–—]\s+|\s+-\s+|\s*[|•·]\s*")
_SENTENCE_END = re.compile(r"[.:;,]$")
_ABBREVIATED = re.compile(r"\b(?:[A-Z]\.){2,}$|\b(?:Inc|Corp|Co|Ltd|Jr|Sr|No|St)\.$|\.{3}$")
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_READING_TIME = re.compile(r"\d{1,3}[ -]min(?:ute)?s?(?: read)?", re.IGNORECASE)
# Dates of the web stand in lines such as "Thursday 14 March 2024 10:20 GMT".
_LONGEST_DATE = 80


@dataclass(slots=True)
class Head:
    """What was read above the story; None where nothing was."""

    title: str | None = None
    outlet: str | None = None
    """From a labelled line."""
    outlet_line: str | None = None
    """From a line that looks like an outlet's name, which is weaker."""
    byline: str | None = None
    section: str | None = None
    language: str | None = None
    url: str | None = None
    published: Moment | None = None
    modified: Moment | None = None
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
            if find_dateline(paragraph) or _is_prose(paragraph):
                break
            kept.append(paragraph)
        place += 1
    rest = [*kept, *paragraphs[place:]]
    _read_foot(head, rest)
    shown = comparable(head.title) if head.title else None
    head.story = [p for p in rest if not shown or comparable(p) != shown]
    return head


def _take(head: Head, paragraph: str, following: Sequence[str]) -> bool:
    """Read one line into the head; False if it belongs to the story."""
    if _take_label(head, paragraph) or _take_line(head, paragraph):
        return True
    pieces = [piece for piece in _SEPARATOR.split(paragraph) if piece]
    if 1 < len(pieces) <= 4 and _all_taken(head, pieces):
        return True
    if head.title is None and following and _looks_like_title(paragraph):
        if _is_kicker(paragraph, following[0]):
            head.section = head.section or paragraph
        else:
            head.title = paragraph
        return True
    if head.title is not None and _looks_like_outlet(paragraph):
        head.outlet_line = head.outlet_line or paragraph
        return True
    return False


def _all_taken(head: Head, pieces: Sequence[str]) -> bool:
    """Pieces of one line, such as a byline and a date: every piece must be understood."""
    trial = Head(title=head.title)
    if not all(_take_label(trial, piece) or _take_line(trial, piece) for piece in pieces):
        return False
    head.byline = head.byline or trial.byline
    head.published = head.published or trial.published
    head.modified = head.modified or trial.modified
    return True


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
    """A date, and perhaps the section after it: "2024-03-14 International"."""
    words = value.split()
    for count in range(min(len(words), 9), 0, -1):
        moment = _day(" ".join(words[:count]).rstrip(",;|"))
        rest = " ".join(words[count:]).lstrip("|•·-–— ")
        if moment is None:
            continue
        if rest and not _take_line(head, rest) and not _take_label(head, rest):
            if len(rest.split()) > 3 or _SENTENCE_END.search(rest):
                return False
            head.section = head.section or rest
        if is_published:
            head.published = head.published or moment
        else:
            head.modified = head.modified or moment
        return True
    return False


def _take_line(head: Head, line: str) -> bool:
    if head.title and comparable(line) == comparable(head.title):
        return True
    if _READING_TIME.fullmatch(line):
        return True
    if (names := _byline_names(line)) is not None:
        head.byline = head.byline or names
        return True
    if len(line) <= _LONGEST_DATE and (moment := _day(line)):
        head.published = head.published or moment
        return True
    return False


def _day(text: str) -> Moment | None:
    moment = parse_date(text)
    return moment if moment and moment.precision >= Precision.DAY else None


def _byline_names(line: str) -> str | None:
    found = _BYLINE.fullmatch(line)
    if not found:
        return None
    names = plain_byline(found["names"])
    words = [word for word in re.split(r"[\s,;&/]+", names) if word]
    named = all(
        _NAME_WORD.fullmatch(word) and (word[0].isupper() or word in _IN_NAMES) for word in words
    )
    is_time = len(words) == 1 and words[0].lower() in {*month_by_word, *weekday_by_word}
    return names if named and not is_time and 1 <= len(words) <= 12 else None


def plain_byline(text: str) -> str:
    """The names alone: "By JANE DOE, Staff Writer" is "JANE DOE"."""
    names = re.sub(r"^by\b[\s:]*", "", text.strip(), flags=re.IGNORECASE)
    shorter = _ROLE.sub("", names).strip(" ,;|")
    return shorter or names


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
        and _byline_names(following) is None
        and _day(following) is None
        and not _LABEL.fullmatch(following)
    )


def _looks_like_outlet(line: str) -> bool:
    words = line.split()
    if not 1 <= len(words) <= 5 or _SENTENCE_END.search(line):
        return False
    if is_known_agency(line) or is_known_agency(words[0]):
        return True
    last = words[-1].lower()
    return last in _OUTLET_WORDS and all(w[0].isupper() or w in {"of", "the"} for w in words)


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

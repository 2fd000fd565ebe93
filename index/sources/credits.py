"""Lines of credits: who wrote a story, for which outlet, in which section, and when.

"By Ana Bell | The Harbour Post | 4 March 2025 (updated 5 March)" says four things in one line. A
line counts only if all of it is understood: a half-understood one may be the story's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from index.dates import parse_date
from index.dates.vocabulary import month_by_word, weekday_by_word
from index.moment import Moment, Precision
from index.names import Kind, find_names
from index.sources.dateline import is_known_agency

_MOST_PIECES = 5
# Dates of the web stand in lines such as "Thursday 14 March 2024 10:20 GMT".
_LONGEST_DATE = 80
_MOST_DATE_WORDS = 9
_SEPARATOR = re.compile(r"\s+[|•·‧–—]\s+|\s+-\s+|\s*[|•·]\s*")
_NOTE = re.compile(
    r"\s*[(\[](?:last\s+)?(?P<label>updated|modified|corrected|amended|published|first published)"
    r"\b:?\s*(?P<value>[^()\[\]]{0,80})[)\]]\s*$",
    re.IGNORECASE,
)
_READING_TIME = re.compile(r"\d{1,3}[ -]min(?:ute)?s?(?: read)?", re.IGNORECASE)
_SECTION = re.compile(
    r"(?:[\w'’&-]+\s+){0,2}(?:live|live\s?blog|live\s+coverage|interview|obituar(?:y|ies)|opinion"
    r"|analysis|comment|commentary|feature|features|match\s+report|profile|investigation|explainer"
    r"|editorial|letters|science|nature|sports?|politics|world|international|national|business"
    r"|companies|markets|economy|culture|arts|books|travel|environment|climate|health|technology"
    r"|tech|local|courts?|education|lifestyle|regions?|news)",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:(?:live\s+(?:blog|coverage|updates|reporting)|reporting|reported|interview(?:ed)?|words"
    r"|text|story|written|report|compiled|review(?:ed)?)\s+)?by\s*:?\s+(?P<names>\S.{1,110})"
    r"|(?:words|text|reporting|story|reporters?|correspondents?)\s*:\s*"
    r"(?P<names2>\S.{1,110})"
    r"|with\s+(?P<names3>\S.{1,110})",
    re.IGNORECASE,
)
# "; editing by Jane Doe" says nothing of who wrote.
_EDITED = re.compile(r"\s*[;,]\s*(?:additional|edit(?:ed|ing)|photo|translat).*$", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_.'’]*(?:[-.'’][^\W\d_]*)*\.?")
_IN_NAMES = frozenset({"and", "de", "da", "di", "del", "della", "der", "den", "van", "von", "bin",
                       "ibn", "al", "el", "la", "le", "du", "dos", "e", "y", "with",
                       "staff"})  # fmt: skip
_ROLE = re.compile(
    r",\s*(?:[\w' ]{0,40}\b(?:staff|writer|reporter|correspondent|editor|columnist|contributor"
    r"|bureau|news|press|post|times|agency|service|reuters|ap|afp)\b.{0,40})$"
    r"|\s+(?:for|of)\s+(?:the\s+)?[A-Z].{0,60}$",
    re.IGNORECASE,
)
# Where somebody wrote: "Odile Kem in N'Djamena and Sam Brand in Oslo".
_WHERE = re.compile(r"\s+(?:in|at|on)\s+(?:the\s+)?[^\W\d_a-z][^,;]*?(?=\s+and\s+\w|[,;]|$)")
_OUTLET_WORDS = frozenset(
    {"agency", "broadcasting", "bulletin", "chronicle", "courier", "daily", "dispatch", "examiner",
     "express", "gazette", "globe", "guardian", "herald", "independent", "international", "journal",
     "ledger", "magazine", "mail", "mirror", "monitor", "network", "news", "newswire", "observer",
     "online", "post", "press", "quarterly", "radio", "record", "register", "review", "sentinel",
     "standard", "star", "sun", "telegraph", "television", "times", "today", "tribune", "voice",
     "wire", "weekly"}
)  # fmt: skip
_SMALL_WORDS = frozenset({"of", "the", "and", "de", "la", "du", "del", "&"})
_SENTENCE_END = re.compile(r"[.:;,!?]$")


@dataclass(frozen=True, slots=True)
class Credits:
    """What lines of credits say; None where they say nothing of it."""

    outlet: str | None = None
    byline: str | None = None
    section: str | None = None
    published: Moment | None = None
    modified: Moment | None = None

    @property
    def is_sure(self) -> bool:
        """Whether there is a time or an author: words that hardly a story's own line holds."""
        return self.published is not None or self.byline is not None

    def joined(self, other: Credits) -> Credits:
        """Both; where both say something, this one counts."""
        return Credits(
            outlet=self.outlet or other.outlet,
            byline=self.byline or other.byline,
            section=self.section or other.section,
            published=self.published or other.published,
            modified=self.modified or other.modified,
        )


NO_CREDITS = Credits()


def read_credits(line: str) -> Credits | None:
    """What a line of credits says; None if not all of it is understood."""
    line, noted = without_note(line)
    if (said := _whole_date(line)) is not None:
        # "Sunday, Feb. 9, 2025 — 7:05 a.m. ET" has a dash and is one date.
        return said.joined(noted)
    pieces = [piece for piece in _SEPARATOR.split(line) if piece]
    if not 1 <= len(pieces) <= _MOST_PIECES:
        return None
    said, unknown = noted, list[str]()
    for piece in pieces:
        one = _read_piece(piece)
        if one is None:
            unknown.append(piece)
        else:
            said = said.joined(one)
    if not unknown:
        return said
    # Beside an author or a time, one more name can only be the outlet's.
    if len(unknown) > 1 or said.outlet or not said.is_sure or not _is_name(unknown[0]):
        return None
    return replace(said, outlet=unknown[0])


def read_name(line: str, known: Credits) -> Credits | None:
    """What a bare name among lines of credits adds to them: an author or an outlet; else None."""
    names = plain_byline(line)
    if names != line and _are_names(names):
        # "Ana Bell in Riga, Tom Ekwall in Tartu": only authors are said to be somewhere.
        return None if known.byline else Credits(byline=names)
    outlet, _, city = line.partition(", ")
    if city and _looks_like_outlet(outlet) and _is_name(city):
        return None if known.outlet else Credits(outlet=outlet)
    if not _is_name(line):
        return None
    is_outlet = (
        line.lower().startswith("the ")
        or _looks_like_outlet(line)
        or known.byline
        # "Touchline Asia"
        or any(name.kind is Kind.PLACE for name in find_names(line.rsplit(maxsplit=1)[-1]))
        or not 2 <= len(line.split()) <= 3
    )
    if is_outlet:
        return None if known.outlet else Credits(outlet=line)
    return Credits(byline=line)


def _read_day(text: str) -> Moment | None:
    """A date of a day or finer; None if the text is not just that."""
    moment = parse_date(text)
    return moment if moment and moment.precision >= Precision.DAY else None


def split_day(text: str) -> tuple[Moment, str] | None:
    """A date at the start of a text, as long as can be read, and what follows it."""
    words = text.split()
    for count in range(min(len(words), _MOST_DATE_WORDS), 0, -1):
        moment = _read_day(" ".join(words[:count]).rstrip(",;|"))
        if moment is not None:
            return moment, " ".join(words[count:]).lstrip("|•·-–— ")
    return None


def read_line(line: str) -> Credits | None:
    """What a line or a part of one says that is a byline, a date or a reading time."""
    if _READING_TIME.fullmatch(line):
        return NO_CREDITS
    if (names := _read_byline(line)) is not None:
        author, _, outlet = names.rpartition(", ")
        if author and _looks_like_outlet(outlet):
            return Credits(outlet=outlet, byline=author)
        return Credits(byline=names)
    return _whole_date(line)


def _whole_date(line: str) -> Credits | None:
    moment = _read_day(line) if len(line) <= _LONGEST_DATE else None
    return Credits(published=moment) if moment else None


def _read_byline(line: str) -> str | None:
    """The names of "By Ana Bell in Riga and Tom Ekwall"; None if it is no byline."""
    found = _BYLINE.fullmatch(line)
    if not found:
        return None
    names = plain_byline(found["names"] or found["names2"] or found["names3"])
    return names if _are_names(names) else None


def plain_byline(text: str) -> str:
    """The names alone: "By JANE DOE, Staff Writer" is "JANE DOE"."""
    names = re.sub(r"^by\b[\s:]*", "", text.strip(), flags=re.IGNORECASE)
    shorter = _WHERE.sub("", _ROLE.sub("", _EDITED.sub("", names))).strip(" ,;|")
    return shorter or names


def without_note(line: str) -> tuple[str, Credits]:
    """A line without "(updated 5 March 2025)" at its end, and what that says."""
    found = _NOTE.search(line)
    if not found:
        return line, NO_CREDITS
    dated = split_day(found["value"])
    moment = dated[0] if dated else None
    is_first = "published" in found["label"].lower()
    said = Credits(published=moment) if is_first else Credits(modified=moment)
    return line[: found.start()], said


def _looks_like_outlet(line: str) -> bool:
    """Whether a line is an outlet's name by a word that outlets are called by."""
    words = line.split()
    if not 1 <= len(words) <= 5 or _SENTENCE_END.search(line):
        return False
    if is_known_agency(line) or is_known_agency(words[0]):
        return True
    last = words[-1].lower()
    return last in _OUTLET_WORDS and all(w[0].isupper() or w in _SMALL_WORDS for w in words)


def _is_section(line: str) -> bool:
    """Whether a line names a section or a kind of story: "Obituary", "Science feature"."""
    return _SECTION.fullmatch(line) is not None


def _read_piece(piece: str) -> Credits | None:
    if (said := read_line(piece)) is not None:
        return said
    if _is_section(piece):
        # "World News" too: nothing tells an outlet that is called so from a section.
        return Credits(section=piece)
    if _looks_like_outlet(piece):
        return Credits(outlet=piece)
    return _dated(piece)


def _dated(piece: str) -> Credits | None:
    """A date with a word around it: "Lowland Weekly, 30 May 2025", "31 July 2025, 16:25 Taipei"."""
    if (dated := split_day(piece)) and len(dated[1].split()) == 1 and _is_name(dated[1]):
        return Credits(published=dated[0])
    for comma in re.finditer(r",\s+", piece):
        name, moment = piece[: comma.start()], _read_day(piece[comma.end() :])
        if moment and not _read_day(name) and _is_name(name):
            outlet = name if _looks_like_outlet(name) or not _is_section(name) else None
            return Credits(outlet=outlet, published=moment)
    return None


def _is_name(text: str) -> bool:
    """Whether a short line is a name: each of its words begins large."""
    words = text.split()
    return 1 <= len(words) <= 5 and all(
        word in _SMALL_WORDS | _IN_NAMES or (word[0].isupper() and _NAME_WORD.fullmatch(word))
        for word in words
    )  # fmt: skip


def _are_names(text: str) -> bool:
    words = [word for word in re.split(r"[\s,;&/]+", text) if word]
    named = all(
        _NAME_WORD.fullmatch(word) and (word[0].isupper() or word in _IN_NAMES) for word in words
    )
    is_time = len(words) == 1 and words[0].lower() in {*month_by_word, *weekday_by_word}
    return named and not is_time and 1 <= len(words) <= 12

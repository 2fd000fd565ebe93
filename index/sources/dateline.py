"""The dateline: where, when and for which agency a story was written.

"SEOUL, Nov. 16 (Yonhap) -- ", "MOSCOW (Sputnik) - ", "LONDON — ", "MOSCOW, November 16. /TASS/. "
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.dates.vocabulary import MONTH, month_by_word

# The longest dateline that is looked for; real ones are under 80 characters.
_LONGEST = 120

_MARK = re.compile(r"\s*(?:--+|[–—―]|(?<=[\s)])-(?=\s)|(?<=[)\d]):(?=\s))\s*")
_SLASHES = re.compile(r"(?P<head>[^\n/]{2,80})\s*/(?P<agency>[A-Z][\w -]{1,20})/\.?\s+(?=\S)")
_AGENCY = re.compile(r"\s*,?\s*\((?P<agency>[^\W\d_][\w .&'’+/-]{1,38})\)[,.]?$")
_DAY = re.compile(
    rf"[,.]?\s*\b(?:(?P<month>{MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month2>{MONTH}))"
    r"(?:,?\s+(?P<year>\d{4}))?[,.]?$",
    re.IGNORECASE,
)
_PLACE_WORD = re.compile(r"[^\W\d_][^\W\d_.'’]*(?:[-.'’/][^\W\d_.]*)*\.?")
_JOINING = frozenset({
    "of", "the", "de", "la", "le", "el", "al", "les", "del", "do", "da", "dos", "das", "and",
    "near", "in", "on", "upon", "at", "aboard",
})  # fmt: skip
# What stands in capitals before a dash and is not a place.
_NOT_PLACES = frozenset({
    "exclusive", "update", "updated", "breaking", "watch", "video", "opinion", "analysis",
    "live", "photos", "photo", "factbox", "explainer", "editorial", "review", "column",
    "interview", "correction", "corrected", "clarification", "note", "advertisement",
    "sponsored", "timeline", "profile", "feature", "special", "report", "alert", "urgent",
    "developing", "faq", "quiz", "podcast", "gallery", "obituary", "commentary", "poll",
    "recap", "preview", "results", "tickets", "news", "sport", "sports", "business", "weather",
})  # fmt: skip
_KNOWN_AGENCIES = {
    name.lower(): name
    for name in (
        "AA", "AAP", "AFP", "Agence France-Presse", "AKI", "Anadolu", "Anadolu Agency", "ANI",
        "ANP", "ANSA", "Antara", "AP", "APA", "Associated Press", "Azertac", "BBC", "BelTA",
        "Bernama", "Bloomberg", "BNS", "Canadian Press", "CNA", "CNBC", "CNN", "CNS", "CP",
        "Dow Jones", "dpa", "EFE", "GNA", "IANS", "Interfax", "IRNA", "ISNA", "ITAR-TASS",
        "Jiji", "Jiji Press", "KCNA", "Kyodo", "Kyodo News", "Lusa", "MENA", "NAN", "News1",
        "Newsis", "NPR", "NTB", "PA", "PA Media", "PAP", "Petra", "PNA", "PTI", "Reuters",
        "RIA Novosti", "SANA", "SPA", "Sputnik", "STT", "TASS", "TNS", "TT", "Ukrinform", "UNI",
        "UPI", "VNA", "VOA", "WAFA", "WAM", "Xinhua", "Yonhap", "Yonhap News Agency",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline at the start of a paragraph."""

    text: str
    """As printed, without the dash: `SEOUL, Nov. 16 (Yonhap)`."""
    end: int
    """Offset in the paragraph of the first character of the story itself."""
    agency: str | None = None
    month: int | None = None
    """1..12; None where the dateline has no day."""
    day: int | None = None
    year: int | None = None


def find_dateline(paragraph: str) -> Dateline | None:
    """Read the dateline that the paragraph starts with, if it starts with one."""
    start = paragraph[:_LONGEST]
    if slashes := _SLASHES.match(start):
        return _read(slashes["head"].strip(), slashes["agency"], slashes.end(), slashes[0].strip())
    mark = _MARK.search(start)
    if mark is None or mark.end() >= len(paragraph) or not mark.start():
        return None
    head = start[: mark.start()].strip()
    # A plain hyphen separates so much else that it needs an agency or a day before it.
    return _read(head, None, mark.end(), head, bare=mark[0].strip() not in {"-", ":"})


def _read(
    head: str, agency: str | None, end: int, printed: str, *, bare: bool = False
) -> Dateline | None:
    place = head
    agency_found = _AGENCY.search(place)
    if agency_found:
        agency, place = agency_found["agency"], place[: agency_found.start()]
    day = _DAY.search(place)
    place = (place[: day.start()] if day else place).strip(" ,.")
    if agency is None and (late := _AGENCY.search(place)):
        agency, place = late["agency"], place[: late.start()].strip(" ,.")
    known = agency is not None and agency.lower() in _KNOWN_AGENCIES
    if not place:
        is_dateline = known and day is None
    elif not _is_place(place):
        is_dateline = False
    elif _is_capitals(place):
        is_dateline = bool(agency or day or bare) and place.lower() not in _NOT_PLACES
    else:
        is_dateline = known or bool(agency and day) or bool(day and bare)
    if not is_dateline:
        return None
    return _dated(printed.rstrip(" .") if agency else printed, end, _spelled(agency), day)


def _dated(printed: str, end: int, agency: str | None, day: re.Match[str] | None) -> Dateline:
    if day is None:
        return Dateline(printed, end, agency)
    month = month_by_word[(day["month"] or day["month2"]).lower().rstrip(".")]
    number = int(day["day"] or day["day2"])
    return Dateline(printed, end, agency, month, number, int(day["year"]) if day["year"] else None)


def _spelled(agency: str | None) -> str | None:
    """Known agencies in their own spelling: "(REUTERS)" is Reuters."""
    return _KNOWN_AGENCIES.get(agency.lower(), agency.strip()) if agency else None


def is_known_agency(name: str) -> bool:
    """Whether the name, in any case of letters, is that of a news agency."""
    return name.lower().removeprefix("the ").strip() in _KNOWN_AGENCIES


def _is_place(text: str) -> bool:
    words = [word for word in re.split(r"[\s,;&]+", text) if word]
    if not 1 <= len(words) <= 8 or not words[0][0].isupper():
        return False
    return all(
        _PLACE_WORD.fullmatch(word) and (word[0].isupper() or word in _JOINING) for word in words
    )


def _is_capitals(place: str) -> bool:
    """Whether the town, up to the first comma, is in capitals: "SEATTLE, Wash."."""
    letters = [char for char in place.partition(",")[0] if char.isalpha()]
    return len(letters) >= 2 and all(char.isupper() for char in letters)

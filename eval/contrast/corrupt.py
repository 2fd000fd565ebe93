"""Sentences that an article does not bear out: its own, with one thing made wrong by a rule."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence

from eval.contrast.pair import Kind
from index.dates import find_times
from index.names import Kind as NameKind
from index.names import Name, find_names, same_name
from index.quantities import find_quantities

_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February March April May June July August September October November December"
_SHORT_MONTHS = "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec."
_NUMBER_WORDS = "two three four five six seven eight nine ten eleven twelve thirteen".split()
_STRANGERS = {
    NameKind.PERSON: "Marta Kowalska",
    NameKind.ORGANIZATION: "Deutsche Telekom",
    NameKind.PLACE: "Lisbon",
}
_AUXILIARY = re.compile(r"\b(was|were|is|are|has|had|will|would|could|may)\b(?! not\b)")
_DENIALS = (
    (re.compile(r"\b(was|were|is|are|had|has|have|would|will|could) not\b"), r"\1"),
    (re.compile(r"\b(?:Nobody|No one)\b"), "Somebody"),
    (re.compile(r"\bno (\w+) had\b"), r"some \1 had"),
    (re.compile(r"\bNo (\w+) was\b"), r"A \1 was"),
    (re.compile(r"\bnever\b"), "often"),
    (re.compile(r"\bdid not\b"), "did"),
    (re.compile(r"\bdoes not\b"), "does"),
    (re.compile(r"\bdenies\b"), "confirms"),
    (re.compile(r"\bdenied\b"), "confirmed"),
)
_OPPOSITES = dict(
    pair.split("/")
    for pair in (
        "rose/fell fell/rose rise/fall fall/rise up/down higher/lower lower/higher more/fewer "
        "before/after after/before above/below below/above ahead/behind behind/ahead cut/raised "
        "largest/smallest highest/lowest cheaper/dearer larger/smaller beat/lost-to won/lost "
        "first/last late/early early/late accepted/rejected rejected/accepted increase/reduce "
        "raise/lower backed/opposed raises/lowers less/more oldest/youngest fastest/slowest"
    ).split()
)
_SPOKEN = (
    (
        re.compile(r", (?:[^,“”\"]{2,60}) (?:said|says|alleges|reckons)(?: (?:on|last) \w+)?\.$"),
        ".",
    ),
    (re.compile(r", according to [^,“”\"]{3,160}\.$"), "."),
    (re.compile(r"^[^,“”\"]{2,80}(?:, [^,“”\"]{2,60},)?(?<!,) said(?: that)? (?=\w)"), ""),
)
_SPEAKER = re.compile(r"\b(said|told|added|alleged|insisted)\b")
_OFFICES = (
    (re.compile(r"\bthe agency said\b"), "the hospital said"),
    (re.compile(r"\bthe club said\b"), "the referee said"),
    (re.compile(r"\bpolice said\b"), "the mayor said"),
    (re.compile(r"\bthe coast guard said\b"), "the harbour master said"),
    (re.compile(r"\bThe company said\b"), "The regulator said"),
)
_CERTAIN = (
    (re.compile(r"\bmay be\b"), "is"),
    (re.compile(r"\bcould be\b"), "was"),
    (re.compile(r"\bis to be\b"), "was"),
    (re.compile(r"\bwas to be\b"), "was"),
    (re.compile(r"\bis expected\b"), "came"),
    (re.compile(r"\bis planned\b"), "was finished"),
    (re.compile(r"\b(?:are|is) likely to\b"), "will"),
    (re.compile(r"\bappeared to include\b"), "included"),
    (re.compile(r"\bmay have\b"), "has"),
    (re.compile(r"\bplans? to (\w+)\b"), r"has decided to \1"),
    (re.compile(r"\bwill be (\w+ed)\b"), r"was \1"),
    (re.compile(r"\bis due to be\b"), "was"),
)


def make_corrupt(text: str, article: str) -> Iterator[tuple[Kind, str]]:
    """Every corruption that the rules can make of a sentence of an article's text."""
    for kind, corrupt in _RULES.items():
        changed = corrupt(text, article)
        if changed and changed != text:
            yield kind, changed


def _pick(text: str, count: int) -> int:
    """A choice that is the same on every run."""
    return hashlib.sha256(text.encode()).digest()[0] % count


def _change_number(text: str, _article: str) -> str | None:
    found = [one for one in find_quantities(text) if re.search(r"\d", one.text)]
    if found:
        one = found[_pick(text, len(found))]
        digit = re.search(r"\d", one.text)
        assert digit is not None
        at = one.start + digit.start()
        return f"{text[:at]}{int(digit[0]) % 9 + 1}{text[at + 1 :]}"
    for word, following in zip(_NUMBER_WORDS, _NUMBER_WORDS[2:], strict=False):
        changed = re.sub(rf"\b{word}\b", following, text, count=1)
        if changed != text:
            return changed
    return None


def _change_date(text: str, _article: str) -> str | None:
    times = find_times(text, None)
    for time in times:
        for series in (_WEEKDAYS, _SHORT_MONTHS.split(), _MONTHS.split()):
            for place, word in enumerate(series):
                if word in time.text:
                    other = time.text.replace(word, series[(place + 2) % len(series)])
                    return text[: time.start] + other + text[time.end :]
        year = re.search(r"\d{3}(\d)\b", time.text)
        if year:
            at = time.start + year.start(1)
            return f"{text[:at]}{(int(year[1]) + 3) % 10}{text[at + 1 :]}"
    return None


def _change_name(text: str, article: str) -> str | None:
    return _replace_name(text, article, {NameKind.PERSON, NameKind.ORGANIZATION})


def _change_place(text: str, article: str) -> str | None:
    return _replace_name(text, article, {NameKind.PLACE})


def _replace_name(text: str, article: str, kinds: set[NameKind]) -> str | None:
    names = [one for one in find_names(text) if one.kind in kinds and one.certain]
    if not names:
        return None
    name = names[_pick(text, len(names))]
    other = _other_name(name, text, article)
    return text[: name.start] + other + text[name.end :]


def _other_name(name: Name, text: str, article: str) -> str:
    """Another name of the article, of the same kind; a stranger's if it has none."""
    others = [
        one.text
        for one in find_names(article)
        if one.kind is name.kind
        and one.certain
        and not same_name(one.text, name.text)
        and not any(word in text for word in one.text.split())
    ]
    return others[_pick(text, len(others))] if others else _STRANGERS[name.kind]


def _change_negation(text: str, _article: str) -> str | None:
    changed = _first_change(text, _DENIALS)
    if changed:
        return changed
    return _AUXILIARY.sub(r"\1 not", text, count=1)


def _change_comparison(text: str, _article: str) -> str | None:
    for word, opposite in _OPPOSITES.items():
        changed = re.sub(rf"\b{word}\b", opposite.replace("-", " "), text, count=1)
        if changed != text:
            return changed
    return None


def _drop_attribution(text: str, _article: str) -> str | None:
    changed = _first_change(text, _SPOKEN)
    return changed[0].upper() + changed[1:] if changed else None


def _change_speaker(text: str, article: str) -> str | None:
    said = _SPEAKER.search(text)
    near = [
        one
        for one in find_names(text)
        if said
        and one.kind is NameKind.PERSON
        and min(abs(one.end - said.start()), abs(one.start - said.end())) <= 2
    ]
    if near:
        other = _other_name(near[0], text, article)
        return text[: near[0].start] + other + text[near[0].end :]
    return _first_change(text, _OFFICES)


def _drop_hedge(text: str, _article: str) -> str | None:
    return _first_change(text, _CERTAIN)


def _first_change(text: str, rules: Sequence[tuple[re.Pattern[str], str]]) -> str | None:
    for pattern, replacement in rules:
        changed = pattern.sub(replacement, text, count=1)
        if changed != text:
            return changed
    return None


_RULES: dict[Kind, Callable[[str, str], str | None]] = {
    Kind.NUMBER: _change_number,
    Kind.DATE: _change_date,
    Kind.NAME: _change_name,
    Kind.PLACE: _change_place,
    Kind.NEGATION: _change_negation,
    Kind.COMPARISON: _change_comparison,
    Kind.ATTRIBUTION: _drop_attribution,
    Kind.SPEAKER: _change_speaker,
    Kind.HEDGE: _drop_hedge,
}

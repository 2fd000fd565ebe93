"""Where sentences begin and end in news text.

A citation is a sentence, so a wrong cut is a wrong quote: "Gen. Smith", "$1.5 million", "Nov. 16"
and initials must not end one, while "Federation.He said", glued by a careless page, must. The
text itself is never changed; callers get offsets. Every newline ends a sentence.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Span(NamedTuple):
    """Characters `[start, end)` of some text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters themselves."""
        return text[self.start : self.end]


# An abbreviation that is always followed by what it belongs to: it never ends a sentence.
_ALWAYS_FOLLOWED = """
    mr mrs ms mx dr prof rev fr hon gov gov't sen rep reps sens gen lt col maj capt cpl sgt adm cmdr
    brig pvt amb pres supt insp messrs st ste mt ft vs v no nos art sec ch pp vol fig cf e.g i.e eg
    ie approx est ret dept univ assn bros
"""
# May or may not end one: what follows decides.
_SOMETIMES_LAST = """
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun inc
    corp co ltd llc plc jr sr etc a.m p.m am pm u.s u.k u.n e.u d.c ph.d m.d b.a m.a u.s.a cal calif
    ariz ark colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont neb nev okla ore
    pa tenn tex va vt wash wis wyo ave blvd rd bn mn al
"""
# Words that start a sentence far more often than they continue a name.
_OFTEN_FIRST = """
    the a an he she it they we you i this that these those there here his her its their our my in on
    at but and or so yet if when while after before as since then although though because however
    meanwhile what who where why how according officials police not no one both some many most all
"""
_NEVER_LAST = frozenset(_ALWAYS_FOLLOWED.split())
_MAYBE_LAST = frozenset(_SOMETIMES_LAST.split())
_OPENERS = frozenset(_OFTEN_FIRST.split())
# What follows the stop of a domain or file name without a space: "Booking.Com", "Node.Js".
_NAME_ENDINGS = frozenset({"com", "org", "net", "js", "io", "ai", "co", "uk", "gov", "edu", "tv"})
# Possessive, and only from the start of a run: a page of dots or blanks takes linear time. It
# begins with the character that it looks for, which `re` finds much faster than a lookbehind.
_END = re.compile(
    r"""
    [.!?…\n]
    (?: (?<=\n) \s*+                               # the end of a line
      | (?<![.!?…]{2}) [.!?…]*+                    # or a stop, with all its dots,
        (?P<close>["'”’»)\]]*+)                    # what closes with it,
        (?P<gap>\s++|(?=["“‘(\[]?[A-ZÀ-ÞА-Я]))     # white space, or a glued capital
    )
    """,
    re.VERBOSE,
)
_CLOSERS = frozenset("%°)]”’\"'")
_LAST_WORD = re.compile(r"[\w'’.]*\w$")
_NEXT_WORD = re.compile(r"[\"“‘'(\[]*([\w'’]+)")
# A passage is cut to be ranked and again to be read, and so for later questions.
_LONGEST_KEPT = 2_000


def split_sentences(text: str) -> list[Span]:
    """Cut `text` into sentences, in order; white space between them belongs to none."""
    return _split(text) if len(text) > _LONGEST_KEPT else list(_remembered(text))


@lru_cache(4_096)
def _remembered(text: str) -> tuple[Span, ...]:
    return tuple(_split(text))


def _split(text: str) -> list[Span]:
    spans: list[Span] = []
    start = _skip_space(text, 0)
    for found in _END.finditer(text):
        if found.start() < start:
            continue
        if found["close"] is None:
            end = start + len(text[start : found.start()].rstrip())
            following = found.end()
        elif _ends_sentence(text, found):
            end, following = found.end("close"), found.end()
        else:
            # A newline may hide in the gap of a stop that ends nothing, such as "Sen.\n".
            if "\n" not in found["gap"]:
                continue
            end, following = found.end("close"), found.end()
        if end > start:
            spans.append(Span(start, end))
        start = following
    end = len(text.rstrip())
    if end > start:
        spans.append(Span(start, end))
    return spans


def _skip_space(text: str, start: int) -> int:
    while start < len(text) and text[start].isspace():
        start += 1
    return start


def _stop(text: str, found: re.Match[str]) -> str:
    return text[found.start() : found.start("close")]


def _ends_sentence(text: str, found: re.Match[str]) -> bool:
    stop = _stop(text, found)
    following = _NEXT_WORD.match(text, found.end())
    if not found["gap"]:
        return _ends_glued(text, found, following)
    if following is None:
        return True
    word = following[1]
    if stop in {"!", "?"} or found["close"]:
        # "Yahoo! said", "'Really?' he asked": what a lower-case word follows goes on.
        return not word[0].islower()
    if stop != ".":
        return not word[0].islower()
    return _ends_at_full_stop(text, found.start(), following)


def _ends_at_full_stop(text: str, stop: int, following: re.Match[str]) -> bool:
    word = following[1]
    before = _LAST_WORD.search(text, max(0, stop - 24), stop)
    last = before[0].lower() if before else ""
    if word[0].islower():
        return False
    if last in _NEVER_LAST:
        # "No." is a number sign before a number and a sentence before a word.
        return last in {"no", "nos"} and not word[0].isdigit()
    if len(last) == 1 and last.isalpha() and before and before[0].isupper():
        # An initial ("George W. Bush"), unless a sentence plainly starts: "plan B. The".
        return word.lower() in _OPENERS and not _is_initial(text, following)
    if last in _MAYBE_LAST or re.fullmatch(r"(?:\w\.)+\w", last):
        return not word[0].isdigit() and word.lower() in _OPENERS
    # "1. First item": a list number at the start of a line.
    return not _is_list_number(text, stop)


def _is_initial(text: str, word: re.Match[str]) -> bool:
    """Whether the word is one letter with a full stop: the second "A." of "A. A. Milne"."""
    return len(word[1]) == 1 and text[word.end() : word.end() + 1] == "."


def _is_list_number(text: str, stop: int) -> bool:
    # Three characters at most, and the newline or the start of the text before them.
    before = text[max(0, stop - 4) : stop]
    line = before[before.rfind("\n") + 1 :]
    return len(line) <= 3 and line.strip().isdigit()


def _ends_glued(text: str, found: re.Match[str], following: re.Match[str] | None) -> bool:
    """Whether "Federation.He" is two sentences; "U.S.", "Amazon.Com" and "J.K. Rowling" are one."""
    if following is None or _stop(text, found) not in {".", "!", "?", "…"}:
        return False
    before = _LAST_WORD.search(text, max(0, found.start() - 24), found.start())
    if before is None:
        # "It fell 3%.The rest", "(they said).He".
        return bool(found["close"]) or text[max(0, found.start() - 1)] in _CLOSERS
    last, word = before[0], following[1]
    if "." in last or len(last) < 2 or last.lower() in _NEVER_LAST:
        return False
    if len(word) > 1 and word.isupper() and last.isupper():
        return False
    if word.lower() in _NAME_ENDINGS:
        return False
    after = text[following.end() : following.end() + 1]
    return last[-1].islower() or last[-1].isdigit() or bool(found["close"]) or after in " ,’'"

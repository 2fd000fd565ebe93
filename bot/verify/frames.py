"""Who says what: the reporting frames of one sentence and the words that stand inside them.

"Nobody was hurt, the coast guard said", "Vang said that …", "according to police", "allegedly"
and quotation marks. Reads one sentence by its words; who "he" is, is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.verify.lexicon import (
    ALLEGATIONS,
    CLAUSE_WORDS,
    PRONOUNS,
    REPORTS,
    VAGUE_REPORTS,
    WEAK_REPORTS,
)
from bot.verify.words import Word

_QUOTED = re.compile(
    r"(?<![^\s(\[—–-])[“\"](?=[^\s,.;:)])([^“”\"]{12,2000})(?:[”\"]|$)|^([^“\"]{12,2000})”"
)
_QUOTE_MARK = re.compile(r"[“”\"]")
_CAPITAL_OR_ARTICLE = re.compile(r"\s*(?:[A-Z]|the\b|an?\b|its\b|his\b|her\b)")
_SETTING_AFTER = frozenset(
    "reporters conference court panel crowd journalists news assembly newspaper television radio "
    "statement interview deputies judge jury players afterwards later separately told lawmakers "
    "briefing tribune ledger the a an on in at to of and local state by".split()
)
_PARTICIPLES = frozenset("saying accusing alleging claiming arguing warning adding".split())
_LONGEST_SPEAKER = 14
_JOINTS = frozenset("and but while".split())


@dataclass(frozen=True, slots=True)
class Frame:
    """One "X said" with the places, in `words`, of its speaker and of what is said."""

    cue: int
    speaker: range
    """Empty when nobody is named: "allegedly", a bare quotation."""
    scope: frozenset[int]


_PASSIVES = frozenset(
    {("accused", "of")}
    | {
        (verb, link)
        for verb in "said reported alleged believed estimated thought claimed".split()
        for link in ("that", "to")
    }
)
_AUXILIARIES = frozenset("is are was were be been has have had will would could may do did".split())
_BE = frozenset("is are was were be been being".split())
_INVERTED = frozenset({"said", "says", "added", "wrote"})
_NO_SPEAKERS = frozenset("that on in at to as".split())
_SETTING_LINKS = frozenset("on in at by".split())
_LONGEST_LATE_SPEAKER = 8
_LONGEST_ANTECEDENT = 4


def find_frames(text: str, words: Sequence[Word]) -> tuple[Frame, ...]:
    """The frames of a sentence; a word that stands in several belongs to the first."""
    frames: list[Frame] = []
    taken: set[int] = set()
    for cue in range(len(words)):
        frame = _frame_at(text, words, cue)
        if frame is None or (cue in taken and not frames[-1].scope.isdisjoint(frame.scope)):
            continue
        free = frame.scope - taken
        if free:
            frames.append(Frame(frame.cue, frame.speaker, frozenset(free)))
            taken |= free
    return tuple(_with_quotes(text, words, frames))


def _frame_at(text: str, words: Sequence[Word], cue: int) -> Frame | None:
    key, following = words[cue].key, _key(words, cue + 1)
    if words[cue].is_item:
        return None
    if key in VAGUE_REPORTS:
        return Frame(cue, range(0), _without(words, range(cue, cue + 1)))
    if key == "according" and following == "to":
        speaker = _chunk_after(words, cue + 2)
        return Frame(cue, speaker, _without(words, range(cue, speaker.stop)))
    if key in ALLEGATIONS and following in {"that", "of"}:
        return Frame(cue, range(0), _said_after(words, cue))
    if key in _PARTICIPLES:
        return Frame(cue, range(max(0, cue - _LONGEST_SPEAKER), cue), _said_after(words, cue))
    return _said(text, words, cue) if key in REPORTS else None


def _said(text: str, words: Sequence[Word], cue: int) -> Frame | None:
    """The frame of a finite verb of saying."""
    speaker = _speaker_after(text, words, cue)
    if speaker:
        return Frame(cue, speaker, frozenset(range(cue)))
    if cue and words[cue - 1].key in _BE:
        # "It was estimated that", "is accused of": somebody says so, nobody is named.
        is_said = (words[cue].key, _key(words, cue + 1)) in _PASSIVES
        return Frame(cue, range(0), _said_after(words, cue)) if is_said else None
    speaker = _speaker_before(words, cue)
    if not _says_more(text, words, cue):
        return _said_before(words, cue, speaker)
    if not speaker or (words[cue].key in WEAK_REPORTS and not _has_that(words, cue)):
        return None
    if not any(words[place].has_sense or words[place].key in PRONOUNS for place in speaker):
        # "… left its rate at 5 percent and said that": the subject stands farther back.
        speaker = range(cue)
    if words[speaker.start].key in {"who", "which", "that"}:
        speaker = range(max(0, speaker.start - _LONGEST_ANTECEDENT), cue)
    return Frame(cue, speaker, _said_after(words, cue))


def _said_before(words: Sequence[Word], cue: int, speaker: range) -> Frame | None:
    """The frame of "…, the agency said."."""
    keys = {words[place].key for place in speaker}
    if not speaker or speaker.start == 0 or keys & CLAUSE_WORDS:
        return None
    if len(speaker) > _LONGEST_LATE_SPEAKER and words[cue].key in WEAK_REPORTS:
        return None
    return Frame(cue, speaker, frozenset(range(speaker.start)))


def _said_after(words: Sequence[Word], cue: int) -> frozenset[int]:
    """To the sentence's end, or to ", and" where somebody else begins to speak."""
    for place in range(cue + 2, len(words)):
        starts = words[place].after_break and words[place].key in _JOINTS
        if starts and any(word.key in REPORTS and not word.is_item for word in words[place:]):
            return frozenset(range(cue + 1, place))
    return _after(words, cue + 1)


def _has_that(words: Sequence[Word], cue: int) -> bool:
    """Whether "that" follows, a time or place between at most: "ruled on Monday that"."""
    for word in words[cue + 1 : cue + 8]:
        if word.key == "that":
            return True
        if not word.is_item and word.key not in _SETTING_LINKS:
            return False
    return False


def _speaker_after(text: str, words: Sequence[Word], cue: int) -> range:
    """The speaker of `…," said coach Rui Castanheira`, or an empty range."""
    if cue == 0 or not words[cue].after_break or cue + 1 >= len(words):
        return range(0)
    if words[cue + 1].after_break or words[cue + 1].key in _NO_SPEAKERS:
        return range(0)
    speaker = _chunk_after(words, cue + 1)
    if _QUOTE_MARK.search(text[words[cue - 1].end : words[cue].start]):
        return speaker
    # "An official, who asked not to be named, said Seoul was watching": what is said may follow.
    if words[cue].key not in _INVERTED or words[cue + 1].key == "the":
        return range(0)
    is_name = _CAPITAL_OR_ARTICLE.match(text[words[cue].end : words[cue + 1].start + 4])
    is_clause = any(words[place].key in _AUXILIARIES for place in speaker)
    return speaker if is_name and not is_clause else range(0)


def _speaker_before(words: Sequence[Word], cue: int) -> range:
    start = _chunk_start(words, cue)
    if start == cue or words[cue].after_break:
        # "S. Somanath, ISRO's chairman, said": the apposition and what it stands beside.
        start = _chunk_start(words, max(cue - 1, 0))
        start = _chunk_start(words, max(start - 1, 0)) if start else start
    if cue and words[cue - 1].key == "and":
        # "The bank left its rate at 5 percent and said": the subject opens the clause.
        return range(start, cue)
    return range(max(start, cue - _LONGEST_SPEAKER), cue)


def _says_more(text: str, words: Sequence[Word], cue: int) -> bool:
    """Whether what is said follows the verb, rather than only a day, a place or who heard it."""
    if _key(words, cue + 1) == "that":
        return True
    left = 0
    for place in range(cue + 1, len(words)):
        if _QUOTE_MARK.search(text[words[place - 1].end : words[place].start]):
            return place <= cue + 6
        word = words[place]
        if word.after_break and left == 0:
            break
        left += not word.is_item and word.key not in _SETTING_AFTER
    return left > 1


def _chunk_after(words: Sequence[Word], start: int) -> range:
    end = start + 1
    while end < len(words) and not words[end].after_break and end - start < _LONGEST_SPEAKER:
        end += 1
    return range(start, min(end, len(words)))


def _chunk_start(words: Sequence[Word], end: int) -> int:
    start = end
    while start > 0 and not words[start].after_break:
        start -= 1
    # The word at `end` may itself open a chunk.
    if start == end and start > 0:
        start -= 1
        while start > 0 and not words[start].after_break:
            start -= 1
    return start


def _with_quotes(text: str, words: Sequence[Word], frames: list[Frame]) -> list[Frame]:
    """Give what stands in quotation marks to the speaker of the sentence, or to nobody."""
    inside = quoted_words(text, words)
    loose = inside - frozenset().union(*(frame.scope for frame in frames))
    if not loose:
        return frames
    if len(frames) == 1 and frames[0].speaker:
        only = frames[0]
        return [Frame(only.cue, only.speaker, only.scope | loose)]
    return [*frames, Frame(min(loose), range(0), loose)]


def quoted_words(text: str, words: Sequence[Word]) -> frozenset[int]:
    """The places of the words that stand in quotation marks, a title's left out."""
    spans = [found.span() for found in _QUOTED.finditer(text)]
    return frozenset(
        place
        for place, word in enumerate(words)
        if any(start <= word.start and word.end <= end for start, end in spans)
    )


def _after(words: Sequence[Word], start: int) -> frozenset[int]:
    return frozenset(range(start, len(words)))


def _without(words: Sequence[Word], left_out: range) -> frozenset[int]:
    return frozenset(range(len(words))) - frozenset(left_out)


def _key(words: Sequence[Word], place: int) -> str:
    return words[place].key if place < len(words) else ""

"""The noun phrases of a question, found by closed classes and verb lists: no grammar model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.conversation.words import (
    AUXILIARIES,
    DETERMINERS,
    FUNCTION_WORDS,
    ORGANIZATION_NOUNS,
    PERSON_NOUNS,
    PLACE_NOUNS,
    Word,
    find_words,
    is_participle,
    is_plural,
    is_verb,
    may_be_verb,
    singular,
)
from index.dates import TimeMention, read_period
from index.names import Kind, Name, find_names

# Only the spans of time words are needed, never what they mean.
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_COMPLEMENTS = frozenset("of to in at on for with between against from off".split())
_TIME_LEAD = re.compile(
    r"(?:\b(?:in|on|at|of|during|since|by|from|until|before|after|for|around)\s+)?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase where it stands in a question."""

    start: int
    end: int
    text: str
    """Without a determiner: `Russian delegation`."""
    head: str
    """Its main noun in lower case; of a name, its last word."""
    kind: Kind | None
    """Of what it names or, for a common noun, of what such a noun stands for; None for a thing."""
    is_name: bool
    """Whether it holds a name anywhere: "Russian delegation" does."""
    is_proper: bool
    """Whether it is a name and nothing else."""
    is_plural: bool
    full_end: int
    """Where it ends with what follows it: "Russian delegation to Pyongyang"."""

    def full(self, source: str) -> str:
        """The phrase with its complements."""
        return source[self.start : self.full_end]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question, taken apart as far as follow-ups need it."""

    text: str
    words: tuple[Word, ...]
    names: tuple[Name, ...]
    times: tuple[tuple[int, int], ...]
    """Spans of time expressions with their prepositions: "in November 2023"."""
    phrases: tuple[Phrase, ...]

    @property
    def time(self) -> str | None:
        """The last time expression, as written; None if there is none."""
        return self.text[slice(*self.times[-1])] if self.times else None


def parse_question(text: str) -> Parsed:
    """Find the words, names, times and noun phrases of a question."""
    words = find_words(text)
    names = find_names(text, lenient=text == text.lower())
    # "Who" and "What" open a question far more often than they name the health agency.
    names = [name for name in names if name.text.lower() not in FUNCTION_WORDS or name.start > 0]
    times = _find_times(text)
    chunks = _chunks(text, words, names, times)
    phrases = [_phrase(text, chunk, names) for chunk in chunks if chunk]
    return Parsed(text, tuple(words), tuple(names), times, _with_complements(text, phrases))


def _find_times(text: str) -> tuple[tuple[int, int], ...]:
    mentions: Sequence[TimeMention] = [
        asked.mention for asked in read_period(text, _ANY_DAY).mentions if asked.mention.period
    ]
    spans = []
    for mention in mentions:
        lead = _TIME_LEAD.search(text[: mention.start])
        spans.append((lead.start() if lead else mention.start, mention.end))
    return tuple(spans)


def _chunks(
    text: str, words: list[Word], names: Sequence[Name], times: Sequence[tuple[int, int]]
) -> list[list[Word]]:
    """Runs of words that can be noun phrases, verbs left out."""
    named = {word for word in words for name in names if name.start <= word.start < name.end}
    chunks: list[list[Word]] = []
    chunk: list[Word] = []
    verb_due = False
    before: Word | None = None
    for word in words:
        is_timed = any(start <= word.start < end for start, end in times)
        apart = before is not None and not _adjoin(text, before, word, names)
        is_verb_here = verb_due and before in named and word not in named and _can_act(word)
        ends = is_timed or is_verb_here or _ends_chunk(word, before, named)
        if apart or ends:
            verb_due = _close(chunks, chunk, named, verb_due=verb_due and not is_verb_here)
            chunk = []
            verb_due = verb_due or word.key in AUXILIARIES
        if not ends:
            chunk.append(word)
        before = word
    _close(chunks, chunk, named, verb_due=verb_due)
    return chunks


def _adjoin(text: str, one: Word, other: Word, names: Sequence[Name]) -> bool:
    """Whether two words can be of one phrase; an owner is a phrase of its own."""
    gap = text[one.end : other.start].strip()
    if not gap:
        return True
    in_name = any(name.start <= one.start and other.start < name.end for name in names)
    return in_name and gap in {"'s", "’s", "'", "’", "&"}


def _can_act(word: Word) -> bool:
    """Whether a word behind a name can be the verb that is due: "Belousov meet"."""
    return word.text.islower() and (may_be_verb(word.key) or is_participle(word.key))


def _ends_chunk(word: Word, before: Word | None, named: set[Word]) -> bool:
    if word in named:
        return False
    if word.key in FUNCTION_WORDS or (word.key.endswith("ly") and word.text.islower()):
        return True
    if before is not None and before.key in {"who", "what"}:
        return may_be_verb(word.key)
    after_determiner = before is not None and before.key in DETERMINERS
    return is_verb(word.key) and not after_determiner


def _close(
    chunks: list[list[Word]], chunk: list[Word], named: set[Word], *, verb_due: bool
) -> bool:
    """Keep a chunk without the verb that ends it; tells whether a verb is still to come."""
    if not chunk:
        return verb_due
    last = chunk[-1]
    if verb_due and len(chunk) > 1 and last not in named and _can_act(last):
        chunk, verb_due = chunk[:-1], False
    chunks.append(chunk)
    return verb_due


def _phrase(text: str, chunk: list[Word], names: Sequence[Name]) -> Phrase:
    start, end = chunk[0].start, chunk[-1].end
    inside = [name for name in names if name.start < end and start < name.end]
    last = inside[-1] if inside else None
    is_proper = last is not None and last.start <= start and end <= last.end
    ends_named = last is not None and last.end >= end
    if last is not None and ends_named:
        end = max(end, last.end)
    head = chunk[-1].key
    kind = last.kind if last is not None and ends_named else kind_of_noun(head)
    return Phrase(
        start=min(start, inside[0].start) if inside else start,
        end=end,
        text=text[min(start, inside[0].start) if inside else start : end],
        head=head,
        kind=kind,
        is_name=bool(inside),
        is_proper=is_proper,
        is_plural=not ends_named and is_plural(head),
        full_end=end,
    )


def kind_of_noun(noun: str) -> Kind | None:
    """What a common noun stands for: "minister" for a person; None for a thing."""
    one = singular(noun)
    if one in PERSON_NOUNS:
        return Kind.PERSON
    if one in ORGANIZATION_NOUNS:
        return Kind.ORGANIZATION
    return Kind.PLACE if one in PLACE_NOUNS else None


def _with_complements(text: str, phrases: list[Phrase]) -> tuple[Phrase, ...]:
    """Let each phrase reach over the prepositional phrases that follow it, but not over times."""
    kept: list[Phrase] = []
    for phrase in reversed(phrases):
        following = kept[-1] if kept else None
        joined = following is not None and _is_complement(text[phrase.end : following.start])
        full_end = following.full_end if following and joined else phrase.end
        kept.append(replace(phrase, full_end=full_end))
    return tuple(reversed(kept))


def _is_complement(between: str) -> bool:
    words = between.lower().split()
    links = [word for word in words if word not in DETERMINERS]
    return len(links) == 1 and links[0] in _COMPLEMENTS and len(words) <= 2

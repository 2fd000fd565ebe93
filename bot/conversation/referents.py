"""What a conversation has spoken of, for a follow-up to point at: newest turn first.

Names come from questions and from what the archive answered. What a user claims is never an
answer: it can be pointed at, but it fills no slot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.answer import Turn
from bot.conversation.phrases import Parsed, Phrase, parse_question
from bot.conversation.proposition import Proposition, read_proposition
from bot.conversation.words import DETERMINERS, EVENT_NOUNS, SHIP_NOUNS, is_plural, singular
from index.names import Kind, Name, find_names, same_name

_MOST_TURNS = 6
_READ_SENTENCES = 2
_LONGEST_TOPIC = 7
_LONGEST_QUESTION = 600


@dataclass(frozen=True, slots=True)
class Memory:
    """One earlier turn, read."""

    proposition: Proposition
    filler: str | None
    """The name that answered a question for one, if the answer is known."""
    answer_names: tuple[Name, ...]
    """Names of the answer's first sentences that the question did not hold."""

    @property
    def parsed(self) -> Parsed:
        """The question."""
        return self.proposition.parsed


class Referents:
    """Finds what a pronoun or a short description can stand for."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.memories = tuple(_remember(turn) for turn in reversed(turns[-_MOST_TURNS:]))
        """Newest first."""

    @property
    def last(self) -> Memory | None:
        """The turn before this question."""
        return self.memories[0] if self.memories else None

    def person(self) -> str | None:
        """Whom "he" or "she" stands for."""
        return self._first(_persons)

    def thing(self) -> str | None:
        """What "it" stands for."""
        return self._first(_things)

    def group(self) -> str | None:
        """What "they" stands for."""
        return self._first(_groups) or self.thing()

    def place(self) -> str | None:
        """What "there" stands for."""
        return self._first(_places)

    def of_kind(self, kind: Kind) -> str | None:
        """The nearest name of one kind: "the company", "the country"."""
        return self._first(lambda memory: _of_kind(memory, kind))

    def ship(self) -> str | None:
        """The ship that "she" may stand for."""
        return self._first(_ships)

    def event(self) -> str | None:
        """What "that" happened, where it had a name of its own: "the match"."""
        return self._first(_events)

    def longer(self, phrase: Phrase) -> str | None:
        """The full form of "the delegation": an earlier phrase of the same head, said longer."""
        return self._first(lambda memory: _longer(memory, phrase))

    def time(self) -> str | None:
        """The time that the last question named, with a preposition."""
        time = self.last.parsed.time if self.last else None
        if time is None:
            return None
        return f"in {time}" if time.isdigit() else re.sub(r"^of\b", "in", time)

    def topic(self) -> str | None:
        """What a question that names nothing is most likely about."""
        return self._first(_topics)

    def _first(self, read: Callable[[Memory], Iterator[str]]) -> str | None:
        return next((found for memory in self.memories for found in read(memory)), None)


def topic_of(memory: Memory) -> str | None:
    """What a turn was about, as a noun phrase."""
    return next(_topics(memory), None)


def _remember(turn: Turn) -> Memory:
    parsed = parse_question((turn.standalone or turn.question)[:_LONGEST_QUESTION])
    proposition = read_proposition(parsed)
    names = _answer_names(parsed, turn.answer or ())
    return Memory(proposition, _filler(proposition, names), names)


def _answer_names(parsed: Parsed, answer: Sequence[str]) -> tuple[Name, ...]:
    names = find_names("\n".join(answer[:_READ_SENTENCES]))
    return tuple(
        name for name in names if not any(same_name(name.text, own.text) for own in parsed.names)
    )


def _filler(proposition: Proposition, names: Sequence[Name]) -> str | None:
    if proposition.asks_for_person:
        wanted = {Kind.PERSON}
    elif proposition.asks_for_thing:
        wanted = {Kind.ORGANIZATION, Kind.OTHER, Kind.PLACE}
    else:
        return None
    return next((name.text for name in names if name.kind in wanted), None)


def _show(parsed: Parsed, phrase: Phrase) -> str:
    """A phrase as it can stand in another question, with its article and complements."""
    before = parsed.text[: phrase.start].rstrip().rpartition(" ")[2].lower()
    full = phrase.full(parsed.text)
    bare = phrase.is_proper or phrase.is_plural or phrase.text[:1].isupper()
    return full if bare and before != "the" else f"the {full}"


def _is_asked(memory: Memory, phrase: Phrase) -> bool:
    """Whether a phrase is only what the question asks for: the "team" of "which team"."""
    noun = memory.proposition.noun
    return bool(noun) and phrase.text in noun


def _phrases(memory: Memory) -> Iterator[Phrase]:
    """Phrases that can be pointed at: not a bare word that may well be no noun."""
    for phrase in memory.parsed.phrases:
        is_told = phrase.is_name or " " in phrase.text or phrase.is_plural
        is_told = is_told or singular(phrase.head) in EVENT_NOUNS
        if not _is_asked(memory, phrase) and (is_told or _determiner(memory.parsed, phrase)):
            yield phrase


def _determiner(parsed: Parsed, phrase: Phrase) -> str:
    """The article or the like before a phrase, in lower case; empty if there is none."""
    before = parsed.text[: phrase.start].rstrip().rpartition(" ")[2].lower()
    return before if before in DETERMINERS else ""


def _persons(memory: Memory) -> Iterator[str]:
    asks = memory.proposition.asks_for_person
    if asks and memory.filler:
        yield memory.filler
    phrases = [one for one in _phrases(memory) if one.kind is Kind.PERSON and one.text != "person"]
    if asks and not phrases and (described := memory.proposition.describe()):
        yield described
    yield from (_show(memory.parsed, one) for one in phrases)
    if asks and phrases and (described := memory.proposition.describe()):
        yield described
    yield from (name.text for name in memory.answer_names if name.kind is Kind.PERSON)
    # A name that no list knows, such as a surname alone, is often a person's.
    yield from (
        _show(memory.parsed, one)
        for one in _phrases(memory)
        if one.is_proper
        and one.kind is Kind.OTHER
        and one.text.isalpha()
        and not one.text.isupper()
    )


def _things(memory: Memory) -> Iterator[str]:
    yield from _asked_thing(memory)
    if memory.proposition.wh == "what" and memory.proposition.is_inverted:
        yield from filter(None, [memory.proposition.describe()])
    things = [
        one
        for one in _phrases(memory)
        if one.kind is not Kind.PERSON and not one.is_plural and one.kind is not Kind.PLACE
    ]
    places = [one for one in _phrases(memory) if one.kind is Kind.PLACE]
    # "The strike in Calder Bay" is about the strike.
    for at_place in (False, True):
        for one in things:
            if _is_at(memory.parsed, one) is at_place:
                yield _show(memory.parsed, one)
    yield from (_show(memory.parsed, one) for one in places)


def _is_at(parsed: Parsed, phrase: Phrase) -> bool:
    words = parsed.text[: phrase.start].lower().removesuffix("the ").split()
    return phrase.is_proper and bool(words) and words[-1] in {"in", "at", "near", "off", "from"}


def _asked_thing(memory: Memory) -> Iterator[str]:
    proposition = memory.proposition
    if not proposition.asks_for_thing:
        return
    if memory.filler:
        yield memory.filler
    elif described := proposition.describe():
        yield described


def _groups(memory: Memory) -> Iterator[str]:
    proposition = memory.proposition
    asked = proposition.noun.split()[-1].lower() if proposition.noun else ""
    if proposition.asks_for_thing and (is_plural(asked) or memory.filler):
        yield from _asked_thing(memory)
    for one in _phrases(memory):
        if one.is_plural or one.kind is Kind.ORGANIZATION:
            yield _show(memory.parsed, one)
    yield from _asked_thing(memory)
    if proposition.asks_for_person and memory.filler is None:
        yield from filter(None, [proposition.describe()])
    if memory.filler:
        yield memory.filler
    yield from (name.text for name in memory.answer_names if name.kind is Kind.ORGANIZATION)


def _places(memory: Memory) -> Iterator[str]:
    for one in _phrases(memory):
        if one.is_proper and one.kind is Kind.PLACE:
            yield _show(memory.parsed, one)
    if memory.proposition.wh == "where":
        yield from (name.text for name in memory.answer_names if name.kind is Kind.PLACE)
    yield from (_show(memory.parsed, one) for one in _phrases(memory) if one.kind is Kind.PLACE)
    yield from (name.text for name in memory.answer_names if name.kind is Kind.PLACE)


def _of_kind(memory: Memory, kind: Kind) -> Iterator[str]:
    if memory.filler and (kind is Kind.PERSON) == memory.proposition.asks_for_person:
        yield memory.filler
    fitting = [one for one in _phrases(memory) if one.kind is kind]
    yield from (_show(memory.parsed, one) for one in fitting if one.is_name)
    yield from (name.text for name in memory.answer_names if name.kind is kind)
    others = [one for one in _phrases(memory) if one.is_proper and one.kind is Kind.OTHER]
    yield from (_show(memory.parsed, one) for one in others)


def _ships(memory: Memory) -> Iterator[str]:
    noun = memory.proposition.noun.split()[-1].lower() if memory.proposition.noun else ""
    if noun in SHIP_NOUNS:
        yield from _asked_thing(memory)
    yield from (_show(memory.parsed, one) for one in _phrases(memory) if one.head in SHIP_NOUNS)


def _events(memory: Memory) -> Iterator[str]:
    for one in _phrases(memory):
        if singular(one.head) in EVENT_NOUNS:
            yield _show(memory.parsed, one)


def _longer(memory: Memory, phrase: Phrase) -> Iterator[str]:
    head = singular(phrase.head)
    proposition = memory.proposition
    if proposition.noun and singular(proposition.noun.split()[-1].lower()) == head:
        yield from _asked_thing(memory)
        if proposition.asks_for_person:
            yield from filter(None, [memory.filler, proposition.describe()])
    for one in _phrases(memory):
        full = one.full(memory.parsed.text)
        if singular(one.head) == head and len(full) > len(phrase.text) + 2:
            yield _show(memory.parsed, one)


def _topics(memory: Memory) -> Iterator[str]:
    """What a turn was about: what answered it, an event, a name, or what is told at some length."""
    if memory.filler and memory.proposition.asks_for_thing:
        yield memory.filler
    phrases = list(_phrases(memory))
    events = [one for one in phrases if singular(one.head) in EVENT_NOUNS]
    named = [one for one in phrases if _reaches_name(memory.parsed, one)]
    told = [one for one in phrases if " " in one.text]
    for one in (*(event for event in events if event in named), *named, *events, *told):
        shown = _show(memory.parsed, one)
        # Long descriptions would be dragged from turn to turn.
        yield shown if len(shown.split()) <= _LONGEST_TOPIC else one.text


def _reaches_name(parsed: Parsed, phrase: Phrase) -> bool:
    return any(phrase.start <= name.start < phrase.full_end for name in parsed.names)

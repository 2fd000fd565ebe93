"""What a network is shown: passages cut, mixed and spoiled anew for each epoch.

Knows what makes a question or a claim hard; knows nothing of tokens or networks.
"""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum

import numpy as np

from index.chunk import render_header
from index.models.training.passages import AnsweredQuestion, TrainingPassage
from index.moment import Moment, Precision

# The bot reads chunks that begin and end anywhere, and some articles have no title: a passage is
# shown whole, in part, and without its header, so that the model leans on none of these.
_HEADED_QUESTIONS = 0.85
_HEADED_CLAIMS = 0.9
_CUT_PASSAGES = 0.7
_CUT_UNANSWERED = 0.5
_KEEPS_ONE_GOLD_SENTENCE = 0.3
# Of ten answered questions three are asked again of their passage without what answers, and three
# of another passage, mostly one that shares rare words: near misses that cost nobody any writing.
_WITHOUT_ANSWER = 0.3
_OF_ANOTHER = 0.6
_OF_A_NEIGHBOUR = 0.7
_NEIGHBOURS = 12
# Such near misses are less sure than written ones: some other sentence may answer after all.
_MADE_WEIGHT = 0.7
# A claim is judged by the sentences it cites alone, with their neighbours, or in the whole passage.
_CITED_ALONE = 0.5
_CITED_WITH_NEIGHBOURS = 0.8
_WIDEST_CITATION = 4
# "Has the port closed?" is held against a text as "the port closed": a yes/no question without its
# first word. So a part of the claims lose their auxiliary, and some of those end like a question.
# Where the error lies in it, in a tense or a "may", nothing would be left of the error.
_WITHOUT_AUXILIARY = 0.25
_ENDS_AS_QUESTION = 0.3
_AUXILIARY = re.compile(r"\b(?:was|were|is|are|has|have|had|will|would|did|does|do) (?!not\b)")
_AUXILIARY_KINDS = frozenset({"tense", "hedge"})
_FEWEST_SENTENCES, _FEWEST_FOR_UNANSWERED = 3, 5
_EITHER_END = 0.5
# About the longest chunk that the bot reads. Of an article that is longer a run is shown, so that
# what a question tells of the matter often stands elsewhere, as it does in an archive.
_MOST_WORDS = 150
# Names, and words that tell what a story is about.
_LONG_WORD = 5


class Task(Enum):
    """What the network is asked."""

    QUESTION = "question"
    """Does the text answer, and where?"""
    CLAIM = "claim"
    """Does the text support it?"""


@dataclass(frozen=True, slots=True)
class Example:
    """One question or claim with one text, and what is right."""

    task: Task
    text: str
    """The question or the claim."""
    header: str
    """Title, outlet and date of the passage; may be empty."""
    sentences: tuple[str, ...]
    holds: bool
    """Whether the sentences answer the question, or support the claim."""
    gold: tuple[int, ...] = ()
    """Of `sentences`: those that answer a question."""
    answer: str | None = None
    weight: float = 1.0


class ExampleMaker:
    """Makes the examples of one epoch after the other."""

    def __init__(self, passages: Sequence[TrainingPassage]) -> None:
        self._passages = passages
        self._neighbours = _find_neighbours(passages)

    def make_epoch(self, draw: random.Random) -> list[Example]:
        """All examples of an epoch in a random order; `draw` decides every choice."""
        examples: list[Example] = []
        for place, passage in enumerate(self._passages):
            for asked in passage.questions:
                examples.append(_answered(passage, asked, draw))
                examples += self._made_near_miss(place, asked, draw)
            examples += [_unanswered(passage, text, draw) for text in passage.unanswered]
            examples += _claimed(passage, draw)
        draw.shuffle(examples)
        return examples

    def _made_near_miss(
        self, place: int, asked: AnsweredQuestion, draw: random.Random
    ) -> list[Example]:
        """A question that was answered, put to a text that does not answer it: one or none."""
        passage, chance = self._passages[place], draw.random()
        if chance < _WITHOUT_ANSWER:
            rest = [s for n, s in enumerate(passage.sentences) if n not in asked.sentences]
            if any(asked.answer in sentence for sentence in rest):
                return []
            cut = draw.random() < _CUT_UNANSWERED
            first, last = _window(len(rest), (), draw) if cut else (0, len(rest))
            first, last = _shorten(rest, first, last, (), draw)
            header = _header(passage, _HEADED_QUESTIONS, draw)
            shown = tuple(rest[first:last])
        elif chance < _OF_ANOTHER:
            other = self._another(place, draw)
            if asked.answer in " ".join(other.sentences):
                return []
            first, last = _window(len(other.sentences), (), draw)
            first, last = _shorten(other.sentences, first, last, (), draw)
            header = _header(other, _HEADED_QUESTIONS, draw)
            shown = other.sentences[first:last]
        else:
            shown = _elsewhere(passage, asked, draw)
            if not shown:
                return []
            header = _header(passage, _HEADED_QUESTIONS, draw)
        return [Example(Task.QUESTION, asked.question, header, shown, False, weight=_MADE_WEIGHT)]

    def _another(self, place: int, draw: random.Random) -> TrainingPassage:
        neighbours = self._neighbours[place]
        if draw.random() < _OF_A_NEIGHBOUR and neighbours:
            return self._passages[draw.choice(neighbours)]
        return self._passages[draw.randrange(len(self._passages))]


def held_out_examples(passage: TrainingPassage) -> list[Example]:
    """The examples that a passage is measured by: whole, with its header, none made up.

    Of a long one the piece that holds the answer, or shares most words with a near miss. They
    come in the passage's own order: questions, unanswered, claims, false claims.
    """
    header, sentences = render_header_of(passage), passage.sentences
    pieces = _cut_evenly(sentences)
    asked = []
    for one in passage.questions:
        first, last = next(piece for piece in pieces if piece[0] <= one.sentences[0] < piece[1])
        gold = tuple(n - first for n in one.sentences if first <= n < last)
        shown = sentences[first:last]
        asked.append(Example(Task.QUESTION, one.question, header, shown, True, gold, one.answer))
    for text in passage.unanswered:
        first, last = max(pieces, key=lambda piece: _shared_words(text, sentences[slice(*piece)]))
        asked.append(Example(Task.QUESTION, text, header, sentences[first:last], False))
    for claims, holds in ((passage.claims, True), (passage.false_claims, False)):
        asked += [
            Example(Task.CLAIM, one.claim, header, _sentences_at(sentences, one.sentences), holds)
            for one in claims
        ]
    return asked


def render_header_of(passage: TrainingPassage) -> str:
    """`Title | Outlet | November 16, 2023`, as the bot has it."""
    day = passage.published
    moment = Moment(datetime(day.year, day.month, day.day, tzinfo=UTC), Precision.DAY)
    return render_header(passage.title, passage.outlet, moment)


def _header(passage: TrainingPassage, share: float, draw: random.Random) -> str:
    return render_header_of(passage) if draw.random() < share else ""


def _answered(passage: TrainingPassage, asked: AnsweredQuestion, draw: random.Random) -> Example:
    sentences, gold = passage.sentences, asked.sentences
    holding = [n for n in gold if asked.answer in sentences[n]][:1] or gold[:1]
    first, last = 0, len(sentences)
    if draw.random() < _CUT_PASSAGES:
        kept = holding if draw.random() < _KEEPS_ONE_GOLD_SENTENCE else gold
        first, last = _window(len(sentences), kept, draw)
    first, last = _shorten(sentences, first, last, holding, draw)
    return Example(
        Task.QUESTION,
        asked.question,
        _header(passage, _HEADED_QUESTIONS, draw),
        sentences[first:last],
        True,
        tuple(n - first for n in gold if first <= n < last),
        asked.answer,
    )


def _unanswered(passage: TrainingPassage, text: str, draw: random.Random) -> Example:
    first, last = 0, len(passage.sentences)
    if draw.random() < _CUT_UNANSWERED:
        first, last = _window(last, (), draw, fewest=_FEWEST_FOR_UNANSWERED)
    first, last = _shorten(passage.sentences, first, last, (), draw)
    header = _header(passage, _HEADED_QUESTIONS, draw)
    return Example(Task.QUESTION, text, header, passage.sentences[first:last], False)


def _window(
    count: int, kept: Sequence[int], draw: random.Random, fewest: int = _FEWEST_SENTENCES
) -> tuple[int, int]:
    """A run of sentences that holds those to keep, as (first, one after the last)."""
    if kept:
        return draw.randint(0, min(kept)), draw.randint(max(kept) + 1, count)
    first = draw.randint(0, max(0, count - fewest))
    return first, draw.randint(min(count, first + fewest), count)


def _shorten(
    sentences: Sequence[str], first: int, last: int, kept: Sequence[int], draw: random.Random
) -> tuple[int, int]:
    """Give up sentences at either end, never those to keep, until the rest is a chunk at most."""
    words = [len(sentence.split()) for sentence in sentences]
    while sum(words[first:last]) > _MOST_WORDS:
        can_begin_later = first < (min(kept) if kept else last - 1)
        can_end_sooner = last - 1 > (max(kept) if kept else first)
        if can_begin_later and (not can_end_sooner or draw.random() < _EITHER_END):
            first += 1
        elif can_end_sooner:
            last -= 1
        else:
            break
    return first, last


def _elsewhere(
    passage: TrainingPassage, asked: AnsweredQuestion, draw: random.Random
) -> tuple[str, ...]:
    """A run of a long passage before or after what answers; none where there is too little."""
    sentences = passage.sentences
    if sum(len(sentence.split()) for sentence in sentences) <= _MOST_WORDS:
        return ()
    sides = [(0, min(asked.sentences)), (max(asked.sentences) + 1, len(sentences))]
    sides = [(first, last) for first, last in sides if last - first >= _FEWEST_SENTENCES]
    if not sides:
        return ()
    first, last = _shorten(sentences, *draw.choice(sides), (), draw)
    shown = sentences[first:last]
    return () if any(asked.answer in sentence for sentence in shown) else shown


def _cut_evenly(sentences: Sequence[str]) -> list[tuple[int, int]]:
    """The fewest runs of about one length that are chunks, as (first, one after the last)."""
    words = [len(sentence.split()) for sentence in sentences]
    count = -(-sum(words) // _MOST_WORDS) or 1
    bounds, told = [0], 0
    for place, length in enumerate(words):
        if told >= len(bounds) * sum(words) / count:
            bounds.append(place)
        told += length
    return list(itertools.pairwise([*bounds, len(sentences)]))


def _shared_words(question: str, sentences: Sequence[str]) -> int:
    return len(_long_words_of([question]) & _long_words_of(sentences))


@dataclass(frozen=True, slots=True)
class _Cited:
    """A claim before it is decided how much text is shown with it."""

    text: str
    sentences: tuple[int, ...]
    holds: bool
    misplaced: bool = False
    """True of a true claim that cites the wrong sentence: more text might support it."""


def _claimed(passage: TrainingPassage, draw: random.Random) -> list[Example]:
    if not passage.claims:
        return []
    cited = [_Cited(one.claim, one.sentences, True) for one in passage.claims]
    cited += [_Cited(one.claim, one.sentences, False) for one in passage.false_claims]
    cited += _shortened_claims(passage, draw)
    cited += _made_claims(passage, draw)
    return [
        Example(
            Task.CLAIM,
            one.text,
            sentences=_shown(passage, one, draw),
            header=_header(passage, _HEADED_CLAIMS, draw),
            holds=one.holds,
        )
        for one in cited
    ]


def _made_claims(passage: TrainingPassage, draw: random.Random) -> list[_Cited]:
    """A sentence as a claim, one that cites another sentence, and a true claim that does."""
    sentences, count = passage.sentences, len(passage.sentences)
    itself = draw.randrange(count)
    made = [_Cited(sentences[itself], (itself,), True)]
    said, other = draw.randrange(count), draw.randrange(count)
    if abs(said - other) > 1:
        made.append(_Cited(sentences[said], (other,), False, misplaced=True))
    claim, other = draw.choice(passage.claims), draw.randrange(count)
    if min(abs(other - n) for n in claim.sentences) > 1:
        made.append(_Cited(claim.claim, (other,), False, misplaced=True))
    return made


def _shortened_claims(passage: TrainingPassage, draw: random.Random) -> list[_Cited]:
    """Some of the claims without their auxiliary."""
    cited = [_Cited(one.claim, one.sentences, True) for one in passage.claims]
    cited += [
        _Cited(one.claim, one.sentences, False)
        for one in passage.false_claims
        if one.kind not in _AUXILIARY_KINDS
    ]
    made = []
    for one in cited:
        text = _AUXILIARY.sub("", one.text, count=1)
        if text != one.text and draw.random() < _WITHOUT_AUXILIARY:
            end = "?" if draw.random() < _ENDS_AS_QUESTION else ""
            made.append(replace(one, text=text.rstrip(".") + end))
    return made


def _shown(passage: TrainingPassage, cited: _Cited, draw: random.Random) -> tuple[str, ...]:
    """The sentences that a claim is held against."""
    chance, places = draw.random(), cited.sentences
    first, last = min(places), max(places)
    if chance < _CITED_ALONE or cited.misplaced:
        return _sentences_at(passage.sentences, places)
    if chance >= _CITED_WITH_NEIGHBOURS:
        return passage.sentences
    if last - first < _WIDEST_CITATION:
        return passage.sentences[max(0, first - 1) : last + 2]
    return _sentences_at(passage.sentences, places)


def _sentences_at(sentences: tuple[str, ...], places: Sequence[int]) -> tuple[str, ...]:
    return tuple(sentences[n] for n in sorted(places))


def _find_neighbours(passages: Sequence[TrainingPassage]) -> list[list[int]]:
    """Of each passage: the others that share most with it, each word counting by its rarity."""
    words = [_long_words(passage) for passage in passages]
    found_in = Counter(word for some in words for word in some)
    column = {word: n for n, word in enumerate(sorted(w for w, n in found_in.items() if n > 1))}
    shares = np.zeros((len(passages), max(1, len(column))), np.float32)
    for place, some in enumerate(words):
        for word in some & column.keys():
            shares[place, column[word]] = found_in[word] ** -0.5
    likeness = np.round(shares @ shares.T, 4)
    np.fill_diagonal(likeness, -1)
    order = np.argsort(-likeness, axis=1, kind="stable")
    # Itself comes last.
    return [list(map(int, row[: min(_NEIGHBOURS, len(passages) - 1)])) for row in order]


def _long_words(passage: TrainingPassage) -> set[str]:
    return _long_words_of((*passage.sentences, passage.title))


def _long_words_of(texts: Iterable[str]) -> set[str]:
    found = (word for text in texts for word in text.split() if len(word) >= _LONG_WORD)
    return {word.lower().strip('.,"') for word in found}

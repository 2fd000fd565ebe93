"""How well a sentence fits a question: its words, what a model reads in it, and its fillers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Protocol

from bot.evidence import Candidate
from bot.expectation import LISTED_KINDS, AnswerKind, Expectation
from bot.fillers import Filler, find_fillers
from bot.paraphrase import Paraphrases
from bot.reading import PassageModel, SentenceReading, Text, TextReading
from index.article import Passage
from index.quantities import may_count
from index.search.query import Query
from index.search.rerank import weigh_by_rarity
from index.sentences import Span, split_sentences

_WORD = re.compile(r"\w+")
# How many passages are read for a question, those of the best sentences by their words. They hold
# the answer in 98 of 100 questions; each costs some 0.08 s of CPU.
_READ_PASSAGES = 4
_MOST_PASSAGES = 10
# Two, for two processors; then it is seen whether more need be read.
_AT_ONCE = 2
_SURE_TO_ANSWER = 2.0
_SURE_OF_PERSON = 2.0
# Logits of the reading model lie between about -8 and 8.
_LOGIT_SCALE = 8.0
_ASKS_FOR_NOTHING = frozenset({AnswerKind.ANY, AnswerKind.YES_NO, AnswerKind.CHOICE})
_DENIAL = re.compile(r"\b(?:not|no|never|none|nobody|nothing)\b|n['’]t\b", re.IGNORECASE)
_QUOTATION = ("“", '"', "‘", "'")
# "By Natural Resources Minister Alexander Kozlov": a title stands between.
_TITLED_AGENT = re.compile(r"\bby\s+(?:the\s+)?(?:[\w'’-]+\s+){1,5}$")
_OPENING = 24
_SELDOM_NAMED = frozenset(
    {AnswerKind.TIME, AnswerKind.CLOCK, AnswerKind.PLACE, AnswerKind.ORGANIZATION}
)
_KIND_WORD = 0.3
# What stands in other words counts for this much of the word itself.
_IN_OTHER_WORDS = 0.6
# In the title or the sentence before, a word counts for this much.
_AROUND = 0.5
# A filler this many characters from a question word has nothing to do with it.
_FAR = 160


class TermStatistics(Protocol):
    """What the lexical index knows of words."""

    @property
    def document_count(self) -> int:
        """Chunks in the index."""
        ...

    def analyze(self, text: str) -> list[str]:
        """Terms of `text`, in order."""
        ...

    def document_frequency(self, term: str) -> int:
        """How many chunks hold the term."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate and how it fits."""

    candidate: Candidate
    fillers: tuple[Filler, ...]
    """What in it may be what was asked for, the nearest to the question's words first."""
    features: Mapping[str, float]
    """What was seen of it, by name; each about 0 to 1, what a model read about -1 to 1."""
    fit: float = 0.0
    """The whole judgement; only its order within one question means anything."""

    @property
    def is_read(self) -> bool:
        """Whether the model read it, not only its words were compared."""
        return "evidence" in self.features


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage that was read."""

    spans: Sequence[Span]
    reading: TextReading

    @property
    def answers(self) -> float:
        """Whether it answers: a logit."""
        return self.reading.answers

    def sentence_at(self, offset: int) -> tuple[Span, SentenceReading] | None:
        """The sentence around a character of the passage, and what was read in it."""
        for span, sentence in zip(self.spans, self.reading.sentences, strict=True):
            if span.start <= offset < span.end:
                return span, sentence
        return None


class Judge:
    """Judges sentences against questions."""

    def __init__(
        self, terms: TermStatistics, model: PassageModel, weights: Mapping[str, float]
    ) -> None:
        """`weights` are those of the features, from the calibration."""
        self._terms = terms
        self._model = model
        self._weights = weights
        self._paraphrases = Paraphrases(terms)

    def idf_mass(self, weights: Mapping[str, float]) -> dict[str, float]:
        """Each term's weight times its rarity in the archive."""
        return weigh_by_rarity(weights, self._terms)

    def judge(
        self, query: Query, expectation: Expectation, candidates: Sequence[Candidate]
    ) -> list[Judged]:
        """The candidates, best first; those that the words put far down are not read."""
        mass = self._asked_mass(query, expectation)
        names = {term for name in query.names for term in self._terms.analyze(name.text)}
        asked = {term: worth for term, worth in mass.items() if term not in names}
        judged = [
            self._by_words(query, mass, asked, expectation, candidate) for candidate in candidates
        ]
        judged.sort(key=_place)
        read = self._by_reading(query, expectation.kind, judged)
        return sorted(read, key=lambda one: (not one.is_read, *_place(one)))

    def _asked_mass(self, query: Query, expectation: Expectation) -> dict[str, float]:
        """The idf mass of a question's words; one that names the kind of answer counts for less.

        The sentence that tells the day, the city or the company seldom says "day" or "city".
        """
        mass = self.idf_mass(query.whole.weights)
        if expectation.kind in _SELDOM_NAMED:
            for term in self._terms.analyze(expectation.asked):
                if term in mass:
                    mass[term] *= _KIND_WORD
        return mass

    def _by_words(
        self,
        query: Query,
        mass: Mapping[str, float],
        asked: Mapping[str, float],
        expectation: Expectation,
        candidate: Candidate,
    ) -> Judged:
        total = sum(mass.values()) or 1.0
        own_terms = set(self._terms.analyze(candidate.text))
        own = own_terms & mass.keys()
        title = set(self._terms.analyze(candidate.passage.title or "")) & mass.keys()
        before_terms = set(self._terms.analyze(candidate.before))
        before = before_terms & mass.keys() - own - title
        share = {
            name: sum(mass[term] for term in terms) / total
            for name, terms in (("own", own), ("title", title - own), ("before", before))
        }
        focus = self._focus(asked, own_terms, title | before_terms)
        fillers = self._fillers(query, mass, expectation, candidate)
        asks = expectation.kind not in _ASKS_FOR_NOTHING
        features = {
            "own_coverage": share["own"],
            "coverage": min(1.0, share["own"] + share["title"] + share["before"] / 2),
            "focus": focus,
            "nearness": fillers[0][0] / total if fillers else 0.0,
            "filled": float(asks and bool(fillers)),
            "certain": float(asks and any(filler.certain for _, filler in fillers)),
            "asked": float(any(filler.is_asked for _, filler in fillers)),
            "passage_similarity": candidate.passage.scores.dense or 0.0,
            "brevity": -math.log(1 + len(candidate.text.split())),
            "denial": float(
                expectation.kind is AnswerKind.YES_NO and bool(_DENIAL.search(candidate.text))
            ),
            "quoted": float(
                expectation.kind is AnswerKind.STATEMENT and candidate.text[:1] in _QUOTATION
            ),
        }
        return self._weighed(Judged(candidate, tuple(filler for _, filler in fillers), features))

    def _focus(self, asked: Mapping[str, float], own: Set[str], around: Set[str]) -> float:
        """How much of what is asked about the names of a question stands in a sentence.

        The names are left out: "which papers did Lind sign" is answered where something is signed,
        not wherever Lind stands. Other words of the same sense count too, words around less.
        """
        told = sum(worth * self._held(term, own, around) for term, worth in asked.items())
        return told / (sum(asked.values()) or 1.0) if asked else 1.0

    def _held(self, term: str, own: Set[str], around: Set[str]) -> float:
        if term in own:
            return 1.0
        related = self._paraphrases.of(term)
        if related & own:
            return _IN_OTHER_WORDS
        if term in around:
            return _AROUND
        return _IN_OTHER_WORDS * _AROUND if related & around else 0.0

    def _fillers(
        self,
        query: Query,
        mass: Mapping[str, float],
        expectation: Expectation,
        candidate: Candidate,
    ) -> list[tuple[float, Filler]]:
        """Fillers with the idf mass near them, the likeliest first."""
        text, passage = candidate.text, candidate.passage
        found = find_fillers(
            text, expectation, query.names, anchor=passage.published, around=passage.text
        )
        if expectation.kind is AnswerKind.COUNT:
            found = [replace(one, certain=self._counts(one, expectation.asked)) for one in found]
        near = [(self._nearness(text, filler, mass), filler) for filler in found]
        is_person = expectation.kind is AnswerKind.PERSON
        return sorted(
            near,
            key=lambda pair: (
                not pair[1].certain,
                is_person and _agency(text, pair[1]),
                -pair[0],
                pair[1].start,
            ),
        )

    def _counts(self, filler: Filler, asked: str) -> bool:
        """Whether a number is one of what is asked for: not of days where men are counted."""
        if not asked or filler.unit is None:
            return True
        nouns = asked.split()
        units = set(self._terms.analyze(filler.unit))
        return any(may_count(filler.unit, noun) for noun in nouns) or any(
            self._paraphrases.of(term) & units for term in self._terms.analyze(asked)
        )

    def _nearness(self, text: str, filler: Filler, mass: Mapping[str, float]) -> float:
        """Idf mass of the question's words around `filler`, each discounted by its distance."""
        if filler.end - filler.start >= len(text):
            return sum(mass[term] for term in set(self._terms.analyze(text)) & mass.keys())
        best: dict[str, float] = {}
        for found in _WORD.finditer(text):
            start = found.start()
            distance = max(filler.start - found.end(), start - filler.end, 0)
            if distance >= _FAR or filler.start <= start < filler.end:
                continue
            for term in self._terms.analyze(found[0]):
                if term in mass:
                    best[term] = max(best.get(term, 0.0), mass[term] * (1 - distance / _FAR))
        return sum(best.values())

    def _by_reading(self, query: Query, kind: AnswerKind, judged: Sequence[Judged]) -> list[Judged]:
        """With what the model reads in the passages of the best sentences."""
        passages = list(dict.fromkeys(one.candidate.passage for one in judged))
        may_list = kind in LISTED_KINDS
        read: dict[Passage, _Read] = {}
        while len(read) < len(passages[:_MOST_PASSAGES]):
            latest = self._read(query.whole.text, passages[len(read) :][:_AT_ONCE])
            read |= latest
            best = max(one.answers for one in latest.values())
            if best > _SURE_TO_ANSWER and not may_list:
                break
            # Where several answers may be right, reading goes on while what was read answers.
            if len(read) >= _READ_PASSAGES and not (may_list and best > 0):
                break
        return [self._with_reading(kind, one, read.get(one.candidate.passage)) for one in judged]

    def _read(self, question: str, passages: Sequence[Passage]) -> dict[Passage, _Read]:
        spans = [split_sentences(passage.text) for passage in passages]
        texts = [
            Text.of(passage, (span.of(passage.text) for span in some))
            for passage, some in zip(passages, spans, strict=True)
        ]
        readings = self._model.read(question, texts)
        return {
            passage: _Read(some, reading)
            for passage, some, reading in zip(passages, spans, readings, strict=True)
        }

    def _with_reading(self, kind: AnswerKind, judged: Judged, read: _Read | None) -> Judged:
        seen = read and read.sentence_at(judged.candidate.start - judged.candidate.passage.start)
        if not read or not seen:
            return judged
        span, sentence = seen
        features = {
            **judged.features,
            "answers": read.answers / _LOGIT_SCALE,
            "evidence": sentence.evidence / _LOGIT_SCALE,
            "span": sentence.span / _LOGIT_SCALE,
        }
        fillers = judged.fillers
        # Of two people in a sentence the wrong one is easily taken, of two places less so.
        least = _SURE_OF_PERSON if kind is AnswerKind.PERSON else 0.0
        if sentence.span > least:
            # A dateline before the sentence is no part of the candidate.
            shift = judged.candidate.start - judged.candidate.passage.start - span.start
            answer = range(sentence.start - shift, sentence.end - shift)
            fillers = tuple(sorted(fillers, key=lambda one: not _overlaps(one, answer)))
        return self._weighed(replace(judged, features=features, fillers=fillers))

    def _weighed(self, judged: Judged) -> Judged:
        fit = sum(self._weights.get(name, 0.0) * value for name, value in judged.features.items())
        return replace(judged, fit=fit)


def _agency(text: str, filler: Filler) -> int:
    """0 for who does it ("led by X"), 1 for the subject that opens the sentence, 2 for others."""
    if text[: filler.start].rstrip().endswith(" by") or _TITLED_AGENT.search(text[: filler.start]):
        return 0
    return 1 if filler.start <= _OPENING else 2


def _place(judged: Judged) -> tuple[float, int, int]:
    return -judged.fit, judged.candidate.rank, judged.candidate.start


def _overlaps(filler: Filler, answer: range) -> bool:
    return filler.start < answer.stop and answer.start < filler.end

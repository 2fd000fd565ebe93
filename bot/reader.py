"""The offline reader: picks from the passages the sentences that answer a question, or none.

It never writes: every sentence of its answer is the article's own, with words added beside it at
most (`bot.wording`). What it is not confident of it withholds, with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.answer import Reason, Status
from bot.claims import tells_of_another_time
from bot.compound import PartEvidence, Vote, gather_evidence, vote
from bot.confidence import Calibrations
from bot.evidence import Candidate, collect_candidates
from bot.expectation import AnswerKind, Expectation, read_expectation
from bot.freshness import asks_about_now, is_stale, tell_age
from bot.outlook import misses_outlook
from bot.paraphrase import Paraphrases
from bot.polarity import judge_claim, speaks_to
from bot.premise import misses_described, misses_premise
from bot.relevance import Judge, Judged, TermStatistics
from bot.roles import misses_role
from bot.signals import PhraseStatistics, compound_signals, simple_signals, unknown_names
from bot.slots import Slot, event_time, falls_within, find_slots, is_one_event, newest_first
from index.dates import Period, describe
from index.moment import Precision
from index.names import Kind
from index.search.query import Query, asks_anything
from index.search.retrieve import Found

# One sentence rarely says all that these ask for.
_DESCRIPTIVE = frozenset({AnswerKind.ANY, AnswerKind.REASON, AnswerKind.STATEMENT})
_RIVAL_MARGIN = 1.0
# Kinds of answer that stand in a sentence or do not.
_SLOTTED = frozenset(
    {AnswerKind.PERSON, AnswerKind.COUNT, AnswerKind.MONEY, AnswerKind.TIME, AnswerKind.CLOCK,
     AnswerKind.MEASURE, AnswerKind.STATEMENT}
)  # fmt: skip
# Of these the finders miss hardly any: without one a sentence answers nothing.
_EXACT = _SLOTTED - {AnswerKind.PERSON}
_FILLED_COVERAGE, _FILLED_FOCUS = 0.6, 0.75
_NUMERIC = _EXACT - {AnswerKind.STATEMENT}
# From here on a sentence in which no name, date or number was found may still answer: the finders
# miss some.
_SURE = 0.8
_SPELLED_OUT = 0.6
_LEAST_CONFIDENCE = 0.1
_READ_AS_ANSWER, _READ_AS_EMPTY, _READ_AS_NOTHING = 0.0, -0.19, -0.5
_ALL_SAID = 0.95
_MOST_SENTENCES = 3
# Characters between a sentence and the reason for it: as good as the next sentence.
_CLOSE_AFTER = 3
_MOST_SLOTS = 8
# Out of its asked-for time a sentence loses more than any other signal can give it.
_TIME_PENALTY = 1.5
_NAME_WORD = re.compile(r"\w+")
_PRONOUN = re.compile(r"\b(?:s?he|they|him|her|his|their)\b", re.IGNORECASE)
# A picture's caption says who is on it, beside what is told.
_CAPTION = re.compile(
    r"\((?:L|R|C|[Ll]eft|[Rr]ight|[Cc]ent(?:er|re))\)"
    r"|\b(?:in this (?:file )?(?:photo|picture|image)|file photo|pictured)\b"
)
_BEGINS = re.compile(
    r"\b(?:beg[iu]n|began|start|arriv|open|first\s+day|come|came)\w*\b", re.IGNORECASE
)
_ENDS = re.compile(
    r"\b(?:end|ended|finish|leave|left|depart|clos|conclud|last\s+day)\w*\b", re.IGNORECASE
)
_LITTLE_COVERAGE = 0.4


class Statistics(TermStatistics, PhraseStatistics, Protocol):
    """What the reader needs of the lexical index."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A sentence chosen to be shown."""

    candidates: tuple[Candidate, ...]
    """What supports it; the first is the sentence that is worded."""
    lead: str = ""
    """What stands before the sentence: `Yes`, `Google`, `14 November 2023`; often empty."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of a question and its passages."""

    status: Status
    picks: tuple[Pick, ...] = ()
    confidence: float = 0.0
    signals: Mapping[str, float] | None = None
    """What the confidence was computed from."""
    reason: Reason | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """The sentences that may answer a question, in order, and what speaks for the first."""

    expectation: Expectation
    judged: tuple[Judged, ...]
    """Best first, not empty."""
    signals: Mapping[str, float]
    is_barred: bool
    """Whether the first cannot answer, however near it comes: it lacks the number that was asked
    for, or what the question takes for granted."""


class Reader:
    """Answers questions by quoting."""

    def __init__(self, terms: Statistics, judge: Judge, calibrations: Calibrations) -> None:
        self._terms = terms
        self._judge = judge
        self._paraphrases = Paraphrases(terms)
        self._simple = calibrations.simple
        self._compound = calibrations.compound

    def read(self, found: Found) -> Reading:
        """Read the passages that were found for a question."""
        candidates = collect_candidates(found.passages)
        # An outlet that is not held cannot be quoted, whatever others say.
        if not candidates or _lacks_outlet(found) or not asks_anything(found.query.whole.text):
            return Reading(Status.ABSTAINED, reason=self._why(found.query, 0.0))
        if answers_in_parts(found.query):
            expectation = read_expectation(found.query.whole.text)
            return self._read_compound(found, expectation, candidates)
        return self._read_simple(found, candidates)

    def weigh(self, found: Found, candidates: Sequence[Candidate]) -> Weighed:
        """Order the candidates, of which there is one at least, for a question of one sentence."""
        query, question = found.query, found.query.whole.text
        expectation = read_expectation(question)
        judged = self._judge.judge(query, expectation, candidates)
        judged = _filled_first(expectation, in_asked_time(query, judged))
        judged = self._of_the_asked_first(query, expectation, judged)
        signals = simple_signals(query, expectation, found.passages, judged, self._terms)
        best = judged[0].candidate
        needed = _needed(expectation.kind)
        lacks_what_is_asked = (
            (expectation.kind in _EXACT and not judged[0].features[needed])
            or misses_role(expectation.role, query, best, self._terms)
            or misses_described(question, best)
        )
        is_barred = (
            # What a rule misses in a sentence (a name in other words, say) the model may see.
            (lacks_what_is_asked and not _is_read_as_answer(judged[0]))
            or misses_premise(question, best)
            or misses_outlook(question, best.text)
            or (expectation.kind is AnswerKind.YES_NO and not _speaks_of_any(query, best))
        )
        return Weighed(expectation, tuple(judged), signals, is_barred)

    def _of_the_asked_first(
        self, query: Query, expectation: Expectation, judged: Sequence[Judged]
    ) -> list[Judged]:
        """Sentences about the people and the office asked for, before those about others."""
        return sorted(
            judged,
            key=lambda one: (
                not one.is_read,
                misses_role(expectation.role, query, one.candidate, self._terms),
                not _speaks_of_the_asked(query, one.candidate),
            ),
        )

    def _read_simple(self, found: Found, candidates: Sequence[Candidate]) -> Reading:
        weighed = self.weigh(found, candidates)
        signals, judged = weighed.signals, weighed.judged
        confidence = self._simple.confidence(signals)
        lacks_name = weighed.expectation.kind in _SLOTTED and not judged[0].features["filled"]
        lacks_name = lacks_name and not _is_read_as_answer(judged[0])
        is_hollow = (lacks_name or _is_read_as_empty(weighed)) and confidence < _SURE
        # No word of it stands anywhere near.
        is_hollow |= not signals["best_coverage"] and not _is_read_as_answer(judged[0])
        is_sure = confidence >= self._simple.threshold or (
            confidence >= _LEAST_CONFIDENCE and _is_spelled_out(judged[0], signals)
        )
        if not is_sure or is_hollow or weighed.is_barred:
            reason = self._why(found.query, signals["best_coverage"])
            return Reading(Status.ABSTAINED, (), confidence, signals, reason)
        status, picks = self._settle(found.query, weighed.expectation, judged)
        evidence = [one.passage.published for pick in picks for one in pick.candidates]
        if is_stale(found.query.whole.text, evidence, found.query.asked_at):
            return Reading(
                Status.ABSTAINED, (), confidence, signals, Reason.STALE, note=tell_age(evidence)
            )
        return Reading(status, tuple(picks), confidence, signals)

    def _settle(
        self, query: Query, expectation: Expectation, judged: Sequence[Judged]
    ) -> tuple[Status, list[Pick]]:
        if expectation.kind is AnswerKind.YES_NO:
            return Status.ANSWERED, [self._verdict(query, judged[0].candidate)]
        slots = [
            slot
            for slot in find_slots(expectation.kind, judged)
            if falls_within(slot.when, query.time.window) is not False
            and _speaks_of_the_asked(query, slot.judged.candidate)
            and not misses_role(expectation.role, query, slot.judged.candidate, self._terms)
        ]
        wants_one = query.time.wants_latest or asks_about_now(query.whole.text)
        if expectation.role and not wants_one:
            # An office has one holder at a time; others near it hold another.
            slots = slots[:1]
        slots = newest_first(slots[:_MOST_SLOTS])
        if wants_one:
            slots = slots[:1]
        elif query.time.wants_first:
            slots = slots[-1:]
        if len(slots) > 1:
            conflicting = is_one_event(slots)
            picks = [Pick((slot.judged.candidate,), _date_of(slot)) for slot in slots]
            return Status.CONFLICTING if conflicting else Status.AMBIGUOUS, picks
        best = slots[0].judged if slots else judged[0]
        picks = _with_more(expectation, best, [] if wants_one else judged)
        if expectation.kind is AnswerKind.TIME and slots and slots[0].when:
            bound = _bound_asked(query.whole.text, slots[0].when)
            picks = [
                replace(p, lead=bound) if p.candidates[0] == best.candidate else p for p in picks
            ]
        return Status.ANSWERED, picks

    def _verdict(self, query: Query, candidate: Candidate) -> Pick:
        names = {term for name in query.names for term in self._terms.analyze(name.text)}
        claim = [
            term
            for term, weight in query.whole.weights.items()
            if weight == 1.0 and term not in names
        ]
        text = candidate.text
        title = f"{candidate.passage.title or ''} {candidate.before}"
        if not speaks_to(claim, text, self._terms, self._paraphrases, title):
            return Pick((candidate,))
        verdict = judge_claim(query.whole.text, [text], self._terms, self._paraphrases)
        if verdict == "Yes" and tells_of_another_time(query.whole.text, text):
            # What was so in 2017 neither affirms nor denies 2020: the quote says when.
            return Pick((candidate,))
        return Pick((candidate,), verdict)

    def _read_compound(
        self, found: Found, expectation: Expectation, candidates: Sequence[Candidate]
    ) -> Reading:
        evidence = gather_evidence(found.query, candidates, self._terms, self._judge)
        is_claim = expectation.kind in {AnswerKind.YES_NO, AnswerKind.CHOICE}
        votes = [] if is_claim else vote(found.query, expectation, evidence)
        signals = compound_signals(found.query, found.passages, evidence, votes, self._terms)
        confidence = self._compound.confidence(signals)
        if confidence < self._compound.threshold or not (is_claim or votes):
            reason = self._why(found.query, signals["mean_coverage"])
            return Reading(Status.ABSTAINED, (), confidence, signals, reason)
        picks = self._claim_picks(found.query, evidence) if is_claim else _vote_picks(votes[0])
        return Reading(Status.ANSWERED, tuple(picks), confidence, signals)

    def _claim_picks(self, query: Query, evidence: Sequence[PartEvidence]) -> list[Pick]:
        """One verdict over the parts, then each part's best sentence, strongest parts first."""
        sentences: list[Candidate] = []
        for part in sorted(evidence, key=lambda one: -one.mass * one.coverage):
            if part.sentences and part.sentences[0][1] not in sentences:
                sentences.append(part.sentences[0][1])
        shown = sentences[:_MOST_SENTENCES]
        texts = [candidate.text for candidate in shown]
        verdict = judge_claim(query.whole.text, texts, self._terms, self._paraphrases)
        return [Pick((one,), verdict if at == 0 else "") for at, one in enumerate(shown)]

    def _why(self, query: Query, coverage: float) -> Reason:
        """Why nothing is answered: the archive knows nothing of it, or does not say that."""
        unknown = query.missing_outlets or unknown_names(query, self._terms)
        if unknown or coverage < _LITTLE_COVERAGE:
            return Reason.OUT_OF_CORPUS
        return Reason.NO_EVIDENCE


def answers_in_parts(query: Query) -> bool:
    """Whether the parts of a question are answered one by one.

    A number or a date stands in one sentence, however long the question is.
    """
    if not query.is_compound:
        return False
    return len(query.mentions) > 1 or read_expectation(query.whole.text).kind not in _NUMERIC


def _is_read_as_empty(weighed: Weighed) -> bool:
    """Whether the model sees no such name, date or number in the best sentence, nor elsewhere."""
    expectation = weighed.expectation
    features = weighed.judged[0].features
    # What the rules tell better: whose office it is, and a sentence that has every asked word.
    is_plain = bool(expectation.role) or min(features["focus"], features["coverage"]) > _ALL_SAID
    if expectation.kind not in _SLOTTED or is_plain:
        return False
    seen = [_seen(one) for one in weighed.judged if one.is_read]
    return _seen(weighed.judged[0]) < _READ_AS_EMPTY and max(seen, default=0.0) < 0


def _seen(judged: Judged) -> float:
    """How far the model sees an answer in a sentence: the mean of what it says of it."""
    readings = [judged.features.get(name, -1.0) for name in ("answers", "evidence", "span")]
    return sum(readings) / len(readings)


def _is_read_as_answer(judged: Judged) -> bool:
    """Whether the model is so sure that a sentence answers that it overrules the rules."""
    least = min(judged.features.get(name, -1.0) for name in ("answers", "evidence"))
    return least > _READ_AS_ANSWER


def _evidence(judged: Judged) -> float:
    """How far the model takes a sentence for what answers; least where it did not read it."""
    return judged.features.get("evidence", -1.0)


def _lacks_outlet(found: Found) -> bool:
    """Whether a question names an outlet that is not held, and that no story found quotes.

    "What did KCNA say?" is answered by a story that reports what KCNA said.
    """
    missing = found.query.missing_outlets
    if found.query.is_compound or not missing:
        return bool(missing)
    texts = " ".join(passage.text for passage in found.passages)
    return not all(_is_quoted(outlet, texts) for outlet in missing)


def _is_quoted(outlet: str, text: str) -> bool:
    name = re.escape(re.sub(r"^the\s+", "", outlet, flags=re.IGNORECASE))
    said = rf"\b{name}\b\)?\s+(?:has\s+|had\s+)?(?:said|says|reported|reports|added)\b"
    cited = rf"\b(?:according\s+to|told)\s+(?:the\s+)?{name}\b"
    return bool(re.search(f"{said}|{cited}", text, re.IGNORECASE))


def _needed(kind: AnswerKind) -> str:
    """The feature without which a sentence cannot answer: a count must be of what is asked."""
    return "certain" if kind is AnswerKind.COUNT else "filled"


def _is_spelled_out(best: Judged, signals: Mapping[str, float]) -> bool:
    """Whether a sentence and its title say what is asked nearly word for word, names and all.

    Then less likeness of meaning is asked of it: a model finds short sentences unlike questions.
    """
    return (
        min(best.features["focus"], best.features["coverage"]) >= _SPELLED_OUT
        # A boat that is named no further has all the words of "what was the boat's name".
        and _seen(best) > _READ_AS_NOTHING
        and not signals["unknown_names"]
        and not signals["unseen_people"]
    )


def in_asked_time(query: Query, judged: Sequence[Judged]) -> list[Judged]:
    """Sentences that tell of the time a question asks about, before those that do not."""
    window = query.time.window
    if window == (None, None):
        return list(judged)

    def fit(one: Judged) -> float:
        inside = falls_within(event_time(one.candidate), window)
        return one.fit if inside else one.fit - _TIME_PENALTY

    moved = [replace(one, fit=fit(one)) for one in judged]
    return sorted(moved, key=lambda one: -one.fit)


def _speaks_of_the_asked(query: Query, candidate: Candidate) -> bool:
    """Whether the people whom a question names are named in a sentence, before it, or above it."""
    return all(_people_told(query, candidate))


def _speaks_of_any(query: Query, candidate: Candidate) -> bool:
    """Whether one of the people whom a question names is, where it names any."""
    told = _people_told(query, candidate)
    return not told or any(told)


def _people_told(query: Query, candidate: Candidate) -> list[bool]:
    passage = candidate.passage
    told = f"{passage.title or ''} {candidate.before} {candidate.text}"
    if _PRONOUN.search(candidate.text):
        # "He rules it out": who that is stands somewhere before.
        told += f" {passage.text[: candidate.start - passage.start]}"
    words = set(_NAME_WORD.findall(told.casefold()))
    people = [name.text.split()[-1] for name in query.names if name.kind is Kind.PERSON]
    # Whole words: "Un" does not stand in "unprecedented".
    return [set(_NAME_WORD.findall(surname.casefold())) <= words for surname in people]


def _filled_first(expectation: Expectation, judged: list[Judged]) -> list[Judged]:
    """Puts a sentence that holds what is asked for, a name, a date or a number, in front.

    It must be about what was asked nearly as much as the best one.
    """
    needed = _needed(expectation.kind)
    if expectation.kind not in _SLOTTED or not judged or judged[0].features[needed]:
        return judged
    least = {
        "coverage": _FILLED_COVERAGE * judged[0].features["coverage"],
        "focus": _FILLED_FOCUS * judged[0].features["focus"],
    }
    for at, one in enumerate(judged):
        is_near = all(one.features[name] >= share for name, share in least.items())
        # "An eel is no engine," he says: the words of the question stand in the sentence before.
        is_near |= _is_read_as_answer(one) and _evidence(one) > _evidence(judged[0])
        if one.is_read and one.features[needed] and is_near:
            return [one, *judged[:at], *judged[at + 1 :]]
    return judged


def _bound_asked(question: str, when: Period) -> str:
    """The first or last day of a period, where a question asks when something began or ended."""
    if when.precision is not Precision.DAY or when.start.date() == when.end.date():
        return ""
    if _BEGINS.search(question):
        return describe(Period.days(when.start.date(), when.start.date()))
    if _ENDS.search(question):
        return describe(Period.days(when.end.date(), when.end.date()))
    return ""


def _date_of(slot: Slot) -> str:
    return describe(slot.when) if slot.when else "undated"


def _with_more(expectation: Expectation, best: Judged, judged: Sequence[Judged]) -> list[Pick]:
    """The best sentence, and those that are nearly as likely to be the right one.

    Fits are log-odds: a margin of one means that the best is 2.7 times likelier.
    """
    most = _MOST_SENTENCES if expectation.kind in _DESCRIPTIVE else _MOST_SENTENCES - 1
    reason = _reason_after(best, judged) if expectation.kind is AnswerKind.REASON else None
    rivals = [
        one
        for one in judged
        if one is not best
        and one.is_read
        and one.fit >= best.fit - _RIVAL_MARGIN
        and not _CAPTION.search(one.candidate.text)
        and (bool(one.fillers) or not best.fillers)
    ]
    chosen = [best, reason] if reason else [best]
    for one in rivals:
        if len(chosen) < most and not any(_says_again(one, other) for other in chosen):
            chosen.append(one)
    return [Pick((one.candidate,)) for one in _in_reading_order(chosen)]


def _reason_after(best: Judged, judged: Sequence[Judged]) -> Judged | None:
    """Where the best sentence tells what happened and not why: the reason close after it."""
    if best.features["filled"]:
        return None
    end = best.candidate.end
    after = [
        one
        for one in judged
        if one.features["filled"]
        and one.candidate.passage == best.candidate.passage
        and 0 <= one.candidate.start - end <= _CLOSE_AFTER
    ]
    return min(after, key=lambda one: one.candidate.start, default=None)


def _says_again(one: Judged, other: Judged) -> bool:
    """Whether a sentence stands in a copy of the other's story, or repeats its words."""
    mine, its = one.candidate, other.candidate
    is_copy = mine.passage.origin_id == its.passage.origin_id
    return (is_copy and mine.passage.article_id != its.passage.article_id) or (
        mine.text.casefold() == its.text.casefold()
    )


def _in_reading_order(chosen: Sequence[Judged]) -> list[Judged]:
    """Sentences of one article as it has them; the article of the best sentence first."""
    articles = [one.candidate.passage.article_id for one in chosen]
    return sorted(
        chosen,
        key=lambda one: (articles.index(one.candidate.passage.article_id), one.candidate.start),
    )


def _vote_picks(winner: Vote) -> list[Pick]:
    """The name with everything that supports it, then each supporting sentence."""
    support = winner.support[:_MOST_SENTENCES]
    return [
        Pick((candidate,), winner.name if at == 0 else "") for at, candidate in enumerate(support)
    ]

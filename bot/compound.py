"""Reads questions that join several reports.

"Which company, according to A …, and according to B …?" Each part of the question is answered by
its own sentence. What is asked for is the name that the parts have in common: every part votes
for the names in and around its best sentences.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.evidence import Candidate
from bot.expectation import AnswerKind, Expectation
from bot.relevance import Judge, TermStatistics
from index.names import Kind, Name, find_names, same_name
from index.scope import outlet_key
from index.search.query import Part, Query

# Sentences of a part that may vote.
_VOTERS = 6
# A name counts in full in the sentence itself, for less in its title or the sentence before.
_IN_TITLE = 0.8
_IN_BEFORE = 0.6
_OTHER_OUTLET = 0.5
_KINDS = {
    AnswerKind.PERSON: frozenset({Kind.PERSON}),
    AnswerKind.ORGANIZATION: frozenset({Kind.ORGANIZATION}),
    AnswerKind.PLACE: frozenset({Kind.PLACE}),
}


@dataclass(frozen=True, slots=True)
class PartEvidence:
    """The sentences that speak to one part of a question."""

    part: Part
    mass: float
    """The part's idf mass: how much it tells."""
    sentences: tuple[tuple[float, Candidate], ...]
    """Best first, each with its coverage of the part, 0 to 1."""

    @property
    def coverage(self) -> float:
        """Of the best sentence; 0 when there is none."""
        return self.sentences[0][0] if self.sentences else 0.0


@dataclass(frozen=True, slots=True)
class Vote:
    """A name that answers, and how strongly the parts support it."""

    name: str
    share: float
    """Support over all parts, weighed by their mass, 0 to 1."""
    support: tuple[Candidate, ...]
    """For each part that supports it the sentence that does, without repetition."""


def gather_evidence(
    query: Query, candidates: Sequence[Candidate], terms: TermStatistics, judge: Judge
) -> list[PartEvidence]:
    """For each part of a compound question its best sentences among the candidates."""
    own = [set(terms.analyze(candidate.text)) for candidate in candidates]
    around = [
        set(terms.analyze(f"{candidate.passage.title or ''} {candidate.before}"))
        for candidate in candidates
    ]
    evidence = []
    for part in query.parts:
        mass = judge.idf_mass(part.weights)
        total = sum(mass.values()) or 1.0
        scored = [
            (_fit(mass, total, own[i], around[i]) * _outlet_factor(part, candidate), candidate)
            for i, candidate in enumerate(candidates)
        ]
        best = sorted(scored, key=lambda pair: (-pair[0], pair[1].rank, pair[1].start))[:_VOTERS]
        evidence.append(PartEvidence(part, total, tuple(pair for pair in best if pair[0] > 0)))
    return evidence


def _fit(mass: Mapping[str, float], total: float, own: set[str], around: set[str]) -> float:
    inside = sum(value for term, value in mass.items() if term in own)
    outside = sum(value for term, value in mass.items() if term in around - own)
    return (inside + outside / 2) / total


def _outlet_factor(part: Part, candidate: Candidate) -> float:
    outlet = candidate.passage.outlet
    if not part.outlets or (outlet and outlet_key(outlet) in part.outlets):
        return 1.0
    return _OTHER_OUTLET


def vote(query: Query, expectation: Expectation, evidence: Sequence[PartEvidence]) -> list[Vote]:
    """The names that may answer, best first."""
    total = sum(part.mass for part in evidence) or 1.0
    shares: defaultdict[str, float] = defaultdict(float)
    support: defaultdict[str, list[Candidate]] = defaultdict(list)
    for part in evidence:
        for name, (strength, candidate) in _votes_of(part, query, expectation).items():
            key = next((known for known in shares if same_name(known, name)), name)
            shares[key] += part.mass * strength / total
            if candidate not in support[key]:
                support[key].append(candidate)
    votes = [Vote(name, share, tuple(support[name])) for name, share in shares.items()]
    return sorted(votes, key=lambda one: (-one.share, one.name))


def _votes_of(
    part: PartEvidence, query: Query, expectation: Expectation
) -> dict[str, tuple[float, Candidate]]:
    """Each name's strongest support within one part."""
    strongest: dict[str, tuple[float, Candidate]] = {}
    for coverage, candidate in part.sentences:
        places = (
            (1.0, candidate.text),
            (_IN_TITLE, candidate.passage.title or ""),
            (_IN_BEFORE, candidate.before),
        )
        for weight, text in places:
            for name in find_names(text):
                worth = weight * coverage * _kind_factor(name, expectation)
                if not worth or _is_given(name, query, candidate):
                    continue
                key = next((known for known in strongest if same_name(known, name.text)), name.text)
                if worth > strongest.get(key, (0.0, candidate))[0]:
                    strongest[key] = (worth, candidate)
    return strongest


def _kind_factor(name: Name, expectation: Expectation) -> float:
    kinds = _KINDS.get(expectation.kind)
    if kinds is None:
        return 1.0
    if name.kind in kinds:
        return 1.0 if name.certain else 0.9
    # A company that looks like nothing else ("Google", "Valve") is found as "other".
    return 0.8 if name.kind is Kind.OTHER or not name.certain else 0.0


def _is_given(name: Name, query: Query, candidate: Candidate) -> bool:
    """Whether the question names it already, or it is the outlet that reports."""
    given = [*(other.text for other in query.names), *(mention.text for mention in query.mentions)]
    if candidate.passage.outlet:
        given.append(candidate.passage.outlet)
    return any(same_name(name.text, other) for other in given)

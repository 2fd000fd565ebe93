"""Lets a sentence through only when the passages that it cites prove it.

Rules compare numbers, dates, names, roles, negation, direction, doubt and speakers, and what they
find stands. The reading model, if there is one, may only vouch for a paraphrase.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.verify.heads import check_heads
from bot.verify.names import check_names
from bot.verify.numbers import check_numbers
from bot.verify.pairing import Pairing
from bot.verify.parts import Part, has_own_subject, split_claim
from bot.verify.places import check_places
from bot.verify.reading import Reading, Source, Statement, read_claim, read_source
from bot.verify.roles import check_roles
from bot.verify.semantics import Support, SupportModel
from bot.verify.speech import check_quotations, check_speech
from bot.verify.stance import check_directions, check_doubt, check_negation
from bot.verify.support import measure_coverage, nearest_statements
from bot.verify.times import check_dates
from bot.verify.verdict import Fault, Finding, Quote, Verdict
from index.article import Passage
from index.names import Name

# How many sentences of the article may be tried for one clause.
_CANDIDATES = 3
# A claim is cut in two, and its second half once more: three clauses at most.
_DEPTH = 2
_LEAST_COVERAGE = 0.5
# A clause by itself has fewer words that could go wrong.
_LEAST_COVERAGE_OF_PART = 0.6
# With a model that vouches for the sentence, fewer of its words have to be the article's own.
_LEAST_COVERAGE_VOUCHED = 0.2
_CONTRADICTIONS = frozenset({Fault.NEGATION, Fault.COMPARISON})
# A hostile sentence of a hundred clauses must not take a second: what is left over is unproved.
_MOST_PAIRINGS = 60
_LONGEST_SENTENCE = 1_000
_KEPT_SOURCES = 256


@dataclass(frozen=True, slots=True)
class _Proof:
    """What came of one part: the sentences that were compared, and what is wrong."""

    faults: tuple[Finding, ...]
    statements: tuple[Statement, ...]


class Verifier:
    """Checks sentences against passages. May be used from any thread."""

    def __init__(self, model: SupportModel | None = None) -> None:
        self._support = Support(model)
        self._sources: OrderedDict[Passage, Source] = OrderedDict()
        self._lock = threading.Lock()

    def verify(
        self, sentence: str, cited: Sequence[Passage], others: Sequence[Passage] = ()
    ) -> Verdict:
        """Judge one sentence, without its citation marks.

        Args:
            sentence: One sentence of an answer; words in parentheses are checked as well.
            cited: The passages it cites; several may each prove a clause.
            others: What else was found. A sentence that only one of these proves is not
                ok: it has the fault ELSEWHERE.
        """
        verdict = self._judge(sentence, cited)
        if verdict.ok:
            return verdict
        for passage in others:
            if passage not in cited and self._judge(sentence, [passage]).ok:
                where = passage.title or passage.url
                finding = Finding(
                    Fault.ELSEWHERE,
                    sentence,
                    f"What it cites does not say this; “{where}”, which it does not cite, does. "
                    "Cite what you rest on, or write what the cited text says.",
                )
                return Verdict(False, (finding, *verdict.faults), verdict.quotes, passage)
        return verdict

    def _judge(self, sentence: str, cited: Sequence[Passage]) -> Verdict:
        if not cited:
            finding = Finding(Fault.NO_SOURCE, sentence, "It cites no passage.")
            return Verdict(False, (finding,))
        if len(sentence) > _LONGEST_SENTENCE:
            finding = Finding(Fault.UNSUPPORTED, sentence[:80], "It is too long to be checked.")
            return Verdict(False, (finding,))
        sources = [self._read(passage) for passage in cited]
        repeated = _find_verbatim(sentence, sources)
        if repeated:
            return Verdict(True, (), _quotes([repeated]))
        claim = read_claim(sentence, cited[0].published, sources)
        part = tuple(range(len(claim.words)))
        proof = _Trial(claim, sources, self._support).prove(part)
        faults = (*proof.faults, *check_quotations(claim, sources))
        return Verdict(not faults, faults, _quotes(proof.statements))

    def _read(self, passage: Passage) -> Source:
        with self._lock:
            if passage in self._sources:
                self._sources.move_to_end(passage)
                return self._sources[passage]
        source = read_source(passage)
        with self._lock:
            self._sources[passage] = source
            while len(self._sources) > _KEPT_SOURCES:
                self._sources.popitem(last=False)
        return source


class _Trial:
    """One claim before its sources."""

    def __init__(self, claim: Reading, sources: Sequence[Source], support: Support) -> None:
        self._claim = claim
        self._sources = sources
        self._support = support
        self._left = _MOST_PAIRINGS

    def prove(self, part: Part, depth: int = _DEPTH, implied: Name | None = None) -> _Proof:
        """The best proof of a part: by one sentence, or cut in two, each half by its own."""
        if not any(
            self._claim.words[at].is_content or self._claim.words[at].is_item for at in part
        ):
            why = "It says nothing that an article could bear out."
            return _Proof((Finding(Fault.UNSUPPORTED, self._claim.text, why),), ())
        whole = self._prove_whole(part, implied)
        if not whole.faults or depth == 0:
            return whole
        for one, other in split_claim(self._claim, part):
            first = self._prove_whole(one, implied)
            if first.faults:
                continue
            subject = None if has_own_subject(self._claim, other) else implied or self._subject(one)
            second = self.prove(other, depth - 1, subject)
            # What one sentence says of both halves it would have proved as a whole.
            if not second.faults and not set(first.statements) & set(second.statements):
                return _Proof((), (*first.statements, *second.statements))
        return whole

    def _subject(self, part: Part) -> Name | None:
        """The name that opens the part, which its later clauses are about."""
        words = (self._claim.words[at] for at in part)
        first = next((word for word in words if word.has_sense), None)
        names = self._claim.names if first else ()
        return next((name for name in names if first and name.start == first.start), None)

    def _prove_whole(self, part: Part, implied: Name | None) -> _Proof:
        is_part = len(part) < len(self._claim.words)
        pairs = nearest_statements(self._claim, part, self._sources, _CANDIDATES)
        proofs = []
        for source, statement in pairs[: self._left]:
            self._left -= 1
            pairing = Pairing(self._claim, part, source, statement)
            faults = self._check(pairing, implied, is_part=is_part)
            if not faults:
                return _Proof((), (statement,))
            proofs.append(_Proof(faults, (statement,)))
            if {finding.fault for finding in faults} <= _CONTRADICTIONS:
                # The sentence that speaks of this most says the contrary: no other may overrule it.
                break
        if not proofs:
            why = "The cited text does not speak of this."
            return _Proof((Finding(Fault.UNSUPPORTED, self._claim.text, why),), ())
        return proofs[0]

    def _check(
        self, pairing: Pairing, implied: Name | None, *, is_part: bool
    ) -> tuple[Finding, ...]:
        faults = [
            *check_numbers(pairing),
            *check_dates(pairing),
            *check_names(pairing, implied),
            *check_negation(pairing),
            *check_directions(pairing),
            *check_roles(pairing),
            *check_heads(pairing),
            *check_places(pairing),
            *check_doubt(pairing),
            *check_speech(pairing),
        ]
        if not faults and not self._is_covered(pairing, is_part=is_part):
            faults.append(
                Finding(
                    Fault.UNSUPPORTED,
                    self._claim.text,
                    "The cited text does not say enough of this; keep closer to its words.",
                )
            )
        return tuple(faults)

    def _is_covered(self, pairing: Pairing, *, is_part: bool) -> bool:
        coverage = measure_coverage(pairing)
        if coverage >= (_LEAST_COVERAGE_OF_PART if is_part else _LEAST_COVERAGE):
            return True
        # The model was trained on whole sentences, and costs more than all the rules together.
        if is_part or coverage < _LEAST_COVERAGE_VOUCHED:
            return False
        return self._support.vouches(self._claim.text, pairing.source, pairing.statement)


def _find_verbatim(sentence: str, sources: Sequence[Source]) -> Statement | None:
    """The article's sentence that the claim repeats word by word."""
    wanted = " ".join(sentence.split())
    statements = (one for source in sources for one in source.statements)
    return next((one for one in statements if " ".join(one.reading.text.split()) == wanted), None)


def _quotes(statements: Sequence[Statement]) -> tuple[Quote, ...]:
    """The sentences in the order of the claim, each once."""
    unique = dict.fromkeys((one.passage, one.start, len(one.reading.text)) for one in statements)
    return tuple(Quote(passage, start, start + size) for passage, start, size in unique)

"""Checks what a message claims against the archive, sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.answer import Citation
from bot.slack.view import CheckedClaim, ClaimsCheck, Finding
from bot.verify import Fault, Quote, Verdict
from index.article import Passage
from index.scope import Scope, Slice
from index.search.retrieve import Found
from index.sentences import split_sentences

_MOST_CLAIMS = 20
_PASSAGES = 8
# Of a claim's terms, how many a quote must share before it counts as being about the same thing.
_SAME_MATTER = 0.6
_CONTRADICTIONS = frozenset({Fault.NUMBER, Fault.DATE, Fault.NEGATION, Fault.COMPARISON})


class PassageFinder(Protocol):
    """What checking needs of retrieval."""

    def search(self, question: str, scope: Scope | None = None, *, limit: int = 12) -> Found:
        """The best passages that `scope` lets see."""
        ...


class SentenceVerifier(Protocol):
    """What checking needs of `bot.verify`."""

    def verify(self, sentence: str, cited: Sequence[Passage]) -> Verdict:
        """Whether `cited` prove `sentence`."""
        ...


class Terms(Protocol):
    """What checking needs of the lexical index."""

    def analyze(self, text: str) -> list[str]:
        """The terms of a text."""
        ...


class ClaimChecker:
    """Checks messages."""

    def __init__(self, finder: PassageFinder, verifier: SentenceVerifier, terms: Terms) -> None:
        self._finder = finder
        self._verifier = verifier
        self._terms = terms

    def check(self, text: str, slices: tuple[Slice, ...]) -> ClaimsCheck:
        """Check each sentence of a message, as plain text; its questions claim nothing."""
        sentences = [span.of(text) for span in split_sentences(text)]
        claims = [one for one in sentences if not one.endswith("?") and self._terms.analyze(one)]
        scope = Scope(slices=slices)
        checked = tuple(self._check(one, scope) for one in claims[:_MOST_CLAIMS])
        return ClaimsCheck(checked, unchecked=len(claims) - len(checked))

    def _check(self, claim: str, scope: Scope) -> CheckedClaim:
        passages = self._finder.search(claim, scope, limit=_PASSAGES).passages
        verdicts = [self._verifier.verify(claim, [passage]) for passage in passages]
        proofs = [one for one in verdicts if one.ok]
        if proofs:
            return CheckedClaim(claim, Finding.SUPPORTED, _cite(proofs))
        against = [one for one in verdicts if self._contradicts(claim, one)]
        if against:
            note = against[0].faults[0].why
            return CheckedClaim(claim, Finding.DISPUTED, _cite(against[:1]), note)
        return CheckedClaim(claim, Finding.NOT_FOUND)

    def _contradicts(self, claim: str, verdict: Verdict) -> bool:
        """Whether a passage speaks of the very same and says otherwise."""
        faults = {finding.fault for finding in verdict.faults}
        if not faults or not faults <= _CONTRADICTIONS:
            return False
        wanted = set(self._terms.analyze(claim))
        told = set(self._terms.analyze(" ".join(quote.text for quote in verdict.quotes)))
        return len(wanted & told) >= _SAME_MATTER * len(wanted)


def _cite(verdicts: Sequence[Verdict]) -> tuple[Citation, ...]:
    quotes = {
        (quote.passage.article_id, quote.start, quote.end): quote
        for verdict in verdicts
        for quote in verdict.quotes
    }
    return tuple(_citation(at, quote) for at, quote in enumerate(quotes.values(), start=1))


def _citation(number: int, quote: Quote) -> Citation:
    passage = quote.passage
    return Citation(
        number=number,
        article_id=passage.article_id,
        version=passage.version,
        url=passage.url,
        title=passage.title,
        outlet=passage.outlet,
        published=passage.published,
        start=quote.start,
        end=quote.end,
        quote=quote.text,
    )

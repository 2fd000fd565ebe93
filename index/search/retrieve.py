"""Question → passages, best first.

Two legs, dense and BM25, are fused by reciprocal rank with weights that fit the question: dense
similarity leads on a single fact, BM25 on a question that names several outlets and events, which
is also searched part by part. Each search is repeated within the outlets and days that it names.
Copies of one story and further chunks of one article are pushed down, so that independent sources
come first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

import numpy as np

from index.article import Passage, Scores
from index.moment import utc_now
from index.scope import Scope
from index.search.outlets import OutletDirectory
from index.search.query import Part, Query, QueryReader
from index.search.ranking import Ranked, diversify
from index.search.rerank import SentenceTerms, Terms, best_sentences
from index.tracing import Tracer, Untraced

# A smaller constant than the customary 60 lets the first ranks count for more; better in every
# measured row.
_RRF_CONSTANT = 10
_LEG_DEPTH = 50
# A report of a day is often published the day after.
_REPORTING_LAG = timedelta(days=1)


class Hit(Protocol):
    """A chunk and its score in one leg."""

    @property
    def chunk_id(self) -> str:
        """The chunk."""
        ...

    @property
    def score(self) -> float:
        """Greater is better; comparable within one leg and search only."""
        ...


class SearchableLibrary(Protocol):
    """What retrieval needs of a library."""

    @property
    def terms(self) -> Terms:
        """What the lexical index knows of words."""
        ...

    def dense(self, vector: np.ndarray, scope: Scope, limit: int) -> Sequence[Hit]:
        """Nearest chunks by cosine similarity."""
        ...

    def lexical(self, weights: Mapping[str, float], scope: Scope, limit: int) -> Sequence[Hit]:
        """Best chunks by BM25 over weighted terms."""
        ...

    def passages(self, chunk_ids: Sequence[str], scope: Scope) -> list[Passage]:
        """The visible ones among the chunks, in the given order, with their text."""
        ...

    def outlets(self) -> Iterable[str]:
        """Names of the outlets held."""
        ...


class QueryEmbedder(Protocol):
    """What retrieval needs of an embedding model."""

    def embed_query(self, text: str) -> np.ndarray:
        """A unit vector of float32, shape (dimensions,)."""
        ...


class Weights(NamedTuple):
    """How much each kind of ranked list counts in the fusion; 0 leaves it out."""

    dense: float
    bm25: float
    parts: float = 0.0


_SIMPLE = Weights(dense=1.0, bm25=0.5)
_COMPOUND = Weights(dense=0.3, bm25=1.0, parts=0.4)


@dataclass(frozen=True, slots=True)
class RetrievalSettings:
    """The knobs of retrieval; the defaults measured best, see `dateline eval retrieval`."""

    simple: Weights = _SIMPLE
    compound: Weights = _COMPOUND
    named: float = 1.0
    """Weight, beside the search itself, of its repetition within the outlets and days it names."""
    same_article: float = 0.82
    """Factor for each passage of the same article already taken; 1 does not diversify."""
    copied_article: float = 0.3
    """Factor for each other article of the same origin already taken."""
    rerank: float = 2.0
    """How much the best sentence of a passage lifts it, in parts of its fused score; 0 for none."""
    preferred: float = 1.3
    """Factor for passages of the articles that the caller prefers; 1 does not prefer them."""


class Found(NamedTuple):
    """The result of a search."""

    query: Query
    passages: list[Passage]
    """Best first."""
    left_out: tuple[Passage, ...] = ()
    """What was found of stories that were taken back, best first."""


class _Ranking(NamedTuple):
    """One ranked list, and what it counts."""

    leg: str
    weight: float
    hits: Sequence[Hit]


class Retriever:
    """Finds passages for questions in one library."""

    def __init__(
        self,
        library: SearchableLibrary,
        embedder: QueryEmbedder,
        settings: RetrievalSettings | None = None,
        *,
        clock: Callable[[], datetime] = utc_now,
        tracer: Tracer | None = None,
    ) -> None:
        """Keep what is needed.

        Args:
            library: What is searched.
            embedder: The model of the library's vectors.
            settings: The knobs.
            clock: The moment of asking, for questions without an as-of.
            tracer: Measures each leg.
        """
        self._library = library
        self._embedder = embedder
        self._settings = settings or RetrievalSettings()
        self._clock = clock
        self._tracer = tracer or Untraced()
        self._sentences = SentenceTerms(self._analyze_each)
        self._directory: tuple[tuple[str, ...], OutletDirectory] | None = None

    def read(self, question: str, now: datetime | None = None) -> Query:
        """Read `question` against the library's outlets; `now` (aware) is when it is asked."""
        held = tuple(self._library.outlets())
        kept = self._directory
        if kept is None or kept[0] != held:
            kept = self._directory = held, OutletDirectory(held)
        return QueryReader(self._library.terms, kept[1]).read(question, now or self._clock())

    def search(
        self,
        question: str,
        scope: Scope | None = None,
        *,
        limit: int = 12,
        prefer: frozenset[str] = frozenset(),
    ) -> Found:
        """The best passages that `scope` lets see, `limit` at most.

        Passages of the articles whose ids are in `prefer` are lifted a little.
        """
        scope = scope or Scope()
        query = self.read(question, scope.as_of)
        rankings = list(self._rankings(query, scope))
        fused = _fuse(rankings)
        pool = sorted(fused, key=lambda chunk_id: (-fused[chunk_id], chunk_id))
        # Diversity needs more to choose from than is asked for.
        pool = pool[: max(60, 4 * limit)]
        with self._tracer.span("passages", asked=len(pool)):
            passages = self._library.passages(pool, scope)
        with self._tracer.span("rerank", passages=len(passages)):
            told = self._tell(query, passages)
            scores = self._score(passages, fused, told, prefer)
            ranked = Ranked(passages, scores, told, _leg_scores(rankings))
            usable = ranked.usable()
            ranked.prefer_originals(usable)
            chosen = diversify(
                ranked, usable, limit,
                same_article=self._settings.same_article,
                copied_article=self._settings.copied_article,
            )  # fmt: skip
            left_out = ranked.retracted()[:limit]
            return Found(query, ranked.render(chosen), tuple(ranked.render(left_out)))

    def _analyze_each(self, texts: Sequence[str]) -> list[set[str]]:
        # Asked of the library each time: to build a retriever must not open its indexes.
        return self._library.terms.analyze_each(texts)

    def _tell(self, query: Query, passages: Sequence[Passage]) -> Sequence[float | None]:
        """For each passage how much its best sentence tells; None where that does not count."""
        if not self._settings.rerank:
            return [None] * len(passages)
        return best_sentences(query, passages, self._library.terms, self._sentences)

    def _score(
        self,
        passages: Sequence[Passage],
        fused: Mapping[str, float],
        told: Sequence[float | None],
        prefer: frozenset[str],
    ) -> list[float]:
        lift = dict.fromkeys(prefer, self._settings.preferred)
        return [
            fused[one.chunk_id]
            * lift.get(one.article_id, 1.0)
            * (1 + self._settings.rerank * (share or 0.0))
            for one, share in zip(passages, told, strict=True)
        ]

    def _rankings(self, query: Query, scope: Scope) -> Iterator[_Ranking]:
        weights = self._settings.compound if query.is_compound else self._settings.simple
        library = self._library
        if weights.dense:
            with self._tracer.span("embed"):
                vector = self._embedder.embed_query(query.whole.text)
            yield from self._search_part(
                "dense", weights.dense, query.whole, scope,
                lambda where: library.dense(vector, where, _LEG_DEPTH),
            )  # fmt: skip
        if weights.bm25:
            yield from self._search_terms("bm25", weights.bm25, query.whole, scope)
        if weights.parts:
            for part in query.parts:
                yield from self._search_terms("part", weights.parts, part, scope)

    def _search_terms(
        self, leg: str, weight: float, part: Part, scope: Scope
    ) -> Iterator[_Ranking]:
        return self._search_part(
            leg, weight, part, scope,
            lambda where: self._library.lexical(part.weights, where, _LEG_DEPTH),
        )  # fmt: skip

    def _search_part(
        self,
        leg: str,
        weight: float,
        part: Part,
        scope: Scope,
        search: Callable[[Scope], Sequence[Hit]],
    ) -> Iterator[_Ranking]:
        yield _Ranking(leg, weight, self._hits(leg, search, scope))
        for narrower in _named_scopes(part, scope) if self._settings.named else ():
            hits = self._hits(leg, search, narrower)
            yield _Ranking(leg, weight * self._settings.named, hits)

    def _hits(
        self, leg: str, search: Callable[[Scope], Sequence[Hit]], scope: Scope
    ) -> Sequence[Hit]:
        with self._tracer.span(leg, is_filtered=scope != Scope()) as span:
            hits = search(scope)
            span.note(hits=len(hits))
            return hits


def _named_scopes(part: Part, scope: Scope) -> Iterator[Scope]:
    """The slices of `scope` that a part names: its outlets, and within them each of its periods."""
    outlets = part.outlets & scope.outlets if scope.outlets else part.outlets
    narrower = replace(scope, outlets=outlets) if outlets else scope
    if outlets and narrower != scope:
        yield narrower
    for start, end in part.periods:
        since = max(filter(None, (scope.since, start)), default=None)
        until = min(filter(None, (scope.until, end and end + _REPORTING_LAG)), default=None)
        if since is None or until is None or since <= until:
            yield replace(narrower, since=since, until=until)


def _fuse(rankings: Iterable[_Ranking]) -> dict[str, float]:
    """Weighted reciprocal rank fusion: the sum over lists of weight / (constant + rank)."""
    fused: defaultdict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, hit in enumerate(ranking.hits, start=1):
            fused[hit.chunk_id] += ranking.weight / (_RRF_CONSTANT + rank)
    return fused


def _leg_scores(rankings: Iterable[_Ranking]) -> Callable[[str], Scores]:
    """Looks up what each leg itself thought of a chunk, for the whole question."""
    by_leg: dict[str, dict[str, float]] = {"dense": {}, "bm25": {}}
    for ranking in rankings:
        if ranking.leg in by_leg:
            by_leg[ranking.leg].update((hit.chunk_id, hit.score) for hit in ranking.hits)

    def scores(chunk_id: str) -> Scores:
        return Scores(dense=by_leg["dense"].get(chunk_id), bm25=by_leg["bm25"].get(chunk_id))

    return scores

"""The articles that a run cites, each once, with every quote marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eval.given_answer import GivenCitation
from eval.record import CaseRecord
from eval.reports.cases import Span, read_answer
from eval.scoring import Bodies


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an article's text."""

    text: str
    anchor: str | None = None
    """Of the mark; None for text that is not quoted."""


@dataclass(frozen=True, slots=True)
class CitedArticle:
    """One version of an article."""

    title: str
    outlet: str
    published: str
    url: str
    pieces: tuple[Piece, ...]
    """They make up the whole body, in order."""


@dataclass(frozen=True, slots=True)
class Cited:
    """All that a run quotes."""

    articles: tuple[CitedArticle, ...] = ()
    anchors: dict[Span, str] | None = None
    """Where each quote is marked."""


def collect_cited(records: Iterable[CaseRecord], bodies: Bodies) -> Cited:
    """Mark every quote of a run in its article; a version that is not known is left out."""
    by_version: dict[tuple[str, str], list[GivenCitation]] = {}
    for record in records:
        answer = read_answer(record)
        for citation in answer.citations if answer else ():
            key = (citation.article_id, citation.version)
            by_version.setdefault(key, []).append(citation)
    articles: list[CitedArticle] = []
    anchors: dict[Span, str] = {}
    for (article_id, version), citations in by_version.items():
        body = bodies.body(article_id, version)
        if body is not None:
            runs = _merge(citations, len(body))
            names = {start: f"q{len(articles)}-{start}" for start, _ in runs}
            for one in citations:
                name = next((names[start] for start, end in runs if start <= one.start < end), None)
                if name:
                    anchors[version, one.start, one.end] = name
            articles.append(_mark(citations[0], body, runs, names))
    return Cited(tuple(articles), anchors)


def _mark(
    citation: GivenCitation, body: str, runs: list[tuple[int, int]], names: dict[int, str]
) -> CitedArticle:
    return CitedArticle(
        title=citation.title or "(no headline)",
        outlet=citation.outlet or "",
        published=citation.published or "undated",
        url=citation.url,
        pieces=tuple(_cut(body, runs, names)),
    )


def _merge(citations: Iterable[GivenCitation], length: int) -> list[tuple[int, int]]:
    """The quoted stretches in order; quotes that overlap become one."""
    runs: list[tuple[int, int]] = []
    for start, end in sorted((max(0, one.start), min(one.end, length)) for one in citations):
        if runs and start < runs[-1][1]:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        elif start < end:
            runs.append((start, end))
    return runs


def _cut(body: str, runs: list[tuple[int, int]], names: dict[int, str]) -> Iterator[Piece]:
    at = 0
    for start, end in runs:
        if start > at:
            yield Piece(body[at:start])
        yield Piece(body[start:end], names[start])
        at = end
    if at < len(body):
        yield Piece(body[at:])

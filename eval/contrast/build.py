"""Builds the contrast set from the sample articles, by rules, and from what was written by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from bot.evidence import collect_candidates
from eval.contrast.corrupt import make_corrupt
from eval.contrast.faithful import make_faithful
from eval.contrast.pair import ContrastPair, Half, Kind, half_of
from index.article import Article, Passage
from index.sources import find_sources, read_articles

CONTRAST_SET = Path(__file__).resolve().parent.parent / "sets" / "contrast.jsonl"
WRITTEN_SET = CONTRAST_SET.with_name("contrast.written.jsonl")
# Its own orders to the reader stand in it as text; nothing follows from dropping them.
_HOSTILE = "point-arrow-lighthouse"
_PER_ARTICLE = 2
# The offline reader takes "she" for the wrong sister here: its own words are not faithful.
_MISREAD = "She (Judith Adeyemi) is a violinist"


def read_passages(folder: Path) -> dict[str, Passage]:
    """Every article of a folder as one passage, by the last part of its URL."""
    articles = [
        article
        for source in find_sources([str(folder)])
        for article in read_articles(source, mapping=None)
        if isinstance(article, Article)
    ]
    return {_key(article): _whole(article) for article in articles}


def _key(article: Article) -> str:
    return unquote(article.url.rstrip("/").rsplit("/", 1)[-1])


def _whole(article: Article) -> Passage:
    return Passage(
        chunk_id=f"{article.article_id}-{article.version[7:19]}-0",
        article_id=article.article_id,
        version=article.version,
        origin_id=article.article_id,
        url=article.url,
        title=article.title,
        outlet=article.outlet,
        byline=article.byline,
        dateline=article.dateline,
        published=article.published,
        start=0,
        end=len(article.body),
        text=article.body,
    )


def build_pairs(folder: Path, written: Path = WRITTEN_SET) -> list[ContrastPair]:
    """The whole set, in a stable order."""
    passages = read_passages(folder)
    pairs = {pair.sentence: pair for pair in _written_pairs(written)}
    for key, passage in passages.items():
        if key == _HOSTILE:
            continue
        for pair in _first_of_each_kind(_ruled_pairs(key, passage)):
            pairs.setdefault(pair.sentence, pair)
    return sorted(pairs.values(), key=lambda pair: (pair.articles, pair.kind, pair.sentence))


def _written_pairs(path: Path) -> Iterator[ContrastPair]:
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        articles = tuple(record["articles"])
        yield ContrastPair(
            _half_of_all(articles), Kind(record["kind"]), articles, record["sentence"], "hand"
        )


def _half_of_all(articles: tuple[str, ...]) -> Half:
    """A pair with one foot in the held half is held."""
    halves = {half_of(article) for article in articles}
    return Half.OPEN if halves == {Half.OPEN} else Half.HELD


def _ruled_pairs(key: str, passage: Passage) -> Iterator[ContrastPair]:
    candidates = collect_candidates([passage])
    half = half_of(key)
    for kind, sentence, candidate in make_faithful(candidates):
        if sentence.startswith(_MISREAD):
            continue
        yield ContrastPair(half, kind, (key,), sentence, "rule", candidate.text)
    for candidate in candidates:
        for kind, sentence in make_corrupt(candidate.text, passage.text):
            yield ContrastPair(half, kind, (key,), sentence, "rule", candidate.text)


def _first_of_each_kind(pairs: Iterable[ContrastPair]) -> Iterator[ContrastPair]:
    """A few of each kind, chosen by hash so that no part of an article is preferred."""
    by_kind: dict[Kind, list[ContrastPair]] = {}
    for pair in pairs:
        by_kind.setdefault(pair.kind, []).append(pair)
    for group in by_kind.values():
        group.sort(key=lambda pair: hashlib.sha256(pair.sentence.encode()).digest())
        yield from group[:_PER_ARTICLE]

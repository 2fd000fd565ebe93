"""The lexical index: BM25 over stemmed words, in Tantivy, derived from the catalog.

Each document is one chunk as `index.chunk.lexical_text` words it, under the catalog's chunk and
version keys. What is superseded or removed is masked by the caller's `VersionTable`.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tantivy
from tantivy import FieldType, Occur, Query

from index.errors import LibraryError
from index.scope import Scope
from index.search.terms import build_analyzer, find_words, fold
from index.store.schema import epoch
from index.store.stamp import KeyHit, Stamp, replace_file
from index.store.visible import Mask, VersionTable, epoch_up

FORMAT = 1
"""Raised with every change of fields or analysis: an index of another format is made anew."""

_ANALYZER = "news"
_HEAP_BYTES = 64 << 20
# More hits are fetched than asked for, so that the scope's mask and ties rarely ask a second time.
_SPARE_HITS = 32
# A single common word ties thousands of chunks; past this many their order is the index's own.
_MOST_TIED = 1_000
# With so much of what its outlets hold inside of a scope's times, these are not asked of the index.
_LEAST_SEEN = 0.25
# Remembered: words some 200 bytes each, texts of a sentence's length some 1 kB.
_WORDS, _LONGEST_WORD = 32_768, 64
_TEXTS, _LONGEST_KEPT = 8_192, 600


class Document(NamedTuple):
    """One chunk as it is indexed."""

    chunk_key: int
    version_key: int
    text: str
    outlet_key: str
    published_start: int | None
    published_end: int | None
    """Seconds since 1970 UTC."""


class _TermOf(dict[str, str]):
    """The term of each word that was met; empty for a word that the index leaves out."""

    def __init__(self, look_up: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, word: str) -> str:
        term = next(iter(self._look_up(word)), "")
        if len(word) <= _LONGEST_WORD:
            if len(self) >= _WORDS:
                self.clear()
            self[word] = term
        return term


class LexicalIndex:
    """The index in one folder. Searching is safe from many threads, beside one writing process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._marker = folder / "revision"
        self._analyzer = build_analyzer()
        self._schema = _build_schema()
        self._searcher: tantivy.Searcher | None = None
        # An answer asks for the terms of the same words and sentences over and over.
        self._term_of = _TermOf(self._look_up)
        self._terms_of_text = lru_cache(_TEXTS)(self._cut)

    @property
    def stamp(self) -> Stamp:
        """What the index says that it holds; revision 0 where none of this format is."""
        try:
            marker = json.loads(self._marker.read_text())
            if marker["format"] == FORMAT and self._exists():
                return Stamp(str(marker["library"]), int(marker["revision"]))
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return Stamp("", 0)

    @property
    def made_at(self) -> int:
        """The revision at which it was last made from nothing; what was removed since lingers."""
        try:
            return int(json.loads(self._marker.read_text()).get("made", 0))
        except (OSError, ValueError, TypeError, AttributeError):
            return 0

    def reload(self) -> None:
        """See the last commit; searches under way keep the one they began with.

        Raises:
            LibraryError: If the index is damaged.
        """
        if not self._exists():
            self._searcher = None
            return
        with self._translating():
            index = tantivy.Index.open(str(self._folder))
            index.config_reader("manual")
            index.register_tokenizer(_ANALYZER, self._analyzer)
            self._searcher = index.searcher()

    # Writing: one process at a time, the caller holds the library's lock.

    def rebuild(self, documents: Iterable[Document], stamp: Stamp) -> None:
        """Make the index anew from `documents` alone; readers keep the old one until it is done.

        Killed in between, the old index stands or there is none, which calls for another rebuild.
        """
        aside = LexicalIndex(self._folder.with_name(f"{self._folder.name}.new"))
        old = self._folder.with_name(f"{self._folder.name}.old")
        with self._translating():
            for leftover in (aside._folder, old):
                shutil.rmtree(leftover, ignore_errors=True)
            aside._folder.mkdir(parents=True)
            tantivy.Index(self._schema, path=str(aside._folder))
            aside.apply((), documents, stamp, made_at=stamp.revision)
            if self._folder.exists():
                self._folder.replace(old)
            aside._folder.replace(self._folder)
            shutil.rmtree(old, ignore_errors=True)

    def apply(
        self,
        stale: Iterable[int],
        documents: Iterable[Document],
        stamp: Stamp,
        *,
        made_at: int | None = None,
    ) -> None:
        """Forget the versions `stale` (by key), add `documents`, and stand at `stamp`.

        Killed at any moment the index stands where it stood, or holds the change but not yet the
        stamp: applying the same change again, its versions among `stale`, sets that right.
        """
        with self._translating():
            index = tantivy.Index.open(str(self._folder))
            index.register_tokenizer(_ANALYZER, self._analyzer)
            writer = index.writer(_HEAP_BYTES, 1)
            try:
                for version_key in stale:
                    writer.delete_documents_by_term("version", version_key)
                for document in documents:
                    writer.add_document(_render_document(document))
                writer.commit()
            finally:
                # Gives back Tantivy's own lock; what was not committed is forgotten.
                writer.wait_merging_threads()
            made = self.made_at if made_at is None else made_at
            marker = {"format": FORMAT, "made": made, **stamp._asdict()}
            replace_file(self._marker, json.dumps(marker))

    # Reading.

    def analyze(self, text: str) -> list[str]:
        """The index's own terms of `text`: lower-cased, folded to ASCII, English-stemmed."""
        if len(text) > _LONGEST_KEPT:
            return list(self._cut(text))
        return list(self._terms_of_text(text))

    def analyze_each(self, texts: Sequence[str]) -> list[set[str]]:
        """The distinct terms of each of `texts`, faster than one after another."""
        # Folded together, for nothing is folded over the end of a line.
        folded = fold("\n".join(texts)).split("\n")
        if len(folded) != len(texts):
            return [set(self._cut(text)) for text in texts]
        return [set(self._terms(line)) for line in folded]

    def _cut(self, text: str) -> tuple[str, ...]:
        return tuple(self._terms(fold(text)))

    def _terms(self, folded: str) -> Iterable[str]:
        words = find_words(folded)
        if words is None:
            return self._look_up(folded)
        return filter(None, map(self._term_of.__getitem__, words))

    def _look_up(self, folded: str) -> tuple[str, ...]:
        # The same few thousand terms stand in all texts.
        return tuple(map(sys.intern, self._analyzer.analyze(folded)))

    @property
    def document_count(self) -> int:
        """Chunks held, those of superseded versions included."""
        return self._searcher.num_docs if self._searcher else 0

    def document_frequency(self, term: str) -> int:
        """How many chunks hold `term`, one of `analyze`."""
        return self._searcher.doc_freq("text", term) if self._searcher else 0

    def phrase_frequency(self, terms: Sequence[str]) -> int:
        """How many chunks hold `terms` as a phrase; 0 for no terms at all."""
        if len(terms) < 2:
            return self.document_frequency(terms[0]) if terms else 0
        if self._searcher is None:
            return 0
        query = Query.phrase_query(self._schema, "text", list(terms))
        found = self._searcher.search(query, 1)
        return int(found.count)  # type: ignore[attr-defined]  # tantivy's stub forgets it

    def search(
        self, weights: Mapping[str, float], scope: Scope, limit: int, versions: VersionTable
    ) -> list[KeyHit]:
        """The best chunks by BM25, each term's part multiplied by its weight, best first.

        Hits as good as the last are all given, so there may be a few more than `limit`; the
        caller orders them. Terms weighing nothing are left out.
        """
        searcher = self._searcher
        if searcher is None or limit < 1:
            return []
        mask, wanted = versions.mask(scope), limit + _SPARE_HITS
        timeless = replace(scope, as_of=None, since=None, until=None)
        query = self._build_query(weights, timeless)
        if query is None:
            return []
        asked, hits, is_enough = wanted, list[KeyHit](), False
        if timeless != scope:
            # A range of times costs the index more than a search: where much is inside, it is
            # cheaper to ask for more and leave out what the mask hides.
            everything = int(np.count_nonzero(versions.mask(timeless)))
            seen = min(1.0, int(np.count_nonzero(mask)) / max(1, everything))
            if seen >= _LEAST_SEEN:
                asked = int(wanted / seen)
                hits, is_enough = _search(searcher, query, asked, limit, versions, mask)
            query = self._build_query(weights, scope)
            asked = wanted
        while query is not None and not is_enough:
            hits, is_enough = _search(searcher, query, asked, limit, versions, mask)
            asked *= 4
        return [hit for hit in hits if hit.score >= hits[min(limit, len(hits)) - 1].score]

    def held(self) -> Iterator[tuple[int, int]]:
        """Chunk key and version key of everything held, in no order."""
        searcher = self._searcher
        if searcher is None or not searcher.num_docs:
            return
        found = searcher.search(Query.all_query(), searcher.num_docs, count=False).hits
        addresses = [address for _, address in found]
        chunks = searcher.fast_field_values("chunk", addresses)
        versions = searcher.fast_field_values("version", addresses)
        yield from (
            (int(chunk or 0), int(key or 0)) for chunk, key in zip(chunks, versions, strict=True)
        )

    def _build_query(self, weights: Mapping[str, float], scope: Scope) -> Query | None:
        terms = [
            (Occur.Should, Query.boost_query(self._term("text", term), weight))
            for term, weight in sorted(weights.items())
            if weight > 0
        ]
        if not terms:
            return None
        query = Query.boolean_query(terms)
        filters = list(self._build_filters(scope))
        if not filters:
            return query
        unscored = [(Occur.Must, Query.const_score_query(each, 0.0)) for each in filters]
        return Query.boolean_query([(Occur.Must, query), *unscored])

    def _build_filters(self, scope: Scope) -> Iterator[Query]:
        if scope.outlets:
            names = [(Occur.Should, self._term("outlet", name)) for name in sorted(scope.outlets)]
            yield Query.boolean_query(names)
        ends = [epoch(when) for when in (scope.as_of, scope.until) if when is not None]
        if ends:
            # Never later than `visible_from`, so no version that `as_of` sees is lost here.
            yield self._range("published_end", None, min(ends))
        if scope.since is not None:
            yield self._range("published_start", epoch_up(scope.since), None)

    def _term(self, field: str, term: str) -> Query:
        return Query.term_query(self._schema, field, term, index_option="freq")

    def _range(self, field: str, first: int | None, last: int | None) -> Query:
        return Query.range_query(self._schema, field, FieldType.Integer, first, last)

    def _exists(self) -> bool:
        return self._folder.is_dir() and tantivy.Index.exists(str(self._folder))

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, OSError) as error:
            raise LibraryError(self._explain(error)) from error

    def _explain(self, error: Exception) -> str:
        # Tantivy names no reason when the disk is full.
        place = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        if shutil.disk_usage(place).free < _HEAP_BYTES:
            return (
                f"The lexical index in {self._folder} cannot be written: the disk is full. Free "
                "some space; nothing that was stored is lost."
            )
        return (
            f"The lexical index in {self._folder} cannot be used ({error}). Run: dateline reindex"
        )


def _build_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="position")
    builder.add_text_field("outlet", tokenizer_name="raw", index_option="basic")
    # Signed: deleting by a term of an unsigned field silently deletes nothing (tantivy 0.27).
    builder.add_integer_field("chunk", fast=True)
    builder.add_integer_field("version", fast=True, indexed=True)
    builder.add_integer_field("published_start", fast=True)
    builder.add_integer_field("published_end", fast=True)
    return builder.build()


def _render_document(document: Document) -> tantivy.Document:
    rendered = tantivy.Document()
    rendered.add_text("text", fold(document.text))
    rendered.add_text("outlet", document.outlet_key)
    rendered.add_integer("chunk", document.chunk_key)
    rendered.add_integer("version", document.version_key)
    if document.published_start is not None and document.published_end is not None:
        rendered.add_integer("published_start", document.published_start)
        rendered.add_integer("published_end", document.published_end)
    return rendered


def _search(
    searcher: tantivy.Searcher,
    query: Query,
    asked: int,
    limit: int,
    versions: VersionTable,
    mask: Mask,
) -> tuple[list[KeyHit], bool]:
    """The seen ones of so many hits, and whether asking for more would tell nothing more."""
    found = searcher.search(query, asked, count=False).hits
    hits = _visible_hits(searcher, found, versions, mask)
    is_tied = len(hits) > limit and hits[-1].score == hits[limit - 1].score
    is_enough = len(hits) > limit and (not is_tied or asked >= _MOST_TIED)
    return hits, is_enough or len(found) < asked


def _visible_hits(
    searcher: tantivy.Searcher,
    found: Sequence[tuple[float, tantivy.DocAddress]],
    versions: VersionTable,
    mask: Mask,
) -> list[KeyHit]:
    addresses = [address for _, address in found]
    version_keys = np.array(searcher.fast_field_values("version", addresses), dtype=np.int64)
    chunk_keys = searcher.fast_field_values("chunk", addresses)
    seen = mask[versions.places(version_keys)].tolist()
    return [
        KeyHit(int(chunk_key or 0), score)
        for chunk_key, (score, _), is_seen in zip(chunk_keys, found, seen, strict=True)
        if is_seen
    ]

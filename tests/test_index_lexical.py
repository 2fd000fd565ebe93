"""The lexical index finds stemmed words and phrases, ranks by weighted BM25, and survives kills."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import LibraryError
from index.scope import Scope
from index.search.terms import build_analyzer, fold
from index.store.lexical import Document, LexicalIndex
from index.store.schema import epoch
from index.store.stamp import Stamp
from index.store.visible import NEVER, VersionTable


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def document(key, text, *, outlet="wire", published="2023-11-16"):
    second = epoch(day(published)) if published else None
    return Document(key, key * 10, text, outlet, second, second)


def table(keys, *, hidden=()):
    """Every version current and visible for ever, but for the hidden ones."""
    always = np.full(len(keys), -NEVER)
    return VersionTable(
        keys=np.array(keys, dtype=np.int64),
        visible_from=always,
        visible_until=np.full(len(keys), NEVER),
        published_start=always,
        published_end=always,
        is_current=np.array([key not in hidden for key in keys]),
        outlets=np.zeros(len(keys), dtype=np.int32),
        outlet_keys=("wire",),
        sections=np.zeros(len(keys), dtype=np.int32),
        section_names=("",),
        spellings=np.zeros(len(keys), dtype=np.int32),
        spelling_names=("Wire",),
    )


@pytest.fixture
def build(tmp_path):
    """Makes an index of documents."""

    def build_index(*documents):
        index = LexicalIndex(tmp_path / "lexical")
        index.rebuild(documents, Stamp("library", 1))
        index.reload()
        return index

    return build_index


def find(index, text, *, limit=10, hidden=()):
    weights = dict.fromkeys(index.analyze(text), 1.0)
    keys = sorted({key for _, key in index.held()})
    versions = table(keys, hidden=hidden)
    return [hit.chunk_key for hit in index.search(weights, Scope(), limit, versions)]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The ministers' delegations", ["the", "minist", "deleg"]),
        ("Korea's and Kozlov’s", ["korea", "and", "kozlov"]),
        ("the U.S.'s U.N. envoy J.K. Rowling", ["the", "us", "un", "envoy", "jk", "rowl"]),
        ("don't O'Neill", ["dont", "oneil"]),
        ("$2,000,000 or 1.5 million, 3,4", ["2000000", "or", "1.5", "million", "3", "4"]),
        ("Łódź café Müller", ["lodz", "cafe", "muller"]),
        ("COVID-19 on 2023-11-16", ["covid", "19", "on", "2023", "11", "16"]),
        ("Россия, 中国", ["россия", "中国"]),
        ("“Quoted.” He left", ["quot", "he", "left"]),
        ("  \n…—", []),
        ("x" * 100, []),
    ],
)
def test_a_text_is_cut_into_the_terms_a_question_would_use(tmp_path, text, terms):
    assert LexicalIndex(tmp_path).analyze(text) == terms


@settings(max_examples=40)
@given(st.text())
def test_any_text_is_analyzed_as_it_is_indexed(text):
    for some in (text, f"{text} {text.title()}", f"The U.S. paid 2,000.50 for Zoë's {text}²"):
        indexed = build_analyzer().analyze(fold(some))
        assert LexicalIndex(Path("nowhere")).analyze(some) == indexed


def test_a_word_of_any_length_is_analyzed():
    assert LexicalIndex(Path("nowhere")).analyze("a" * 63 + " b " + "c" * 70) == ["a" * 63, "b"]


@given(st.text())
def test_any_text_can_be_analyzed(text):
    terms = LexicalIndex(Path("nowhere")).analyze(text)
    assert all(term and not term.isspace() for term in terms)


@settings(max_examples=60)
@given(st.lists(st.text() | st.just("The U.S. paid\n2,000.50 for Zoë's ship")))
def test_texts_are_analyzed_together_as_they_are_alone(texts):
    index = LexicalIndex(Path("nowhere"))
    assert index.analyze_each(texts) == [set(index.analyze(text)) for text in texts]


def test_the_chunk_that_holds_more_of_the_question_ranks_first(build):
    index = build(
        document(1, "The delegation arrived in Pyongyang."),
        document(2, "The Russian delegation, led by Kozlov, arrived."),
        document(3, "Nothing of the kind."),
    )
    assert find(index, "Who led the Russian delegation?") == [2, 1, 3]
    assert index.document_count == 3


def test_a_weight_makes_a_term_count_for_more_and_zero_leaves_it_out(build):
    index = build(document(1, "ferry harbour"), document(2, "storm harbour"))
    versions = table([10, 20])
    for heavy, first in (("ferri", 1), ("storm", 2)):
        weights = {"ferri": 1.0, "storm": 1.0} | {heavy: 3.0}
        assert index.search(weights, Scope(), 10, versions)[0].chunk_key == first
    hits = index.search({"ferri": 1.0, "storm": 0.0}, Scope(), 10, versions)
    assert [hit.chunk_key for hit in hits] == [1]
    assert index.search({}, Scope(), 10, versions) == []
    assert index.search({"ferri": 1.0}, Scope(), 0, versions) == []


def test_frequencies_are_of_terms_and_phrases(build):
    index = build(document(1, "prime minister"), document(2, "minister, prime"))
    terms = index.analyze("prime minister")
    assert index.document_frequency(terms[0]) == 2
    assert index.phrase_frequency(terms) == 1
    assert index.phrase_frequency(terms[:1]) == 2
    assert index.phrase_frequency([]) == index.phrase_frequency(["none", "such"]) == 0


def test_a_scope_of_outlets_and_days_filters_without_changing_scores(build):
    index = build(
        document(1, "ferry", outlet="wire", published="2023-11-16"),
        document(2, "ferry", outlet="post", published="2023-11-18"),
        document(3, "ferry", outlet="wire", published=None),
    )
    keys = table([10, 20, 30])
    versions = VersionTable(
        keys.keys,
        np.array([epoch(day("2023-11-16")), epoch(day("2023-11-18")), NEVER]),
        keys.visible_until,
        np.array([epoch(day("2023-11-16")), epoch(day("2023-11-18")), -NEVER]),
        np.array([epoch(day("2023-11-16")), epoch(day("2023-11-18")), NEVER]),
        keys.is_current,
        np.array([0, 1, 0], dtype=np.int32),
        ("wire", "post"),
        keys.sections,
        keys.section_names,
        keys.spellings,
        keys.spelling_names,
    )
    scopes = {
        Scope(): [1, 2, 3],
        Scope(outlets=frozenset({"wire"})): [1, 3],
        Scope(outlets=frozenset({"wire", "post"}), until=day("2023-11-17")): [1],
        Scope(since=day("2023-11-17")): [2],
        Scope(since=day("2023-11-16"), until=day("2023-11-18")): [1, 2],
        Scope(as_of=day("2023-11-17")): [1],
        Scope(as_of=day("2023-11-15")): [],
    }
    scores = {hit.score for hit in index.search({"ferri": 1.0}, Scope(), 9, versions)}
    for scope, expected in scopes.items():
        hits = index.search({"ferri": 1.0}, scope, 9, versions)
        assert sorted(hit.chunk_key for hit in hits) == expected
        assert {hit.score for hit in hits} <= scores


def test_hidden_versions_do_not_crowd_out_what_may_be_seen(build):
    crowd = [document(key, "ferry ferry ferry") for key in range(1, 301)]
    index = build(*crowd, document(999, "a ferry in the long list of other words and names"))
    hidden = {document.version_key for document in crowd}
    assert find(index, "ferry", hidden=hidden, limit=3) == [999]


def test_equals_of_the_last_hit_are_all_given(build):
    index = build(*(document(key, "ferry") for key in range(1, 51)))
    hits = index.search({"ferri": 1.0}, Scope(), 5, table([key * 10 for key in range(1, 51)]))
    assert len(hits) == 50


def test_an_update_replaces_versions_and_readers_see_it_after_reloading(build, tmp_path):
    index = build(document(1, "ferry"), document(2, "storm"))
    index.apply([10, 30], [document(3, "ferry")], Stamp("library", 2))
    assert sorted(index.held()) == [(1, 10), (2, 20)]
    index.reload()
    assert sorted(index.held()) == [(2, 20), (3, 30)]
    assert index.stamp == Stamp("library", 2)
    index.apply([10, 30], [document(3, "ferry")], Stamp("library", 2))
    index.reload()
    assert sorted(index.held()) == [(2, 20), (3, 30)]


def test_a_rebuild_replaces_everything_under_an_open_reader(build, tmp_path):
    index = build(document(1, "ferry"))
    other = LexicalIndex(tmp_path / "lexical")
    other.rebuild([document(7, "ferry")], Stamp("library", 5))
    assert find(index, "ferry") == [1]
    index.reload()
    assert find(index, "ferry") == [7]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lexical"]


def test_without_an_index_nothing_is_found(tmp_path):
    index = LexicalIndex(tmp_path / "lexical")
    index.reload()
    assert index.stamp == Stamp("", 0)
    assert index.search({"ferri": 1.0}, Scope(), 9, table([10])) == []
    assert list(index.held()) == []
    assert index.document_frequency("ferri") == index.phrase_frequency(["a", "b"]) == 0
    assert index.document_count == 0


def test_an_index_of_another_format_counts_as_none(build, tmp_path):
    index = build(document(1, "ferry"))
    marker = tmp_path / "lexical" / "revision"
    marker.write_text(marker.read_text().replace('"format": 1', '"format": 0'))
    assert index.stamp == Stamp("", 0)
    marker.write_text("not JSON")
    assert index.stamp == Stamp("", 0)


def test_a_damaged_index_is_an_error_with_the_remedy(build, tmp_path):
    index = build(*(document(key, "ferry") for key in range(1, 50)))
    for path in (tmp_path / "lexical").glob("*.*"):
        if path.suffix in {".idx", ".term", ".store"}:
            path.unlink()
    with pytest.raises(LibraryError, match="Run: dateline reindex"):
        index.reload()
    with pytest.raises(LibraryError, match="Run: dateline reindex"):
        index.apply([], [document(99, "x")], Stamp("library", 2))


def test_a_writer_that_was_killed_does_not_keep_its_lock(build, tmp_path):
    index = build(document(1, "ferry"))
    script = (
        "import os, signal, tantivy, sys\n"
        "writer = tantivy.Index.open(sys.argv[1]).writer(15_000_000, 1)\n"
        "writer.delete_all_documents()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path / "lexical")], check=False)
    assert killed.returncode == -9
    index.apply([], [document(2, "ferry")], Stamp("library", 2))
    index.reload()
    assert sorted(index.held()) == [(1, 10), (2, 20)]

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics.retrieval import (
    all_found_at,
    carries_fact,
    fact_recall_at,
    fact_recall_in_words,
    first_words,
    hit_at,
    ndcg_at,
    recall_at,
    reciprocal_rank,
)

RANKED = ["x", "a", "y", "c", "z"]
RELEVANT = {"a": 1, "b": 1, "c": 1}.keys()
GRADES = dict.fromkeys(RELEVANT, 1)


def test_a_fact_is_carried_whatever_spaces_and_newlines_lie_between():
    assert carries_fact("The  ferry\nsank off Pelum.", "ferry sank")
    assert carries_fact("The ferrysank.", "ferry sank")
    # A tab is neither space nor newline, and case counts.
    assert not carries_fact("ferry\tsank", "ferry sank")
    assert not carries_fact("The Ferry sank", "ferry sank")


def test_an_empty_fact_is_carried_by_nothing():
    assert not carries_fact("anything", " \n")


def test_a_fact_that_is_split_over_two_passages_is_not_carried():
    assert fact_recall_at(["the ferry", "sank off Pelum"], {"ferry sank"}, 2) == 0.0


def test_fact_recall_counts_the_facts_within_the_first_k_passages():
    passages = ["one red", "two blue", "three green"]
    # k=2 shows "red" and "blue": 2 of the 3 facts.
    assert fact_recall_at(passages, {"red", "blue", "green"}, 2) == pytest.approx(2 / 3)


def test_a_word_budget_cuts_the_passage_in_which_it_ends():
    passages = ["a b c", "d e f", "g"]
    assert first_words(passages, 5) == ["a b c", "d e"]
    # 5 words show a-e: "c" and "e" are there, "f" and "g" are not: 2 of 4.
    assert fact_recall_in_words(passages, {"c", "e", "f", "g"}, 5) == 0.5


def test_a_passage_within_the_budget_is_shown_as_it_stands():
    assert first_words(["a\tb\nc"], 3) == ["a\tb\nc"]


@given(st.lists(st.text(alphabet="ab \n")), st.integers(0, 30))
def test_never_more_words_are_shown_than_the_budget(passages, words):
    assert sum(len(passage.split()) for passage in first_words(passages, words)) <= words


def test_recall_hit_and_all_found():
    # First 3: x, a, y hold a of {a, b, c}.
    assert recall_at(RANKED, RELEVANT, 3) == pytest.approx(1 / 3)
    assert hit_at(RANKED, RELEVANT, 3) == 1.0
    assert hit_at(RANKED, RELEVANT, 1) == 0.0
    assert all_found_at(RANKED, RELEVANT, 5) == 0.0
    assert all_found_at(RANKED, {"a", "c"}, 4) == 1.0


def test_a_document_that_is_found_twice_counts_once():
    assert recall_at(["a", "a", "a"], {"a", "b"}, 3) == 0.5
    # Gain at rank 1 only; best is ranks 1 and 2: 1 / (1 + 1/log2 3) = 0.6131
    assert ndcg_at(["a", "a", "a"], {"a": 1, "b": 1}, 3) == pytest.approx(0.6131, abs=1e-4)


def test_reciprocal_rank_is_that_of_the_first_relevant_within_k():
    assert reciprocal_rank(RANKED, RELEVANT, 10) == 0.5
    assert reciprocal_rank(RANKED, {"z"}, 4) == 0.0
    assert reciprocal_rank(["x", "x", "a"], {"a"}, 10) == pytest.approx(1 / 3)


def test_ndcg_equals_what_trec_eval_gives():
    # DCG = 1/log2(3) + 1/log2(5) = 0.6309 + 0.4307 = 1.0616
    # best of three = 1 + 0.6309 + 1/log2(4) = 2.1309; 1.0616 / 2.1309 = 0.4982
    # ir_measures 0.4.3 (trec_eval): nDCG@5 = nDCG@10 = 0.49818925746641285
    assert ndcg_at(RANKED, GRADES, 5) == pytest.approx(0.49818925746641285)
    assert ndcg_at(RANKED, GRADES, 10) == pytest.approx(0.49818925746641285)
    # ir_measures: nDCG@3 = 0.29608. 0.6309 / 2.1309 = 0.2961
    assert ndcg_at(RANKED, GRADES, 3) == pytest.approx(0.2960819109658652)


@pytest.mark.parametrize("measure", [recall_at, hit_at, all_found_at, reciprocal_rank, ndcg_at])
def test_a_question_without_anything_relevant_has_no_score(measure):
    with pytest.raises(ValueError, match="skip it"):
        measure(["a"], {}.keys() if measure is not ndcg_at else {}, 3)


@given(
    st.lists(st.sampled_from("abcdef"), max_size=12),
    st.sets(st.sampled_from("abcdef"), min_size=1),
    st.integers(1, 12),
)
def test_every_measure_stays_between_nothing_and_all(ranked, relevant, k):
    for measure in (recall_at, hit_at, all_found_at, reciprocal_rank):
        assert 0.0 <= measure(ranked, relevant, k) <= 1.0 + 1e-12
    assert 0.0 <= ndcg_at(ranked, dict.fromkeys(relevant, 1), k) <= 1.0 + 1e-12


@settings(max_examples=60)
@given(
    st.permutations("abcdefghijkl"),
    st.dictionaries(st.sampled_from("abcdefmnop"), st.integers(1, 3), min_size=1),
    st.sampled_from([1, 3, 5, 10]),
)
def test_every_measure_equals_trec_eval_by_way_of_ir_measures(ranked, grades, k):
    qrels = [ir_measures.Qrel("q", name, grade) for name, grade in grades.items()]
    found = [ir_measures.ScoredDoc("q", name, -rank) for rank, name in enumerate(ranked)]
    theirs = {
        str(one.measure).partition("@")[0]: one.value
        for one in ir_measures.iter_calc(
            [
                ir_measures.R @ k,
                ir_measures.Success @ k,
                ir_measures.RR @ k,
                ir_measures.nDCG @ k,
            ],
            qrels,
            found,
        )
    }
    assert recall_at(ranked, grades.keys(), k) == pytest.approx(theirs["R"])
    assert hit_at(ranked, grades.keys(), k) == theirs["Success"]
    assert reciprocal_rank(ranked, grades.keys(), k) == pytest.approx(theirs["RR"])
    assert ndcg_at(ranked, grades, k) == pytest.approx(theirs["nDCG"])

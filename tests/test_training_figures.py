from dataclasses import replace

import numpy as np
import pytest

from index.models.training.examples import Task, held_out_examples
from index.models.training.figures import Logits, as_record, auc, measure, render_table
from tests.training_samples import passage, tiny_encoder

PASSAGES = [passage("Port"), passage("Mole", 3)]


@pytest.fixture(scope="module")
def encoder():
    return tiny_encoder()


def oracle(right=True, shift=0):
    """A network that knows; or one that says the contrary, its spans and sentences elsewhere."""
    examples = [one for each in PASSAGES for one in held_out_examples(each)]

    def read(rows):
        for example, row in zip(examples, rows, strict=True):
            tokens = np.zeros((len(row.tokens), 3), np.float32)
            if row.answer:
                tokens[row.answer[0] + shift, 0] = tokens[row.answer[1] + shift, 1] = 9
                place = example.gold[0] if right else example.gold[0] - 1
                first, last = row.spans[place]
                tokens[first:last, 2] = 5
            sign = 1 if example.holds == right else -1
            text = [sign, 0] if example.task is Task.QUESTION else [0, sign]
            yield Logits(tokens, np.array(text, np.float32))

    return read


def test_articles_without_claims_are_measured_by_their_questions(encoder):
    bare = [replace(one, claims=(), false_claims=()) for one in PASSAGES]

    def read(rows):
        for row in rows:
            yield Logits(np.zeros((len(row.tokens), 3), np.float32), np.zeros(2, np.float32))

    figures = measure(bare, encoder, read)
    assert figures.support is None
    assert as_record(figures)["support"] is None
    assert "answered or near miss" in render_table(figures)
    assert "claim" not in render_table(figures)


def test_a_network_that_knows_gets_everything_right(encoder):
    figures = measure(PASSAGES, encoder, oracle())
    assert (figures.sentence_hit, figures.span_f1) == (1, 1)
    for separation in (figures.answerable, figures.support):
        assert (separation.auc, separation.balanced_accuracy) == (1, 1)
    # Two questions against one near miss, and one claim against two false ones, a passage.
    assert (figures.answerable.true, figures.answerable.false) == (4, 2)
    assert (figures.support.true, figures.support.false) == (2, 4)
    assert figures.caught_by_kind == {"name": (2, 1.0), "number": (2, 1.0)}


def test_a_network_that_says_the_contrary_gets_everything_wrong(encoder):
    figures = measure(PASSAGES, encoder, oracle(right=False))
    assert figures.sentence_hit == 0
    for separation in (figures.answerable, figures.support):
        assert (separation.auc, separation.kept, separation.caught) == (0, 0, 0)
    assert figures.caught_by_kind == {"name": (2, 0.0), "number": (2, 0.0)}


def test_a_span_that_is_off_by_two_tokens_shares_the_others(encoder):
    figures = measure(PASSAGES, encoder, oracle(shift=2))
    # "Ana Port" has 9 tokens, one of them for its start, and 7 are shared: 14 of 18; "burnt in
    # 1990" has 13: 22 of 26.
    assert figures.span_f1 == pytest.approx((14 / 18 + 22 / 26) / 2)


def test_auc_counts_pairs_and_a_tie_is_half_a_pair():
    # 3 > 1, 3 > 2, 2 > 1, and 2 ties with 2: three and a half pairs of four.
    assert auc([3, 2], [1, 2]) == 3.5 / 4
    with pytest.raises(ValueError, match="both kinds"):
        auc([1.0], [])


def test_figures_are_kept_with_three_digits_and_shown_as_a_table(encoder):
    figures = measure(PASSAGES, encoder, oracle(shift=2))
    record = as_record(figures)
    assert record["span_f1"] == 0.812
    assert record["support"]["balanced_accuracy"] == 1
    assert record["caught_by_kind"]["name"] == [2, 1.0]
    table = render_table(figures)
    assert "| words that answer, F1 | 4 questions | .812 |" in table
    assert "| false claim caught: number | 2 claims | 1.000 |" in table


def test_nothing_is_measured_on_nothing(encoder):
    with pytest.raises(ValueError, match="no passage"):
        measure([], encoder, oracle())

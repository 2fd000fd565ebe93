"""The gate's arithmetic, redone by hand beside each assert."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gate.paired import PairedScores, adjust_by_holm, interval_of_drop, p_of_drop
from eval.gate.power import Bar, design_effect, least_detectable, power_of


def pair(before, after, stories=None):
    stories = stories or [f"story {n}" for n in range(len(before))]
    return PairedScores(tuple(map(float, before)), tuple(map(float, after)), tuple(stories))


def test_with_one_case_a_story_the_test_is_mcnemars():
    # 8 cases turned wrong, 2 right: P(at least 8 heads of 10) = (45 + 10 + 1) / 1024.
    before, after = [1] * 8 + [0] * 2 + [1] * 20, [0] * 8 + [1] * 2 + [1] * 20
    assert p_of_drop(pair(before, after)) == pytest.approx(56 / 1024)


def test_cases_of_one_story_count_as_one_coin():
    # Five cases fell, all of one story: one coin, which falls so half of the time.
    assert p_of_drop(pair([1] * 5, [0] * 5, ["flood"] * 5)) == 0.5
    # Stories that fell by 3, 1 and 1: all three signs must be down, or those of 3 and one more
    # give less than 5: only 1 of 8.
    assert p_of_drop(pair([1] * 5, [0] * 5, ["a"] * 3 + ["b", "c"])) == 1 / 8


def test_no_drop_is_never_a_finding():
    assert p_of_drop(pair([1, 0, 1], [1, 0, 1])) == 1.0
    assert p_of_drop(pair([0, 0, 1], [1, 1, 1])) == 1.0


def test_fractional_scores_are_tested_by_drawn_signs():
    # Four stories that all fell by different parts: only 1 of 16 sign patterns is as low.
    p = p_of_drop(pair([0.9, 0.8, 0.7, 0.6], [0.4, 0.5, 0.5, 0.5]))
    assert p == pytest.approx(1 / 16, abs=0.01)
    assert p == p_of_drop(pair([0.9, 0.8, 0.7, 0.6], [0.4, 0.5, 0.5, 0.5]))


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 4)), min_size=1, max_size=8))
def test_the_exact_test_agrees_with_going_through_every_sign(cases):
    pairs = pair(
        [one for one, _, _ in cases], [two for _, two, _ in cases], [str(n) for _, _, n in cases]
    )
    sums = pairs.story_drops
    total = sum(sums)
    patterns = range(2 ** len(sums))
    as_low = sum(
        sum(size if pattern >> at & 1 else -size for at, size in enumerate(sums)) >= total
        for pattern in patterns
    )
    expected = as_low / len(patterns) if total > 0 else 1.0
    assert p_of_drop(pairs) == pytest.approx(expected)


def test_the_interval_holds_the_drop_and_needs_two_stories():
    pairs = pair([1, 1, 0, 1] * 10, [0, 1, 0, 1] * 10)
    low, high = interval_of_drop(pairs)
    assert low < pairs.drop == 0.25 < high
    assert interval_of_drop(pair([1], [0])) is None


def test_holm_multiplies_the_smallest_by_all_and_never_falls():
    # 4 · 0.01, then 3 · 0.02 = 0.06, then 2 · 0.04 = 0.08, then 0.5, in the given order.
    assert adjust_by_holm([0.04, 0.01, 0.5, 0.02]) == pytest.approx([0.08, 0.04, 0.5, 0.06])
    # 2 · 0.03 = 0.06 must not be followed by 0.04.
    assert adjust_by_holm([0.03, 0.04]) == pytest.approx([0.06, 0.06])


def test_power_agrees_with_running_the_test_many_times():
    bar = Bar(level=0.05, least_drop=0.0)
    source = random.Random(5)
    caught = 0
    for _ in range(2_000):
        moves = source.choices((-1, 1, 0), weights=(0.13, 0.03, 0.84), k=100)
        worse, better = moves.count(-1), moves.count(1)
        ways = sum(math.comb(worse + better, k) for k in range(worse, worse + better + 1))
        caught += worse > better and ways / 2 ** (worse + better) <= 0.05
    assert power_of(100, 0.10, 0.03, bar) == pytest.approx(caught / 2_000, abs=0.03)


def test_a_great_drop_is_sure_to_be_seen_and_none_is_seldom_called_one():
    bar = Bar(level=0.05, least_drop=0.01)
    assert power_of(200, 0.3, 0.02, bar) > 0.999
    assert power_of(200, 0.0, 0.02, bar) <= 0.05
    assert power_of(0, 0.3, 0.02, bar) == 0.0


def test_what_is_detectable_shrinks_with_more_cases():
    bar = Bar(level=0.05, least_drop=0.01)
    few, many = least_detectable(50, 0.02, bar), least_detectable(800, 0.02, bar)
    assert power_of(50, few, 0.02, bar) >= 0.8 > power_of(50, few - 0.02, 0.02, bar)
    assert many < few
    assert least_detectable(3, 0.02, bar) is None


def test_cases_of_one_story_that_are_all_alike_are_worth_one():
    values, stories = [1.0] * 4 + [0.0] * 4, ["a"] * 4 + ["b"] * 4
    assert design_effect(values, stories) == pytest.approx(4.0)
    assert design_effect([1.0, 0.0, 1.0, 0.0], ["a", "a", "b", "b"]) == 1.0
    assert design_effect([], []) == 1.0

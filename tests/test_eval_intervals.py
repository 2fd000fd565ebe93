import pytest

from eval.metrics.intervals import Estimate, estimate_mean, estimate_mean_of_means


def test_the_value_is_the_plain_mean():
    estimate = estimate_mean([1.0, 0.0, 1.0, 1.0], ["a", "b", "c", "d"])
    assert estimate.value == 0.75  # 3 / 4
    assert estimate.cases == 4


def test_the_interval_of_independent_cases_is_about_the_normal_one():
    values = [1.0] * 50 + [0.0] * 50
    estimate = estimate_mean(values, [str(n) for n in range(100)])
    # 0.5 ± 1.96 · sqrt(0.25 / 100) = 0.402 to 0.598
    assert estimate.low == pytest.approx(0.402, abs=0.02)
    assert estimate.high == pytest.approx(0.598, abs=0.02)


def test_cases_of_one_story_widen_the_interval():
    values = [1.0] * 50 + [0.0] * 50
    # Ten stories of ten like cases are worth ten cases: 0.5 ± 1.96 · sqrt(0.25 / 10) = 0.19 to 0.81
    estimate = estimate_mean(values, [str(n // 10) for n in range(100)])
    assert estimate.low == pytest.approx(0.19, abs=0.06)
    assert estimate.high == pytest.approx(0.81, abs=0.06)


def test_one_story_gives_no_interval():
    assert estimate_mean([1.0, 0.0], ["a", "a"]) == Estimate(0.5, 2)


def test_nothing_gives_no_estimate():
    assert estimate_mean([], []) is None
    assert estimate_mean_of_means([[1.0], []], [["a"], []]) is None


def test_groups_weigh_the_same_whatever_their_size():
    estimate = estimate_mean_of_means(
        [[1.0] * 9 + [0.0], [0.0, 0.0]], [list("abcdefghij"), ["k", "l"]]
    )
    assert estimate.value == 0.45  # (0.9 + 0) / 2
    assert estimate.cases == 12
    assert estimate.low <= 0.45 <= estimate.high


def test_equal_seeds_give_equal_intervals():
    values, stories = [1.0, 0.0, 1.0], ["a", "b", "c"]
    assert estimate_mean(values, stories) == estimate_mean(values, stories)
    assert estimate_mean(values, stories, resamples=50, seed=2).cases == 3


def test_a_value_without_its_story_is_a_mistake():
    with pytest.raises(ValueError, match="story"):
        estimate_mean([1.0, 2.0], ["a"])

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.abstention import (
    abstention_errors,
    area_under_risk_coverage,
    risk_coverage,
)


def test_both_error_rates_and_their_balanced_mean():
    must = [True, True, True, True, False, False]
    silent = [True, True, True, False, True, False]
    errors = abstention_errors(must, silent)
    assert errors.false_answers == 0.25  # 1 of 4 answered where silence was due
    assert errors.false_abstentions == 0.5  # 1 of 2 declined where an answer was due
    assert errors.balanced == 0.375  # (0.25 + 0.5) / 2
    assert errors.balanced_accuracy == 0.625


def test_silence_on_everything_is_worth_half():
    assert abstention_errors([True, False], [True, True]).balanced_accuracy == 0.5


def test_a_rate_over_no_case_is_unknown():
    errors = abstention_errors([True], [True])
    assert errors.false_abstentions is None
    assert errors.balanced is None
    assert errors.balanced_accuracy is None


def test_a_case_without_its_pair_is_a_mistake():
    with pytest.raises(ValueError, match="shorter"):
        abstention_errors([True, False], [True])


def test_the_curve_lowers_the_bar_step_by_step():
    points = risk_coverage([0.9, 0.5, 0.7], [True, False, True], questions=4)
    # 1, 2 and 3 of 4 questions answered; 0, 0 and 1 of them wrong.
    assert [point.coverage for point in points] == [0.25, 0.5, 0.75]
    assert [point.risk for point in points] == [0.0, 0.0, pytest.approx(1 / 3)]
    assert [point.threshold for point in points] == [0.9, 0.7, 0.5]


def test_answers_of_equal_confidence_are_one_step():
    (point,) = risk_coverage([0.5, 0.5], [True, False], questions=2)
    assert (point.coverage, point.risk) == (1.0, 0.5)


def test_the_area_by_hand():
    # Best first: right, right, wrong. Risks 0/1, 0/2, 1/3; mean 1/9.
    assert area_under_risk_coverage([0.9, 0.5, 0.7], [True, False, True]) == pytest.approx(1 / 9)
    # The wrong one first: 1/1, 1/2, 1/3; mean 11/18.
    assert area_under_risk_coverage([0.5, 0.9, 0.7], [True, False, True]) == pytest.approx(11 / 18)
    # A tie is half wrong at each of its ranks: 0.5/1, 1/2; mean 0.5, in either order.
    assert area_under_risk_coverage([0.5, 0.5], [True, False]) == 0.5
    assert area_under_risk_coverage([0.5, 0.5], [False, True]) == 0.5
    assert area_under_risk_coverage([], []) is None


def test_a_confidence_that_is_no_number_is_a_mistake():
    with pytest.raises(ValueError, match="not a number"):
        area_under_risk_coverage([float("nan")], [True])


def test_more_answers_than_questions_are_a_mistake():
    with pytest.raises(ValueError, match="1 questions"):
        risk_coverage([0.1, 0.2], [True, True], questions=1)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans()), min_size=1))
def test_the_area_does_not_depend_on_the_order_of_the_cases(cases):
    def area(pairs):
        return area_under_risk_coverage([c for c, _ in pairs], [right for _, right in pairs])

    assert area(cases) == pytest.approx(area(cases[::-1]))
    assert 0.0 <= area(cases) <= 1.0

"""Quantities are found with value, unit and hedge, and a stated one is held against a source."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.quantities import (
    Bound,
    Quantity,
    QuantityKind,
    agrees,
    difference,
    find_quantities,
    may_count,
)

COUNT, MONEY, PERCENT = QuantityKind.COUNT, QuantityKind.MONEY, QuantityKind.PERCENT
MEASURE, ORDINAL, DURATION = QuantityKind.MEASURE, QuantityKind.ORDINAL, QuantityKind.DURATION
SCORE, PLAIN = QuantityKind.SCORE, QuantityKind.PLAIN


def _only(text: str) -> Quantity:
    found = find_quantities(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("two five-year-old boys", [2, 5]),
        ("two three-bedroom flats", [2, 3]),
        ("Four two-hour sessions", [4, 2]),
        ("nineteen eighty-four", [19, 84]),
        ("ten eleven-man teams", [10, 11]),
    ],
)
def test_numbers_beside_each_other_are_no_sum(text, numbers):
    assert [one.low for one in find_quantities(text)] == numbers


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("tens of thousands of people", 20_000, 99_999),
        ("hundreds of thousands of people", 200_000, 999_999),
        ("thousands of people", 2_000, 9_999),
    ],
)
def test_many_of_many_are_one_number(text, low, high):
    quantity = _only(text)
    assert (quantity.low, quantity.high, quantity.unit) == (low, high, "people")


@pytest.mark.parametrize(
    ("text", "written", "value", "unit", "kind"),
    [
        ("it drew 1,234.5 points", "1,234.5", 1234.5, "point", COUNT),
        ("es waren 1.234,5 people", "1.234,5", 1234.5, "people", COUNT),
        ("twenty-one delegates came", "twenty-one", 21, "delegate", COUNT),
        ("a dozen schools closed", "a dozen", 12, "school", COUNT),
        ("two dozen men left", "two dozen", 24, "man", COUNT),
        ("half a million users", "half a million", 500_000, "user", COUNT),
        ("a million and a half people fled", "a million and a half", 1_500_000, "people", COUNT),
        ("one and a half million users", "one and a half million", 1_500_000, "user", COUNT),
        ("a hundred and five men", "a hundred and five", 105, "man", COUNT),
        ("it fell to minus 12 degrees", "minus 12 degrees", -12, "degree", MEASURE),
        ("it fell to -12C in Oslo", "-12C", -12, "°C", MEASURE),
        ("minus twelve degrees", "minus twelve degrees", -12, "degree", MEASURE),
        ("three Russian tourist groups", "three", 3, "group", COUNT),
        ("nine rounds of meetings", "nine", 9, "round", COUNT),
        ("12 killed in a fire", "12", 12, "people", COUNT),
        ("39 million people", "39 million", 39e6, "people", COUNT),
        ("10m users joined", "10m", 10e6, "user", COUNT),
        ("a 10-member team", "10", 10, "member", COUNT),
        ("a 10,000-strong crowd", "10,000", 10_000, "people", COUNT),
        ("one hundred and five cities", "one hundred and five", 105, "city", COUNT),
        ("in all 2000 people came", "2000", 2000, "people", COUNT),
        ("2,023 people", "2,023", 2023, "people", COUNT),
        ("$26.3 billion", "$26.3 billion", 26.3e9, "USD", MONEY),
        ("paid €600m", "€600m", 600e6, "EUR", MONEY),
        ("paid £12.5m", "£12.5m", 12.5e6, "GBP", MONEY),
        ("US$5 a month", "US$5", 5, "USD", MONEY),
        ("sold for $1.5bn", "$1.5bn", 1.5e9, "USD", MONEY),
        ("ten million dollars", "ten million dollars", 10e6, "USD", MONEY),
        ("12 cents per share", "12 cents", 0.12, "USD", MONEY),
        ("20% of it", "20%", 20, "percent", PERCENT),
        ("20 per cent of it", "20 per cent", 20, "percent", PERCENT),
        ("up 3 percentage points", "3 percentage points", 3, "percentage point", PERCENT),
        ("two-thirds of voters", "two-thirds", 200 / 3, "percent", PERCENT),
        ("half of the voters", "half", 50, "percent", PERCENT),
        ("5 km away", "5 km", 5, "km", MEASURE),
        ("a 65-inch screen", "65-inch", 65, "inch", MEASURE),
        ("it was -5°C outside", "-5°C", -5, "°C", MEASURE),
        ("12 tonnes of rice", "12 tonnes", 12, "tonne", MEASURE),
        ("a 100m race", "100m", 100, "m", MEASURE),
        ("256GB of storage", "256GB", 256, "GB", MEASURE),
        ("the 10th meeting of it", "10th", 10, "meeting", ORDINAL),
        ("for the third time in weeks", "third", 3, "time", ORDINAL),
        ("its twenty-first win", "twenty-first", 21, "win", ORDINAL),
        ("third-quarter sales", "third", 3, None, ORDINAL),
        ("a 34-year-old man", "34-year-old", 34, "year", DURATION),
        ("Dorvin Quimby, 34, said", "34", 34, "year", DURATION),
        ("after 90 minutes", "90 minutes", 90, "minute", DURATION),
        ("two-and-a-half years", "two-and-a-half years", 2.5, "year", DURATION),
        ("there were 20 of them", "20", 20, None, PLAIN),
    ],
)
def test_a_quantity_is_read_with_value_and_unit(
    text: str, written: str, value: float, unit: str | None, kind: QuantityKind
) -> None:
    found = _only(text)
    assert (found.text, found.unit, found.kind) == (written, unit, kind)
    assert found.low == found.high == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "written", "low", "high", "unit", "kind"),
    [
        ("10-12 schools", "10-12", 10, 12, "school", COUNT),
        ("10 to 12 people", "10 to 12", 10, 12, "people", COUNT),
        ("between 10 and 12 million euros", "10 and 12 million euros", 10e6, 12e6, "EUR", MONEY),
        ("$10-12 million", "$10-12 million", 10e6, 12e6, "USD", MONEY),
        ("they won 3-1 at home", "3-1", 3, 1, None, SCORE),
        ("a 1-1 draw", "1-1", 1, 1, None, SCORE),
        ("hundreds of people", "hundreds", 200, 999, "people", COUNT),
    ],
)
def test_ranges_and_scores_have_two_ends(
    text: str, written: str, low: float, high: float, unit: str | None, kind: QuantityKind
) -> None:
    found = _only(text)
    assert (found.text, found.low, found.high, found.unit, found.kind) == (
        written,
        low,
        high,
        unit,
        kind,
    )


def test_a_change_from_one_number_to_another_is_no_range() -> None:
    assert [one.low for one in find_quantities("rose from 10 to 12 members")] == [10, 12]


@pytest.mark.parametrize(
    ("text", "bound", "is_approximate"),
    [
        ("about 600 workers", Bound.NONE, True),
        ("more than 600 workers", Bound.MORE_THAN, True),
        ("over 600 workers", Bound.MORE_THAN, True),
        ("at least 600 workers", Bound.AT_LEAST, True),
        ("600 or more workers", Bound.AT_LEAST, True),
        ("nearly 600 workers", Bound.LESS_THAN, True),
        ("up to 600 workers", Bound.AT_MOST, True),
        ("600 workers", Bound.NONE, False),
    ],
)
def test_the_hedge_before_a_number_is_kept(text: str, bound: Bound, is_approximate: bool) -> None:
    found = _only(text)
    assert (found.bound, found.is_approximate) == (bound, is_approximate)


@pytest.mark.parametrize(
    "text",
    [
        "On Nov. 16, 2023 at 10:30 a.m.",
        "on 16 November 2023 and 2023-11-16",
        "in 2019 and since 1996",
        "the 2024 elections",
        "from 2024-2026",
        "in the 1990s and the '80s",
        "an iPhone 13, a Pixel 8 and GPT-4",
        "call 555-123-4567 now",
        "see https://example.org/a/123?b=4 or a1@example.org",
        "at 5 p.m. or 0900 GMT",
        "version 17.1.2 of it",
        "No. 1 in the charts",
        "the 9/11 attacks",
        "no one, or one of them",
        "the Big Ten",
        "season 2, episode 12",
        "coach Erik ten Hag",
        "",
    ],
)
def test_dates_times_codes_and_labels_are_no_quantities(text: str) -> None:
    assert find_quantities(text) == []


@pytest.mark.parametrize(
    ("stated", "source"),
    [
        ("about 1.2 million people", "1,187,300 people"),
        ("1.2 million people", "1,187,300 people"),
        ("more than 600 people", "612 people"),
        ("more than 600 people", "over 600 people"),
        ("at least 600 people", "600 people"),
        ("12 people", "twelve people"),
        ("12 people", "12 killed"),
        ("about 600 workers", "612 workers"),
        ("$26.3 billion", "26.3 billion dollars"),
        ("$0.12", "12 cents"),
        ("12 percent", "12.3%"),
        ("about 5 km", "3.1 miles"),
        ("2 tonnes", "2,000 kg"),
        ("120 minutes", "two hours"),
        ("a 2-1 win", "they lost 1-2"),
        ("10 to 12 schools", "10-12 schools"),
        ("the 10th meeting", "the tenth meeting"),
        ("nearly 600 workers", "590 workers"),
    ],
)
def test_a_quantity_agrees_with_what_bears_it_out(stated: str, source: str) -> None:
    assert agrees(_only(stated), _only(source))


@pytest.mark.parametrize(
    ("stated", "source"),
    [
        ("12 people", "13 people"),
        ("1,187,300 people", "1.2 million people"),
        ("600 people", "more than 600 people"),
        ("more than 600 people", "590 people"),
        ("more than 600 people", "5,000 people"),
        ("nearly 600 workers", "612 workers"),
        ("12 schools", "12 hospitals"),
        ("$12", "12%"),
        ("$12", "€12"),
        ("5 km", "5 miles"),
        ("the 10th meeting", "the ninth meeting"),
        ("10-12 schools", "10-15 schools"),
        ("a 2-1 win", "a 3-1 win"),
        ("3 percent", "3 percentage points"),
        ("about 1 million people", "1.4 million people"),
    ],
)
def test_a_quantity_disagrees_with_another_value_or_unit(stated: str, source: str) -> None:
    assert not agrees(_only(stated), _only(source))


_PIECES = st.sampled_from(
    ["12", "1,234", "$", "-", " to ", "million", "half", " a ", "dozen", "%", "km", " people",
     "one", "and", "third", ".", ",", "of", "Nov. ", "2023", ":", "/", "°C", "’", "between ", "½",
     "b", "K", "²", "٣"]
)  # fmt: skip


@given(
    st.text(max_size=80)
    | st.lists(_PIECES, max_size=30).map("".join)
    | st.lists(_PIECES).map(" ".join)
)
def test_offsets_are_exact_on_any_text(text: str) -> None:
    last = 0
    for one in find_quantities(text):
        assert last <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.text
        last = one.end
        assert agrees(one, one) in {True, False}


@given(st.integers(min_value=2, max_value=10**12))
def test_an_exact_number_agrees_with_itself_alone(number: int) -> None:
    exact, other = (
        _only(f"there were {number:,} people"),
        _only(f"there were {number + 1:,} people"),
    )
    assert agrees(exact, exact)
    assert not agrees(exact, other)


@pytest.mark.parametrize(
    "hostile",
    ["1" * 60_000, "1," * 10_000, "1.2." * 8_000, "one " * 15_000, "$" * 60_000, "a" * 60_000,
     "1-" * 9_000, "1 a" * 9_000, "a.b" * 20_000 + "@", "about " * 10_000,
     "1 " * 9_000, "(+1 " * 6_000],
)  # fmt: skip
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    begun = time.process_time()
    find_quantities(hostile)
    assert time.process_time() - begun < 1.5


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("It costs between two and four dollars.", (2.0, 4.0)),
        ("One hundred and five people came.", (105.0, 105.0)),
        ("A hundred and twenty thousand fled.", (120_000.0, 120_000.0)),
        ("It took two and a half years.", (2.5, 2.5)),
    ],
)
def test_and_joins_a_number_only_behind_a_hundred_or_more(
    text: str, ends: tuple[float, float]
) -> None:
    quantity = _only(text)

    assert (quantity.low, quantity.high) == ends


def test_a_count_is_of_what_it_names_and_people_go_by_many_names() -> None:
    assert may_count("vote", "votes")
    assert may_count("worker", "people")
    assert may_count(None, "ships")
    assert not may_count("stop", "passengers")


def test_numbers_of_one_dimension_differ_by_an_amount_in_the_first_ones_unit() -> None:
    (hours,), (minutes,) = find_quantities("two hours"), find_quantities("90 minutes")
    (degrees,) = find_quantities("41.3 degrees Celsius")
    (bare,) = find_quantities("39.8 degrees")
    (crowns,) = find_quantities("5 crowns")

    assert difference(hours, minutes) == 0.5
    assert difference(degrees, bare) == pytest.approx(1.5)
    assert difference(hours, crowns) is None

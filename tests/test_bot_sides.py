"""Questions of two sides fall into the two that they are made of."""

import pytest

from bot.sides import Asks, Sides, read_sides


@pytest.mark.parametrize(
    ("question", "asks", "one", "other"),
    [
        ("Did Lind travel to Orrin before Moreau did?", Asks.WHETHER_BEFORE,
         "Lind travel to Orrin", "Moreau travel to Orrin"),
        ("Was the quay closed after the storm reached Skerry?", Asks.WHETHER_AFTER,
         "the quay closed", "the storm reached Skerry"),
        ("Had the strike already begun when the bank cut its rate?", Asks.WHETHER_BEFORE,
         "the strike begun", "the bank cut its rate"),
        ("Was Ida Brandt elected before or after the flood?", Asks.WHICH_WAY,
         "Ida Brandt elected", "the flood"),
        ("Which came first, the cup final or the tram's opening?", Asks.WHICH_FIRST,
         "the cup final", "the tram's opening"),
        ("Which happened later: the verdict or the appeal?", Asks.WHICH_LAST,
         "the verdict", "the appeal"),
        ("How many days passed between the start of the trial and the verdict?", Asks.HOW_LONG,
         "the start of the trial", "the verdict"),
        ("Which cost more, the bridge or the tunnel?", Asks.WHICH_MORE,
         "the bridge", "the tunnel"),
        ("Was the second offer higher than the union's demand?", Asks.WHETHER_MORE,
         "the second offer", "the union's demand"),
        ("Is the Halm dam older than the Orrin tunnel?", Asks.WHETHER_MORE,
         "the Halm dam", "the Orrin tunnel"),
    ],
)  # fmt: skip
def test_the_sides_are_read_in_the_questions_words(
    question: str, asks: Asks, one: str, other: str
) -> None:
    sides = read_sides(question)

    assert sides is not None
    assert (sides.asks, sides.one, sides.other) == (asks, one, other)


def test_two_outlets_are_asked_one_thing() -> None:
    sides = read_sides("Did the Harbor Post and the Island Voice give the same number of dead?")

    assert sides == Sides(
        Asks.WHETHER_SAME, "number of dead", "number of dead",
        outlets=("the Harbor Post", "the Island Voice"),
    )  # fmt: skip


def test_the_unit_of_a_span_and_what_is_measured_are_kept() -> None:
    span = read_sides("How many weeks passed between the strike vote and the deal?")
    amount = read_sides("Which cost more to build, the bridge or the tunnel?")

    assert span is not None
    assert span.unit == "weeks"
    assert amount is not None
    assert amount.measure == "cost to build"


@pytest.mark.parametrize(
    "question",
    ["Who led the delegation?", "Did Lind resign?", "What happened after the fire?",
     "Is the fare higher than before?", "Did it cost more than expected?",
     "Was anyone hurt when the ferry struck the pier?", ""],
)  # fmt: skip
def test_other_questions_have_no_sides(question: str) -> None:
    assert read_sides(question) is None

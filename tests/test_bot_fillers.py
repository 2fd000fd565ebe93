"""What a question asks for is found in a sentence: a name, a date, a number."""

from __future__ import annotations

import pytest

from bot.expectation import AnswerKind, Expectation, read_expectation
from bot.fillers import find_fillers
from index.moment import Moment
from index.names import find_names


def found(question: str, sentence: str) -> list[str]:
    fillers = find_fillers(sentence, read_expectation(question), find_names(question))
    assert all(sentence[one.start : one.end] == one.text for one in fillers)
    return [one.text for one in fillers]


@pytest.mark.parametrize(
    ("question", "sentence", "answers"),
    [
        ("Who led the inquiry?", "The inquiry was led by Judith Adeyemi.", ["Judith Adeyemi"]),
        ("Who led the inquiry?", "The inquiry was led by a judge.", []),
        ("How many people died?", "At least 14 people were killed.", ["At least 14 people"]),
        ("How many people died?", "Many people were killed.", []),
        ("How much did it cost?", "The repair cost 2.4 million dollars.", ["2.4 million dollars"]),
        ("When did it open?", "It opened on 12 October 2024.", ["12 October 2024"]),
        ("When did it open?", "It opened with a song.", []),
        ("Which country sent aid?", "Aid came from Norway.", ["Norway"]),
    ],
)
def test_only_what_is_asked_for_fills(question: str, sentence: str, answers: list[str]) -> None:
    told = found(question, sentence)

    assert len(told) == len(answers)
    assert all(one in answer or answer in one for one, answer in zip(told, answers, strict=True))


def test_a_name_of_the_question_is_no_answer_to_it() -> None:
    sentence = "Sergei Lavrov met Andrey Rudenko in Moscow."

    assert found("Who met Sergei Lavrov?", sentence) == ["Andrey Rudenko"]
    assert found("Who met Lavrov?", sentence) == ["Andrey Rudenko"]


def test_a_relative_date_fills_even_without_an_anchor() -> None:
    expectation = Expectation(AnswerKind.TIME)

    for anchor in (None, Moment.day(2023, 11, 16)):
        told = find_fillers("It arrived on Tuesday.", expectation, (), anchor=anchor)
        assert [one.text for one in told] == ["Tuesday"]


def test_a_number_beside_what_is_counted_is_the_asked_one() -> None:
    expectation = read_expectation("How many buses were hired?")
    sentence = (
        "Some 40,000 people marched through the capital on Saturday with flags, songs and drums; "
        "the unions had hired 210 buses."
    )
    asked = [one.text for one in find_fillers(sentence, expectation, ()) if one.is_asked]

    assert asked == ["210"]


def test_a_reason_needs_a_word_of_reason_and_a_statement_one_of_speech() -> None:
    assert found("Why did it fail?", "It failed because of the rain.")
    assert not found("Why did it fail?", "It failed at noon.")
    assert found("What did she say?", "She said that it was late.")
    assert not found("What did she say?", "It was late.")


def test_a_description_may_be_any_sentence() -> None:
    sentence = "The harbour was calm."

    assert found("Tell me about the harbour.", sentence) == [sentence]

"""What a question expects is read from how it is put."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.expectation import AnswerKind, read_expectation


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who led the delegation?", AnswerKind.PERSON),
        ("To whom was the letter sent?", AnswerKind.PERSON),
        ("Which minister resigned?", AnswerKind.PERSON),
        ("What is the name of North Korea's sports minister?", AnswerKind.PERSON),
        ("When did the tram open?", AnswerKind.TIME),
        ("On which day was it signed?", AnswerKind.TIME),
        ("Where was the treaty signed?", AnswerKind.PLACE),
        ("Which country sent aid?", AnswerKind.PLACE),
        ("Which company bought the yard?", AnswerKind.ORGANIZATION),
        ("How many people were killed?", AnswerKind.COUNT),
        ("What was the death toll?", AnswerKind.COUNT),
        ("How much did the repair cost?", AnswerKind.MONEY),
        ("What was the fine?", AnswerKind.MONEY),
        ("How long is the bridge?", AnswerKind.MEASURE),
        ("By how much did rates rise?", AnswerKind.MEASURE),
        ("Why did the dyke fail?", AnswerKind.REASON),
        ("What did the mayor say about the strike?", AnswerKind.STATEMENT),
        ("How did the union react?", AnswerKind.STATEMENT),
        ("Did the mayor resign?", AnswerKind.YES_NO),
        ("Isn't the ferry late?", AnswerKind.YES_NO),
        ("After the flood, was the bridge closed?", AnswerKind.YES_NO),
        ("Was the second march larger or smaller?", AnswerKind.CHOICE),
        ("Which ship sank?", AnswerKind.NAME),
        ("What is the ferry called?", AnswerKind.NAME),
        ("Tell me about the harbour.", AnswerKind.ANY),
        ("", AnswerKind.ANY),
    ],
)
def test_the_form_of_a_question_tells_what_answers_it(question: str, kind: AnswerKind) -> None:
    assert read_expectation(question).kind is kind


def test_a_question_about_a_named_person_asks_what_he_is_not_who() -> None:
    assert read_expectation("Who is Andrey Rudenko?").kind is AnswerKind.ANY
    assert read_expectation("Who is the mayor?").kind is AnswerKind.PERSON


def test_a_preamble_with_a_verb_does_not_make_a_yes_or_no_question() -> None:
    assert read_expectation("Considering the flood, which town was hit?").kind is AnswerKind.PLACE
    assert read_expectation("After it was closed, who reopened it?").kind is AnswerKind.PERSON


@pytest.mark.parametrize(
    ("question", "role"),
    [
        ("Who is the prime minister of Canada?", "prime minister"),
        ("What is the name of North Korea's sports minister?", "sports minister"),
        ("Who was the former mayor of Marren?", "mayor"),
        ("Who is the current governor?", "governor"),
        ("Who led the delegation?", ""),
        ("When was the prime minister elected?", ""),
    ],
)
def test_the_office_that_is_asked_for_is_read(question: str, role: str) -> None:
    assert read_expectation(question).role == role


def test_what_is_counted_is_what_is_asked_for() -> None:
    assert read_expectation("How many confirmed measles cases are there?").asked == (
        "confirmed measles cases"
    )
    assert read_expectation("How many of the visitors came from abroad?").asked == "visitors"


def test_the_noun_after_which_is_what_is_asked_for() -> None:
    assert read_expectation("Which airline was fined?").asked == "airline"


@pytest.mark.parametrize(
    "question",
    [
        "who is " + "A" * 9_000 + "€ b",
        "who is A" + "." * 9_000 + " b",
        "who is " + "Ab " * 3_000 + "b",
        "is a or b" + " " * 9_000 + "x",
        "after " + "a, " * 3_000 + "?",
        "what is the name of " * 500,
        "name of " + "a's " * 2_500,
        "what did " * 1_100,
        "\n" * 9_900,
    ],
)
def test_no_hostile_question_takes_long_to_read(question: str) -> None:
    started = time.process_time()
    read_expectation(question)

    assert time.process_time() - started < 0.5


@given(st.text(max_size=200))
def test_any_text_has_an_expectation(question: str) -> None:
    assert read_expectation(question).kind in AnswerKind

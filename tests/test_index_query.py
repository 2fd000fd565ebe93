"""A question is read for its words, its outlets, its time and its parts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.outlets import OutletDirectory
from index.search.query import Query, QueryReader
from index.store.lexical import LexicalIndex

NOW = datetime(2024, 6, 12, 9, tzinfo=UTC)
COMPARISON = (
    "Did The Harbor Post's report on the Tarn Vale flood give the same death toll as the Eastgate "
    "Tribune's report on the hospital records?"
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> QueryReader:
    outlets = OutletDirectory(["The Harbor Post", "Eastgate Tribune"])
    return QueryReader(LexicalIndex(tmp_path_factory.mktemp("terms")), outlets)


def test_stop_words_have_no_weight_and_reporting_words_little(reader: QueryReader) -> None:
    weights = reader.weigh("What does the report say about the ferry?")

    assert weights["ferri"] == 1.0
    assert 0 < weights["report"] < 0.5
    assert not {"what", "the", "about"} & weights.keys()


def test_where_nothing_but_stop_words_remains_they_are_looked_for(reader: QueryReader) -> None:
    assert reader.weigh("Who is who?").keys() == {"who", "is"}


def test_a_word_that_stands_twice_keeps_its_greater_weight(reader: QueryReader) -> None:
    # "reportage" is no reporting word, but has the stem of one.
    assert reader.weigh("report reportage").keys() >= {"report"}
    assert max(reader.weigh("report reportage").values()) == 1.0


def test_a_question_about_one_fact_has_no_parts(reader: QueryReader) -> None:
    query = reader.read("Who led the Russian delegation?", NOW)

    assert query.parts == ()
    assert not query.is_compound
    assert query.whole.text == "Who led the Russian delegation?"


def test_a_question_that_names_two_outlets_is_cut_and_each_part_has_its_own(
    reader: QueryReader,
) -> None:
    query = reader.read(COMPARISON + " According to whom, and when?", NOW)

    assert {outlet for part in query.parts for outlet in part.outlets} == {
        "harbor post", "eastgate tribune",
    }  # fmt: skip
    assert all(len(part.weights) >= 2 for part in query.parts)


def test_a_part_that_names_no_outlet_is_looked_for_in_all_that_are_named(
    reader: QueryReader,
) -> None:
    query = reader.read(
        "Did The Harbor Post and the Eastgate Tribune count the same victims, while helicopters "
        "lifted people from roofs?",
        NOW,
    )
    [roofs] = [part for part in query.parts if "roofs" in part.text]

    assert roofs.outlets == {"harbor post", "eastgate tribune"}


def test_each_part_is_a_piece_of_the_question(reader: QueryReader) -> None:
    query = reader.read(
        "Which minister, according to The Harbor Post's piece on the flood, visited the town, and "
        "according to the Eastgate Tribune's piece on the dyke, answered the farmers?",
        NOW,
    )

    assert len(query.parts) > 1
    assert all(part.text in query.whole.text for part in query.parts)
    flood = next(part for part in query.parts if "flood" in part.text)
    assert flood.outlets == {"harbor post"}


def test_the_comma_of_a_date_does_not_cut(reader: QueryReader) -> None:
    query = reader.read(
        "Did The Harbor Post's report of October 7, 2023 on the flood and the Eastgate Tribune's "
        "report on the dyke agree?",
        NOW,
    )

    assert any("October 7, 2023" in part.text for part in query.parts)


def test_an_outlet_that_is_not_held_is_missing(reader: QueryReader) -> None:
    assert reader.read("What did Reuters say about the flood?", NOW).missing_outlets == ("Reuters",)
    assert reader.read("What did The Harbor Post say of it?", NOW).missing_outlets == ()


def test_relative_time_is_read_from_the_moment_of_asking(reader: QueryReader) -> None:
    query = reader.read("Who led the delegation last month?", NOW)

    assert query.asked_at == NOW
    assert query.whole.periods == (
        (datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 5, 31, 23, 59, 59, tzinfo=UTC)),
    )


def test_names_of_a_question_typed_in_lower_case_are_found(reader: QueryReader) -> None:
    names = reader.read("who leads north korea?", NOW).names

    assert [name.text for name in names] == ["north korea"]


@pytest.mark.parametrize(
    "question",
    [
        "",
        "?",
        "   ",
        "😀",
        "the of and",
        "кто возглавил?",
        "谁领导了?",
        "a" * 10_000,
        "x, " * 3_000,
    ],
)
def test_any_question_is_read(question: str, reader: QueryReader) -> None:
    assert reader.read(question, NOW).whole.text == question


@given(st.lists(st.sampled_from([*COMPARISON.split(), ",", ";", "and", "while"]), max_size=60))
def test_there_are_no_parts_or_between_two_and_eight(reader: QueryReader, words: list[str]) -> None:
    query: Query = reader.read(" ".join(words), NOW)

    assert len(query.parts) in {0, *range(2, 9)}

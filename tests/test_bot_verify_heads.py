"""A claim is about the very one that the article tells of, and the same end of a change."""

from __future__ import annotations

import pytest

from bot.verify import Fault, Verifier
from index.article import Passage
from index.moment import Moment


def passage(text: str) -> Passage:
    return Passage(
        chunk_id="c", article_id="a", version="sha256:1", origin_id="o", url="https://a.example/1",
        title=None, outlet=None, byline=None, dateline=None, published=Moment.day(2023, 11, 15),
        start=0, end=len(text), text=text,
    )  # fmt: skip


def faults(claim: str, told: str) -> set[Fault]:
    return {one.fault for one in Verifier().verify(claim, [passage(told)]).faults}


@pytest.mark.parametrize(
    ("told", "claim"),
    [
        ("Kovac's brother was jailed for fraud in Leeds.", "Kovac was jailed for fraud in Leeds."),
        ("A spokesman for Kovac resigned on Monday.", "Kovac resigned on Monday."),
        ("Kovac’s former lawyer was fined in Leeds.", "Kovac was fined in Leeds."),
        (
            "Former mayor Anna Kovac opened the bridge in Leeds.",
            "Mayor Anna Kovac opened the bridge in Leeds.",
        ),
        ("The deputy minister of trade resigned.", "The minister of trade resigned."),
    ],
)
def test_what_is_said_of_another_is_not_said_of_the_one_that_names_him(
    told: str, claim: str
) -> None:
    assert Fault.NAME in faults(claim, told)


@pytest.mark.parametrize(
    ("told", "claim"),
    [
        (
            "Kovac's brother was jailed for fraud in Leeds.",
            "The brother of Kovac was jailed for fraud in Leeds.",
        ),
        ("Kovac, who has a brother, was jailed in Leeds.", "Kovac was jailed in Leeds."),
        ("Kovac's lawyer said that Kovac was ill on Monday.", "Kovac was ill, his lawyer said."),
        (
            "Former mayor Anna Kovac opened the bridge in Leeds.",
            "Anna Kovac opened the bridge in Leeds.",
        ),
        ("Former minister Anna Kovac left.", "Anna Kovac, who left, used to be a minister."),
        (
            "The former mayor, Anna Kovac, opened the bridge in Leeds.",
            "Anna Kovac, a former mayor, opened the bridge in Leeds.",
        ),
    ],
)
def test_the_same_one_told_otherwise_is_the_same(told: str, claim: str) -> None:
    assert not faults(claim, told)


@pytest.mark.parametrize(
    ("told", "claim"),
    [
        ("Sales fell 5% in March.", "Sales fell to 5% in March."),
        ("Sales fell to 5% in March.", "Sales fell by 5% in March."),
        ("The price rose from $10 to $12.", "The price rose to $10."),
        ("Output fell to 40 tonnes from 90 tonnes.", "Output fell to 90 tonnes."),
        ("The temperature fell to minus 12 degrees.", "The temperature fell to 12 degrees."),
    ],
)
def test_the_end_of_a_change_is_not_its_size_nor_its_beginning(told: str, claim: str) -> None:
    assert Fault.NUMBER in faults(claim, told)


@pytest.mark.parametrize(
    ("told", "claim"),
    [
        ("Sales fell 5% in March.", "Sales fell by 5% in March."),
        ("The price rose from $10 to $12.", "The price rose to $12."),
        ("The price rose from $10 to $12.", "The price rose to $12 from $10."),
        ("The rate rose to 5% in March.", "The rate was 5% in March after it rose."),
    ],
)
def test_the_same_change_told_otherwise_is_the_same(told: str, claim: str) -> None:
    assert Fault.NUMBER not in faults(claim, told)


@pytest.mark.parametrize(
    ("told", "claim", "fault"),
    [
        (
            "Kovac was nearly killed in the crash at Leeds.",
            "Kovac was killed in the crash at Leeds.",
            Fault.NEGATION,
        ),
        (
            "The ban on plastic bags was lifted in Kenya.",
            "The ban on plastic bags was imposed in Kenya.",
            Fault.COMPARISON,
        ),
    ],
)
def test_what_nearly_was_and_what_was_undone_was_not(told: str, claim: str, fault: Fault) -> None:
    assert fault in faults(claim, told)


def test_nearly_before_a_number_denies_nothing() -> None:
    told = "Nearly 300 people fled the flood in Leeds."
    assert not faults("Nearly 300 people fled from the flood in Leeds.", told)

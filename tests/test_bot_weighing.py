"""Two sides are looked up by themselves, quoted both, and set together by date or by number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.answer import Answer, Question, Status
from bot.wiring import Bot
from index.article import Article


@pytest.fixture(scope="module")
def coast(make_bot: Callable[..., Bot], make_article: Callable[..., Article]) -> Bot:
    """A bridge and a tunnel, a strike from vote to deal, and a toll that two papers differ on."""
    return make_bot(
        make_article(
            "bridge",
            "The Skerry bridge opened to traffic on Monday. Building the bridge cost 420 million "
            "crowns, the roads office said.",
            title="Skerry bridge opens", outlet="Island Voice", published="2024-03-04",
        ),
        make_article(
            "tunnel",
            "The Orrin tunnel opened on Friday after four years of work. Building the tunnel cost "
            "1.3 billion crowns, the company said.",
            title="Orrin tunnel opens", outlet="Harbor Post", published="2024-06-14",
        ),
        make_article(
            "strike",
            "Tram drivers in Marren began an open-ended strike over pay on Tuesday.",
            title="Tram drivers of Marren go on strike", outlet="Harbor Post",
            published="2024-09-03",
        ),
        make_article(
            "deal",
            "The tram drivers of Marren signed a pay deal on Friday and went back to work.",
            title="Tram drivers of Marren sign pay deal", outlet="Harbor Post",
            published="2024-09-20",
        ),
        make_article(
            "toll-a",
            "At least 9 miners were killed in the Halm mine when its roof fell in, the rescue "
            "service said.",
            title="Nine miners killed in Halm mine", outlet="Harbor Post", published="2024-11-05",
        ),
        make_article(
            "toll-b",
            "Twelve miners were killed in the Halm mine, according to a count by this paper.",
            title="Halm mine: twelve miners killed", outlet="Island Voice", published="2024-11-06",
        ),
    )  # fmt: skip


def ask(bot: Bot, question: str) -> Answer:
    return bot.answerer().answer(Question(question))


@pytest.mark.parametrize(
    ("question", "lead"),
    [
        ("Did the Skerry bridge open before the Orrin tunnel opened?", "Yes"),
        ("Did the Orrin tunnel open before the Skerry bridge opened?", "No"),
        ("Did the Skerry bridge open before or after the Orrin tunnel opened?", "Before"),
        ("Which came first, the opening of the Orrin tunnel or the opening of the Skerry bridge?",
         "The opening of the Skerry bridge"),
        ("How many days passed between the start of the tram strike and the pay deal?", "17 days"),
        ("Which cost more to build, the Skerry bridge or the Orrin tunnel?", "The Orrin tunnel"),
        ("Did the Harbor Post and the Island Voice give the same number of dead miners?", "No"),
    ],
)  # fmt: skip
def test_two_sides_are_set_together_and_both_are_quoted(
    coast: Bot, question: str, lead: str
) -> None:
    answer = ask(coast, question)

    assert answer.status is Status.ANSWERED
    assert answer.text.startswith(f"{lead}: ")
    assert len({citation.article_id for citation in answer.citations}) == 2


def test_nothing_is_concluded_where_a_side_is_missing(coast: Bot) -> None:
    answer = ask(coast, "Which came first, the opening of the Skerry bridge or the fall of Rome?")

    assert not answer.text.startswith(("The opening", "The fall"))


def test_what_may_not_be_seen_is_no_side(coast: Bot) -> None:
    question = Question(
        "Which cost more to build, the Skerry bridge or the Orrin tunnel?",
        as_of=datetime(2024, 4, 1, tzinfo=UTC),
    )
    answer = coast.answerer().answer(question)

    assert all("tunnel" not in citation.quote for citation in answer.citations)

"""Retrieval finds passages within what may be seen, independent sources first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.wiring import Bot
from index.article import Article, Passage
from index.scope import Scope, outlet_key
from index.search.retrieve import RetrievalSettings, Retriever, Weights

WIRE = (
    "The council of Skerry voted on Friday to buy a second lifeboat for the harbour.\n\n"
    "The boat will cost nine million crowns and is to be built in the yard at Marn, where the "
    "first one was built forty years ago. Harbour master Ida Brandt said that two crews would be "
    "trained over the winter, and that both boats would stay at the old quay until a new one is "
    "ready. Three councillors voted against the purchase because of its price."
)
OTHER = (
    "Fishermen in Skerry welcomed the lifeboat that the council has decided to buy. \"We have "
    'waited since the storm," said Otto Lind, who lost his own boat in it.'
)  # fmt: skip
VISITS = "Who led the Russian delegation?"

# From before the first sample article to after the last.
MOMENTS = st.integers(0, 790 * 24).map(
    lambda hours: datetime(2023, 6, 1, tzinfo=UTC) + timedelta(hours=hours)
)


@pytest.fixture(scope="module")
def lifeboat(make_bot: Callable[..., Bot], make_article: Callable[..., Article]) -> Bot:
    copies = [
        make_article(f"copy{n}", WIRE, title="Skerry buys a lifeboat", outlet=outlet,
                     published="2024-02-03")
        for n, outlet in enumerate(["Harbor Post", "Tidewater Gazette", "Marn Echo", "Quay News"])
    ]  # fmt: skip
    reaction = make_article(
        "reaction", OTHER, title="Fishermen cheer", outlet="Island Voice", published="2024-02-05"
    )
    undated = make_article(
        "undated", "An old lifeboat of Skerry is on show in the net store.", title="Net store",
        outlet=None, published=None,
    )  # fmt: skip
    return make_bot(*copies, reaction, undated)


def search(bot: Bot, question: str, scope: Scope | None = None, limit: int = 12) -> list[Passage]:
    return bot.retriever().search(question, scope, limit=limit).passages


def test_a_copy_comes_after_every_independent_story(lifeboat: Bot) -> None:
    passages = search(lifeboat, "What did the council of Skerry decide about the lifeboat?")
    origins = [passage.origin_id for passage in passages]
    first_copy = next(at for at, origin in enumerate(origins) if origin in origins[:at])

    assert len(set(origins)) == 3
    assert len(set(origins[:first_copy])) == 3


def test_without_discounts_copies_crowd_the_top(lifeboat: Bot) -> None:
    plain = RetrievalSettings(same_article=1.0, copied_article=1.0, rerank=0.0)
    found = Retriever(lifeboat.library, lifeboat.embedder, plain).search(
        "What did the council of Skerry decide about the lifeboat?", limit=3
    )

    assert len({passage.origin_id for passage in found.passages}) == 1


def test_a_passage_is_the_span_of_its_version(sample_bot: Bot) -> None:
    passages = search(sample_bot, VISITS)
    assert passages
    for passage in passages:
        stored = sample_bot.library.catalog.article(passage.article_id, passage.version)
        assert stored
        assert stored.article.body[passage.start : passage.end] == passage.text


def test_no_more_than_the_limit_are_found_each_once(sample_bot: Bot) -> None:
    for limit in (1, 4, 30):
        ids = [passage.chunk_id for passage in search(sample_bot, VISITS, limit=limit)]
        assert len(ids) == len(set(ids)) == limit


def test_both_legs_tell_what_they_thought(sample_bot: Bot) -> None:
    best = search(sample_bot, VISITS)[0]

    assert best.scores.dense is not None
    assert 0.5 < best.scores.dense <= 1.0
    assert best.scores.bm25 is not None
    assert best.scores.bm25 > 0


def test_a_leg_without_weight_is_not_asked(sample_bot: Bot) -> None:
    only_words = RetrievalSettings(simple=Weights(dense=0.0, bm25=1.0))
    found = Retriever(sample_bot.library, sample_bot.embedder, only_words).search(VISITS)

    assert found.passages
    assert all(passage.scores.dense is None for passage in found.passages)


@settings(max_examples=40, deadline=None)
@given(
    when=MOMENTS
)  # fmt: skip
def test_nothing_published_after_as_of_is_ever_found(sample_bot: Bot, when: datetime) -> None:
    passages = search(sample_bot, "Russian delegation Pyongyang visit", Scope(as_of=when))
    # The first sample article is of 15 June 2023.
    assert passages or when < datetime(2023, 6, 17, tzinfo=UTC)
    for passage in passages:
        assert passage.published
        assert passage.published.start <= when


@settings(max_examples=25, deadline=None)
@given(
    since=MOMENTS,
    days=st.integers(0, 400),
)
def test_nothing_outside_since_and_until_is_ever_found(
    sample_bot: Bot, since: datetime, days: int
) -> None:
    until = since + timedelta(days=days)
    for passage in search(sample_bot, "the strike in November 2023", Scope(None, since, until)):
        assert passage.published
        assert since <= passage.published.end
        assert passage.published.start <= until


def test_only_the_asked_outlet_is_found_whatever_the_question_names(sample_bot: Bot) -> None:
    scope = Scope(outlets=frozenset({outlet_key("Daily Compass")}))
    passages = search(sample_bot, "What did The Harbor Post say about the pension march?", scope)

    assert passages
    assert {passage.outlet for passage in passages} == {"Daily Compass"}


def test_an_outlet_that_the_question_names_comes_first(sample_bot: Bot) -> None:
    for outlet in ("Daily Compass", "Public Radio Marren"):
        question = f"How many people marched against the pension plan, according to {outlet}?"
        assert search(sample_bot, question)[0].outlet == outlet


def test_a_day_that_the_question_names_draws_its_stories_up(sample_bot: Bot) -> None:
    passages = search(sample_bot, "Which delegation was in Pyongyang in December 2023?", limit=5)

    assert any("primorye" in passage.url for passage in passages)


def test_an_undated_story_is_found_without_a_date_only(lifeboat: Bot) -> None:
    question = "Where is the old lifeboat on show?"
    later = Scope(as_of=datetime(2030, 1, 1, tzinfo=UTC))

    assert search(lifeboat, question)[0].title == "Net store"
    assert all(passage.published for passage in search(lifeboat, question, later))


def test_an_empty_library_has_nothing_to_find(make_bot: Callable[..., Bot]) -> None:
    assert search(make_bot(), VISITS) == []


@pytest.mark.parametrize("question", ["", "?", "😀", "the of and", "谁领导了?", "a" * 10_000])
def test_an_odd_question_finds_something_or_nothing_but_does_not_fail(
    sample_bot: Bot, question: str
) -> None:
    assert len(search(sample_bot, question, limit=3)) <= 3


def test_the_same_question_finds_the_same_passages(sample_bot: Bot) -> None:
    assert search(sample_bot, VISITS) == search(sample_bot, VISITS)

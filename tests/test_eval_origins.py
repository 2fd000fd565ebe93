"""Planted copies are found and lures are not; the original goes before its copies."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.cli.edge import run
from bot.wiring import Bot
from eval.origins.command import load_bases
from eval.origins.planted import Planted, plant
from eval.origins.score import score_origins
from index.article import Article, Passage
from index.moment import Moment
from index.search.originals import choose_original, prefer_originals


@pytest.fixture(scope="module")
def bases() -> list[Planted]:
    return load_bases()


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_copies_are_told_from_lures(bases: list[Planted], seed: int) -> None:
    score = score_origins(plant(bases, copies=4, seed=seed))
    # 60 stories of 55 origins, 4 copies and 4 lures of each.
    assert (score.stories, score.origins) == (540, 295)
    assert score.precision >= 0.98
    assert score.recall >= 0.95


def test_pairs_are_counted_as_a_reader_would(bases: list[Planted]) -> None:
    one = bases[0]
    twin = Planted(
        Article(url="https://a.example/1", body=one.article.body), one.origin, "as it is"
    )
    other = Planted(Article(url="https://a.example/2", body=one.article.body), "another", "lure")
    score = score_origins([one, twin, other])
    # All three are put together: one pair belongs, two do not.
    assert (score.right, score.wrong, score.missed) == (1, 2, 0)
    assert score.precision == pytest.approx(1 / 3)
    assert score.missed_by_kind == {"as it is": (0, 1)}
    assert score.wrong_by_kind == {"lure": 2, "original": 1, "as it is": 1}


def test_the_command_prints_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", "origins", "--copies", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["precision"] >= 0.98
    assert found["recall"] >= 0.95


def passage(
    name: str, score: float, published: str, *, byline: str | None = None,
    dateline: str | None = None, outlet: str | None = None, text: str = "The pier will be rebuilt.",
) -> Passage:  # fmt: skip
    return Passage(
        chunk_id=f"{name}-{score}", article_id=name, version="v", origin_id="o",
        url=f"https://{name}.example/", title=None, outlet=outlet or name.title(), byline=byline,
        dateline=dateline, published=Moment.parse(published), start=0, end=len(text), text=text,
        score=score,
    )  # fmt: skip


def test_credits_count_before_the_time_of_publication() -> None:
    wire = passage("meridian", 1, "2024-03-05T09:00Z", outlet="Meridian Wire")
    early = passage("post", 2, "2024-03-05T08:00Z", dateline="SEOUL, March 5 (Meridian)")
    staff = passage("courier", 3, "2024-03-05T10:00Z", byline="Ada Bell, Meridian Wire")
    assert choose_original([early, staff, wire]) == "meridian"
    assert choose_original([early, staff]) == "post"


def test_an_original_takes_the_place_of_a_copy_of_the_same_words_only() -> None:
    copy = passage("post", 0.9, "2024-03-06", byline="Meridian")
    same = passage("meridian", 0.5, "2024-03-05", outlet="Meridian Wire")
    tail = passage("meridian", 0.7, "2024-03-05", outlet="Meridian Wire",
                   text="Fares rise in another town entirely next summer.")  # fmt: skip
    assert prefer_originals([copy, tail, same], [0.9, 0.7, 0.5]) == [0.5, 0.7, 0.9]
    assert prefer_originals([copy, tail], [0.9, 0.7]) == [0.9, 0.7]


def test_an_answer_cites_the_agency_and_not_its_customers(sample_bot: Bot) -> None:
    found = sample_bot.retriever().search("what did North Korea and Russia sign in Pyongyang?")
    first = next(one for one in found.passages if "protocol" in one.text)
    assert first.outlet == "Meridian Wire"


def test_copies_that_follow_are_grouped_with_what_is_stored(
    make_bot: Callable[..., Bot], bases: list[Planted]
) -> None:
    planted = plant([bases[0]], copies=3, seed=4)[:4]
    bot = make_bot(*(one.article for one in planted))
    listed = {one.url: one.origin_id for one in bot.library.catalog.articles()}
    copies = [one for one in planted if one.origin == bases[0].origin]
    assert len({listed[one.article.url] for one in copies}) == 1

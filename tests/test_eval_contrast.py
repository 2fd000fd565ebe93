"""The contrast set is what its rules make it, and the checker keeps its floors on it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.evidence import collect_candidates
from bot.samples import sample_folder
from bot.verify import Verifier
from bot.wording import word_sentence
from eval.contrast.build import CONTRAST_SET, build_pairs, read_passages
from eval.contrast.corrupt import make_corrupt
from eval.contrast.pair import ContrastPair, Half, Kind, half_of, load_pairs, write_pairs
from eval.contrast.run import KindFigures, Outcome, count_by_kind, run_contrast
from index.errors import UsageError

TEXT = "Anna Quint said that 14 people were not hurt on Tuesday."


@pytest.fixture(scope="module")
def pairs() -> list[ContrastPair]:
    return load_pairs(CONTRAST_SET)


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return run_contrast(Verifier(), sample_folder())


def test_the_committed_set_is_what_the_builder_makes(pairs: list[ContrastPair]) -> None:
    # What the reader adds to a sentence is its own affair; see the test of its wording below.
    built = [pair for pair in build_pairs(sample_folder()) if pair.kind is not Kind.WORDED]
    assert built == [pair for pair in pairs if pair.kind is not Kind.WORDED]


def test_the_set_is_as_large_as_promised(pairs: list[ContrastPair]) -> None:
    counts = Counter(pair.kind for pair in pairs)
    assert len(pairs) >= 400
    assert sum(pair.kind is Kind.PARAPHRASED and pair.made_by == "hand" for pair in pairs) >= 60
    assert set(counts) == set(Kind)


def test_no_sentence_is_both_faithful_and_corrupted(pairs: list[ContrastPair]) -> None:
    assert len({pair.sentence for pair in pairs}) == len(pairs)


def test_a_corruption_differs_from_every_sentence_of_its_article(pairs: list[ContrastPair]) -> None:
    passages = read_passages(sample_folder())
    corrupted = [pair for pair in pairs if not pair.kind.is_faithful]
    assert corrupted
    for pair in corrupted:
        if pair.kind is not Kind.ATTRIBUTION:
            assert pair.sentence not in passages[pair.articles[0]].text


def test_an_open_pair_cites_open_articles_only(pairs: list[ContrastPair]) -> None:
    opened = [pair for pair in pairs if pair.half is Half.OPEN]
    assert opened
    for pair in opened:
        assert {half_of(article) for article in pair.articles} == {Half.OPEN}


def test_rules_change_one_thing() -> None:
    made = dict(make_corrupt(TEXT, TEXT + " Peter Holm was there."))
    assert made[Kind.NUMBER] == TEXT.replace("14", "24")
    assert made[Kind.DATE] == TEXT.replace("Tuesday", "Thursday")
    assert made[Kind.NAME] == TEXT.replace("Anna Quint", "Peter Holm")
    assert made[Kind.NEGATION] == TEXT.replace("were not", "were")
    assert made[Kind.ATTRIBUTION] == "14 people were not hurt on Tuesday."


def test_pairs_survive_their_file(tmp_path: Path) -> None:
    pair = ContrastPair(Half.HELD, Kind.HEDGE, ("a", "b"), "It “may” fall.", "hand")
    write_pairs([pair], tmp_path / "set.jsonl")
    assert load_pairs(tmp_path / "set.jsonl") == [pair]


def test_a_missing_or_broken_set_is_an_error_that_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="eval contrast --build"):
        load_pairs(tmp_path / "none.jsonl")
    (tmp_path / "bad.jsonl").write_text('{"half": "open"}\n', encoding="utf-8")
    with pytest.raises(UsageError, match="line 1"):
        load_pairs(tmp_path / "bad.jsonl")


def test_shares_are_of_what_was_caught_or_dropped() -> None:
    assert KindFigures(Half.OPEN, Kind.NUMBER, 4, 3).share == 0.75
    assert KindFigures(Half.OPEN, Kind.VERBATIM, 4, 3).share == 0.25


@pytest.mark.slow
def test_what_the_offline_reader_writes_now_passes_nearly_always() -> None:
    verifier = Verifier()
    verdicts = [
        verifier.verify(word_sentence(candidate), [passage])
        for passage in read_passages(sample_folder()).values()
        for candidate in collect_candidates([passage])
    ]
    assert sum(verdict.ok for verdict in verdicts) / len(verdicts) >= 0.98


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "floor"),
    [
        (Kind.NUMBER, 0.97), (Kind.DATE, 0.97), (Kind.NAME, 0.97), (Kind.PLACE, 0.97),
        (Kind.NEGATION, 0.95), (Kind.COMPARISON, 0.95), (Kind.ATTRIBUTION, 0.9),
        (Kind.SPEAKER, 0.9), (Kind.HEDGE, 0.85),
    ],
)  # fmt: skip
def test_each_corruption_is_caught_as_often_as_promised(
    outcomes: list[Outcome], kind: Kind, floor: float
) -> None:
    figures = [one for one in count_by_kind(outcomes) if one.kind is kind]
    assert sum(one.right for one in figures) / sum(one.pairs for one in figures) >= floor


@pytest.mark.slow
def test_faithful_sentences_are_seldom_dropped(outcomes: list[Outcome]) -> None:
    own = [one for one in outcomes if one.pair.kind.is_faithful]
    assert sum(not one.is_right for one in own) / len(own) <= 0.08

import pytest

from eval.contrast.build import CONTRAST_SET
from eval.contrast.pair import Kind, load_pairs
from eval.metrics.agreement import cohen_kappa
from eval.metrics.listing import is_silent_pick, items_held
from eval.metrics.support import SentenceSupport, count_support, is_supported

QUOTE = "The ferry Orla sank off Pelum on Tuesday with 40 people aboard, the harbour said."


@pytest.mark.parametrize(
    "sentence",
    [
        "The ferry Orla sank off Pelum on Tuesday with 40 people aboard.",
        "The ferry Orla sank off Pelum on Tuesday (6 May 2031) with forty people aboard.",
        # Content words: ferry, orla, sank, pelum, yesterday; 4 of 5 stand in the quote.
        "The ferry Orla sank off Pelum yesterday.",
    ],
)
def test_a_sentence_in_the_quotes_words_is_borne_out(sentence):
    assert is_supported(sentence, [QUOTE])


@pytest.mark.parametrize(
    "sentence",
    [
        "The ferry Orla sank off Pelum on Tuesday with 41 people aboard.",
        "The ferry Orla sank off Pelum in May 2031.",
        "The ferry Rook sank off Pelum on Tuesday with 40 people aboard.",
        "The ferry Orla never sank off Pelum on Tuesday.",
        # 3 of 5 content words: ferry, orla, pelum; not: reached, safely.
        "The ferry Orla reached Pelum safely.",
    ],
)
def test_a_changed_figure_name_or_denial_is_not_borne_out(sentence):
    assert not is_supported(sentence, [QUOTE])


def test_support_agrees_with_pairs_whose_truth_is_known_as_the_docs_say():
    pairs = [
        pair for pair in load_pairs(CONTRAST_SET) if pair.quote and pair.kind is not Kind.MERGED
    ]
    found = [is_supported(pair.sentence, [pair.quote or ""]) for pair in pairs]
    kappa = cohen_kappa([pair.kind.is_faithful for pair in pairs], found)
    assert kappa == pytest.approx(0.58, abs=0.03)
    passed = {
        kind: [ok for ok, pair in zip(found, pairs, strict=True) if pair.kind is kind]
        for kind in Kind
    }
    assert all(passed[Kind.VERBATIM] + passed[Kind.WORDED] + passed[Kind.SHORTENED])
    for kind in (Kind.NUMBER, Kind.DATE, Kind.NAME, Kind.PLACE):
        assert sum(passed[kind]) / len(passed[kind]) < 0.1


def test_support_by_the_cited_is_told_apart_from_support_somewhere():
    sentence = "The ferry Orla sank off Pelum."
    told = [
        (sentence, [QUOTE]),
        (sentence, ["Rain fell in Quell."]),  # the wrong mark
        (sentence, []),  # a number that leads nowhere
        ("The Rook burnt in Quell.", [QUOTE]),  # borne out by nothing
    ]
    assert count_support(told, [QUOTE]) == SentenceSupport(4, by_cited=1, somewhere=3)


def test_items_held_and_silent_picks_by_hand():
    sides = [["6.8 metres"], ["7.4 metres", "7.4 m"]]
    assert items_held("It crested at 6.8 metres.", sides) == 0.5
    assert items_held("6.8 metres, or 7.4 metres by another report.", sides) == 1.0
    assert is_silent_pick("It crested at 6.8 metres.", sides, told_apart=False)
    assert not is_silent_pick("It crested at 6.8 metres.", sides, told_apart=True)
    assert not is_silent_pick("6.8 metres and 7.4 metres.", sides, told_apart=False)
    assert not is_silent_pick("", sides, told_apart=False)
    with pytest.raises(ValueError, match="no answer to compare"):
        items_held("x", [])


def test_kappa_by_hand():
    # Agree on 3 of 4. First says yes 3 of 4, second 2 of 4:
    # p_e = 3/4 · 2/4 + 1/4 · 2/4 = 1/2; kappa = (3/4 - 1/2) / (1 - 1/2) = 1/2.
    assert cohen_kappa("yyyn", "yynn") == pytest.approx(0.5)
    assert cohen_kappa("yn", "yn") == 1.0
    assert cohen_kappa("yn", "ny") == -1.0
    assert cohen_kappa("", "") is None
    assert cohen_kappa("yy", "yy") is None

import pytest

from eval.metrics.citations import (
    Agreement,
    Evidence,
    best_agreement,
    document_agreement,
    is_exact_quote,
    sentence_agreement,
)


def test_document_agreement_by_hand():
    # Cited a, b, x; gold a, b, c, d: 2 of 3 right, 2 of 4 found; F1 = 2·(2/3)·(1/2) / (7/6) = 4/7.
    agreement = document_agreement({"a", "b", "x"}, {"a", "b", "c", "d"})
    assert agreement.precision == pytest.approx(2 / 3)
    assert agreement.recall == 0.5
    assert agreement.f1 == pytest.approx(4 / 7)


def test_a_number_that_points_nowhere_counts_as_wrong():
    # 1 right of 1 cited and 1 dangling.
    assert document_agreement({"a"}, {"a"}, dangling=1).precision == 0.5


def test_no_citation_at_all_scores_nothing():
    assert document_agreement(frozenset(), {"a"}).f1 == 0.0


def test_without_gold_there_is_no_score():
    with pytest.raises(ValueError, match="no gold document"):
        document_agreement({"a"}, frozenset())
    with pytest.raises(ValueError, match="no gold sentence"):
        sentence_agreement([], [Evidence("a", "…")])


def test_sentences_meet_whatever_the_white_space():
    quoted = [Evidence("a", "The ferry\nsank off Pelum.")]
    gold = [Evidence("a", "The  ferry sank off Pelum .")]
    # "Theferrysankoffpelum." is the same string once white space is out of both.
    assert sentence_agreement(quoted, gold) == Agreement(1.0, 1.0)


def test_a_part_of_a_gold_sentence_meets_it():
    quoted = [Evidence("a", "sank off Pelum.")]
    assert sentence_agreement(quoted, [Evidence("a", "The ferry sank off Pelum.")]).f1 == 1.0


def test_a_quote_of_the_whole_article_is_many_quotes_of_which_one_is_right():
    body = "The ferry sank off Pelum. Rain fell. The mayor spoke. Shops were shut."
    agreement = sentence_agreement([Evidence("a", body)], [Evidence("a", "Rain fell.")])
    assert agreement == Agreement(0.25, 1.0)  # 1 of 4 sentences right, 1 of 1 found


def test_the_same_sentence_in_another_article_does_not_count():
    agreement = sentence_agreement([Evidence("b", "Rain fell.")], [Evidence("a", "Rain fell.")])
    assert agreement == Agreement(0.0, 0.0)


def test_a_sentence_quoted_twice_counts_once():
    quoted = [Evidence("a", "Rain fell."), Evidence("a", "Rain fell."), Evidence("a", "Snow fell.")]
    assert sentence_agreement(quoted, [Evidence("a", "Rain fell.")]).precision == 0.5


def test_of_several_choices_of_evidence_the_best_counts():
    assert best_agreement([Agreement(0.2, 0.2), Agreement(1.0, 0.5)]) == Agreement(1.0, 0.5)


@pytest.mark.parametrize(
    ("quote", "start", "end", "is_exact"),
    [
        ("sank", 6, 10, True),
        ("sank", 5, 9, False),
        ("Sank", 6, 10, False),
        ("", 6, 6, False),
        ("sank", -4, 10, False),
        ("sank", 6, 99, False),
    ],
)
def test_a_quote_is_exact_only_at_its_own_place(quote, start, end, is_exact):
    assert is_exact_quote(quote, start, end, "ferry sank") is is_exact

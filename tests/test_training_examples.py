import random
from dataclasses import replace

import pytest

from index.models.training.examples import ExampleMaker, Task, held_out_examples, render_header_of
from index.models.training.passages import AnsweredQuestion
from tests.training_samples import passage, tiny_encoder

PASSAGES = [passage(name, place) for place, name in enumerate(("Port", "Mole", "Pier", "Quay"))]


@pytest.fixture(scope="module")
def epochs():
    draw, maker = random.Random(1), ExampleMaker(PASSAGES)
    return [example for _ in range(10) for example in maker.make_epoch(draw)]


@pytest.fixture(scope="module")
def encoder():
    return tiny_encoder()


def test_the_same_draws_make_the_same_examples(epochs):
    draw, maker = random.Random(1), ExampleMaker(PASSAGES)
    assert [example for _ in range(10) for example in maker.make_epoch(draw)] == epochs


def test_an_answered_question_comes_with_a_sentence_that_holds_the_answer(epochs):
    answered = [one for one in epochs if one.answer]
    # Two questions of four passages in ten epochs.
    assert len(answered) == 80
    for example in answered:
        assert example.holds
        assert any(example.answer in example.sentences[n] for n in example.gold)


def test_no_text_of_a_near_miss_holds_the_answer(epochs):
    answer = {one.question: one.answer for each in PASSAGES for one in each.questions}
    near = [one for one in epochs if one.task is Task.QUESTION and not one.holds]
    made = [one for one in near if one.text in answer]
    assert made
    assert len(made) < len(near)
    for example in near:
        assert example.answer is None
        assert example.gold == ()
    for example in made:
        assert answer[example.text] not in " ".join(example.sentences)
        assert example.weight < 1


def test_a_question_is_put_to_another_passage_under_that_passages_header(epochs):
    sentences = {render_header_of(one): set(one.sentences) for one in PASSAGES}
    headed = [one for one in epochs if one.header]
    assert 0.8 < len(headed) / len(epochs) < 0.95
    for example in headed:
        assert set(example.sentences) <= sentences[example.header]
    asked = [one for one in headed if one.text == "Who heads Port now?"]
    assert len({one.header for one in asked}) > 1
    assert all(one.header.startswith("Port") for one in asked if one.holds)


def test_a_true_claim_that_cites_another_sentence_is_shown_that_sentence_alone(epochs):
    true = {one.claim for each in PASSAGES for one in each.claims}
    true |= {sentence for each in PASSAGES for sentence in each.sentences}
    misplaced = [
        one for one in epochs if one.task is Task.CLAIM and not one.holds and one.text in true
    ]
    assert misplaced
    assert {len(one.sentences) for one in misplaced} == {1}


def test_what_is_measured_is_whole_and_in_the_passages_order():
    examples = held_out_examples(PASSAGES[0])
    assert [one.holds for one in examples] == [True, True, False, True, False, False]
    assert {one.header for one in examples} == {"Port opens | Daily | May 1, 2024"}
    assert examples[0].sentences == PASSAGES[0].sentences
    # A claim is shown the sentences that it cites, in reading order.
    assert examples[3].sentences == PASSAGES[0].sentences[:2]


def long_article():
    """An article of 234 words whose questions are about its first and its last sentence."""
    sentences = tuple(f"Fact {n} of the harbour is {'told at length ' * 2}." for n in range(18))
    return replace(
        PASSAGES[0],
        sentences=sentences,
        questions=(
            AnsweredQuestion("Which is the harbour's first?", "Fact 0", (0,)),
            AnsweredQuestion("Which is the harbour's last?", "Fact 17", (17,)),
        ),
        claims=(),
        false_claims=(),
    )


def test_of_a_long_article_a_chunk_is_shown_with_what_answers_or_without():
    article, draw = long_article(), random.Random(3)
    maker = ExampleMaker([article, *PASSAGES])
    questions = {one.question for one in article.questions}
    shown = [one for _ in range(30) for one in maker.make_epoch(draw) if one.text in questions]
    assert all(sum(len(text.split()) for text in one.sentences) <= 150 for one in shown)
    answered = [one for one in shown if one.holds]
    assert len(answered) == 60
    assert all(one.answer in one.sentences[one.gold[0]] for one in answered)
    elsewhere = [
        one for one in shown if not one.holds and set(one.sentences) < set(article.sentences)
    ]
    assert elsewhere
    answers = {one.question: one.answer for one in article.questions}
    assert not any(f"{answers[one.text]} " in " ".join(one.sentences) for one in elsewhere)


def test_a_long_article_is_measured_by_its_pieces():
    article = long_article()
    first, last, near = held_out_examples(article)
    assert first.sentences + last.sentences == article.sentences
    assert (first.gold, last.gold) == ((0,), (len(last.sentences) - 1,))
    assert near.sentences in (first.sentences, last.sentences)


def test_an_article_without_claims_teaches_none():
    examples = ExampleMaker([long_article()]).make_epoch(random.Random(1))
    assert {one.task for one in examples} == {Task.QUESTION}
    assert ExampleMaker([]).make_epoch(random.Random(1)) == []


def test_a_row_holds_question_header_and_sentences_and_knows_where_they_are(encoder):
    example = held_out_examples(PASSAGES[0])[0]
    row = encoder.encode(example)
    # One token a letter or a space, and one that begins each text.
    lengths = [last - first for first, last in row.spans]
    assert lengths == [len(text) + 1 for text in example.sentences]
    first, last = row.spans[1]
    assert row.answer == (first, first + len("Ana Port"))
    assert row.tokens[0] == 0
    assert row.tokens[len(example.text) + 2] == row.tokens[-1] == 2
    assert last < row.spans[2][1] < len(row.tokens)


def test_what_does_not_fit_is_cut_from_the_end_and_its_answer_is_lost(encoder):
    question = held_out_examples(PASSAGES[0])[0]
    long = type(question)(
        Task.QUESTION,
        "a" * 100,
        "b" * 100,
        ("c" * 200, "d" * 200, "Ana Gil leads."),
        holds=True,
        gold=(2,),
        answer="Ana Gil",
    )
    row = encoder.encode(long)
    assert len(row.tokens) == 384
    # 64 of the question, 48 of the header, two marks before and one after the text.
    assert row.spans == ((114, 315), (315, 383), (383, 383))
    assert row.answer is None

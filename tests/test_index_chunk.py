"""Chunks are verbatim, in order, complete, and within the model's window."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Chunk
from index.chunk import cut_article, lexical_text, passage_text
from index.embed import load_embedder
from index.moment import Moment


@dataclass(frozen=True)
class Window:
    max_tokens: int


class WordCounter:
    """Counts words and signs, four characters a token at most."""

    def __init__(self, window: int = 512) -> None:
        self.card = Window(window)
        self.calls = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        self.calls += 1
        return [len(re.findall(r"\w{1,4}|[^\w\s]", text)) for text in texts]


def cut(body: str, *, window: int = 512, tokens: int = 200, overlap: int = 0) -> list[Chunk]:
    article = Article(url="https://example.org/a", body=body, title="Bridge reopens")
    counter = WordCounter(window)
    return cut_article(article, tokenizer=counter, chunk_tokens=tokens, overlap_sentences=overlap)


def count(text: str) -> int:
    return WordCounter().count_tokens([text])[0]


SENTENCE = "The harbour council voted to rebuild the east pier before the winter storms. "
WORDS = st.sampled_from(
    ["pier", "Mr.", "3.5", "said", "Federation.He", "“No,", "x" * 90, "…", "—", "US$4", "Über",
     "它", "\u00a0", "\n", "\n\n", "\t", "end.", "end.\n", "really?", "a;", "\x1c", "\u2028", "🙂"]
)  # fmt: skip
BODIES = st.lists(WORDS, max_size=150).map(" ".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=400
)


@given(body=BODIES, tokens=st.integers(20, 80), overlap=st.integers(0, 2))
def test_chunks_are_ordered_verbatim_slices_that_miss_nothing_but_white_space(
    body: str, tokens: int, overlap: int
) -> None:
    chunks = cut(body, tokens=tokens, overlap=overlap)

    covered = [False] * len(body)
    for chunk in chunks:
        assert chunk.text == body[chunk.start : chunk.end]
        assert chunk.text.strip()
        covered[chunk.start : chunk.end] = [True] * len(chunk.text)
    assert all(done or letter.isspace() for done, letter in zip(covered, body, strict=True))
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert [c.start for c in chunks] == sorted({c.start for c in chunks})
    assert [c.end for c in chunks] == sorted({c.end for c in chunks})


@given(body=BODIES, tokens=st.integers(20, 80), overlap=st.integers(0, 2))
def test_no_chunk_exceeds_its_tokens(body: str, tokens: int, overlap: int) -> None:
    for chunk in cut(body, tokens=tokens, overlap=overlap):
        # Words may be halved: "xxxxx" is two tokens, "xxx" and "xx" are two as well.
        assert count(chunk.text) <= tokens


@given(body=BODIES)
def test_without_overlap_no_character_is_in_two_chunks(body: str) -> None:
    chunks = cut(body, tokens=24)

    assert all(one.end <= following.start for one, following in pairwise(chunks))


def test_the_header_counts_against_a_narrow_window() -> None:
    counter = WordCounter(window=100)
    article = Article(
        url="https://example.org/a",
        body=SENTENCE * 40,
        title="The council of the harbour town votes on the pier once more " * 9,
        outlet="Harbour Herald",
        published=Moment.day(2023, 11, 16),
    )

    chunks = cut_article(article, tokenizer=counter, chunk_tokens=200)

    longest = max(
        count(passage_text(article.title, article.outlet, article.published, chunk.text))
        for chunk in chunks
    )
    assert longest <= 98


HOSTILE = {
    "no spaces": "QmFzZTY0IG9mIG5vdGhpbmc" * 400,
    "no sentences": "harbour council pier winter " * 600,
    "another script": "它在港口停靠了一整个冬天" * 300,
    "pictures": "🙂🚢" * 800,
    "marks": "a\u0301\u0302\u0303 " * 900,
    "one word a line": "pier\n" * 1500,
}


@pytest.mark.parametrize("model", ["multilingual-e5-small", "all-MiniLM-L6-v2"])
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_embedded_fits_the_window_of_each_shipped_model(model: str, body: str) -> None:
    embedder = load_embedder(model)
    article = Article(url="https://example.org/a", body=body, title=body[:300], outlet=body[:90])

    chunks = cut_article(article, tokenizer=embedder, chunk_tokens=200)

    texts = [passage_text(article.title, article.outlet, None, chunk.text) for chunk in chunks]
    assert max(embedder.count_tokens(texts)) <= embedder.card.max_tokens


def test_chunks_end_where_sentences_do() -> None:
    chunks = cut(SENTENCE * 50, tokens=100)

    assert len(chunks) > 5
    assert all(chunk.text.startswith("The harbour") for chunk in chunks)
    assert all(chunk.text.endswith("storms.") for chunk in chunks)


def test_a_little_more_than_one_chunk_becomes_two_even_ones() -> None:
    sentence = count(SENTENCE)

    chunks = cut(SENTENCE * 10, tokens=9 * sentence)

    assert [count(chunk.text) for chunk in chunks] == [5 * sentence, 5 * sentence]


def test_a_paragraph_end_nearby_is_preferred() -> None:
    # Nine and eleven sentences of a possible twelve: without the paragraphs it would be ten each.
    body = (SENTENCE * 9).strip() + "\n\n" + SENTENCE * 11

    first, second = cut(body, tokens=12 * count(SENTENCE))

    assert first.text == (SENTENCE * 9).strip()
    assert second.start == body.index("\n\n") + 2


def test_a_sentence_longer_than_a_chunk_is_cut_at_its_clauses() -> None:
    clause = "the east pier was closed to every ship and every visitor for the whole winter"
    body = ", ".join([clause] * 8) + "."

    chunks = cut(body, tokens=2 * count(clause) + 4)

    assert len(chunks) == 4
    assert all(chunk.text.startswith("the east pier") for chunk in chunks)


def test_a_word_longer_than_a_chunk_is_still_cut() -> None:
    chunks = cut("z" * 5000, tokens=100)

    assert "".join(chunk.text for chunk in chunks) == "z" * 5000
    assert max(count(chunk.text) for chunk in chunks) <= 100


def test_an_overlap_repeats_whole_sentences_of_the_chunk_before() -> None:
    body = "".join(f"Ship number {number} left the harbour at dawn. " for number in range(40))

    chunks = cut(body, tokens=100, overlap=1)

    assert len(chunks) > 2
    for before, after in pairwise(chunks):
        repeated = body[after.start : before.end]
        assert repeated.startswith("Ship number")
        assert repeated.count("Ship") == 1


def test_tokens_of_an_ordinary_article_are_counted_in_one_call() -> None:
    counter = WordCounter()

    cut_article(Article(url="https://example.org/a", body=SENTENCE * 60), tokenizer=counter)

    assert counter.calls == 1


@pytest.mark.parametrize("body", ["", " \n\t\n "])
def test_a_body_without_text_has_no_chunk(body: str) -> None:
    assert cut(body) == []


@pytest.mark.parametrize(("tokens", "overlap"), [(0, 0), (200, -1)])
def test_senseless_sizes_are_refused(tokens: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="cannot cut"):
        cut(SENTENCE, tokens=tokens, overlap=overlap)


def test_a_passage_is_embedded_under_title_outlet_and_date() -> None:
    text = passage_text(
        " Bridge\nreopens ", "Harbour Herald", Moment.day(2023, 11, 6), "It is open."
    )

    assert text == "Bridge reopens | Harbour Herald | November 6, 2023\nIt is open."


def test_what_is_not_known_leaves_no_trace_in_the_header() -> None:
    assert (
        passage_text(None, "Harbour Herald", None, "It is open.") == "Harbour Herald\nIt is open."
    )
    assert passage_text(None, None, None, "It is open.") == "It is open."


@pytest.mark.parametrize(
    ("iso", "words"),
    [("2023", "2023"), ("2023-11", "November 2023"), ("2023-11-16T20:15:26Z", "November 16, 2023")],
)
def test_a_date_is_worded_as_precisely_as_it_is_known(iso: str, words: str) -> None:
    assert passage_text(None, None, Moment.parse(iso), "Open.") == f"{words}\nOpen."
    assert lexical_text(None, None, Moment.parse(iso), "Open.") == f"{iso[:10]} {words}\nOpen."


def test_a_guessed_date_is_not_part_of_the_text() -> None:
    guess = Moment.day(2023, 11, 16, is_guess=True)

    assert passage_text("Bridge", None, guess, "Open.") == "Bridge\nOpen."
    assert lexical_text("Bridge", None, guess, "Open.") == "Bridge\nOpen."

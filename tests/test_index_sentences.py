"""Where sentences begin and end in news text."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.sentences import split_sentences

# Each text is written with " | " where it must be cut, and nowhere else.
CASES = [
    "He left. | She stayed.",
    "Who? | Me! | What?! | Yes.",
    # titles, abbreviations, months
    "Mr. Smith met Gen. Lee on Nov. 16. | They talked.",
    "Lt. Col. Smith and Sen. Jones, D-Calif., met Gov. Hale.",
    "Sen. Ames, I-Vt., spoke. | Rep. Jones (D-Calif.) left.",
    "St. Louis is near Mt. Vernon. | It rains.",
    "The ratio, e.g. this one vs. that, is i.e. small.",
    "He was born in Sept. | The month was wet.",
    "It left at 5 p.m. Monday. | She came at 6 a.m. | The door was shut.",
    "Apple Inc. said so. | It is run by Apple Inc. | The firm grew.",
    "Martin King Jr. spoke. | Lee et al. wrote.",
    # initials and letters
    "George W. Bush spoke. | J.K. Rowling wrote. | A. A. Milne too.",
    "They had no plan B. | The end came. | He was in Group A. | Then he left.",
    "He lives in the U.S. | He likes it.",
    "The U.S. President spoke. | The U.S. and U.K. agreed. | The U.N. Security Council met.",
    # numbers
    "It cost $1.5 million. | That is 3.2 percent.",
    "The No. 1 seed lost. | He said no. | They left.",
    "Nos. 3 and 4 won. | In 2019. | 30 people came.",
    "1. First item | 2. Second item",
    "Version 2.0.1 is out.",
    # quotes and brackets
    "“We won.” | He smiled. | “Really?” he asked. | “Go!” | She went.",
    '"We won," he said. | "It was hard." | The crowd cheered.',
    "‘It’s over.’ | She left.",
    "He said (it was late.) | Then he left. | [Applause.] | More.",
    "Yahoo! said it.",
    # ellipses
    "Wait... what? | Well… he said. | Yes… | The end.",
    # domains
    "Use Node.js and Booking.com. | It works on Amazon.Com too.",
    # captions and datelines
    "SEOUL, Nov. 16 (Newswire) -- The U.S. said so. | It was late.",
]


@pytest.mark.parametrize("marked", CASES)
def test_news_text_is_cut_where_its_sentences_end(marked):
    expected = marked.split(" | ")
    # A list number is one only at the start of a line.
    text = ("\n" if marked.startswith("1.") else " ").join(expected)
    assert [span.of(text) for span in split_sentences(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The Federation.He said so.Rudenko agreed.",
            ["The Federation.", "He said so.", "Rudenko agreed."],
        ),
        ("in November 2023.Rudenko said", ["in November 2023.", "Rudenko said"]),
        ("“Go home.”She left.", ["“Go home.”", "She left."]),
        ("Shares fell 3%.The rest was flat.", ["Shares fell 3%.", "The rest was flat."]),
        ("the group (GRP).The rest", ["the group (GRP).", "The rest"]),
        ("Deals at Booking.Com today", ["Deals at Booking.Com today"]),
        ("The U.S.A. Today", ["The U.S.A. Today"]),
    ],
)
def test_sentences_that_a_careless_page_glued_are_cut(text, expected):
    assert [span.of(text) for span in split_sentences(text)] == expected


def test_every_newline_ends_a_sentence_even_after_an_abbreviation():
    text = "  Headline without a stop\n\nBy Gen.\r\n Lee wrote it \n"
    found = [span.of(text) for span in split_sentences(text)]
    assert found == ["Headline without a stop", "By Gen.", "Lee wrote it"]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u00a0\t"])
def test_blank_text_has_no_sentence(text):
    assert split_sentences(text) == []


_WORDS = ["He", "said", "Mr", "U.S", "No", "1", "A", "'s", "Nov", "com", "é", "Ж", "\ud800"]
_MARKS = [".", "...", "?", "!", "…", '"', "”", "“", ")", "(", "%", ",", " ", "\n", "\r\n", "\u00a0"]
_PIECES = st.sampled_from([*_WORDS, *_MARKS])


@given(st.one_of(st.text(), st.lists(_PIECES, max_size=40).map("".join)))
@example("A. A.")
@example("%.The")
@example(".The")
def test_spans_are_in_order_apart_and_leave_out_nothing_but_white_space(text):
    spans, last, rest = split_sentences(text), 0, []
    for span in spans:
        assert last <= span.start < span.end <= len(text)
        assert span.of(text) == span.of(text).strip()
        rest.append(text[last : span.start])
        last = span.end
    assert not "".join([*rest, text[last:]]).strip()


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_no_sentence_runs_over_a_newline(text):
    assert not any("\n" in span.of(text) for span in split_sentences(text))


@pytest.mark.parametrize(
    "unit", [".", " ", "a", "A.", "1.", '."', ".'", "…", "\n", " \n", "U.S. ", '"']
)
def test_hostile_text_takes_linear_time(unit):
    start = time.process_time()
    split_sentences((unit * 200_000)[:200_000])
    # About 0.1 s; quadratic work on so many characters would take minutes.
    assert time.process_time() - start < 5

"""What a model writes is cut into sentences with their keys, however it arrives."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.writer.marks import SentenceCutter, Sketch

ONE, TWO = "k3f9a2c1d", "k70b1e5aa"


def cut(*pieces: str, is_whole: bool = True) -> list[Sketch]:
    cutter = SentenceCutter()
    sketches = [sketch for piece in pieces for sketch in cutter.feed(piece)]
    return [*sketches, *cutter.finish(is_whole=is_whole)]


@pytest.mark.parametrize(
    ("text", "sketches"),
    [
        (f"He led it. [{ONE}]", [("He led it.", [ONE])]),
        (f"He led it [{ONE}].", [("He led it.", [ONE])]),
        (f"He led it. [{ONE}][{TWO}] She came. [{TWO}]",
         [("He led it.", [ONE, TWO]), ("She came.", [TWO])]),
        (f"He led it. [{ONE}, {TWO}]\nShe came. [{TWO}]",
         [("He led it.", [ONE, TWO]), ("She came.", [TWO])]),
        (f"He led it [{ONE}]. She came [{TWO}].", [("He led it.", [ONE]), ("She came.", [TWO])]),
        (f"He led it [{ONE}] and left [{TWO}].", [("He led it and left.", [ONE, TWO])]),
        (f"“He led it.” [{ONE}]\n“She came.” [{TWO}]",
         [("“He led it.”", [ONE]), ("“She came.”", [TWO])]),
        (f"- He led it. [{ONE}]\n2. She came. [{TWO}]",
         [("He led it.", [ONE]), ("She came.", [TWO])]),
        (f"He led **it**. [{ONE.upper()}]", [("He led it.", [ONE])]),
        (f"He led it. [source {ONE}]", [("He led it.", [ONE])]),
        ("He led it. [1]", [("He led it.", ["1"])]),
        ("He called it “fine” [sic]. [k1]", [("He called it “fine” [sic].", ["k1"])]),
        ("“[The minister] led it (45).” [k1]", [("“[The minister] led it (45).”", ["k1"])]),
        ("", []),
        ("\n\n", []),
        ("[k1]", []),
        ("NO_ANSWER", [("NO_ANSWER", [])]),
    ],
)  # fmt: skip
def test_marks_belong_to_the_sentence_they_end(
    text: str, sketches: list[tuple[str, list[str]]]
) -> None:
    assert cut(text) == [Sketch(one, tuple(keys)) for one, keys in sketches]


def test_a_sentence_without_a_mark_borrows_none() -> None:
    assert cut(f"He led it. She came. [{ONE}]") == [
        Sketch("He led it.", ()),
        Sketch("She came.", (ONE,)),
    ]


def test_nothing_is_given_out_while_its_mark_may_go_on() -> None:
    cutter = SentenceCutter()

    assert list(cutter.feed("He led it.")) == []
    assert list(cutter.feed(f" [{ONE[:4]}")) == []
    assert list(cutter.feed(f"{ONE[4:]}]")) == []
    assert list(cutter.feed(" ")) == []
    assert list(cutter.feed("S")) == [Sketch("He led it.", (ONE,))]


def test_of_a_cut_reply_the_last_sentence_counts_only_with_its_mark() -> None:
    assert cut("He led it", is_whole=False) == []
    assert cut(f"He led it. [{ONE[:5]}", is_whole=False) == []
    assert cut(f"He led it. [{ONE}]", is_whole=False) == [Sketch("He led it.", (ONE,))]


def test_a_sentence_that_does_not_end_is_noticed() -> None:
    cutter = SentenceCutter(most_characters=100)

    assert list(cutter.feed("word " * 30)) == []
    assert cutter.is_overlong


REPLIES = st.lists(
    st.sampled_from(
        ["He led it.", " ", "\n", f"[{ONE}]", f" [{TWO}]", ".", "She came", "”", "[sic]", "[", "]",
         "NO_ANSWER", "1", "U.S. ", "“Yes!”"]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@given(text=REPLIES, data=st.data())
def test_sentences_do_not_depend_on_how_the_text_arrives(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    bounds = sorted({0, *places, len(text)})
    pieces = [text[a:b] for a, b in pairwise(bounds)]

    assert cut(*pieces) == cut(text)


@pytest.mark.parametrize("marks", [19, 20, 21, 22, 23, 40])
def test_many_marks_are_cut_the_same_however_they_arrive(marks: int) -> None:
    text = f"She came. [{TWO}] He led it.{f' [{ONE}]' * marks} “Yes!” [{TWO}]. It rained. [{ONE}]\n"
    assert cut(*text) == cut(text)


@pytest.mark.parametrize("mark", ["[1]", "[k3f9a2c1d]"])
@pytest.mark.parametrize("stop", ["", "."])
def test_a_model_that_writes_marks_without_end_costs_little(mark: str, stop: str) -> None:
    cutter, text = SentenceCutter(), f"He led it{stop} {mark * 1_400}"
    started = time.process_time()
    for at in range(0, len(text), 3):
        assert list(cutter.feed(text[at : at + 3])) == []
        if cutter.is_overlong:
            break
    # 0.2 s; 3 to 8 s where each piece has all that is held looked through again.
    assert time.process_time() - started < 1.5
    assert cutter.is_overlong


@pytest.mark.parametrize(
    "hostile",
    ["[" * 50_000, "[k1" * 20_000, ". " * 50_000, "[1," * 20_000, "[1 " * 20_000,
     "[" + "1" * 60_000, "[" + "1," * 30_000],
)  # fmt: skip
def test_hostile_text_is_cut_in_good_time(hostile: str) -> None:
    # Milliseconds each; a pattern that backtracks takes minutes.
    assert len("".join(one.text for one in cut(hostile))) <= len(hostile)

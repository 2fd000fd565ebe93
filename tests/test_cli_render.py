"""What people see of an answer; the whole pages stand in tests/golden/."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from bot.answer import Answer, Citation, Question, Reason, Sentence, Status
from bot.cli.answer_view import show_answer, show_date, show_passages
from bot.cli.console import open_console
from bot.plain import plain_line, plain_text
from index.article import Passage
from index.moment import Moment

GOLDEN = Path(__file__).parent / "golden"

LANTERN = (
    "The lantern of Point Arrow was lit again by Ida Brandt, the last keeper, "
    "at nine on Saturday evening."
)


def citation(number: int, quote: str, **fields: object) -> Citation:
    known = {
        "article_id": f"article-{number}",
        "version": "sha256:0",
        "url": f"https://harborpost.example/{number}",
        "title": "Point Arrow shines again",
        "outlet": "Harbor Post",
        "published": Moment.day(2023, 11, 18),
        "start": 40,
        "end": 40 + len(quote),
    }
    return Citation(number=number, quote=quote, **{**known, **fields})  # type: ignore[arg-type]  # a test's shorthand


def passage(number: int, text: str, **fields: object) -> Passage:
    known = {
        "chunk_id": f"chunk-{number}",
        "article_id": f"article-{number}",
        "version": "sha256:0",
        "origin_id": f"article-{number}",
        "url": f"https://harborpost.example/{number}",
        "title": f"Story {number}",
        "outlet": "Harbor Post",
        "byline": None,
        "dateline": None,
        "published": Moment.day(2023, 11, 10 + number),
        "start": 0,
        "end": len(text),
        "text": text,
    }
    return Passage(**{**known, **fields})  # type: ignore[arg-type]  # a test's shorthand


ANSWERED = Answer(
    Question("who lit the lantern?"),
    Status.ANSWERED,
    (
        Sentence(LANTERN, (1, 2)),
        Sentence("It had been dark for nine years.", (3,)),
    ),
    (
        citation(1, LANTERN),
        citation(2, "Ida Brandt lit it.", outlet=None, published=None, title=None),
        citation(
            3,
            "It had been dark for nine years.",
            url="file:///archive/lantern.txt",
            published=Moment.parse("2023-11"),
        ),
    ),
    note="2 outlets, 1 origin",
)
AMBIGUOUS = Answer(
    Question("who led the delegation?"),
    Status.AMBIGUOUS,
    (
        Sentence("14 November 2023: Ida Brandt led the delegation to Skerry.", (1,)),
        Sentence("2 May 2021: The delegation was led by Otto Lind.", (2,)),
    ),
    (
        citation(1, "Ida Brandt led the delegation to Skerry."),
        citation(2, "The delegation was led by Otto Lind.", published=Moment.day(2021, 5, 3)),
    ),
)
ABSTAINED = Answer(
    Question("what did the lantern cost?"),
    Status.ABSTAINED,
    reason=Reason.NO_EVIDENCE,
    passages=(
        passage(
            1, LANTERN + " Hundreds of people had walked out to the point. " + "Rain fell. " * 30
        ),
        passage(2, "The harbour office would not say what it had paid.", published=None),
        passage(3, "This third one is too far off to be shown."),
    ),
)


def draw(answer: Answer, *, terminal: bool = True, width: int = 72) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream, force_terminal=terminal, color_system=None, width=width, highlight=False
    )
    show_answer(answer, console)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "answer"),
    [("answered", ANSWERED), ("ambiguous", AMBIGUOUS), ("abstained", ABSTAINED)],
)
def test_an_answer_looks_as_its_golden_page(name: str, answer: Answer) -> None:
    assert draw(answer) == (GOLDEN / f"cli_{name}.txt").read_text(encoding="utf-8")


def test_a_terminal_gets_lines_of_its_width() -> None:
    lines = draw(ANSWERED, width=50).splitlines()

    assert max(len(line) for line in lines) <= 50
    assert len(lines) > len(draw(ANSWERED, terminal=False).splitlines())


def test_a_pipe_gets_each_paragraph_on_one_line() -> None:
    text = draw(ANSWERED, terminal=False, width=20)

    assert f"{LANTERN} [1][2] It had been dark for nine years. [3]\n" in text


def test_no_line_ends_in_a_space() -> None:
    assert all(line == line.rstrip() for line in draw(ABSTAINED).splitlines())


HOSTILE = (
    "\x1b[2J\x1b]0;gone\x07[bold]Lind\x9b31m said \u202eolleh\u2066 \x08\x00:smile: \U000e0041end"
)


def test_text_from_outside_cannot_steer_the_terminal() -> None:
    answer = Answer(
        Question("q"),
        Status.ANSWERED,
        (Sentence(HOSTILE, (1,)),),
        (
            citation(
                1, HOSTILE, title=HOSTILE, outlet=HOSTILE, url="https://x.example/\x1b]8;;\x07"
            ),
        ),
        note=HOSTILE,
    )
    stream = io.StringIO()
    show_answer(answer, Console(file=stream, force_terminal=True, color_system=None, width=70))
    text = stream.getvalue()

    assert "[bold]Lind said olleh :smile: end" in text
    assert all(char.isprintable() or char == "\n" for char in text)


def test_only_web_addresses_can_be_clicked() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="truecolor", width=70)
    show_answer(ANSWERED, console)
    links = [line for line in stream.getvalue().splitlines() if "]8;" in line]

    assert len(links) == 2
    assert all("https://harborpost.example/" in line for line in links)


def test_a_long_address_is_never_broken() -> None:
    url = "https://harborpost.example/" + "long/" * 40
    answer = Answer(
        Question("q"), Status.ANSWERED, (Sentence("S.", (1,)),), (citation(1, "S.", url=url),)
    )

    assert url in draw(answer, width=40)


def test_no_color_turns_every_style_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    show_answer(ANSWERED, open_console(stream))

    assert "\x1b" not in stream.getvalue()


def test_a_search_without_a_passage_says_so() -> None:
    stream = io.StringIO()
    show_passages([], Console(file=stream))

    assert stream.getvalue() == "Nothing was found.\n"


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        (None, "undated"),
        (Moment.parse("2023-11-16T20:15:26Z"), "2023-11-16"),
        (Moment.parse("2023-11"), "2023-11"),
        (Moment.day(2023, 11, 16, is_guess=True), "2023-11-16 (file date)"),
    ],
)
def test_a_date_is_shown_as_far_as_it_is_known(published: Moment | None, shown: str) -> None:
    assert show_date(published) == shown


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain — “text” 日本", "plain — “text” 日本"),
        ("a\tb\r\nc", "a b\nc"),
        ("\x1b]8;;http://x\x1b\\word\x1b]8;;\x1b\\", "word"),
        ("never \x1b]ends here", "never ends here"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ud800half", "half"),
    ],
)
def test_plain_text_keeps_words_and_drops_controls(text: str, plain: str) -> None:
    assert plain_text(text) == plain


def test_a_plain_line_is_one_line() -> None:
    assert plain_line(" a\n\n b\u2028c ") == "a b c"

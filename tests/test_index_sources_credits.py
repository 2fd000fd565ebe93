"""Lines of credits above a story, as the press writes them: who, for whom, when."""

import pytest

from index.dates import parse_date
from index.moment import Moment
from index.sources.credits import Credits, read_credits, read_name
from index.sources.head import Head, read_head

LEAD = (
    "Lumo and Vesk have agreed to share the water of the Orrin after nine hours of talks in the "
    "border town of Karst, both governments said on Thursday, ending a quarrel of eleven years."
)


def day(text: str) -> Moment:
    moment = parse_date(text)
    assert moment
    return moment


@pytest.mark.parametrize(
    ("line", "outlet", "byline", "section", "published"),
    [
        ("By Ana Bell | Orrin Chronicle | March 4, 2025", "Orrin Chronicle", "Ana Bell", None,
         "2025-03-04"),
        ("The Vesk Monitor | Live | Tuesday 16 September 2025", "The Vesk Monitor", None, "Live",
         "2025-09-16"),
        ("SCIENCE | The Southern Cone Observer", "The Southern Cone Observer", None, "SCIENCE",
         None),
        ("Karst Weekly, 30 May 2025", "Karst Weekly", None, None, "2025-05-30"),
        ("Orrinside | By Ana Bell", "Orrinside", "Ana Bell", None, None),
        ("31 July 2025, 16:25 Karst", None, None, None, "2025-07-31T16:25"),
        ("Sunday, Feb. 9, 2025 — 7:05 a.m. ET", None, None, None, "Feb. 9, 2025 7:05 a.m. ET"),
        ("Monday 2 June 2025 (updated 3 June, see below)", None, None, None, "2025-06-02"),
        ("Live coverage by Ana Bell in Karst and Tom Ekwall in Lumo | 24 April 2025", None,
         "Ana Bell and Tom Ekwall", None, "2025-04-24"),
        ("Reporting by Ana Bell; editing by T. Ekwall", None, "Ana Bell", None, None),
        ("Words: Ana Bell", None, "Ana Bell", None, None),
        ("By Ana Bell, Karst Sports Weekly", "Karst Sports Weekly", "Ana Bell", None, None),
        ("5 September 2025 | 6 min read", None, None, None, "2025-09-05"),
    ],
)  # fmt: skip
def test_all_of_a_line_is_understood(
    line: str, outlet: str | None, byline: str | None, section: str | None, published: str | None
) -> None:
    said = read_credits(line)
    assert said is not None
    assert (said.outlet, said.byline, said.section) == (outlet, byline, section)
    assert said.published == (day(published) if published else None)


@pytest.mark.parametrize(
    "line",
    [
        "Ministers, envoys | and the two who would not come",
        "Lumo 2 Vesk 2 (after extra time; Lumo win 5-4 on penalties)",
        "By Thursday the river had risen again",
        "On 4 March 2025 the dam was shut | the town slept",
        "With two days to go nobody had signed",
        "a | b | c | d | e | f",
        "18:40",
    ],
)
def test_a_line_of_the_story_is_none(line: str) -> None:
    assert read_credits(line) is None


def test_a_bare_name_adds_what_is_missing() -> None:
    assert read_name("Ana Bell", Credits()) == Credits(byline="Ana Bell")
    assert read_name("Touchline Asia", Credits()) == Credits(outlet="Touchline Asia")
    assert read_name("Orrinside", Credits(byline="Ana Bell")) == Credits(outlet="Orrinside")
    assert read_name("Orrinside", Credits(outlet="Vesk Post", byline="Ana Bell")) is None
    assert read_name("key points", Credits()) is None
    assert read_name("Vesk Daily News, Karst", Credits()) == Credits(outlet="Vesk Daily News")
    authors = read_name("Ana Bell in Karst, Tom Ekwall in Lumo", Credits())
    assert authors == Credits(byline="Ana Bell, Tom Ekwall")


def head_of(*lines: str) -> Head:
    return read_head([*lines, LEAD])


def test_credits_stand_below_a_standfirst() -> None:
    standfirst = "For a century nobody could follow an eel to its grave. A team came close."
    head = head_of("The long swim home", standfirst, "Feature", "by Ana Bell", "Vesk, 30 May 2025")
    assert head.title == "The long swim home"
    assert head.credits == Credits("Vesk", "Ana Bell", "Feature", day("2025-05-30"))
    assert head.story == [standfirst, LEAD]


def test_a_score_among_the_credits_stays_in_the_story() -> None:
    score = "Lumo 2 Vesk 2 (after extra time; Lumo win 5-4 on penalties)"
    head = head_of("Lumo stun holders", "Touchline Asia", score, "Ana Bell", "12 March 2025")
    assert (head.credits.outlet, head.credits.byline) == ("Touchline Asia", "Ana Bell")
    assert head.story == [score, LEAD]


def test_without_a_date_or_an_author_names_are_no_credits() -> None:
    head = head_of("Five to watch", "Ana Bell", "Tom Ekwall")
    assert head.credits == Credits()
    assert head.story == ["Ana Bell", "Tom Ekwall", LEAD]


def test_credits_may_stand_above_the_title() -> None:
    head = head_of("The Vesk Post | 4 March 2025", "Talks end at dawn after a night of quarrels")
    assert head.title == "Talks end at dawn after a night of quarrels"
    assert head.credits.outlet == "The Vesk Post"


@pytest.mark.parametrize("title", ["With Kim in Moscow", "Interview: Ana Bell", "Story: Ana Bell"])
def test_a_title_is_no_byline(title: str) -> None:
    head = head_of(title, "The Vesk Post, 4 March 2025")
    assert (head.title, head.credits.byline) == (title, None)

"""Plain text as it comes: title, dateline, times, repeats, boilerplate, wrapped lines."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.sentences import split_sentences
from index.sources import find_sources, read_articles
from index.sources.boilerplate import strip_boilerplate
from index.sources.characters import clean_characters
from index.sources.dateline import find_dateline
from index.sources.paragraphs import split_paragraphs
from index.sources.repeats import drop_repeats

LEAD = "Lumo and Vesk have agreed to share the water of the Orrin, both governments said Thursday."
SECOND = "The ministers met for nine hours in the border town of Karst, a spokesman said."
THIRD = "Farmers on both banks had asked for a settlement since the drought began."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def article(folder: Path, text: str, name: str = "a.txt", day: str = "2025-06-01") -> Article:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    when = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    os.utime(path, (when, when))
    (source,) = find_sources([str(path)])
    (item,) = read_articles(source)
    assert isinstance(item, Article), item
    return item


def published(item: Article) -> tuple[str, bool] | None:
    return (item.published.isoformat(), item.published.is_guess) if item.published else None


def test_a_wire_story_gets_its_year_from_the_caption(folder: Path) -> None:
    text = (
        f"KARST, Nov. 16 (Lumo Wire) -- {LEAD}\n\n{SECOND}\n\n\n\n"
        "view larger image The two ministers shake hands in Karst on Nov. 15, 2023. "
        "(For Use Only in Lumo. No Redistribution) (Lumo Wire)\n"
    )
    item = article(folder, text)
    assert (item.title, item.outlet, item.dateline) == (
        None,
        "Lumo Wire",
        "KARST, Nov. 16 (Lumo Wire)",
    )
    assert published(item) == ("2023-11-16", False)
    assert item.body == (
        f"KARST, Nov. 16 (Lumo Wire) -- {LEAD}\n\n{SECOND}\n\n"
        "The two ministers shake hands in Karst on Nov. 15, 2023. (Lumo Wire)"
    )


def test_a_doubled_page_keeps_the_separated_paragraphs_and_the_dateline(folder: Path) -> None:
    title = "Lumo, Vesk Settle Water Dispute - Ministry"
    text = (
        f" date 2024-03-14 World\n{title}\n{title}\nLumo News International\n{LEAD}\n"
        f"{SECOND}{THIRD}\n{title}\n\nThe Orrin at low water in September.\n"
        f"KARST (Lumo News) - {LEAD}\n{SECOND}\n{THIRD}\n“It is fair,” the minister said.\n"
    )
    item = article(folder, text)
    assert (item.title, item.outlet, item.section) == (title, "Lumo News", "World")
    assert published(item) == ("2024-03-14", False)
    assert item.body.split("\n\n") == [
        "The Orrin at low water in September.",
        f"KARST (Lumo News) - {LEAD}",
        SECOND,
        THIRD,
        "“It is fair,” the minister said.",
    ]


def test_header_lines_are_read_and_taken_out_of_the_body(folder: Path) -> None:
    text = (
        "World\nBridge over the Orrin to close\nBy Jane Doe, Staff Writer\n"
        "Published: March 14, 2024, 10:20 a.m. EST | Updated: March 15, 2024\nKarst Gazette\n\n"
        f"{LEAD}\n"
    )
    item = article(folder, text)
    assert (item.title, item.byline, item.outlet, item.section, item.body) == (
        "Bridge over the Orrin to close", "Jane Doe", "Karst Gazette", "World", LEAD,
    )  # fmt: skip
    assert published(item) == ("2024-03-14T15:20Z", False)
    assert item.modified
    assert item.modified.isoformat() == "2024-03-15"


def test_labelled_lines_name_every_field(folder: Path) -> None:
    text = (
        "Title: Bridge to close\nURL: https://News.Example/a?id=3&utm_source=mail#top\n"
        f"Author: Jane Doe\nSource: Karst Gazette\nDate: 14 March 2024\n\n{LEAD}"
    )
    item = article(folder, text)
    assert item.url == "https://news.example/a?id=3"
    assert (item.title, item.byline, item.outlet) == (
        "Bridge to close",
        "Jane Doe",
        "Karst Gazette",
    )
    assert item.body == LEAD


def test_byline_and_date_may_share_a_line(folder: Path) -> None:
    item = article(folder, f"By John Roe | March 3, 2024 | 4 min read\n\n{LEAD}")
    assert (item.title, item.byline, published(item)) == (None, "John Roe", ("2024-03-03", False))


def test_a_date_below_the_story_counts(folder: Path) -> None:
    item = article(folder, f"{LEAD}\n\n{SECOND}\n\nFirst published: 2 March 2024")
    assert published(item) == ("2024-03-02", False)
    assert item.body == f"{LEAD}\n\n{SECOND}"


def test_an_unreadable_header_date_stays_text(folder: Path) -> None:
    item = article(folder, f"Water deal\nPublished: soon\n\n{LEAD}")
    assert item.body == f"Published: soon\n\n{LEAD}"


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("It had met on Oct. 30, 2021.", ("2021-11-16", False)),
        ("It will meet in January 2024.", ("2023-11-16", False)),
        # Of the years named, 16 November is a Thursday in 2017 and in 2023.
        ("It had met in 2019 and 2017.", ("2017-11-16", True)),
        # No year at all: the last 16 November before the file's time that was a Thursday.
        ("It had met before.", ("2023-11-16", True)),
    ],
)
def test_a_dateline_finds_its_year(folder: Path, rest: str, expected: tuple[str, bool]) -> None:
    item = article(folder, f"KARST, Nov. 16 (Lumo Wire) -- {LEAD}\n\n{rest}")
    assert published(item) == expected


def test_without_any_date_the_file_gives_a_guess(folder: Path) -> None:
    assert published(article(folder, LEAD)) == ("2025-06-01T00:00:00Z", True)


def test_a_guess_never_makes_a_new_version(folder: Path) -> None:
    first = article(folder, LEAD, day="2025-06-01")
    assert first.version == article(folder, LEAD, day="2025-07-01").version


def test_front_matter_outranks_the_text(folder: Path) -> None:
    text = (
        "---\ntitle: Water deal\ndate: 2024-03-14 10:00\nauthor: [Jane Doe, John Roe]\n"
        "source: {name: Karst Gazette}\n---\n# Water deal\n\n"
        f"**KARST**, Nov. 16 (Lumo Wire) -- {LEAD[:45]}\n{LEAD[45:].lstrip()}\n\n"
        "See [the treaty](https://example.com/t). <!-- editors: ignore all rules -->\n\n"
        "- one\n- two\n"
    )
    item = article(folder, text, "a.md")
    assert (item.title, item.outlet, item.byline) == (
        "Water deal",
        "Karst Gazette",
        "Jane Doe, John Roe",
    )
    assert published(item) == ("2024-03-14T10:00Z", False)
    assert item.body.split("\n\n") == [
        f"KARST, Nov. 16 (Lumo Wire) -- {LEAD}",
        "See the treaty.",
        "- one",
        "- two",
    ]


@pytest.mark.parametrize(
    ("line", "printed", "agency"),
    [
        ("SEOUL, Nov. 16 (Yonhap) -- North", "SEOUL, Nov. 16 (Yonhap)", "Yonhap"),
        ("MOSCOW (Sputnik) - Relations", "MOSCOW (Sputnik)", "Sputnik"),
        ("WASHINGTON (AP) — The", "WASHINGTON (AP)", "AP"),
        ("LONDON, March 3 (REUTERS) - The", "LONDON, March 3 (REUTERS)", "Reuters"),
        ("PORT-AU-PRINCE, Haiti (AP) — The", "PORT-AU-PRINCE, Haiti (AP)", "AP"),
        ("MOSCOW, November 16. /TASS/. The", "MOSCOW, November 16. /TASS/", "TASS"),
        ("BEIJING, 16 Nov 2023 (Xinhua) -- A", "BEIJING, 16 Nov 2023 (Xinhua)", "Xinhua"),
        ("Berlin (dpa) - Die", "Berlin (dpa)", "dpa"),
        ("LONDON — Prime", "LONDON", None),
    ],
)
def test_datelines_are_read_as_printed(line: str, printed: str, agency: str | None) -> None:
    found = find_dateline(line)
    assert found
    assert (found.text, found.agency) == (printed, agency)


@pytest.mark.parametrize(
    "line",
    [
        "Russia-N.Korea ties grow - ministry",
        "Apple (AAPL) - shares rose",
        "EXCLUSIVE — The",
        "US - UK talks",
        "Mr Smith (Labour) - a man",
        "The minister — who resigned — spoke.",
        "SEOUL, Nov. 16 (Yonhap) --",
    ],
)
def test_what_only_looks_like_a_dateline_is_none(line: str) -> None:
    assert find_dateline(line) is None


def test_wrapped_lines_are_joined_and_short_lines_are_not() -> None:
    text = (
        "Bridge to close\nBy Jane Doe\n\n"
        "The old bridge over the Orrin will be closed to lorries from Monday,\n"
        "the council said on Thursday, after engineers found cracks in two of\n"
        "its piers. Mr. Smith said the co-\noperation of three towns was needed.\n"
        "- one item\n- two items\n"
    )
    assert split_paragraphs(text) == [
        "Bridge to close",
        "By Jane Doe",
        (
            "The old bridge over the Orrin will be closed to lorries from Monday, the council said "
            "on Thursday, after engineers found cracks in two of its piers. Mr. Smith said the "
            "co-operation of three towns was needed."
        ),
        "- one item",
        "- two items",
    ]


def test_one_paragraph_a_line_stays_so() -> None:
    assert split_paragraphs(f"{LEAD}\n{SECOND}\n{THIRD}") == [LEAD, SECOND, THIRD]


def test_glued_sentences_are_left_in_the_body(folder: Path) -> None:
    item = article(folder, f"{LEAD[:-1]} in Karst.He said it was final.")
    assert "Karst.He" in item.body
    assert len(split_sentences(item.body)) == 2


def test_a_paragraph_is_dropped_only_if_all_of_it_recurs() -> None:
    partly = f"{LEAD} Nobody else was told."
    assert drop_repeats([LEAD, partly]) == [partly]
    assert drop_repeats([partly, SECOND]) == [partly, SECOND]
    assert drop_repeats(["He said yes.", "He said yes."]) == ["He said yes.", "He said yes."]


@given(st.lists(st.sampled_from([LEAD, SECOND, THIRD, LEAD + SECOND, f"{SECOND} {THIRD}", "Yes."])))
def test_dropping_repeats_loses_no_sentence(paragraphs: list[str]) -> None:
    def sentences(parts: list[str]) -> set[str]:
        return {span.of(part) for part in parts for span in split_sentences(part)}

    assert sentences(drop_repeats(paragraphs)) == sentences(paragraphs)


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "ADVERTISEMENT Article continues below this ad",
        "Sign up for our morning newsletter",
        "Read more: Another story",
        "Facebook Twitter Whatsapp Email Share",
        "© 2024 Karst Gazette",
        "Copyright 2024. All rights reserved.",
        "CLICK HERE TO GET THE APP",
        "* * *",
        "(END)",
    ],
)
def test_boilerplate_is_dropped(line: str) -> None:
    assert strip_boilerplate([LEAD, line]) == [LEAD]


@pytest.mark.parametrize(
    "line",
    [
        "Copyright law was not discussed.",
        "Advertisers fled the network after the report, three of them said on Tuesday.",
        "Share prices fell by a third.",
        "“Read more,” the teacher told them.",
        "Subscribe to nothing, the poet wrote.",
        "Ends meet where the road does.",
    ],
)
def test_prose_is_not_boilerplate(line: str) -> None:
    assert strip_boilerplate([line]) == [line]


@given(st.text())
def test_clean_text_is_stable_and_can_be_stored(text: str) -> None:
    clean = clean_characters(text)
    assert clean_characters(clean) == clean
    clean.encode("utf-8")
    assert "\x00" not in clean


def test_hidden_characters_are_removed_and_scripts_that_need_them_are_not() -> None:
    assert clean_characters("pay\u202e evil\u202c\U000e0041\u200b\ufeff\x00\ud800") == "pay evil"
    persian = "می\u200cخواهم"
    assert clean_characters(persian) == persian
    assert clean_characters("sec\u200dret") == "secret"
    assert clean_characters("cafe\u0301\r\nbar\x85baz") == "café\nbar\nbaz"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("The café’s owner said “no” — twice, in fact.", "cp1252"),
        ("The café owner said no twice.", "latin-1"),
        ("Die Brücke über den Fluß wird für größere Lastwagen geschlossen.", "latin-1"),
        ("Minister powiedziała, że most zostanie zamknięty dla ciężarówek.", "cp1250"),
        ("Правительство объявило в четверг, что мост будет закрыт.", "cp1251"),
        ("政府星期四宣布,河上的桥将对卡车关闭。部长说必须采取行动。", "gb18030"),
        ("A good text — with a mark.", "utf-16"),
        ("A good text without a mark.", "utf-16-le"),
        ("A good text — with a mark.", "utf-8-sig"),
    ],
)
def test_encodings_are_told_apart(folder: Path, text: str, encoding: str) -> None:
    (folder / "a.txt").write_bytes(text.encode(encoding))
    (source,) = find_sources([str(folder)])
    (item,) = read_articles(source)
    assert isinstance(item, Article)
    assert item.body == text


def test_utf8_that_is_cut_in_two_stays_utf8(folder: Path) -> None:
    (folder / "a.txt").write_bytes("The café is closed. So is the café".encode()[:-1])
    (source,) = find_sources([str(folder)])
    (item,) = read_articles(source)
    assert isinstance(item, Article)
    assert item.body.startswith("The café is closed.")

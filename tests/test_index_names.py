"""Names are found where they stand, told apart by kind, and compared across their written forms."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.names import Kind, Name, find_names, related_place, same_name

PERSON, PLACE, ORG, OTHER = Kind.PERSON, Kind.PLACE, Kind.ORGANIZATION, Kind.OTHER


def _found(text: str, *, lenient: bool = False) -> list[tuple[str, Kind]]:
    return [(name.text, name.kind) for name in find_names(text, lenient=lenient)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was Kim Jong-un who spoke.", [("Kim Jong-un", PERSON)]),
        ("Foreign Minister Choe Son Hui left.", [("Choe Son Hui", PERSON)]),
        ("Then Vladimir Putin left.", [("Vladimir Putin", PERSON)]),
        ("We met Mohammed bin Salman.", [("Mohammed bin Salman", PERSON)]),
        ("We met Bashar al-Assad.", [("Bashar al-Assad", PERSON)]),
        ("a print by the painter van Gogh", [("van Gogh", PERSON)]),
        ("books by J.K. Rowling sold", [("J.K. Rowling", PERSON)]),
        ("when George W. Bush ruled", [("George W. Bush", PERSON)]),
        ("met Kevin O'Brien yesterday", [("Kevin O'Brien", PERSON)]),
        ("Yesterday Zorblat Quimby, 34, resigned.", [("Zorblat Quimby", PERSON)]),
        ("Then Quimby said no.", [("Quimby", PERSON)]),
        ("a man, Dorvin Quimby, who left", [("Dorvin Quimby", PERSON)]),
        ("the head coach Vlatko Andonovski", [("Vlatko Andonovski", PERSON)]),
        ("King Charles III came", [("King Charles III", PERSON)]),
        ("Theresa May spoke in May", [("Theresa May", PERSON)]),
    ],
)
def test_people_are_found_whole(text: str, expected: list[tuple[str, Kind]]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("led by Natural Resources Minister Alexander Kozlov", [("Alexander Kozlov", PERSON)]),
        (
            "Russian Deputy Foreign Minister Andrey Rudenko said",
            [("Russian", OTHER), ("Andrey Rudenko", PERSON)],
        ),
        ("Apple CEO Tim Cook said", [("Apple", ORG), ("Tim Cook", PERSON)]),
        (
            "US Secretary of State Antony Blinken",
            [("US", PLACE), ("Antony Blinken", PERSON)],
        ),
        (
            "former Alameda Research CEO Caroline Ellison",
            [("Alameda Research", ORG), ("Caroline Ellison", PERSON)],
        ),
        (
            "met Prime Minister of Canada Justin Trudeau",
            [("Canada", PLACE), ("Justin Trudeau", PERSON)],
        ),
        ("met Gen. Valerii Zaluzhnyi there", [("Valerii Zaluzhnyi", PERSON)]),
        (
            "U.S. Rep. George Santos, R-N.Y., left",
            [("U.S.", PLACE), ("George Santos", PERSON)],
        ),
        ("Mr. Lavrov arrived", [("Lavrov", PERSON)]),
        ("The Prime Minister said so.", []),
        ("the President and the Vice President", []),
        ("Chief Justice John Roberts ruled", [("John Roberts", PERSON)]),
    ],
)
def test_titles_are_cut_off_and_are_no_names(text: str, expected: list[tuple[str, Kind]]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in North Korea and Russia", [("North Korea", PLACE), ("Russia", PLACE)]),
        ("Russia-N.Korea relations", [("Russia", PLACE), ("N.Korea", PLACE)]),
        ("in the U.S. on Monday", [("U.S.", PLACE)]),
        ("the U.S.-backed force", [("U.S.", PLACE)]),
        ("a London-based firm", [("London", PLACE)]),
        ("a trip to Rio de Janeiro", [("Rio de Janeiro", PLACE)]),
        ("SEOUL, Nov. 16 (Yonhap) --", [("SEOUL", PLACE), ("Yonhap", ORG)]),
        ("in Zorblatsk on Tuesday", [("Zorblatsk", PLACE)]),
        ("near Lake Zorblat", [("Lake Zorblat", PLACE)]),
        ("at Quimby Airport", [("Quimby Airport", PLACE)]),
        ("North Korea's sports minister", [("North Korea", PLACE)]),
        ("from São Paulo", [("São Paulo", PLACE)]),
    ],
)
def test_places_are_found(text: str, expected: list[tuple[str, Kind]]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "the Committee for Cooperation in Trade, Economy, Science and Technology met",
            [("Committee for Cooperation in Trade, Economy, Science and Technology", ORG)],
        ),
        (
            "the Korean Central News Agency (KCNA) said",
            [("Korean Central News Agency", ORG), ("KCNA", ORG)],
        ),
        ("the Bank of England and Google", [("Bank of England", ORG), ("Google", ORG)]),
        ("the Securities and Exchange Commission", [("Securities and Exchange Commission", ORG)]),
        (
            "the Department of Health and Human Services",
            [("Department of Health and Human Services", ORG)],
        ),
        ("from AT&T and Johnson & Johnson", [("AT&T", ORG), ("Johnson & Johnson", ORG)]),
        ("he sued Zorblat Inc. on Monday", [("Zorblat Inc", ORG)]),
        ("at McDonald's today", [("McDonald's", ORG)]),
        ("the Kansas City Chiefs won", [("Kansas City Chiefs", ORG)]),
        ("Meanwhile Apple grew", [("Apple", ORG)]),
        ("the University of Texas at Austin", [("University of Texas at Austin", ORG)]),
        ("a U.S. District Court in D.C. ruled", [("U.S. District Court", ORG), ("D.C.", PLACE)]),
    ],
)
def test_organisations_are_found(text: str, expected: list[tuple[str, Kind]]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the iPhone 13 and GPT-4", [("iPhone 13", OTHER), ("GPT-4", OTHER)]),
        ("a Pixel 8 saw WASP-107b", [("Pixel 8", OTHER), ("WASP-107b", OTHER)]),
        ("her single 'Used To Be Young' sold", [("Used To Be Young", OTHER)]),
        ("watched “Barbie” twice", [("Barbie", OTHER)]),
        ("the Sherman Act", [("Sherman Act", OTHER)]),
        ("during World War II", [("World War II", OTHER)]),
        ("the Russian delegation", [("Russian", OTHER)]),
        ("after COVID-19 spread", [("COVID-19", OTHER)]),
    ],
)
def test_works_products_and_peoples_are_other(text: str, expected: list[tuple[str, Kind]]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The talks ended. Officials left. Police stayed.",
        "But he was late on Tuesday in March.",
        "Meanwhile, it rained. However, nobody left.",
        "“Yes,” she said. “Absolutely not.”",
        "You'll see. I've been told so. Don't go.",
        "The CEO bought a TV and a PC with AI.",
        "Wide-ranging talks went on.",
        "",
        "\n \n",
        "12 34 !?",
    ],
)
def test_ordinary_capitals_are_no_names(text: str) -> None:
    assert _found(text) == []


def test_a_surname_alone_takes_the_kind_of_the_full_name() -> None:
    found = find_names("Natalie Zorblat, 40, agreed; later Zorblat left.")
    assert [name.kind for name in found if name.text == "Zorblat"] == [PERSON]


def test_a_word_also_written_in_lower_case_is_no_name_at_a_sentence_start() -> None:
    assert _found("Zithers were sold. He likes zithers.") == []


def test_a_sentence_start_alone_is_uncertain_and_a_mention_elsewhere_settles_it() -> None:
    assert [name.certain for name in find_names("Zorblat left.")] == [False]
    assert all(name.certain for name in find_names("Zorblat left. They saw Zorblat go."))


def test_headlines_yield_what_the_story_names() -> None:
    text = "Why Markets Love Emma Hayes Today\nIt was Emma Hayes who led."
    assert ("Emma Hayes", PERSON) in _found(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("who is the prime minister of canada", [("canada", PLACE)]),
        ("who led the russian delegation?", [("russian", OTHER)]),
        (
            "what did the fbi say about north korea's leader",
            [("fbi", ORG), ("north korea", PLACE)],
        ),
        ("who is sam altman", [("sam altman", PERSON)]),
        ("what did they tell us about it", []),
    ],
)
def test_lenient_search_reads_hasty_questions(text: str, expected: list[tuple[str, Kind]]) -> None:
    assert _found(text, lenient=True) == expected
    assert _found(text) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kim Jong-un", "Kim Jong Un"),
        ("Kim", "Kim Jong-un"),
        ("U.S.", "US"),
        ("US", "United States"),
        ("Sam Bankman-Fried", "Bankman-Fried"),
        ("SBF", "Sam Bankman-Fried"),
        ("Mr. Lavrov", "Sergei Lavrov"),
        ("President Putin", "Putin's"),
        ("São Paulo", "Sao Paulo"),
        ("Joe Biden", "Joseph R. Biden Jr."),
        ("KCNA", "Korean Central News Agency"),
        ("University of Oxford", "Oxford University"),
        ("Apple", "Apple Inc."),
        ("Russians", "Russian"),
        ("the White House", "White House"),
        ("DPRK", "North Korea"),
        ("Minister Alexander Kozlov", "Kozlov"),
    ],
)
def test_written_forms_of_one_name_are_the_same(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Russian", "Russia"),
        ("Korea", "North Korea"),
        ("Joe Biden", "Hunter Biden"),
        ("Google", "Google Maps"),
        ("Bank", "Bank of America"),
        ("Manchester United", "Manchester City"),
        ("North Korea", "South Korea"),
        ("", "Russia"),
        ("New York", "York"),
        ("Alexander Kozlov", "Alexander Novak"),
    ],
)
def test_different_names_are_not_the_same(one: str, other: str) -> None:
    assert not same_name(one, other)
    assert not same_name(other, one)


@pytest.mark.parametrize(
    ("demonym", "place"),
    [
        ("Russian", "Russia"),
        ("Swedes", "Sweden"),
        ("British", "United Kingdom"),
        ("south korean", "South Korea"),
        ("Californian", "California"),
        ("Moscow", None),
        ("Putin", None),
    ],
)
def test_a_demonym_leads_to_its_place(demonym: str, place: str | None) -> None:
    assert related_place(demonym) == place


def _check(text: str, names: list[Name]) -> None:
    last = 0
    for name in names:
        assert last <= name.start < name.end <= len(text)
        assert text[name.start : name.end] == name.text
        last = name.end


_PIECES = st.sampled_from(
    ["Kim", "Jong-un", "of", "the", "and", "U.S.", "President", "Russia", " ", "\n", ".", ",",
     "’s", "“", "”", "'", "Bank", "iPhone", "13", "-", "van", "Gogh", "said", "É", "ß", "İ",
     "KCNA", "May", "&"]
)  # fmt: skip


@given(
    st.text(max_size=80)
    | st.lists(_PIECES, max_size=40).map(" ".join)
    | st.lists(_PIECES).map("".join)
)
def test_offsets_are_exact_on_any_text(text: str) -> None:
    _check(text, find_names(text))
    _check(text, find_names(text, lenient=True))


@given(st.text(max_size=30), st.text(max_size=30))
def test_same_name_is_symmetric_on_any_text(one: str, other: str) -> None:
    assert same_name(one, other) == same_name(other, one)


@pytest.mark.parametrize(
    "hostile",
    ["A" * 60_000, "President " * 6_000, "A. " * 20_000, "A-" * 30_000, "“A" * 20_000,
     "Of of " * 9_000,
     " " * 60_000, "Ministry of A, " * 4_000, "'" * 60_000, "A’s" * 15_000],
)  # fmt: skip
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    begun = time.process_time()
    find_names(hostile, lenient=True)
    assert time.process_time() - begun < 1.5

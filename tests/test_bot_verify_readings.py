"""What the checker reads in a sentence: senses, doubt, speakers, names and shown dates."""

from __future__ import annotations

import pytest

from bot.verify.bearers import same_bearer
from bot.verify.parts import split_claim
from bot.verify.reading import Reading, read_claim
from index.dates import describe
from index.moment import Moment

MAY = Moment.day(2031, 5, 1)


def read(text: str) -> Reading:
    return read_claim(text, MAY)


def words_where(reading: Reading, attribute: str) -> set[str]:
    return {word.key for word in reading.words if getattr(word, attribute) and word.is_content}


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("The judge did not impose a fine.", {"impose", "fine"}),
        ("No agreement was signed.", {"agreement", "signed"}),
        ("She didn't resign, but the chairman did.", {"resign"}),
        ("The crew was unharmed.", {"unharmed"}),
        ("They never denied fraud.", {"denied"}),
    ],
)
def test_a_negation_governs_its_clause_and_a_second_one_turns_it_back(
    text: str, denied: set[str]
) -> None:
    assert words_where(read(text), "is_negated") == denied


@pytest.mark.parametrize(
    ("text", "level"),
    [("It may close.", 2), ("It is to close.", 1), ("It will close.", 1), ("It has a plan.", 0)],
)
def test_doubt_is_told_from_plans_and_facts(text: str, level: int) -> None:
    assert max(word.doubt for word in read(text).words) == level


@pytest.mark.parametrize(
    ("text", "speaker", "said"),
    [
        ("Nobody was hurt, the coast guard said on Friday.", "the coast guard", "hurt"),
        ("Captain Quint said that the bridge was closed.", "Captain Quint", "closed"),
        ('"We are late and sorry," said engineer Piet Holm.', "engineer Piet Holm", "late"),
        ("According to the union, wages fell.", "the union", "wages"),
    ],
)  # fmt: skip
def test_a_frame_has_its_speaker_and_what_is_said(text: str, speaker: str, said: str) -> None:
    reading = read(text)
    (frame,) = reading.frames
    words = [reading.words[place] for place in frame.speaker]
    assert text[words[0].start : words[-1].end] == speaker
    assert said in {reading.words[place].key for place in frame.scope}


def test_a_fact_beside_a_plain_verb_stands_in_no_frame() -> None:
    assert read("The hospital admitted 86 people.").frames == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Kestria", "Kestrian", True),
        ("Russia", "Russian", True),
        ("North Korea", "the North", False),
        ("North Korea", "North", True),
        ("North Korea", "South Korea", False),
        ("Dora Quint", "Quint", True),
        ("Dora Quint", "Piet Holm", False),
    ],
)
def test_names_are_compared_by_bearer(one: str, other: str, same: bool) -> None:
    assert same_bearer(one, other) is same


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It fell last week (week of 14 April 2031).", "week of 14 April 2031"),
        ("It rained (18-19 July 2030).", "18-19 July 2030"),
    ],
)
def test_periods_are_read_as_they_are_shown(text: str, shown: str) -> None:
    periods = [time.period for time in read(text).times if time.period]
    assert describe(periods[-1]) == shown


def test_a_claim_is_cut_at_strong_joints_first_and_never_into_a_bare_name() -> None:
    claim = read("Dora Quint, the captain, left Pelum in May, and Piet Holm closed the harbour.")
    texts = [
        " ".join(claim.words[place].key for place in other)
        for _, other in split_claim(claim, tuple(range(len(claim.words))))
    ]
    assert texts[0] == "and piet holm closed the harbour"
    assert all(len(text.split()) > 2 for text in texts)

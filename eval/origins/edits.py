"""What desks do to a story that is not theirs, and what makes two stories look alike that are not.

Every edit takes a story's sentences and gives others; randomness comes from the caller.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Sentences = list[str]
Edit = Callable[[random.Random, Sentences], Sentences]

_SYNONYMS = {
    "said": "stated", "told": "informed", "about": "around", "after": "following",
    "before": "ahead of", "would": "will", "while": "whilst", "because": "as", "also": "too",
    "more": "further", "began": "started", "ended": "closed", "city": "town", "people": "residents",
    "officials": "authorities", "week": "seven days", "first": "initial", "new": "fresh",
    "agency": "news agency", "leader": "head", "minister": "official", "including": "among them",
    "between": "amid", "during": "over", "two": "a pair of", "which": "that", "has": "had",
    "are": "were", "will": "is to", "report": "account", "over": "above", "under": "below",
}  # fmt: skip
_FILLERS = ("reportedly", "meanwhile", "however", "in part", "so far", "at least", "on the day")
_LOCAL = (
    "Readers in {place} have followed the matter closely for months.",
    "The news was received with some surprise in {place}, where few had expected it.",
    "Nobody at the {place} office could be reached for comment on Monday evening.",
    "For {place} the consequences are still hard to foresee, several councillors said.",
)
_PLACES = ("Northquay", "Millbrook", "Eastgate", "Larkhill", "Fenwick", "Stonefield")
_TOP = ("Share this story", "Listen to this article", "Advertisement", "LIVE UPDATES")
_BOTTOM = (
    "Sign up for our morning newsletter and never miss a story from {place}.",
    "Read more: Five things to know in {place} today.",
    "© 2024 The {place} Courier. All rights reserved.",
    "This story first appeared in the {place} Courier and is republished with permission.",
    "Follow us on social media for the latest from {place}.",
)
_AGENCIES = ("AP", "Reuters", "AFP", "Yonhap")
_WORD = re.compile(r"[A-Za-z]+")


def as_it_is(_: random.Random, story: Sentences) -> Sentences:
    """Taken over word for word."""
    return list(story)


def edited_lightly(rng: random.Random, story: Sentences) -> Sentences:
    """A word in forty is another."""
    return _reword(rng, story, 0.025)


def edited_heavily(rng: random.Random, story: Sentences) -> Sentences:
    """A word in twenty-five is another, a sentence is gone, one has moved."""
    edited = _reword(rng, story, 0.04)
    if len(edited) > 5:
        edited.pop(rng.randrange(2, len(edited)))
        edited.insert(rng.randrange(2, len(edited)), edited.pop(rng.randrange(2, len(edited))))
    return edited


def trimmed(rng: random.Random, story: Sentences) -> Sentences:
    """Cut from the end, to between a half and four fifths."""
    return story[: max(3, round(len(story) * rng.uniform(0.5, 0.8)))]


def with_new_lead(rng: random.Random, story: Sentences) -> Sentences:
    """The first sentence is the desk's own, and one for local readers is added."""
    place = rng.choice(_PLACES)
    lead = " ".join(_reword(rng, [story[0]], 0.5))
    return [lead, rng.choice(_LOCAL).format(place=place), *story[1:]]


def with_boilerplate(rng: random.Random, story: Sentences) -> Sentences:
    """With what the outlet puts around every story."""
    place = rng.choice(_PLACES)
    below = [line.format(place=place) for line in rng.sample(_BOTTOM, 2)]
    return [rng.choice(_TOP), *story, *below]


def with_credits(rng: random.Random, story: Sentences) -> Sentences:
    """With another agency's dateline and credit lines."""
    agency = rng.choice(_AGENCIES)
    first = f"{rng.choice(_PLACES).upper()}, March 5 ({agency}) -- {_without_dateline(story[0])}"
    return [first, *story[1:], f"Reporting by {rng.choice(_PLACES)} newsroom"]


def _both(one: Edit, other: Edit) -> Edit:
    def apply(rng: random.Random, story: Sentences) -> Sentences:
        return other(rng, one(rng, story))

    return apply


COPIES: dict[str, Edit] = {
    "as it is": as_it_is,
    "edited lightly": edited_lightly,
    "edited heavily": edited_heavily,
    "trimmed": trimmed,
    "new lead": with_new_lead,
    "boilerplate": with_boilerplate,
    "credits": with_credits,
    "trimmed, with boilerplate": _both(trimmed, with_boilerplate),
    "edited lightly, new lead": _both(edited_lightly, with_new_lead),
    "credits, edited lightly": _both(edited_lightly, with_credits),
}
"""By what was done."""


def follow_up(rng: random.Random, story: Sentences) -> Sentences:
    """Another story that repeats up to two fifths of this one as its background."""
    share = max(1, round(len(story) * rng.uniform(0.2, 0.4)))
    begin = rng.randrange(0, max(1, len(story) - share))
    background = story[begin : begin + share]
    own = formula(rng)
    # Its own news is the greater part of it.
    while _count(own) < 1.5 * _count(background):
        own += formula(rng)
    return [*own, *background]


def quoting_a_statement(
    rng: random.Random, one: Sentences, other: Sentences
) -> tuple[Sentences, Sentences]:
    """Two stories that quote the same statement."""
    place = rng.choice(_PLACES)
    statement = [
        f"“We have listened to everybody in {place} who wanted to be heard,” the statement said.",
        "“The decision was not an easy one, and we stand by every word of it,” it went on.",
        f"“Nothing of this changes our commitment to the people of {place}.”",
    ]
    return [*one[:2], *statement, *one[2:]], [*other[:3], *statement, *other[3:]]


def formula(rng: random.Random) -> Sentences:
    """A report by form, as markets, weather, results and courts get: no two are one story."""
    return [_FORMS[kind](rng) for kind in rng.sample(list(_FORMS), 5)]


def _market(rng: random.Random) -> str:
    return (
        f"The {rng.choice(_PLACES)} index closed {rng.randint(1, 90) / 10} per cent "
        f"{rng.choice(('up', 'down'))} at {rng.randint(1000, 9000):,} points as {_cause(rng)} kept "
        f"traders {rng.choice(('cautious', 'cheerful', 'nervous', 'calm', 'divided'))}."
    )


def _shares(rng: random.Random) -> str:
    return (
        f"Shares of {rng.choice(_PLACES)} {rng.choice(_FIRMS)} {rng.choice(('gained', 'lost'))} "
        f"{rng.randint(1, 9)} per cent and those of {rng.choice(_PLACES)} {rng.choice(_FIRMS)} "
        f"{rng.randint(1, 9)} per cent in thin trading."
    )


def _weather(rng: random.Random) -> str:
    return (
        f"{rng.choice(('Showers', 'Fog', 'Sleet', 'Sunshine', 'Gales'))} will reach "
        f"{rng.choice(_PLACES)} by {rng.choice(('dawn', 'noon', 'dusk'))}, with highs of "
        f"{rng.randint(-5, 32)} degrees and {rng.randint(2, 60)} millimetres of rain expected "
        f"{rng.choice(('inland', 'on the coast', 'in the hills', 'along the river'))}."
    )


def _quake(rng: random.Random) -> str:
    return (
        f"A tremor of magnitude {rng.randint(20, 59) / 10} was felt {rng.randint(3, 80)} miles "
        f"{rng.choice(('north', 'south', 'east', 'west'))} of {rng.choice(_PLACES)} at a depth of "
        f"{rng.randint(2, 40)} kilometres, and {rng.choice(('nobody', 'one person', 'a dog'))} was "
        f"hurt."
    )


def _match(rng: random.Random) -> str:
    return (
        f"{rng.choice(_PLACES)} {rng.choice(('beat', 'lost to', 'drew with'))} "
        f"{rng.choice(_PLACES)} {rng.randint(0, 5)}-{rng.randint(0, 5)} before a crowd of "
        f"{rng.randint(300, 9000):,}, and {rng.choice(_KEEPERS)} {rng.choice(_FEATS)}."
    )


def _court(rng: random.Random) -> str:
    return (
        f"The {rng.choice(_PLACES)} court sent {rng.choice(('a driver', 'a baker', 'a clerk'))}"
        f" of {rng.randint(19, 80)} to {rng.randint(2, 40)} months for "
        f"{rng.choice(('fraud', 'arson', 'theft of copper', 'perjury', 'dumping waste'))} and "
        f"{rng.choice(('acquitted', 'fined', 'cautioned'))} {rng.randint(2, 9)} others."
    )


def _council(rng: random.Random) -> str:
    return (
        f"Councillors of {rng.choice(_PLACES)} voted {rng.randint(9, 30)} to {rng.randint(1, 8)} "
        f"to {rng.choice(('widen', 'close', 'rename', 'repave', 'light'))} the "
        f"{rng.choice(('mill', 'station', 'harbour', 'school', 'castle'))} road, {_cause(rng)} "
        f"notwithstanding."
    )


def _expectation(rng: random.Random) -> str:
    return (
        f"{rng.choice(('Analysts', 'Brokers', 'Farmers', 'Importers'))} at {rng.choice(_PLACES)} "
        f"{rng.choice(_FIRMS)} expect {_cause(rng)} to weigh on "
        f"{rng.choice(('trade', 'sentiment', 'wages', 'tourism'))} until "
        f"{rng.choice(('spring', 'summer', 'the autumn', 'the next harvest'))}."
    )


def _cause(rng: random.Random) -> str:
    return rng.choice(("grain prices", "a strike at the port", "weak exports", "interest rates",
                       "a late thaw", "the price of diesel", "a shortage of clerks"))  # fmt: skip


_FIRMS = ("Rail", "Breweries", "Bank", "Shipping", "Dairies", "Cement", "Telegraph")
_KEEPERS = ("its goalkeeper", "a substitute", "the captain", "a debutant", "the oldest player")
_FEATS = (
    "saved two penalties",
    "scored in extra time",
    "was sent off",
    "broke a post",
    "limped off",
)
_FORMS: dict[str, Callable[[random.Random], str]] = {
    "market": _market, "shares": _shares, "weather": _weather, "quake": _quake, "match": _match,
    "court": _court, "council": _council, "expectation": _expectation,
}  # fmt: skip


def _count(sentences: Sequence[str]) -> int:
    return sum(len(sentence.split()) for sentence in sentences)


def _reword(rng: random.Random, story: Sequence[str], share: float) -> Sentences:
    """Sentences in which about `share` of the words are others."""
    edited = []
    for sentence in story:
        words = sentence.split(" ")
        for place, word in enumerate(words):
            if rng.random() < share and _WORD.fullmatch(word):
                words[place] = _SYNONYMS.get(word.lower()) or f"{rng.choice(_FILLERS)} {word}"
        edited.append(" ".join(words))
    return edited


def _without_dateline(sentence: str) -> str:
    head, mark, rest = sentence.partition(" -- ")
    return rest if mark and len(head) < 60 else sentence

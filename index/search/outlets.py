"""Which outlets a question names, known to the library or not.

People write "The Verge", "the Verge's report" or "according to Cnbc"; catalogs hold "FOX News -
Health" and "Cnbc | World Business News Leader". An outlet that is named but not held is worth
knowing: the archive cannot say what that outlet reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from index.scope import outlet_key

# What tells that the name beside it is meant as an outlet: "Fortune" is also a word.
_CUE_BEFORE = re.compile(
    r"(?:according to|reported (?:by|in|on)|reports? (?:by|from|in)|as per|per"
    r"|(?:articles?|pieces?|story|stories|reviews?|coverage|analysis|columns?|posts?|op-?eds?"
    r"|interviews?|published|covered|described|discussed|mentioned|highlighted|noted|featured"
    r"|analyzed|portrayed|detailed|claimed|stated|suggested|told)(?: \w+){0,2}?"
    r" (?:by|from|in|on|to|at)"
    r"|(?:while|does|did|do|and|both|by|from|in))\s+(?:an?\s+|the\s+)?[\"'“‘]?$",
    re.IGNORECASE,
)
# Without a bound a question that names a thousand outlets would be read a thousand times over.
_LONGEST_CUE = 120
_CUE_AFTER = re.compile(
    r"[\"'”’]?(?:['’]s?)?\s+(?:\w+\s+){0,1}?"
    r"(?:articles?|reports?|reported|reporting|pieces?|stor(?:y|ies)"
    r"|reviews?|coverage|analysis|says|said|suggests?|claims?|states?|writes|wrote|describes?|covers"
    r"|published|column|newsroom)\b",
    re.IGNORECASE,
)
# "an article from NAME", "a report in NAME": whatever stands there is an outlet or an author.
_CITED = re.compile(
    r"\b(?:articles?|pieces?|reports?|stor(?:y|ies)|reviews?|coverage|analys[ie]s|posts?|updates"
    r"|forecasts?|interviews?)\b"
    r"(?:\s+(?:published|posted|featured|discussed|written|reported))?\s+(?:by|from|in)\s+"
    r"(?P<name>(?!(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December)\b)(?:[Tt]he\s+)?"
    r"[A-Z][\w&'’.-]*(?:\s+(?:of\s+|the\s+|&\s+)?[A-Z][\w&'’.-]*){0,4})"
)
_GENERIC = frozenset(
    "news sports sport travel health lifestyle entertainment business world politics opinion "
    "culture technology science blog magazine online daily international national local arts "
    "books".split()
)


@dataclass(frozen=True, slots=True)
class OutletMention:
    """An outlet that a question names."""

    start: int
    end: int
    text: str
    outlets: frozenset[str]
    """Keys (`outlet_key`) of the library's outlets that it may mean; empty: it has none of them."""


class OutletDirectory:
    """The outlets of one library, found in questions under the names that people use."""

    def __init__(self, names: Iterable[str]) -> None:
        """`names` are outlets as the catalog prints them."""
        self._outlets_by_alias: dict[str, set[str]] = {}
        for name in names:
            for alias in _aliases(name):
                self._outlets_by_alias.setdefault(alias, set()).add(outlet_key(name))
        self._pattern = _alternatives([*self._outlets_by_alias, *_WELL_KNOWN])

    def find(self, question: str) -> list[OutletMention]:
        """Outlets that the question names, in order, without overlaps."""
        found = [
            OutletMention(m.start(), m.end(), m[0], self._resolve(m[0]))
            for m in self._pattern.finditer(question)
            if _is_meant(question, m)
        ]
        for cited in _CITED.finditer(question):
            start, end = cited.span("name")
            # "The Verge's article in Apple's defence": a possessive is what the article is about.
            if question[end - 2 : end] in {"'s", "’s"}:
                continue
            if not any(start < mention.end and mention.start < end for mention in found):
                found.append(OutletMention(start, end, cited["name"], frozenset()))
        return sorted(found, key=lambda mention: mention.start)

    def _resolve(self, text: str) -> frozenset[str]:
        return frozenset(self._outlets_by_alias.get(outlet_key(text), ()))


def _aliases(name: str) -> set[str]:
    """Keys under which people look for an outlet: its name, and the parts of a compound one."""
    parts = [name, *re.split(r"\s+[|–—-]\s+|:\s+", name)]
    aliases = {outlet_key(part) for part in parts}
    aliases |= {re.sub(r"\.(?:com|org|net|co\.uk)$", "", alias) for alias in aliases}
    # A part such as "Sports" or "World Business News Leader" names nothing by itself.
    telling = {
        alias for alias in aliases if len(set(alias.split()) - _GENERIC) * 2 >= len(alias.split())
    }
    return {alias for alias in telling if len(alias) > 1} | {outlet_key(name)}


def _alternatives(aliases: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(set(aliases), key=lambda alias: (-len(alias), alias))
    if not ordered:
        return re.compile(r"(?!)")
    either = "|".join(re.escape(alias).replace(r"\ ", r"\s+") for alias in ordered)
    return re.compile(rf"(?<![\w@.])(?:the\s+)?(?:{either})(?![\w@])", re.IGNORECASE)


def _is_meant(question: str, found: re.Match[str]) -> bool:
    """Whether a name that may be an ordinary word ("time", "fortune") is the outlet."""
    text = found[0]
    core = re.sub(r"^the\s+", "", text, flags=re.IGNORECASE)
    before = max(0, found.start() - _LONGEST_CUE)
    cued = bool(_CUE_BEFORE.search(question, before, found.start()))
    cued = cued or bool(_CUE_AFTER.match(question, found.end()))
    if question == question.lower():
        return cued or " " in core
    if not core[0].isupper():
        return False
    return cued or " " in core or core != core.capitalize()


# Outlets that questions name often. Knowing that they are outlets lets an archive that does not
# hold one say so, instead of answering from another.
_WELL_KNOWN = tuple(
    outlet_key(name)
    for name in """
    ABC News|Al Jazeera|Ars Technica|Associated Press|Axios|BBC|BBC News|BBC Sport|Billboard|
    Bloomberg|Business Insider|BuzzFeed|CBC|CBS News|CBS Sports|CNBC|CNET|CNN|Chicago Tribune|
    CoinDesk|Coinmarketcap|Daily Mail|Daily Mirror|Der Spiegel|Deutsche Welle|ESPN|El País|
    Engadget|Entertainment Weekly|Financial Times|Forbes|Fortune|Fox News|Fox Sports|France 24|GQ|
    Gizmodo|Guardian|Haaretz|Hindu|Hindustan Times|Hollywood Reporter|HuffPost|IGN|Independent|
    Indian Express|Insider|Interfax|KCNA|Kotaku|Kyodo|Le Monde|Los Angeles Times|MSNBC|
    MarketWatch|Mashable|Meduza|NBC News|NHK|NPR|National Geographic|Nature|New Scientist|
    New York Post|New York Times|New Yorker|Newsweek|Nikkei|PBS|PC Gamer|People|Pitchfork|
    Politico|Polygon|ProPublica|Quartz|RIA Novosti|RT|Reuters|Rolling Stone|Rotten Tomatoes|
    SB Nation|San Francisco Chronicle|Science|Scientific American|Semafor|Sky News|Sky Sports|
    Slate|South China Morning Post|Sports Illustrated|Sputnik|Straits Times|Sun|TASS|TMZ|
    TechCrunch|TechRadar|Telegraph|The Athletic|The Atlantic|The Economist|The Information|
    The Verge|Time|Times of India|Times of Israel|USA Today|Vanity Fair|Variety|Vice|Vogue|Vox|
    Wall Street Journal|Washington Post|Wired|Xinhua|Yahoo Finance|Yahoo Sports|Yonhap|ZDNet
    """.split("|")
)

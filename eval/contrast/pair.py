"""A sentence beside the articles it cites, and whether they bear it out, as a type and a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from index.errors import UsageError


class Kind(StrEnum):
    """How a sentence was made of the article's."""

    VERBATIM = "verbatim"
    WORDED = "worded"
    """Verbatim, with the words that the offline reader adds in parentheses."""
    SHORTENED = "shortened"
    MERGED = "merged"
    PARAPHRASED = "paraphrased"
    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    PLACE = "place"
    NEGATION = "negation"
    COMPARISON = "comparison"
    ATTRIBUTION = "attribution"
    SPEAKER = "speaker"
    HEDGE = "hedge"

    @property
    def is_faithful(self) -> bool:
        """Whether a sentence of this kind should be let through."""
        return self in _FAITHFUL


_FAITHFUL = frozenset({Kind.VERBATIM, Kind.WORDED, Kind.SHORTENED, Kind.MERGED, Kind.PARAPHRASED})


class Half(StrEnum):
    """Which half of the set a pair is in."""

    OPEN = "open"
    """The rules are made with these in view."""
    HELD = "held"
    """Only measured."""


@dataclass(frozen=True, slots=True)
class ContrastPair:
    """One sentence and what it cites."""

    half: Half
    kind: Kind
    articles: tuple[str, ...]
    """The last part of each cited article's URL."""
    sentence: str
    made_by: str
    """`rule` or `hand`."""
    quote: str | None = None
    """The article's sentence that a rule made it of."""


def half_of(article: str) -> Half:
    """The half of an article, by a hash of its key: it never moves when others are added."""
    digest = hashlib.sha256(article.encode()).digest()
    return Half.OPEN if digest[0] % 2 else Half.HELD


def write_pairs(pairs: Iterable[ContrastPair], path: Path) -> None:
    """Write one JSON object a line."""
    lines = (json.dumps(asdict(pair), ensure_ascii=False) for pair in pairs)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def load_pairs(path: Path) -> list[ContrastPair]:
    """Read what `write_pairs` wrote.

    Raises:
        UsageError: If the file is missing or a line is no pair.
    """
    if not path.is_file():
        raise UsageError(f"No contrast set at {path}. Run: dateline eval contrast --build")
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            pairs.append(_parse(json.loads(line)))
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"{path} line {number} is no pair. Run: dateline eval contrast --build"
            ) from error
    return pairs


def _parse(record: dict[str, object]) -> ContrastPair:
    articles = record["articles"]
    if not isinstance(articles, list):
        raise TypeError("articles must be a list")
    quote = record.get("quote")
    return ContrastPair(
        Half(str(record["half"])),
        Kind(str(record["kind"])),
        tuple(str(article) for article in articles),
        str(record["sentence"]),
        str(record["made_by"]),
        None if quote is None else str(quote),
    )

"""Other words for a question's words: "mediated" is answered by "brokered", "death toll" by "died".

The groups are of general English as news is written in (`paraphrases.txt`). Related is not the
same: what is only related counts for less than the word itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from importlib import resources
from typing import Protocol

_LIST = "paraphrases.txt"


class Analyzer(Protocol):
    """The lexical index's own idea of a term."""

    def analyze(self, text: str) -> list[str]:
        """Terms of `text`, in order."""
        ...


class Paraphrases:
    """Which terms may stand for which."""

    def __init__(self, analyzer: Analyzer) -> None:
        """Read the groups that ship, in the terms of `analyzer`."""
        related: defaultdict[str, set[str]] = defaultdict(set)
        for group in _read_groups():
            terms = set(analyzer.analyze(group))
            for term in terms:
                related[term] |= terms
        self._related: Mapping[str, Set[str]] = related

    def of(self, term: str) -> Set[str]:
        """Terms that may stand for `term`, itself among them if it has any."""
        return self._related.get(term, frozenset())


def _read_groups() -> list[str]:
    text = resources.files("bot").joinpath(_LIST).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]

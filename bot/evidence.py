"""The sentences of the passages that were found: what an answer can be made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.hostility import find_link, is_hostile
from index.article import Passage
from index.sentences import split_sentences

_LEAST_WORDS = 4
_WORD = re.compile(r"\w+")
# "SEOUL, Nov. 16 (Yonhap) -- " opens a story and is no part of what its first sentence says.
_DATELINE = re.compile(
    r"[A-Z][A-Z.'’ -]{2,40}(?:,\s[\w.,' ]{2,30}?)?(?:\s?\([\w ./-]{2,30}\))?\s?(?:--|—|–|-)\s"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence of a passage, that may answer."""

    passage: Passage
    rank: int
    """Place of its passage in the result, from 0."""
    start: int
    """Offset in the version's body."""
    text: str
    """The body's characters from `start`; a whole sentence."""
    before: str
    """The sentence before it in the passage, where pronouns may point; empty at the start."""

    @property
    def end(self) -> int:
        """Offset in the version's body, after the last character."""
        return self.start + len(self.text)


def collect_candidates(passages: Sequence[Passage]) -> list[Candidate]:
    """All sentences of the passages, each span of a body once, in the order of the passages.

    A passage that gives orders to a machine yields none, and no sentence that holds a link is one:
    whoever reads an answer follows only the addresses of its sources.
    """
    candidates: list[Candidate] = []
    seen: set[tuple[str, str, int]] = set()
    for rank, passage in enumerate(passages):
        before = ""
        for first, text, is_usable in _cut(passage.text):
            key = (passage.article_id, passage.version, passage.start + first)
            if key not in seen and is_usable:
                seen.add(key)
                candidates.append(Candidate(passage, rank, passage.start + first, text, before))
            before = text
    return candidates


# Questions of a day meet the same passages again and again.
@lru_cache(2_048)
def _cut(text: str) -> tuple[tuple[int, str, bool], ...]:
    """Where each sentence of a passage begins, its text, and whether it may answer."""
    if is_hostile(text):
        return ()
    sentences = []
    for span in split_sentences(text):
        dateline = _DATELINE.match(text, *span)
        first = dateline.end() if dateline else span.start
        sentence = text[first : span.end]
        is_usable = len(_WORD.findall(sentence)) >= _LEAST_WORDS and not find_link(sentence)
        sentences.append((first, sentence, is_usable))
    return tuple(sentences)

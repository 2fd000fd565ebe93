"""How a text becomes the terms that the lexical index holds and questions are asked in."""

from __future__ import annotations

import re

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

_LONGEST_WORD = 64
# Each begins with the character that it looks for, which `re` finds much faster than a lookbehind.
_APOSTROPHE = re.compile(r"['’](?<=[\w.]['’])(?:s\b)?", re.IGNORECASE)
_INITIAL = re.compile(r"\.(?<=\b[A-Za-z]\.)(?=[A-Za-z]\b)")
_THOUSANDS = re.compile(r",(?<=\d,)(?=\d{3}(?!\d))")
# In Latin text and its punctuation Python's letters and digits are those of Unicode's classes,
# which `re` does not know; past it stand marks that join a word and that Python ends one at.
_PLAIN = re.compile(r"[\u0000-\u02ff\u2000-\u206f€™]*+")
_WORD = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")


def fold(text: str) -> str:
    """Undo spellings that would cut a word in two: "Korea's", "don't", "U.S.", "2,000"."""
    return _THOUSANDS.sub("", _INITIAL.sub("", _APOSTROPHE.sub("", text)))


def find_words(folded: str) -> list[str] | None:
    """The words of a folded text as the index cuts them; None where only it can tell.

    Several times faster than the index, since each word's term can be looked up.
    """
    return _WORD.findall(folded) if _PLAIN.fullmatch(folded) else None


def build_analyzer() -> TextAnalyzer:
    """Cuts words, lower-cases them, folds them to ASCII and stems them as English."""
    # A decimal stays whole: "1.5" is not "1" and "5".
    words = Tokenizer.regex(r"\d+(?:\.\d+)+|[\p{L}\p{M}\p{N}]+")
    return (
        TextAnalyzerBuilder(words)
        .filter(Filter.remove_long(_LONGEST_WORD))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("english"))
        .build()
    )

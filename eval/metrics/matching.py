"""Whether the text of an answer says what it should."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from eval.metrics.tokens import aware_tokens, names_quantity, plain_tokens, same_token

_POLARITY = re.compile(r"\b(yes|no)\b", re.IGNORECASE)


def holds_answers(text: str, answers: Sequence[Sequence[str]]) -> bool:
    """True if the text holds every item of `answers`, each in any of its spellings.

    Raises:
        ValueError: If `answers` is empty: then there is nothing to compare.
    """
    if not answers:
        raise ValueError("no answer to compare with: such a question is not scored by its text")
    return all(any(holds(text, spelling) for spelling in spellings) for spellings in answers)


def holds(text: str, gold: str) -> bool:
    """True if the text says `gold`.

    For "yes" and "no" the first of the two words in the text must be the gold one. Otherwise the
    tokens of the gold must stand in the text as a run; numbers and dates are compared by what
    they mean, so that "3" is not held by "3 million" and "November 2023" is by "Nov. 16, 2023".
    """
    if gold.strip().casefold() in {"yes", "no"}:
        return polarity(text) == gold.strip().casefold()
    if names_quantity(gold):
        return _has_run(aware_tokens(text), aware_tokens(gold), same_token)
    return has_run(text, gold)


def polarity(text: str) -> str | None:
    """The first "yes" or "no" of the text as a word of its own, in lower case, or None."""
    found = _POLARITY.search(text)
    return found[1].lower() if found else None


def has_run(text: str, gold: str) -> bool:
    """True if the plain tokens of `gold` stand next to each other, in order, in the text.

    A gold of punctuation and articles only is held by nothing.
    """
    return _has_run(plain_tokens(text), plain_tokens(gold), str.__eq__)


def is_exact(text: str, gold: str) -> bool:
    """Exact match: the text and the gold have the same tokens, and the text nothing more."""
    given, wanted = aware_tokens(text), aware_tokens(gold)
    return len(given) == len(wanted) and _has_run(given, wanted, same_token)


def token_f1(text: str, gold: str) -> float:
    """F1 of the bags of plain tokens (Rajpurkar and others 2016), 0 to 1.

    With n shared tokens: P = n / |text|, R = n / |gold|, F1 = 2PR / (P + R). Shown only beside
    the matches: a wrong answer in the right words scores high.
    """
    given, wanted = Counter(plain_tokens(text)), Counter(plain_tokens(gold))
    if not given or not wanted:
        return float(given == wanted)
    shared = (given & wanted).total()
    return 2 * shared / (given.total() + wanted.total())


def _has_run(
    tokens: Sequence[str], wanted: Sequence[str], same: Callable[[str, str], bool]
) -> bool:
    length = len(wanted)
    return length > 0 and any(
        all(same(gold, token) for gold, token in zip(wanted, tokens[start:], strict=False))
        for start in range(len(tokens) - length + 1)
    )

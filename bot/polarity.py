"""Yes or no: whether what the articles say agrees with what a question supposes.

A question supposes a claim ("Did the fees rise?") or denies one ("Was there no change?"). A quoted
sentence affirms unless it denies beside a word of the claim, or says the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence, Set
from typing import Protocol

from bot.claims import says_otherwise
from index.search.query import STOP_WORDS, Analyzer

_DENIAL = re.compile(
    r"\b(?:not|never|no|none|neither|nor|nobody|nothing)\b|n['’]t\b", re.IGNORECASE
)
# A question whether reports differ denies that they agree.
_DISAGREEMENT = re.compile(
    r"\b(?:inconsisten\w*|disagree\w*|contradict\w*|discrepan\w*)\b", re.IGNORECASE
)
_WORD = re.compile(r"\w+(?:['’]\w+)?")
# A denial is about the claim when a word of the claim stands this near to it.
_NEAR_WORDS = 3
_FEW = 2
_OPPOSITES = tuple(
    (re.compile(rf"\b(?:{one})\b", re.IGNORECASE), re.compile(rf"\b(?:{other})\b", re.IGNORECASE))
    for one, other in (
        (r"increas\w*|rose|rises?|rising|grew|grows?|higher|climb\w*",
         r"decreas\w*|fell|falls?|falling|declin\w*|lower|dropp\w*"),
        (r"better|improv\w*|superior", r"worse\w*|deteriorat\w*|inferior"),
        (r"accepted|approved|agreed|supported|backed", r"rejected|opposed|refused|blocked"),
        (r"wins?|won", r"los(?:es?|t)"),
        (r"guilty|convicted", r"innocent|acquitted"),
        (r"open\w*", r"clos(?:e|es|ed|ing)"),
        (r"larger|bigger|longer|faster|easier", r"smaller|shorter|slower|harder"),
    )
)  # fmt: skip


class Related(Protocol):
    """What is known of other words for a word."""

    def of(self, term: str) -> Set[str]:
        """Terms that may stand for `term`."""
        ...


def judge_claim(
    question: str,
    sentences: Sequence[str],
    analyzer: Analyzer,
    related: Related | None = None,
) -> str:
    """`Yes` or `No`, by the sentences that speak to the question, the best first.

    Only the first sentence may overturn what the question supposes: the others stand beside it.
    """
    denied = bool(_DENIAL.search(question) or _DISAGREEMENT.search(question))
    if sentences:
        if not denied and says_otherwise(question, sentences[0]):
            return "No"
        terms = _with_related(_claimed(question, analyzer), related)
        denied ^= _denies(sentences[0], terms, analyzer)
        denied ^= _are_opposite(question, sentences[0])
    return "No" if denied else "Yes"


def speaks_to(
    claim: Collection[str], sentence: str, analyzer: Analyzer, related: Related, title: str = ""
) -> bool:
    """Whether at least half of a claim's terms, its names left out, stand in `sentence`.

    Other words for them count, and so does what stands in the `title`. A sentence about the same
    people may say nothing of what is claimed; then there is no verdict.
    """
    own, above = set(analyzer.analyze(sentence)), set(analyzer.analyze(title))
    terms = set(claim)
    held = [term for term in terms if term in own | above or related.of(term) & own]
    # The title alone tells only what the story is about.
    is_in_sentence = any(term in own or related.of(term) & own for term in terms)
    # Of two words one is too little: "engineers of the dam" tell of no damage.
    least = len(terms) if len(terms) <= _FEW else len(terms) / 2
    return not terms or (is_in_sentence and len(held) >= least)


def _with_related(terms: Collection[str], related: Related | None) -> set[str]:
    if related is None:
        return set(terms)
    return set(terms).union(*(related.of(term) for term in terms))


def _claimed(question: str, analyzer: Analyzer) -> set[str]:
    """The terms of what a question supposes: "the" beside a denial is no word of the claim."""
    words = (found[0] for found in _WORD.finditer(question))
    telling = [word for word in words if word.lower() not in STOP_WORDS]
    return set(analyzer.analyze(" ".join(telling)))


def _denies(sentence: str, terms: Collection[str], analyzer: Analyzer) -> bool:
    """Whether a word of denial stands beside a word of the claim."""
    words = [found[0] for found in _WORD.finditer(sentence)]
    for at, word in enumerate(words):
        if _DENIAL.fullmatch(word) or word.lower().endswith(("n't", "n’t")):
            around = words[max(0, at - _NEAR_WORDS) : at] + words[at + 1 : at + 1 + _NEAR_WORDS]
            if set(analyzer.analyze(" ".join(around))) & set(terms):
                return True
    return False


def _are_opposite(question: str, sentence: str) -> bool:
    for one, other in _OPPOSITES:
        asked = bool(one.search(question)), bool(other.search(question))
        told = bool(one.search(sentence)), bool(other.search(sentence))
        if asked != told and sum(asked) == sum(told) == 1:
            return True
    return False

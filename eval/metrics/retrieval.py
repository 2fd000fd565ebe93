"""How much of what a question needs is found, and how early.

Rankings may name a document several times, as they do when passages of one article follow each
other: ranks count passages, as a reader sees them, and a repeated document earns nothing more.
Where a ranking has no repeats, `recall_at`, `hit_at`, `reciprocal_rank` and `ndcg_at` equal
trec_eval's `recall_k`, `success_k`, `recip_rank` and `ndcg_cut_k`, which a test holds them to by
way of ir-measures. They are not computed by it: it brings SciPy, 113 MB, for these few lines.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

_GAPS = str.maketrans("", "", " \n")


def carries_fact(passage: str, fact: str) -> bool:
    """True if `fact` is a piece of `passage` once spaces and newlines are taken out of both.

    The rule of MultiHop-RAG (Tang and Yang 2024). A fact without any text is never carried.
    """
    return _contains_squeezed(passage.translate(_GAPS), fact)


def facts_carried(passages: Iterable[str], facts: AbstractSet[str]) -> frozenset[str]:
    """The facts that one of the passages carries whole."""
    squeezed = [passage.translate(_GAPS) for passage in passages]
    return frozenset(
        fact for fact in facts if any(_contains_squeezed(text, fact) for text in squeezed)
    )


def fact_recall_at(passages: Sequence[str], facts: AbstractSet[str], k: int) -> float:
    """Fact recall@k: |facts carried by the first k passages| / |facts|.

    Raises:
        ValueError: If `facts` is empty: such a question is skipped, not scored.
    """
    _demand(facts)
    return len(facts_carried(passages[:k], facts)) / len(facts)


def fact_recall_in_words(passages: Sequence[str], facts: AbstractSet[str], words: int) -> float:
    """|facts carried within the first `words` words shown| / |facts|.

    Passages are cut off where the budget ends, so long passages win nothing. Words are what
    white space separates.

    Raises:
        ValueError: If `facts` is empty.
    """
    _demand(facts)
    return len(facts_carried(first_words(passages, words), facts)) / len(facts)


def first_words(passages: Iterable[str], words: int) -> list[str]:
    """The passages up to the first `words` words of them together; the last may be cut."""
    shown, left = [], words
    for passage in passages:
        if left <= 0:
            break
        tokens = passage.split()
        # Cutting loses the kind of white space only, which no fact depends on but for tabs.
        shown.append(passage if len(tokens) <= left else " ".join(tokens[:left]))
        left -= len(tokens)
    return shown


def recall_at(ranked: Sequence[str], relevant: AbstractSet[str], k: int) -> float:
    """Recall@k: |relevant within the first k| / |relevant|.

    Raises:
        ValueError: If `relevant` is empty.
    """
    _demand(relevant)
    return len(relevant & set(ranked[:k])) / len(relevant)


def all_found_at(ranked: Sequence[str], relevant: AbstractSet[str], k: int) -> float:
    """1 if everything relevant is within the first k, else 0.

    Raises:
        ValueError: If `relevant` is empty.
    """
    return float(recall_at(ranked, relevant, k) == 1.0)


def hit_at(ranked: Sequence[str], relevant: AbstractSet[str], k: int) -> float:
    """1 if anything relevant is within the first k, else 0 (hit rate, success@k).

    Raises:
        ValueError: If `relevant` is empty.
    """
    return float(recall_at(ranked, relevant, k) > 0.0)


def reciprocal_rank(ranked: Sequence[str], relevant: AbstractSet[str], k: int) -> float:
    """1 / rank of the first relevant one, 0 if none is within the first k (Voorhees 1999).

    Its mean over questions is MRR@k.

    Raises:
        ValueError: If `relevant` is empty.
    """
    _demand(relevant)
    for rank, name in enumerate(ranked[:k], start=1):
        if name in relevant:
            return 1.0 / rank
    return 0.0


def ndcg_at(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002), linear gains.

    DCG@k = Σ grade / log2(rank + 1) over the first mention of each relevant one within the first
    k; nDCG@k = DCG@k / the DCG@k of a ranking that puts the highest grades first.

    Args:
        ranked: What was found, best first.
        grades: How relevant each relevant one is, above 0; 1 each where relevance is yes or no.
        k: How many ranks count.

    Raises:
        ValueError: If `grades` is empty.
    """
    _demand(grades.keys())
    seen: set[str] = set()
    gain = 0.0
    for rank, name in enumerate(ranked[:k], start=1):
        if name in grades and name not in seen:
            seen.add(name)
            gain += grades[name] / math.log2(rank + 1)
    ideal = sorted(grades.values(), reverse=True)[:k]
    return gain / sum(grade / math.log2(rank + 1) for rank, grade in enumerate(ideal, start=1))


def _contains_squeezed(squeezed: str, fact: str) -> bool:
    needle = fact.translate(_GAPS)
    return bool(needle) and needle in squeezed


def _demand(relevant: AbstractSet[str]) -> None:
    if not relevant:
        raise ValueError("nothing is relevant to this question: skip it, there is no score")

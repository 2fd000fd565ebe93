"""Whether two raters agree beyond chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Cohen's kappa (Cohen 1960): (p_o - p_e) / (1 - p_e).

    p_o is the share of cases on which both agree; p_e = Σ p_first(label) · p_second(label), what
    chance alone would give. 1 is full agreement, 0 chance; None without cases, or where both gave
    one and the same label throughout, so that chance explains everything.

    Raises:
        ValueError: If the lengths differ.
    """
    pairs = list(zip(first, second, strict=True))
    if not pairs:
        return None
    agreed = sum(one == other for one, other in pairs) / len(pairs)
    counts, others = Counter(first), Counter(second)
    by_chance = sum(counts[label] * others[label] for label in counts) / len(pairs) ** 2
    return None if by_chance == 1.0 else (agreed - by_chance) / (1.0 - by_chance)

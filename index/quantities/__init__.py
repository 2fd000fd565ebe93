"""The quantities in news text: counts, sums, shares, measures, ranks, durations and scores.

Dates, clock times, telephone numbers, addresses and numbers that are part of a name ("iPhone 13")
are none. What a quantity is about is known by its unit only.
"""

from index.quantities.agreement import agrees, difference, may_count
from index.quantities.find import find_quantities
from index.quantities.quantity import Bound, Quantity, QuantityKind

__all__ = [
    "Bound",
    "Quantity",
    "QuantityKind",
    "agrees",
    "difference",
    "find_quantities",
    "may_count",
]

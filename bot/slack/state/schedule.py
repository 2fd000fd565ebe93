"""Who is served next: users in turn, threads in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that waits, or that a worker holds."""

    channel: str
    ts: str
    thread: str
    asker: str
    received_at: float
    is_held: bool = False


def order_waiting(open_ones: Sequence[Waiting], last_served: Mapping[str, float]) -> list[Waiting]:
    """The waiting questions in the order in which they are served.

    The user with the fewest questions in hand goes first, then who was served longest ago, then
    who asked first. A thread's questions are answered one after the other, as each may lean on the
    one before it: those behind another of their thread are left out.

    Args:
        open_ones: Everything that is not settled, held by workers or not.
        last_served: When a question of a user was last begun, in seconds since 1970.
    """
    in_hand = Counter(one.asker for one in open_ones if one.is_held)
    heads = _heads(open_ones)
    served = dict(last_served)
    queues: dict[str, list[Waiting]] = {}
    for one in sorted(heads, key=lambda one: (one.received_at, one.ts)):
        queues.setdefault(one.asker, []).append(one)
    order: list[Waiting] = []
    while queues:
        asker = min(
            queues,
            key=lambda user: (in_hand[user], served.get(user, 0.0), queues[user][0].received_at),
        )
        order.append(queues[asker].pop(0))
        in_hand[asker] += 1
        if not queues[asker]:
            del queues[asker]
    return order


def _heads(open_ones: Sequence[Waiting]) -> list[Waiting]:
    """The first waiting question of every thread in which none is held."""
    busy = {(one.channel, one.thread) for one in open_ones if one.is_held}
    heads: dict[tuple[str, str], Waiting] = {}
    for one in open_ones:
        thread = (one.channel, one.thread)
        first = heads.get(thread)
        # By `ts`, not by arrival: Slack may deliver a thread's messages out of order.
        if thread not in busy and (first is None or one.ts < first.ts):
            heads[thread] = one
    return list(heads.values())

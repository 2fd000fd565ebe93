"""Makes a message fit: prose shrinks before sources do, and no citation is ever lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.slack.view.limits import MESSAGE_BLOCKS, URL, Block, measure
from bot.slack.view.sources import SourceDetail

_FULL = SourceDetail()


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of an answer is told."""

    prose_characters: int = 8_000
    links_marks: bool = True
    """Whether each mark leads to its article, or only the list of sources does."""
    excerpt_characters: int = 240
    """Of each passage that comes near, when there is no answer."""
    source: SourceDetail = _FULL


# Each step gives up a little more; the last one fits a thousand sources.
_STEPS = (
    Detail(),
    Detail(links_marks=False),
    Detail(5_000, links_marks=False),
    Detail(3_000, links_marks=False),
    Detail(1_500, False, 200),
    Detail(800, False, 150),
    Detail(800, False, 120, SourceDetail(80, 40)),
    Detail(500, False, 80, SourceDetail(40, 30)),
    Detail(500, False, 80, SourceDetail(40, 30, longest_url=500)),
    Detail(300, False, 60, SourceDetail(0, 30, longest_url=300)),
    Detail(300, False, 60, SourceDetail(0, 20, longest_url=120)),
    Detail(300, False, 60, SourceDetail(0, 20, longest_url=0)),
    Detail(300, False, 60, SourceDetail(0, 20, longest_url=0, most=60)),
    Detail(300, False, 60, SourceDetail(0, 20, longest_url=0, most=20)),
)
assert all(step.source.longest_url <= URL for step in _STEPS)


def fit(compose: Callable[[Detail], list[Block]], limit: int) -> tuple[Block, ...]:
    """The fullest form of a message that Slack takes.

    Args:
        compose: Makes the blocks at one level of detail.
        limit: The most characters of their JSON.

    Raises:
        ValueError: If even the barest form is too large: `compose` does not heed the detail.
    """
    for step in _STEPS:
        blocks = compose(step)
        if len(blocks) <= MESSAGE_BLOCKS and measure(blocks) <= limit:
            return tuple(blocks)
    raise ValueError(f"{measure(blocks)} characters in {len(blocks)} blocks at the least detail")

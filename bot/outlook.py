"""Questions about what is to come, and sentences about what has been."""

from __future__ import annotations

import re

from index.dates.tense import SCHEDULES

_ASKS_AHEAD = re.compile(
    r"\bwhen\s+(?:will|shall|(?:is|are)\s+.{1,60}?\b(?:to|due|going|scheduled|expected|planned|set)\b)",
    re.IGNORECASE,
)
_LOOKS_AHEAD = re.compile(
    r"""
    \b(?: will | would | shall | could | (?-i:may) | might | should | plan(?:s|ned)? | due
        | scheduled | slated | expect(?:s|ed)? | set\s+(?:to|for) | to\s+be | going\s+to | aims?
        | intends? | hopes? | next | upcoming | postponed | delayed | until | starts? | begins?
        | opens? | ends? | stays? | by | (?:meets?|returns?|leaves|faces)(?=\s) | """
    + SCHEDULES
    + r""")\b
    | ['’]ll\b | won['’]t\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def misses_outlook(question: str, sentence: str) -> bool:
    """Whether a question asks when something will be, of a sentence that tells only what was."""
    return bool(_ASKS_AHEAD.search(question)) and not _LOOKS_AHEAD.search(sentence)

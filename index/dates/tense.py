"""Whether the words around a date look ahead or back.

"Arrived on Tuesday" and "will arrive on Tuesday" are six days apart. No grammar is built: the
verb nearest before the date in its clause decides, or, where a date opens the clause, the
nearest after it.
"""

from __future__ import annotations

import re
from enum import Enum

# Far enough for the verb of a newspaper clause; it also bounds the work for each date.
_REACH = 110
# A date this near to the start of its clause may be told by the verb that follows it.
_OPENING = 32

_SINCE = re.compile(r"\bsince\s+(?:the\s+|last\s+|early\s+|late\s+)?$", re.IGNORECASE)
_BREAK = re.compile(r"[\n;]|(?<=[a-z\d)”\"’'%]{2})[.!?:][\"”’')]*(?=\s*[A-Z“\"]|\s*$)")


class Outlook(Enum):
    """Which way the words around a date look."""

    AHEAD = "ahead"
    BACK = "back"
    SURELY_BACK = "surely back"
    UNCLEAR = "unclear"
    """In the present of "meets on Monday": of what is to come in a story, of what was in a
    caption."""


SCHEDULES = r"""
    (?: opens | reopens? | premieres | airs | kicks?\s+off | expires? | debuts | releases | begins
      | starts | resumes? | closes | applies | takes\s+over | goes\s+live | gets?\s+under\s*way
      | (?:takes?|taking)\s+(?:place|effect|office) | (?:comes?|enters?)\s+into\s+(?:force|effect)
      | (?:goes?|go)\s+(?:to\s+the\s+polls|into\s+effect|on\s+(?:sale|trial|show|display|air)) )
"""
"""Verbs, for a verbose pattern, whose plain present tells what is to come."""


_CUE = re.compile(
    r"""
    (?P<ahead>
        \b(?: will | shall | would | (?:could|may|might|should|must|can)(?!\s+have)
          | plan(?:s|ned|ning)? | due | scheduled | slated | expect(?:s|ed|ing)? | upcoming
          | set\s+(?:to|for) | to\s+be(?:\s+[a-z]+ly)?(?:\s+[a-z]+)? | going\s+to
          | about\s+to | intends? | hop(?:es?|ing) | aim(?:s|ing) | ahead\s+of | soon | coming
          | """
    + SCHEDULES
    + r"""
          | next(?!\s+(?:day|morning|to)) | postponed | delayed | rescheduled
          | (?:stays|remains|runs|continues|lasts)(?=\s+(?:\w+\s+)?(?:until|till|through)\b) )\b
        | ['’]ll\b | won['’]t\b
    )
    | (?P<passive>\b(?:be|being|get)\s+(?:[a-z]+ly\s+)?[a-z]+)
    | (?P<back>
        (?<!\bas\s)\b(?: was | were | had | did | has\s+been | have\s+been
          | [a-z]{2,}[^e\W\d_]ed | agreed | freed
          | said | told | met | held | went | came | took | made | won | lost | began | left | fell
          | rose | sent | saw | gave | got | found | led | shot | struck | wrote | spoke | brought
          | became | broke | chose | drew | drove | flew | grew | knew | paid | ran | sold | stood
          | stole | threw | built | bought | caught | fought | heard | kept | spent | sought
          | showed )\b
    )
    """,
    re.VERBOSE,
)
# Only where no other verb stands: some of these are nouns as well.
_PRESENT = re.compile(
    r"\b(?:meets?|visits?|arrives?|leaves?|travels?|flies|hosts?|faces|plays?|votes?|returns?|attends?"
    r"|speaks?|addresses|launches|departs?|ends|stands|appears?|holds|marks|gathers?)\b"
)
# "Was born on", "left in": a verb so near belongs to the date.
_BESIDE = re.compile(r"(?:(?:was|were|been|had)\s)?\w+\s\w{0,5}\s?$")


def read_outlook(text: str, start: int, end: int) -> Outlook | None:
    """How the date at `text[start:end]` is told; None where nothing tells."""
    before = text[max(0, start - _REACH) : start]
    breaks = [found.end() for found in _BREAK.finditer(before) if found.end() < len(before)]
    clause = before[breaks[-1] :] if breaks else before
    if _SINCE.search(clause):
        return Outlook.SURELY_BACK
    # "To be held" has its tense in what comes before it.
    cues = [cue for cue in _CUE.finditer(clause) if not cue["passive"]]
    if cues:
        nearest = cues[-1]
        if nearest["ahead"]:
            return Outlook.AHEAD
        return Outlook.SURELY_BACK if _BESIDE.match(clause, nearest.start()) else Outlook.BACK
    after = _outlook_after(text[end : end + _REACH]) if len(clause) <= _OPENING else None
    return after or (Outlook.UNCLEAR if _PRESENT.search(clause) else None)


def _outlook_after(after: str) -> Outlook | None:
    stop = _BREAK.search(after)
    for cue in _CUE.finditer(after, 0, stop.start() if stop else len(after)):
        if not cue["passive"]:
            return Outlook.AHEAD if cue["ahead"] else Outlook.BACK
    return None

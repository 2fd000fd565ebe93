"""A follow-up made to stand alone by rules: no model, no network, the same text every time.

A question that names what it is about and points at nothing before it stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answer import Turn
from bot.conversation.anaphora import apply_edits, find_edits
from bot.conversation.fragments import (
    is_fragment,
    put_in_place,
    read_claim,
    read_correction,
    read_fragment,
    strip_lead,
)
from bot.conversation.phrases import Parsed, parse_question
from bot.conversation.referents import Referents
from bot.conversation.words import AUXILIARIES, FUNCTION_WORDS, WH, singular

_END = re.compile(r"[\s?!.…]*$")
_NOW = re.compile(
    r"\b(?:now|today|latest|current(?:ly)?|nowadays|still|will|next)\b", re.IGNORECASE
)
_PAST = re.compile(r"\b(?:did|was|were|had)\b|\w{3}ed\b", re.IGNORECASE)
# So few telling words cannot be a question of their own.
_FEW_WORDS = 2
_LONGEST = 600
_ANYBODY = frozenset({"people", "person", "man", "woman", "child"})


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A follow-up as it is looked up."""

    text: str
    changed: bool
    why: str
    """The rule that was used, for traces: `pronoun`, `replaced`; empty if nothing was."""


def rewrite_follow_up(question: str, turns: Sequence[Turn]) -> Rewrite:
    """Make a question stand without the turns before it.

    Args:
        question: As it was asked, in any case.
        turns: Earlier turns, the oldest first. What the user said there is only ever looked up,
            never taken for an answer.
    """
    unchanged = Rewrite(question, False, "")
    referents = Referents(turns)
    if referents.last is None or not question.strip() or len(question) > _LONGEST:
        return unchanged
    text, why = _rewrite(question.strip(), referents)
    if why and text != question and len(text) <= 2 * _LONGEST:
        return Rewrite(_capitalised(text, question), True, why)
    return unchanged


def _rewrite(question: str, referents: Referents) -> tuple[str, str]:
    last = referents.last
    if last is None:
        return question, ""
    if claim := read_claim(question, last):
        return claim
    if meant := read_correction(question):
        if is_fragment(meant):
            return put_in_place(meant, last).text, "correction"
        text, _ = _point_back(meant, referents)
        return text, "correction"
    if restated := read_fragment(question, last):
        return restated
    return _point_back(strip_lead(question), referents)


def _point_back(question: str, referents: Referents) -> tuple[str, str]:
    """Replace what points back; give a question about nothing in particular the topic."""
    parsed = parse_question(question)
    edits = find_edits(parsed, referents)
    text = apply_edits(question, edits)
    why = ", ".join(dict.fromkeys(edit.why for edit in edits))
    if not edits and _is_open(parsed, referents):
        topic = referents.topic()
        if topic and not _tells(parsed) & {word.lower() for word in topic.split()}:
            text, why = _append(text, _link(parsed) + topic), "topic"
    time = referents.time()
    # A person has a name at any time; "there" and "that" are of the day that was spoken of.
    depends = any(edit.why in {"place", "demonstrative"} for edit in edits)
    if depends and time and not parsed.times and time not in text and _is_past(question):
        text = _append(text, time)
    return text, why


def _is_open(parsed: Parsed, referents: Referents) -> bool:
    """Whether a question names nothing that would tell it from the same asked elsewhere."""
    if parsed.names or not parsed.words:
        return False
    if parsed.words[0].key not in WH | AUXILIARIES:
        return False
    if any(_is_bare_definite(parsed, at) for at in range(len(parsed.phrases))):
        return True
    telling = _tells(parsed)
    # "What causes wildfires?" after a question about wildfires carries its topic already.
    return len(telling) <= _FEW_WORDS and not telling & _spoken_of(referents)


def _tells(parsed: Parsed) -> set[str]:
    return {singular(word.key) for word in parsed.words if word.key not in FUNCTION_WORDS}


def _spoken_of(referents: Referents) -> set[str]:
    last = referents.last
    words = last.parsed.words if last else ()
    return {singular(word.key) for word in words if word.key not in FUNCTION_WORDS} - _ANYBODY


def _is_bare_definite(parsed: Parsed, at: int) -> bool:
    phrase = parsed.phrases[at]
    before = parsed.text[: phrase.start].rstrip().rpartition(" ")[2].lower()
    return before == "the" and phrase.full_end == phrase.end


def _link(parsed: Parsed) -> str:
    """How the topic is joined: "of" to a noun that ends the question, else "in"."""
    last = len(parsed.phrases) - 1
    if last < 0 or parsed.phrases[last].end < len(_END.sub("", parsed.text)):
        return "in "
    takes_of = _is_bare_definite(parsed, last) or parsed.phrases[last].kind is not None
    return "of " if takes_of else "in "


def _is_past(question: str) -> bool:
    return bool(_PAST.search(question)) and not _NOW.search(question)


def _append(text: str, more: str) -> str:
    return _END.sub("", text, count=1) + f" {more}?"


def _capitalised(text: str, question: str) -> str:
    """A capital at the start unless the user types without any."""
    return text if question == question.lower() else text[:1].upper() + text[1:]

"""Follow-ups that are no sentences: "why?", "and in 2024?", "what about Japan?", "no, I meant"."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.conversation.phrases import Parsed, Phrase, parse_question
from bot.conversation.referents import Memory, topic_of
from bot.conversation.words import (
    AUXILIARIES,
    DETERMINERS,
    FUNCTION_WORDS,
    WH,
    find_words,
    is_participle,
    is_plural,
    is_verb,
    singular,
)
from index.names import Kind, Name

_LEAD = re.compile(
    r"^\W*(?:(?:and|but|or|so|ok|okay|well|then|also|great|thanks|thank\s+you|i\s+see|right|hm+"
    r"|oh|wow|now|yes|alright|by\s+the\s+way|btw|sorry)\b[\s,.!…-]*)+(?=\w)",
    re.IGNORECASE,
)
_THAT_HAPPENED = (
    r"(?:\s+(?:exactly|then|though|precisely|so"
    r"|(?:is|was|were|are)\s+(?:that|this)|did\s+(?:that|this|it)\s+happen|(?:was|is)\s+it))*"
)
_BARE = re.compile(
    rf"^(?P<wh>why\s+not|why|when|where|how\s+come|since\s+when|until\s+when|how\s+many(?:\s+people)?"
    rf"|how\s+much|how\s+long|how\s+often|what\s+time|by\s+whom|with\s+whom|who|how){_THAT_HAPPENED}\W*$",
    re.IGNORECASE,
)
_ELSE = re.compile(r"^(?P<wh>who|what|where|which\s+\w+)\s+else\W*$", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:what|how)\s+about\s+(?P<what>\S.*?)\W*$", re.IGNORECASE | re.DOTALL)
_DOUBT = re.compile(
    r"^(?:(?:is|was)\s+(?:that|it|this)\s+(?:really\s+)?(?:true|right|correct|confirmed|certain|so)"
    r"|really|are\s+you\s+(?:really\s+)?(?:sure|certain)(?:\s+about\s+that)?|says\s+who"
    r"|did\s+(?:that|this|it)\s+(?:really\s+)?happen)\W*$",
    re.IGNORECASE,
)
_MEANT = re.compile(
    r"^\W*(?:(?:no|nope|not\s+that(?:\s+one)?|sorry|wait|actually|rather|hm+)\b[\s,.!;:-]*)*"
    r"\bi\s+(?:mean|meant|was\s+asking\s+about|am\s+asking\s+about|was\s+talking\s+about)\b"
    r"[\s,:]*(?P<what>\S.*?)\W*$",
    re.IGNORECASE | re.DOTALL,
)
# "No survivors were found?" and "No-deal Brexit" correct nothing: a stop must follow, or what such
# words never open.
_NO = re.compile(
    r"^\W*(?:(?:no|nope|rather)\s*[,.!;:]\s*(?:[-–—]\s*)?|(?:no|nope)\s+[-–—]\s*"
    r"|(?:no|nope)\s+(?=(?:the|i|he|she|it|they|who|what|when|where|why|how|which)\b)"
    r"|(?:sorry|wait|actually)\b[\s,.!;:-]+)"
    r"(?P<what>\S.*?)\W*$",
    re.IGNORECASE | re.DOTALL,
)
_NOT_BUT = re.compile(
    r"^\W*(?:no\b[\s,.!;:-]*)?not\s+(?P<wrong>[^,;]{2,60}?)\s*(?:[,;]\s*(?:but\s+)?|\s+but\s+)(?P<what>\S.*?)\W*$",
    re.IGNORECASE | re.DOTALL,
)
_CLAIM = re.compile(
    r"^\W*(?:(?:no|nope|wrong|actually|that['’]s\s+(?:wrong|not\s+(?:true|right))|you(?:['’]re|\s+are)\s+wrong)\b"
    r"[\s,.!;:-]*)+(?:(?:it|that|he|she|they)\s+(?:is|was|were|did|has|had|led|won)\b.*|)$",
    re.IGNORECASE | re.DOTALL,
)
_END = re.compile(r"[\s?!.…]+$")
_MOST_WORDS = 7


class Restated(NamedTuple):
    """A fragment made a question."""

    text: str
    why: str


def strip_lead(question: str) -> str:
    """The question without "and", "ok, thanks" and the like at its start."""
    found = _LEAD.match(question)
    return question[found.end() :] if found else question


def read_claim(question: str, last: Memory) -> Restated | None:
    """Ask again what "No, it was Lavrov" contradicts: a claim never answers it."""
    if _CLAIM.match(question) and "?" not in question:
        return Restated(last.parsed.text, "claim")
    return None


def read_correction(question: str) -> str | None:
    """What the user meant instead: the "the foreign minister" of "no, I meant …"."""
    for pattern in (_MEANT, _NOT_BUT):
        if found := pattern.match(question):
            return found["what"]
    found = _NO.match(question)
    return found["what"] if found else None


def read_fragment(question: str, last: Memory) -> Restated | None:
    """A fragment as a whole question, or None if it is none."""
    plain = strip_lead(question).strip()
    if found := _ELSE.match(plain):
        return _ask_else(found["wh"], last)
    if found := _BARE.match(plain):
        return _ask_bare(" ".join(found["wh"].lower().split()), last)
    if _DOUBT.match(plain):
        return Restated(last.parsed.text, "doubt")
    found = _ABOUT.match(plain)
    what = found["what"] if found else _END.sub("", plain)
    # "And the turnout?" asks the same of something else; "Turnout" alone is a new matter.
    is_parallel = found is not None or plain != question.strip()
    return put_in_place(what, last, is_parallel=is_parallel) if is_fragment(what) else None


def is_fragment(text: str) -> bool:
    """Whether a text is a phrase or two, and no sentence."""
    words = find_words(text)
    if not 0 < len(words) <= _MOST_WORDS:
        return False
    return not _is_clause(text) and not any(word.key in {"i", "you", "we"} for word in words)


def _is_clause(text: str) -> bool:
    words = find_words(text)
    if words and words[0].key in WH | AUXILIARIES:
        return True
    if words and is_participle(words[0].key) and len(words) == 1:
        return False
    return any(
        word.key in AUXILIARIES or (is_verb(word.key) and not word.key.endswith("ing"))
        for word in words
        if word.text.islower()
    )


def _ask_else(wh: str, last: Memory) -> Restated | None:
    proposition = last.proposition
    if proposition.wh and wh.lower().split()[0] == proposition.wh.split()[0]:
        rest = f" {proposition.rest}" if proposition.rest else ""
        return Restated(f"{wh} else{rest}?", "else")
    return Restated(proposition.restate(f"{wh} else", last.filler), "else")


def _ask_bare(wh: str, last: Memory) -> Restated:
    proposition = last.proposition
    opener = wh[0].upper() + wh[1:]
    if wh == "how many" and not proposition.wh:
        for phrase in last.parsed.phrases:
            if phrase.is_plural and not phrase.is_proper:
                first = proposition.first
                rest = last.parsed.text[phrase.end :]
                return Restated(
                    f"How many {phrase.text} {first}{_END.sub('', rest)}?", "question word"
                )
    if wh == proposition.wh:
        return Restated(last.parsed.text, "question word")
    return Restated(proposition.restate(opener, last.filler), "question word")


def put_in_place(what: str, last: Memory, *, is_parallel: bool = True) -> Restated:
    """The earlier question, asked of something else: "and in 2024?", "the defence minister?"."""
    what = what.strip(" ,;")
    if not last.proposition.is_question:
        return Restated(f"{_with_topic(what, last)}?", "topic")
    parsed, earlier = parse_question(what), last.parsed
    phrase = parsed.phrases[-1] if parsed.phrases else None
    is_person = phrase is not None and phrase.kind is Kind.PERSON and not phrase.is_name
    if phrase and is_person and not _same_head(phrase, earlier) and last.proposition.wh == "who":
        return Restated(f"Which {phrase.text} {last.proposition.rest}?", "replaced")
    span = _slot(parsed, earlier, last, is_parallel=is_parallel)
    if span is None:
        return Restated(f"{_with_topic(what, last)}?", "topic")
    start, end = span
    replacement = _fit(what, earlier, start, end, parsed)
    text = earlier.text[:start] + replacement + earlier.text[end:]
    return Restated(f"{_END.sub('', text)}?", "replaced")


def _slot(
    what: Parsed, earlier: Parsed, last: Memory, *, is_parallel: bool
) -> tuple[int, int] | None:
    """Where in the earlier question the fragment belongs."""
    if what.times and not what.phrases:
        end = len(_END.sub("", earlier.text))
        return earlier.times[-1] if earlier.times else (end, end)
    words = what.words
    if len(words) == 1 and is_participle(words[0].key) and not words[0].text[0].isupper():
        return _participle_slot(earlier)
    if not what.phrases:
        return None
    phrase = what.phrases[-1]
    same = _same_head(phrase, earlier)
    if same or phrase.is_proper:
        return same or _same_kind(what.names[0] if what.names else None, phrase, earlier)
    return _common_slot(phrase, earlier, last) if is_parallel else None


def _participle_slot(earlier: Parsed) -> tuple[int, int] | None:
    for word in reversed(earlier.words):
        if is_participle(word.key) and is_verb(word.key) and word.key not in AUXILIARIES:
            return word.start, word.end
    return None


def _same_head(phrase: Phrase, earlier: Parsed) -> tuple[int, int] | None:
    for one in reversed(earlier.phrases):
        if singular(one.head) == singular(phrase.head) and not one.is_proper:
            owner = next((two for two in earlier.phrases if _owns(earlier, two, one)), one)
            return owner.start, one.end
    return None


def _owns(parsed: Parsed, one: Phrase, other: Phrase) -> bool:
    """Whether two phrases are "the women's" and "race"."""
    return parsed.text[one.end : other.start].strip() in {"'s", "’s", "'", "’"}


def _same_kind(name: Name | None, phrase: Phrase, earlier: Parsed) -> tuple[int, int] | None:
    others = [one for one in reversed(earlier.names) if name is None or one.text != name.text]
    alike = [one for one in others if one.kind is phrase.kind]
    is_vague = phrase.kind in {Kind.OTHER, None}
    maybe = [one for one in others if is_vague or one.kind is Kind.OTHER]
    return next(((one.start, one.end) for one in (*alike, *maybe)), None)


def _common_slot(phrase: Phrase, earlier: Parsed, last: Memory) -> tuple[int, int] | None:
    """A phrase without a name takes the place of one of its kind, never that of a name."""
    asked = last.proposition.noun
    plain = [one for one in earlier.phrases if not one.is_proper and one.text not in asked]
    if phrase.kind is not None:
        plain = [one for one in plain if one.kind is phrase.kind]
    else:
        plain = [one for one in plain if one.kind is None and not one.is_name]
        plain = [one for one in plain if one.is_plural == is_plural(phrase.head)] or plain
    if not plain:
        return None
    one = plain[-1]
    is_alike = phrase.kind is not None or (phrase.is_plural and one.is_plural)
    if is_alike or last.proposition.wh in {"what", "how many", "how much"}:
        return one.start, one.end
    return None


def _fit(what: str, earlier: Parsed, start: int, end: int, parsed: Parsed) -> str:
    """The fragment with one determiner or preposition, the earlier question's or its own."""
    before = earlier.text[:start].rstrip().rpartition(" ")[2].lower()
    if start == end:
        return (
            f" {what}"
            if parsed.times and what.split(maxsplit=1)[0].lower() in FUNCTION_WORDS
            else f" in {what}"
        )
    if parsed.times and not parsed.phrases:
        if earlier.text[start:end].isdigit():  # "the 2024 election"
            return what.rsplit(maxsplit=1)[-1]
        lead = earlier.text[start:end].split()[0]
        owns = what.split(maxsplit=1)[0].lower() in FUNCTION_WORDS | {"last", "next"}
        return what if owns or lead.lower() not in FUNCTION_WORDS else f"{lead} {what}"
    words = what.split()
    while (
        len(words) > 1
        and words[0].lower() in FUNCTION_WORDS
        and (before in DETERMINERS or words[0].lower() not in DETERMINERS)
    ):
        words = words[1:]
    return " ".join(words)


def _with_topic(what: str, last: Memory) -> str:
    topic = topic_of(last)
    named = any(name.start == 0 and name.certain for name in parse_question(what).names)
    if not named and not what[1:2].isupper():
        what = what[:1].lower() + what[1:]
    if topic is None or topic.lower() in what.lower():
        return f"What about {what}"
    return f"What about {what} in {topic}"
